// The picture with the skeleton on it.

const BONES = [
  [11, 12], [11, 23], [12, 24], [23, 24], [11, 13], [13, 15], [12, 14], [14, 16], [23, 25], [25, 27], [24, 26],
  [26, 28], [27, 29], [29, 31], [27, 31], [28, 30], [30, 32], [28, 32], [15, 19], [16, 20],
];
const JOINTS = [0, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28, 31, 32];
const SEEN = 0.5;
// Which landmarks an angle lies between; both sides of an angle without a side.
const CORNERS = {
  left_knee: [23, 25, 27], right_knee: [24, 26, 28], left_hip: [11, 23, 25], right_hip: [12, 24, 26],
  left_elbow: [11, 13, 15], right_elbow: [12, 14, 16], left_shoulder: [23, 11, 13], right_shoulder: [24, 12, 14],
};
const LINE = "#7ef0de";
const OTHER = "#b0c0ca";
const EDGE = "rgb(6 18 20 / 85%)";

export function drawPicture(context, video, { mirrored }) {
  const { videoWidth: width, videoHeight: height } = video;
  const { canvas } = context;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  context.setTransform(mirrored ? -1 : 1, 0, 0, 1, mirrored ? width : 0, 0);
  context.drawImage(video, 0, 0, width, height);
}

export function drawParts(context, picture) {
  context.globalAlpha = 0.6;
  context.imageSmoothingEnabled = false;
  context.drawImage(picture, 0, 0, context.canvas.width, context.canvas.height);
  context.globalAlpha = 1;
}

export function drawBodies(context, state) {
  const { width, height } = context.canvas;
  const thick = Math.max(2, Math.min(width, height) / 130);
  context.lineCap = context.lineJoin = "round";
  for (const body of state.bodies) {
    const mine = body.id === state.person;
    const at = (index) => {
      const [x, y, seen] = body.points[index];
      return x === null || seen < SEEN ? null : [x * width, y * height];
    };
    const path = new Path2D();
    for (const [from, to] of BONES) {
      const a = at(from);
      const b = at(to);
      if (!a || !b) continue;
      path.moveTo(...a);
      path.lineTo(...b);
    }
    stroke(context, path, mine ? LINE : OTHER, thick);
    const dots = new Path2D();
    for (const index of JOINTS) {
      const point = at(index);
      if (!point) continue;
      dots.moveTo(point[0] + thick, point[1]);
      dots.arc(point[0], point[1], thick, 0, 2 * Math.PI);
    }
    context.fillStyle = "#ffffff";
    context.fill(dots);
    if (mine && state.working) drawAngle(context, state.working, at, thick);
  }
}

function stroke(context, path, colour, thick) {
  context.strokeStyle = EDGE;
  context.lineWidth = thick * 2;
  context.stroke(path);
  context.strokeStyle = colour;
  context.lineWidth = thick;
  context.stroke(path);
}

function drawAngle(context, working, at, thick) {
  const sides = CORNERS[working.name] ? [working.name] : [`left_${working.name}`, `right_${working.name}`];
  const side = sides.find((name) => CORNERS[name]?.every((index) => at(index)));
  if (!side || working.degrees === null) return;
  const [a, corner, b] = CORNERS[side].map(at);
  const from = Math.atan2(a[1] - corner[1], a[0] - corner[0]);
  const to = Math.atan2(b[1] - corner[1], b[0] - corner[0]);
  const turn = (to - from + 3 * Math.PI) % (2 * Math.PI) - Math.PI;
  const arc = new Path2D();
  arc.arc(...corner, thick * 7, from, from + turn, turn < 0);
  stroke(context, arc, "#ffb81c", thick);
  drawNumber(context, `${Math.round(working.degrees)}°`, corner, from + turn / 2, thick);
}

function drawNumber(context, text, corner, middle, thick) {
  const away = thick * 13;
  const [x, y] = [corner[0] + away * Math.cos(middle), corner[1] + away * Math.sin(middle)];
  const mirror = context.getTransform().a;
  context.save();
  context.translate(x, y);
  context.scale(mirror, 1);
  context.font = `700 ${Math.round(thick * 5)}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineWidth = thick * 1.5;
  context.strokeStyle = EDGE;
  context.strokeText(text, 0, 0);
  context.fillStyle = "#ffffff";
  context.fillText(text, 0, 0);
  context.restore();
}
