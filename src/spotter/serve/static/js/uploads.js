// Videos on their way to the server, one after the other; they go on while another page is open.

import { get, ROOT } from "./api.js";
import { size } from "./format.js";

const VIDEO = /\.(mp4|m4v|mov|mkv|webm|avi|mpe?g|mts|m2ts|3gp|wmv|flv|ogv|gif)$/i;
const OVER_S = 8; // the speed is that of the last seconds

/*
 * An item is {file, wish, state, sent, perSecond, message, hopeless}; its state is "waiting", "sending" or
 * "failed", and it is hopeless where trying again would fail again.
 * Events: "change" whenever an item changes, "taken" with the new analysis as detail.
 */
class Uploads extends EventTarget {
  constructor() {
    super();
    this.items = [];
    this.request = null;
    addEventListener("beforeunload", (event) => {
      if (this.request) event.preventDefault(); // the browser asks whether to leave
    });
  }

  add(files, wish) {
    for (const file of files) this.items.push({ file, wish, state: "waiting", sent: 0, perSecond: null, message: "", hopeless: false });
    this.change();
    this.next();
  }

  again(item) {
    Object.assign(item, { state: "waiting", sent: 0, perSecond: null, message: "" });
    this.change();
    this.next();
  }

  drop(item) {
    this.items = this.items.filter((one) => one !== item);
    if (item.state === "sending") this.request?.abort();
    this.change();
  }

  async next() {
    const item = this.items.find((one) => one.state === "waiting");
    if (this.request || !item) return;
    this.request = new XMLHttpRequest();
    item.state = "sending";
    this.change();
    try {
      const wrong = await whatIsWrong(item.file);
      if (wrong) item.hopeless = true;
      if (wrong) throw new Error(wrong);
      if (!this.items.includes(item)) return; // dropped meanwhile
      const analysis = await this.send(item);
      this.items = this.items.filter((one) => one !== item);
      this.dispatchEvent(new CustomEvent("taken", { detail: analysis }));
    } catch (error) {
      Object.assign(item, { state: "failed", message: error.message });
    } finally {
      this.request = null;
      this.change();
      this.next();
    }
  }

  send(item) {
    const query = new URLSearchParams({ name: item.file.name, modified: new Date(item.file.lastModified).toISOString() });
    for (const [name, value] of Object.entries(item.wish)) if (value !== null && value !== "") query.set(name, value);
    const { request } = this;
    const marks = [[performance.now(), 0]];
    return new Promise((done, fail) => {
      request.upload.addEventListener("progress", ({ loaded }) => {
        const now = performance.now();
        while (marks.length > 1 && now - marks[0][0] > 1000 * OVER_S) marks.shift();
        const [then, before] = marks[0];
        marks.push([now, loaded]);
        item.sent = loaded;
        item.perSecond = now > then ? (1000 * (loaded - before)) / (now - then) : null;
        this.change();
      });
      request.addEventListener("load", () => {
        const body = request.response;
        if (request.status === 202 && body) done(body);
        else fail(new Error(body?.error?.message ?? `Spotter answered ${request.status}.`));
      });
      request.addEventListener("abort", () => fail(new Error("The upload was stopped.")));
      request.addEventListener("error", async () => fail(new Error(await brokenOff(item))));
      request.open("POST", `${ROOT}/analyses?${query}`);
      request.responseType = "json";
      request.send(item.file);
    });
  }

  change() {
    this.dispatchEvent(new Event("change"));
  }
}

async function whatIsWrong(file) {
  if (!file.type.startsWith("video/") && !VIDEO.test(file.name)) return `${file.name} is no video. Choose a video, such as an .mp4 or .mov file.`;
  if (file.size === 0) return `${file.name} is empty. Choose another file.`;
  const { limits } = await get("/health");
  if (file.size > limits.upload_bytes) return `${file.name} has ${size(file.size)}; at most ${size(limits.upload_bytes)} are taken. Cut it into shorter ones.`;
  return "";
}

// A broken connection says nothing of its reason: whether the server still answers tells most of it.
async function brokenOff(item) {
  try {
    await get("/health");
  } catch {
    return "Spotter does not answer any more. Start it again on this computer, then try again.";
  }
  return `The upload broke off after ${size(item.sent)}. Was the file moved or the disk full? Try again.`;
}

export const uploads = new Uploads();
