// A line over time with marks on it, as an SVG that grows with its box.

import { h, svg } from "./dom.js";
import { clock } from "./format.js";
import { t } from "./language.js";

// curve: {time_s, angles: [{title, degrees}], reps: [{turn_s, set, number, faulty}]}
export function curveFigure(curve) {
  const known = curve.angles.flatMap((angle) => angle.degrees).filter((value) => value !== null);
  if (known.length === 0) return h("p", { class: "muted" }, t("The angle was not seen."));
  const low = Math.floor(Math.min(...known) / 30) * 30;
  const high = Math.max(low + 30, Math.ceil(Math.max(...known) / 30) * 30);
  const [first, last] = [curve.time_s[0], Math.max(curve.time_s.at(-1), curve.time_s[0] + 1)];
  const x = (time) => ((time - first) / (last - first)) * 100;
  const y = (value) => 100 - ((value - low) / (high - low)) * 100;
  const ticks = [low, (low + high) / 2, high];
  const drawing = svg(
    "svg",
    { class: "curve", viewBox: "0 0 100 100", preserveAspectRatio: "none", role: "img", "aria-label": curve.angles.map((angle) => angle.title).join(", ") },
    ...ticks.map((value) => svg("line", { x1: 0, x2: 100, y1: y(value), y2: y(value) })),
    ...curve.angles.map((angle, index) => svg("path", { d: line(curve.time_s, angle.degrees, x, y), class: index ? "second" : "first" })),
  );
  const over = h("div", { class: "over" }, drawing);
  for (const rep of curve.reps) {
    const value = at(curve, rep.turn_s);
    if (value === null) continue;
    const mark = h("span", { class: rep.faulty ? "rep faulty" : "rep", title: t("Repetition {number} of set {set}", rep) });
    Object.assign(mark.style, { left: `${x(rep.turn_s)}%`, top: `${y(value)}%` });
    over.append(mark);
  }
  const box = h("div", { class: "curve-box" }, over);
  over.style.position = "relative";
  for (const value of ticks) {
    const tick = h("span", { class: "tick" }, `${Math.round(value)}°`);
    tick.style.top = `calc(4px + ${y(value) / 100} * 220px)`;
    box.append(tick);
  }
  const times = h("div", { class: "times" });
  for (const share of [0, 0.5, 1]) {
    const label = h("span", { class: "at" }, clock(first + share * (last - first)));
    label.style.left = `calc(46px + ${share} * (100% - 46px))`;
    if (share === 1) label.style.transform = "translateX(-100%)";
    times.append(label);
  }
  box.append(times);
  return h("figure", {}, box, h("figcaption", { class: "muted" }, curve.angles.map((angle, index) => `${index ? t("dashed: ") : ""}${angle.title}`).join(", "), `. ${t("Round marks are good repetitions, square ones had a fault.")}`));
}

function line(times, values, x, y) {
  let path = "";
  let pen = false;
  for (let index = 0; index < times.length; index += 1) {
    if (values[index] === null) {
      pen = false;
      continue;
    }
    path += `${pen ? "L" : "M"}${x(times[index]).toFixed(2)} ${y(values[index]).toFixed(2)}`;
    pen = true;
  }
  return path;
}

function at(curve, time) {
  let best = 0;
  for (let index = 1; index < curve.time_s.length; index += 1)
    if (Math.abs(curve.time_s[index] - time) < Math.abs(curve.time_s[best] - time)) best = index;
  return curve.angles.map((angle) => angle.degrees[best]).find((value) => value !== null) ?? null;
}
