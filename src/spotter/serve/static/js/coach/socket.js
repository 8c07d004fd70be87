// The WebSocket to the live coach: a lost connection is found again in the same set.

import { FrameSocket } from "../frame_socket.js";

const KEPT = ["change", "finish"]; // said while the connection is lost, they are meant all the same

export class LiveSocket extends FrameSocket {
  constructor(start) {
    super("/live");
    this.start = start;
    this.session = null;
    this.unsaid = [];
    this.open();
  }

  begin(hello) {
    super.begin(hello);
    this.own = hello.session;
    const resume = this.session;
    this.session = resume ?? this.own;
    this.say({ type: "start", ...this.start, ...(resume ? { resume } : {}) });
    for (const message of this.unsaid.splice(0)) this.say(message);
  }

  fault(message) {
    super.fault(message);
    if (message.code !== "no_such_session") return;
    this.session = this.own;
    this.say({ type: "start", ...this.start });
  }

  say(message) {
    if (this.ready && this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
    else if (KEPT.includes(message.type)) this.unsaid.push(message);
  }
}
