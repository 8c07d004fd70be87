// What is to be said of the two WebSockets beside the schemas of their messages.

import { pythonClient } from "./examples.js";

export const SOCKETS = [
  {
    id: "live",
    title: "The live coach",
    path: "/api/v1/live",
    text: [
      "The server begins with `hello`. The client sends `start`, then frames; each frame gets at most one `state`. The newest frame wins: one that comes while an older one waits takes its place, so nothing queues up, and `skipped` counts what was left out. After `finish` comes `summary`, and the connection ends.",
      "A lost connection keeps its session for `resume_s` seconds: `start` with `resume` goes on in the same set.",
    ],
    client: ["Start", "Change", "Skip", "EndSet", "Finish"],
    server: ["Hello", "State", "Summary", "Error"],
  },
  {
    id: "recognize",
    title: "The recognizer",
    path: "/api/v1/recognize",
    query: "?model=onboard",
    text: [
      "The server begins with `hello`, which names the model and its classes; `GET /api/v1/models` lists the models. The client sends frames, each of which gets at most one `labels`; about once a second `timeline` tells what was recognised when. Nothing is sent as text by the client.",
    ],
    client: [],
    server: ["RecognizerHello", "Labels", "TimelineMessage", "Error"],
  },
];

export const FRAME = "A frame is one binary message, its numbers little-endian: its number (uint32), four bytes of zeros, its time in seconds (float64), then a JPEG, PNG or WebP. Times must grow. 640 by 480 pixels are enough.";

const SEND = `// A frame: its number, zeros, its time in seconds, then a JPEG.
function send(seq, seconds, jpeg) {
  const head = new DataView(new ArrayBuffer(16));
  head.setUint32(0, seq, true);
  head.setFloat64(8, seconds, true);
  socket.send(new Blob([head.buffer, jpeg]));
}`;

export function socketExamples(socket, origin, secure) {
  const address = origin.replace(/^http/, "ws") + socket.path + (socket.query ?? "");
  const javascript = socket.id === "live"
    ? [`const socket = new WebSocket("${address}");`, "socket.onmessage = ({ data }) => {", "  const message = JSON.parse(data);", '  if (message.type === "hello") socket.send(JSON.stringify({ type: "start", exercise: "squat" }));', '  if (message.type === "state") console.log(message.stage, message.count, message.cue?.text);', "};"]
    : [`const socket = new WebSocket("${address}");`, "socket.onmessage = ({ data }) => {", "  const message = JSON.parse(data);", '  if (message.type === "labels") console.log(message.label, message.probabilities);', "};"];
  const python = socket.id === "live"
    ? ["from spotter.client import Client", "", pythonClient(origin, secure), 'with client.live(exercise="squat", target={"reps": 8}) as coach:', "    for picture in camera:  # RGB arrays, or JPEG files as bytes", "        coach.show(picture)", "        if coach.state is not None:", '            print(coach.state["stage"], coach.state["count"])', 'print(coach.summary["document"])']
    : ["import json", ...(secure ? ["import ssl"] : []), "import struct", "", "from websockets.sync.client import connect", "", ...(secure ? ['trust = ssl.create_default_context(cafile="ca.crt")', 'key = {"Authorization": "Bearer KEY"}', `with connect("${address}", ssl=trust, additional_headers=key) as socket:`] : [`with connect("${address}") as socket:`]), '    print(json.loads(socket.recv())["classes"])', "    for seq, jpeg in enumerate(pictures):", '        socket.send(struct.pack("<IId", seq, 0, seq / 30) + jpeg)', "        print(json.loads(socket.recv()))"];
  return { python: python.join("\n"), javascript: [...javascript, "", SEND].join("\n") };
}
