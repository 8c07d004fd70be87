// A chart as SVG that is drawn anew for the width it gets, with its numbers in a table behind it.

import { h, svg } from "./dom.js";

const MARGIN = { top: 12, right: 14, bottom: 26, left: 46 };
const NEAR = 28; // pixels: how far a point may be from the pointer that asks about it

/*
 * what: {
 *   about      the chart in a sentence, for those who cannot see it
 *   height     in pixels
 *   x, y       {from, to, ticks: [{at, label}]}
 *   draw       (plot) => SVG elements; plot has x(value), y(value), left, right, top, bottom in pixels,
 *              and the axes' ends: from, to, low, high
 *   points     [{x, y, tip, href}]: what the pointer can ask about
 *   table      {head: [...], rows: [[...], ...]}, cells as text or elements
 *   legend     [{mark, text}]: mark is a class of pages.css
 * }
 */
export function chart(what) {
  const drawing = h("div", { class: "drawing" });
  const tip = h("div", { class: "tip", hidden: true });
  const box = h("div", { class: "plot" }, drawing, tip);
  let plot = null;

  new ResizeObserver(([entry]) => {
    const width = Math.round(entry.contentRect.width);
    if (!width || width === plot?.width) return;
    plot = plotOf(what, width);
    drawing.replaceChildren(drawn(what, plot));
    tip.hidden = true;
  }).observe(box);

  const nearest = (event) => {
    const { left, top } = box.getBoundingClientRect();
    const away = (point) => Math.hypot(plot.x(point.x) - (event.clientX - left), plot.y(point.y) - (event.clientY - top));
    const [best] = (what.points ?? []).map((point) => [away(point), point]).sort((a, b) => a[0] - b[0]);
    return best && best[0] <= (event.pointerType === "touch" ? 2 * NEAR : NEAR) ? best[1] : null;
  };
  const point = (event) => {
    const found = plot && nearest(event);
    tip.hidden = !found;
    box.classList.toggle("linked", Boolean(found?.href) && event.pointerType !== "touch");
    if (!found) return null;
    tip.textContent = found.tip;
    const [x, y] = [plot.x(found.x), plot.y(found.y)];
    const half = tip.offsetWidth / 2;
    tip.style.left = `${Math.min(Math.max(x, half), plot.width - half)}px`;
    tip.style.top = `${y}px`;
    tip.classList.toggle("below", y < 64);
    return found;
  };
  box.addEventListener("pointermove", point);
  box.addEventListener("pointerdown", point);
  box.addEventListener("pointerleave", () => {
    tip.hidden = true;
  });
  box.addEventListener("click", (event) => {
    const found = plot && nearest(event);
    if (found?.href && event.pointerType !== "touch") location.hash = found.href;
  });
  return h("div", { class: "chart" }, box, legend(what.legend), what.table ? numbers(what.table, what.about) : null);
}

function plotOf({ x, y, height }, width) {
  const [left, right, top, bottom] = [MARGIN.left, width - MARGIN.right, MARGIN.top, height - MARGIN.bottom];
  return {
    width, height, left, right, top, bottom, from: x.from, to: x.to, low: y.from, high: y.to,
    x: (value) => left + ((value - x.from) / (x.to - x.from || 1)) * (right - left),
    y: (value) => bottom - ((value - y.from) / (y.to - y.from || 1)) * (bottom - top),
  };
}

function drawn({ about, x, y, draw }, plot) {
  const text = (attributes, label) => svg("text", attributes, label);
  return svg(
    "svg",
    { width: plot.width, height: plot.height, role: "img", "aria-label": about },
    ...y.ticks.map(({ at }) => svg("line", { class: "grid", x1: plot.left, x2: plot.right, y1: plot.y(at), y2: plot.y(at) })),
    ...y.ticks.map(({ at, label }) => text({ x: plot.left - 8, y: plot.y(at), class: "y" }, label)),
    ...spaced(x.ticks, plot).map(({ at, label }) => text({ x: plot.x(at), y: plot.height - 6, class: "x" }, label)),
    ...draw(plot),
  );
}

// Labels that have room: none within 8 pixels of the one before, none over the edges.
function spaced(ticks, plot) {
  const kept = [];
  let end = -Infinity;
  for (const tick of ticks) {
    const half = tick.label.length * 3.7;
    const at = plot.x(tick.at);
    if (at - half < end + 8 || at + half > plot.width) continue;
    kept.push(tick);
    end = at + half;
  }
  return kept;
}

function legend(entries) {
  if (!entries?.length) return null;
  return h("ul", { class: "legend", "aria-hidden": "true" }, ...entries.map(({ mark, text }) => h("li", {}, h("i", { class: mark }), text)));
}

function numbers({ head, rows }, about) {
  const details = h("details", { class: "numbers" }, h("summary", {}, "As a table"));
  details.addEventListener("toggle", () => {
    if (details.childElementCount > 1) return; // hundreds of rows are made when somebody wants them
    details.append(
      h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `Table: ${about}` }, h(
        "table",
        {},
        h("thead", {}, h("tr", {}, ...head.map((cell) => h("th", { scope: "col" }, cell)))),
        h("tbody", {}, ...rows.map(([first, ...rest]) => h("tr", {}, h("th", { scope: "row" }, first), ...rest.map((cell) => h("td", {}, cell))))),
      )),
    );
  });
  return details;
}

// Round values within a range, about as many as wanted: {from, to, ticks} with ends at such values.
export function scale(values, { count = 4, least = null, most = null, span = 0, label = String } = {}) {
  const known = values.filter((value) => value !== null && value !== undefined);
  let [low, high] = known.length ? [Math.min(...known), Math.max(...known)] : [0, 1];
  const more = Math.max(span - (high - low), 0.06 * (high - low), 1e-9) / 2;
  [low, high] = [low - more, high + more];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((one) => one * power >= rough * 0.999);
  let from = Math.floor(low / step + 1e-9) * step;
  let to = Math.ceil(high / step - 1e-9) * step;
  if (least !== null) from = Math.max(from, least);
  if (most !== null) to = Math.min(to, most);
  const ticks = [];
  for (let row = Math.ceil(from / step - 1e-9); row * step <= to + step * 1e-6; row += 1) ticks.push({ at: row * step, label: label(row * step, step) });
  return { from, to, ticks };
}

const DAY = 86_400_000;
const NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

// Days are counted since 1970, as the server's trends count them.
export const dayNumber = (iso) => Math.round(Date.parse(`${iso}T00:00:00Z`) / DAY);
export const shortDay = (number) => `${new Date(number * DAY).getUTCDate()} ${NAMES[new Date(number * DAY).getUTCMonth()]}`;

// An axis of days with Mondays, months or years marked, whatever has room.
export function dayScale(first, last, count = 6) {
  const air = Math.max(0.02 * (last - first), 1);
  const [from, to] = [first - air, last + air];
  const length = to - from;
  const ticks = [];
  if (length <= 7 * count) {
    const step = length <= count ? 1 : 7;
    for (let day = Math.ceil((from + 3) / step) * step - 3; day <= to; day += step) ticks.push({ at: day, label: shortDay(day) }); // 1970-01-01 was a Thursday
    return { from, to, ticks };
  }
  const step = [1, 2, 3, 6, 12, 24, 60, 120].find((months) => length / 30.4 / months <= count) ?? 120;
  const begin = new Date(from * DAY);
  const months = begin.getUTCFullYear() * 12 + begin.getUTCMonth();
  for (let month = Math.ceil(months / step) * step; ; month += step) {
    const at = Date.UTC(Math.floor(month / 12), month % 12, 1) / DAY;
    if (at > to) return { from, to, ticks };
    if (at >= from) ticks.push({ at, label: month % 12 ? NAMES[month % 12] : String(month / 12) });
  }
}

// The path through points; where a value is not known, it is broken.
export function path(xs, ys, plot) {
  let text = "";
  let pen = false;
  for (let row = 0; row < xs.length; row += 1) {
    if (ys[row] === null || ys[row] === undefined) {
      pen = false;
      continue;
    }
    text += `${pen ? "L" : "M"}${plot.x(xs[row]).toFixed(1)} ${plot.y(ys[row]).toFixed(1)}`;
    pen = true;
  }
  return text;
}
