// The body-part recognizer before the camera: what the middle of the picture shows, with bars and a growing timeline.

import { get } from "../api.js";
import { CameraError, everyFrame, openCamera, stopCamera } from "../coach/camera.js";
import { drawPicture } from "../coach/draw.js";
import { FrameTaker } from "../coach/frames.js";
import { h, setText, show } from "../dom.js";
import { FrameSocket } from "../frame_socket.js";
import { settings } from "../settings.js";
import { choose, trouble } from "./pieces.js";
import { Timeline, titleOfClass } from "./timeline.js";

const ON_BOARD = "onboard";
const LEAST_MS = 60; // between two pictures that are sent

export async function open(main) {
  const page = h("div", { class: "page" }, h("h1", {}, "Body parts"));
  main.append(page);
  let names;
  try {
    ({ recognizers: names } = await get("/models"));
  } catch (error) {
    page.append(trouble(error, () => location.reload()));
    return undefined;
  }
  const watch = new Watch(names[0]);
  page.append(
    h("p", { class: "lead" }, "Hold one part of a body into the bright square: the recognizer says what it is, many times a second. The pictures go to this computer only, and none is kept."),
    watch.root,
    h(
      "details",
      {},
      h("summary", {}, "A recognizer of your own"),
      h("p", {}, "Take photos of whatever it is to know, a folder for each, and train on them; it takes seconds. Then start Spotter with the model, or put its folder into ", h("code", {}, "recognizers"), " in Spotter's data folder."),
      h("pre", {}, h("code", {}, "spotter recognizer train PHOTOS --out my-model\nspotter serve --recognizer my-model")),
    ),
  );
  if (names.length > 1)
    watch.root.before(h("div", { class: "fields filters" }, choose("Recognizer", names.map((name) => [name, name === ON_BOARD ? "The one on board" : name]), names[0], (name) => watch.take(name))));
  return () => watch.stop();
}

// The camera, the connection and what they show, from start to stop.
class Watch {
  constructor(model) {
    this.model = model;
    this.canvas = h("canvas", { role: "img", "aria-label": "Your camera's picture with the square that is looked at" });
    this.label = h("p", { class: "label" });
    this.bars = h("ul", { class: "shares" });
    this.timeline = new Timeline();
    this.said = h("p", { class: "unseen", role: "status" });
    this.trouble = h("div", { class: "notice danger row", role: "alert", hidden: true });
    this.button = h("button", { type: "button", class: "primary", onclick: () => (this.stream ? this.stop() : this.start()) }, "Start the camera");
    this.details = h("p", { class: "muted" });
    this.stage = h("div", { class: "looked-at" }, this.canvas, this.label);
    this.root = h(
      "div",
      { class: "watch" },
      this.trouble,
      h("div", { class: "beside" }, this.stage, h("div", { class: "card" }, this.bars, this.details, this.button)),
      this.said,
      this.timeline.root,
    );
    this.seq = 0;
    this.idle();
  }

  idle() {
    show(this.canvas, false);
    setText(this.label, "The camera is off");
    this.stage.classList.add("off");
    this.bars.replaceChildren(h("li", { class: "muted" }, "What it sees stands here, with a bar for each part that it knows."));
    setText(this.details, "");
    setText(this.button, "Start the camera");
  }

  take(model) {
    this.model = model;
    if (this.stream) this.connect();
  }

  async start() {
    this.complain(null);
    this.button.disabled = true;
    try {
      this.stream = await openCamera(settings().camera);
    } catch (error) {
      if (!(error instanceof CameraError)) throw error;
      return this.complain(error.message);
    } finally {
      this.button.disabled = false;
    }
    if (!this.root.isConnected) return this.stop();
    const [track] = this.stream.getVideoTracks();
    track.addEventListener("ended", () => {
      this.stop();
      this.complain("The camera is gone. Plug it in again, then start it.");
    });
    const video = h("video", { muted: true, playsinline: true });
    video.srcObject = this.stream;
    await video.play().catch(() => {});
    show(this.canvas, true);
    this.stage.classList.remove("off");
    setText(this.label, "");
    setText(this.button, "Stop");
    this.timeline.clear();
    this.began = performance.now();
    this.sentAt = 0;
    this.taker = new FrameTaker(video);
    this.context = this.canvas.getContext("2d");
    this.connect();
    this.stopFrames = everyFrame(video, () => this.onPicture(video));
    return undefined;
  }

  connect() {
    this.socket?.close();
    const socket = new FrameSocket(`/recognize?model=${encodeURIComponent(this.model)}`);
    this.socket = socket;
    const on = (name, listener) => socket.addEventListener(name, (event) => socket === this.socket && listener(event.detail));
    on("hello", (hello) => this.onHello(hello));
    on("labels", (message) => this.onLabels(message));
    on("timeline", (message) => this.onTimeline(message));
    on("lost", () => this.complain("The connection to Spotter is lost. It goes on as soon as it is back."));
    on("error", (message) => {
      if (!message.fatal || message.code === "idle") return; // it sleeps while the page does
      this.stop();
      this.complain(message.message);
    });
    socket.open();
  }

  onHello({ classes }) {
    this.complain(null);
    this.shares = new Map(classes.map((name) => [name, new Share(name)]));
    this.bars.replaceChildren(...[...this.shares.values()].map((share) => share.root));
    this.timeline.rows(classes);
  }

  async onPicture(video) {
    drawPicture(this.context, video, settings());
    drawSquare(this.context);
    const now = performance.now();
    if (!this.socket || document.hidden) return;
    this.socket.wake();
    if (!this.socket.free || now - this.sentAt < LEAST_MS) return;
    const seq = ++this.seq;
    const message = await this.taker.take(seq, (now - this.began) / 1000);
    if (!message) return;
    this.sentAt = now;
    this.socket?.frame(seq, message);
  }

  onLabels({ label, probabilities, work_ms: work, round_trip_ms: trip }) {
    setText(this.label, label === "unknown" ? "not sure" : label.split(", ").map(titleOfClass).join(", "));
    for (const [name, share] of this.shares) share.update(probabilities[name] ?? 0, label.split(", ").includes(name));
    setText(this.details, `${Math.round(work)} ms to look, ${Number.isFinite(trip) ? Math.round(trip) : "–"} ms there and back`);
  }

  onTimeline(message) {
    const newest = this.timeline.grow(message);
    setText(this.said, newest ? titleOfClass(newest.label) : "");
  }

  complain(text) {
    setText(this.trouble, text ?? "");
    show(this.trouble, Boolean(text));
  }

  stop() {
    this.stopFrames?.();
    stopCamera(this.stream);
    this.socket?.close();
    this.stream = this.socket = this.stopFrames = null;
    this.idle();
  }
}

// One class with its bar.
class Share {
  constructor(name) {
    this.bar = h("i");
    this.number = h("b", {}, "");
    this.meter = h("div", { role: "meter", "aria-label": titleOfClass(name), "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": 0 }, this.bar);
    this.root = h("li", {}, h("span", {}, titleOfClass(name)), this.number, this.meter);
  }

  update(share, named) {
    const percent = Math.round(100 * share);
    this.bar.style.transform = `scaleX(${share})`;
    this.root.classList.toggle("named", named);
    setText(this.number, `${percent} %`);
    this.meter.setAttribute("aria-valuenow", percent);
  }
}

// All but the middle square, which is what the recognizer looks at, becomes dark.
function drawSquare(context) {
  const { width, height } = context.canvas;
  const side = Math.min(width, height);
  const [left, top] = [(width - side) / 2, (height - side) / 2];
  const outside = new Path2D();
  outside.rect(0, 0, width, height);
  outside.rect(left, top, side, side);
  context.fillStyle = "rgb(6 18 20 / 62%)";
  context.fill(outside, "evenodd");
  context.strokeStyle = "#7ef0de";
  context.lineWidth = Math.max(2, side / 120);
  context.strokeRect(left, top, side, side);
}
