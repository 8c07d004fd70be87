// Before the camera: pictures go to the coach, its answers to the screen, the voice and the tones.

import { h } from "../dom.js";
import { language, t } from "../language.js";
import { remember, settings } from "../settings.js";
import { CameraError, cameraAt, everyFrame, openCamera, stopCamera } from "./camera.js";
import { Controls } from "./controls.js";
import { drawBodies, drawParts, drawPicture } from "./draw.js";
import { FrameTaker } from "./frames.js";
import { Hud } from "./hud.js";
import { partsPicture } from "./parts.js";
import { LiveSocket } from "./socket.js";
import { Speaker } from "./speaker.js";
import { Troubles } from "./troubles.js";
import { hush, wakeSound } from "./voice.js";

const OLD_MS = 700; // a skeleton older than this would lie about where the body is
const STILL_MS = 3000;
const TOLD_MS = 8000;

export async function openTraining(main, wish, { done, back }) {
  const canvas = h("canvas", { role: "img", "aria-label": t("Your camera's picture with your skeleton") });
  const context = canvas.getContext("2d");
  const video = h("video", { class: "unseen", muted: true, playsinline: true, "aria-hidden": "true", tabindex: -1 });
  const hud = new Hud(wish.target);
  const troubles = new Troubles(() => controls.go.focus());
  const speaker = new Speaker();
  let stream = null;
  let stopFrames = () => {};
  let state = null;
  let stateAt = 0;
  let parts = null;
  let seq = 0;
  let lastFrame = performance.now();
  let closed = false;
  let lock = null;
  let starts = 0;

  const controls = new Controls({
    say: (message) => socket.say(message),
    changed,
    leave: back,
    full: () => (document.fullscreenElement ? document.exitFullscreen() : coach.requestFullscreen?.()),
  });
  const coach = h("section", { class: "coach", "aria-label": t("Coach") }, h("div", { class: "stage" }, video, canvas, hud.root, troubles.root), controls.root);
  main.append(coach);

  function changed(name = null) {
    coach.classList.toggle("left-handed", settings().leftHanded);
    hud.details(settings().details);
    if (!settings().voice) hush();
    if (name === "camera") startCamera();
    if (name === "parts") {
      socket.start.parts = settings().parts; // holds after a lost connection too
      socket.say({ type: "change", parts: settings().parts });
    }
  }

  async function startCamera() {
    const mine = ++starts;
    troubles.tell("camera", null);
    stopFrames();
    stopCamera(stream);
    let opened = null;
    try {
      opened = await openWanted();
    } catch (error) {
      if (!(error instanceof CameraError)) throw error;
      return mine === starts && troubles.tell("camera", error.message, [t("Try again"), startCamera]);
    }
    if (closed || mine !== starts) return stopCamera(opened);
    stream = opened;
    const [track] = stream.getVideoTracks();
    track.addEventListener("ended", () => troubles.tell("camera", t("The camera is gone. Plug it in again; the set waits for you."), [t("Try again"), startCamera]));
    video.srcObject = stream;
    await video.play().catch(() => {}); // it was closed meanwhile
    lastFrame = performance.now();
    const taker = new FrameTaker(video);
    stopFrames = everyFrame(video, () => onPicture(taker));
    return undefined;
  }

  // The camera of the settings, or the one that the command named.
  async function openWanted() {
    const opened = await openCamera(settings().camera);
    if (wish.camera === null) return opened;
    const id = await cameraAt(wish.camera);
    wish.camera = null; // from now on it is chosen in the settings
    if (!id) return opened;
    remember({ camera: id });
    stopCamera(opened);
    return openCamera(id);
  }

  async function onPicture(taker) {
    lastFrame = performance.now();
    drawPicture(context, video, settings());
    if (state && lastFrame - stateAt < OLD_MS) {
      if (settings().parts && parts) drawParts(context, parts);
      drawBodies(context, state);
    }
    if (document.hidden) return;
    socket.wake();
    if (!socket.free) return;
    const mine = ++seq; // others may be asked for while this one is packed
    const message = await taker.take(mine, lastFrame / 1000);
    if (message) socket.frame(mine, message);
  }

  async function onState(message) {
    state = message;
    stateAt = performance.now();
    hud.update(message);
    speaker.hear(message);
    controls.update(message);
    parts = message.parts ? await partsPicture(message.parts) : null;
  }

  function onError(message) {
    if (message.code === "no_such_session") {
      troubles.tell("session", t("The session from before was ended and kept. A new one has begun."));
      setTimeout(() => troubles.tell("session", null), TOLD_MS);
    } else if (message.fatal && message.code !== "idle") troubles.tell("line", message.message, [t("Go back"), back]);
    else if (message.code === "unknown_exercise" || message.code === "bad_message") troubles.tell("wish", message.message, [t("Go back"), back]);
  }

  function connect() {
    const { camera, ...start } = wish;
    const made = new LiveSocket({ ...start, language: language(), parts: settings().parts });
    const on = (name, listener) => made.addEventListener(name, (event) => listener(event.detail));
    on("hello", () => troubles.tell("line", null));
    on("lost", () => troubles.tell("line", t("The connection to Spotter is lost. The set goes on as soon as it is back.")));
    on("state", onState);
    on("summary", (message) => done(message, wish));
    on("error", onError);
    return made;
  }

  const watch = setInterval(() => {
    const still = stream && !document.hidden && !troubles.has("camera") && performance.now() - lastFrame > STILL_MS;
    troubles.tell("still", still ? t("The camera's picture stands still.") : null, [t("Try again"), startCamera]);
  }, 1000);

  async function onVisibility() {
    if (document.hidden) return;
    lastFrame = performance.now();
    await keepAwake();
  }

  async function keepAwake() {
    try {
      lock = await navigator.wakeLock?.request("screen");
    } catch {
      lock = null; // a low battery may refuse it: the screen goes dark as it would
    }
  }

  const onKey = (event) => controls.key(event);
  const onDevices = () => troubles.has("camera") && startCamera(); // plugged in again
  document.addEventListener("visibilitychange", onVisibility);
  document.addEventListener("keydown", onKey);
  navigator.mediaDevices?.addEventListener("devicechange", onDevices);
  const socket = connect();
  changed();
  wakeSound();
  keepAwake();
  startCamera();

  return () => {
    closed = true;
    clearInterval(watch);
    document.removeEventListener("visibilitychange", onVisibility);
    document.removeEventListener("keydown", onKey);
    navigator.mediaDevices?.removeEventListener("devicechange", onDevices);
    stopFrames();
    stopCamera(stream);
    socket.close();
    hush();
    lock?.release?.();
    if (document.fullscreenElement) document.exitFullscreen();
  };
}
