// A WebSocket that takes camera frames: the newest frame wins, and a lost connection is found again.

import { socketAddress } from "./api.js";

const IN_FLIGHT = 2; // one being looked at, one on its way
const GIVE_UP_MS = 3000; // an answer that has not come by then will not come
const AGAIN_MS = [300, 700, 1500, 3000, 5000];

// Every message becomes an event of its type; "lost" comes when the connection is lost and looked for again.
export class FrameSocket extends EventTarget {
  constructor(path) {
    super();
    this.path = path;
    this.tries = 0;
    this.sent = new Map();
    this.closed = false;
    this.parked = false;
    this.ready = false;
  }

  open() {
    this.socket = new WebSocket(socketAddress(this.path));
    this.socket.addEventListener("message", (event) => this.read(JSON.parse(event.data)));
    this.socket.addEventListener("close", () => this.lost());
    return this;
  }

  read(message) {
    if (message.type === "hello") this.begin(message);
    if (this.sent.has(message.seq) && message.type !== "error") {
      message.round_trip_ms = performance.now() - this.sent.get(message.seq);
      for (const seq of this.sent.keys()) if (seq <= message.seq) this.sent.delete(seq);
    }
    if (message.type === "error") this.fault(message);
    this.tell(message.type, message);
  }

  begin() {
    this.ready = true;
    this.tries = 0;
    this.sent.clear();
  }

  fault(message) {
    if (message.seq !== null && message.seq !== undefined) this.sent.delete(message.seq);
    if (message.code === "idle") this.parked = true;
    else if (message.fatal) this.closed = true;
  }

  lost() {
    this.ready = false;
    if (this.closed || this.parked) return;
    this.tell("lost", {});
    const wait = AGAIN_MS[Math.min(this.tries++, AGAIN_MS.length - 1)];
    this.timer = setTimeout(() => this.open(), wait);
  }

  // There are pictures again, after none came for so long that the server closed the connection.
  wake() {
    if (!this.parked) return;
    this.parked = false;
    this.open();
  }

  get free() {
    if (!this.ready || this.socket.readyState !== WebSocket.OPEN) return false;
    const now = performance.now();
    for (const [seq, since] of this.sent) if (now - since > GIVE_UP_MS) this.sent.delete(seq);
    return this.sent.size < IN_FLIGHT;
  }

  frame(seq, message) {
    if (!this.free) return;
    this.sent.set(seq, performance.now());
    this.socket.send(message);
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket.close();
  }

  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
