// The charts of progress and of comparisons: measures over days, weeks, faults, and curves one over the other.

import { chart, dayNumber, dayScale, path, scale, shortDay } from "../chart.js";
import { h, svg } from "../dom.js";
import { day, many } from "../format.js";
import { measureWords, said } from "../measures.js";
import { verdict } from "./pieces.js";

const LEAST_SPAN = { deg: 20, points: 20, share: 0.1, s: 0.5, kg: 10, count: 4 };
const LEAST = { deg: null, points: 0, share: 0, s: 0, kg: 0, count: 0 };
const MOST = { points: 100, share: 1 };
const KINDS = ["one", "two", "three"];
const DOTS = { held_s: ["all of the session", "its longest"] };
const USUAL_DOTS = ["middle of the session", "its best"];

// Measures that share a chart, over the sessions of an exercise: dots, the trend's line and its 95 % band.
export function measureChart(title, measures, sessions) {
  const days = sessions.day.map(dayNumber);
  const { unit } = measures[0];
  const target = measures[0].target ?? null;
  const values = measures.flatMap((one) => [...one.values, ...(one.best ?? [])]);
  const alone = measures.length === 1;
  const words = measures.map((one) => [one, measureWords(one)]);
  const places = unit === "s" ? 1 : undefined;
  const [own, best] = DOTS[measures[0].name] ?? USUAL_DOTS;
  return h(
    "section",
    { class: "card measure" },
    h("h3", {}, title),
    ...words.map(([one, told], row) => verdict(alone ? "" : one.title, told, alone ? null : `dot ${KINDS[row]}`)),
    chart({
      about: `${title} over ${many(days.length, "session")}: ${words.map(([one, told]) => `${alone ? "" : `${one.title} `}${told.words} (${told.remark})`).join("; ")}`,
      height: 200,
      x: dayScale(days[0], days.at(-1)),
      y: scale([...values, target], {
        span: LEAST_SPAN[unit], least: LEAST[unit], most: MOST[unit] ?? null,
        label: (value, step) => said(value, unit, { places: unit === "s" && step < 1 ? 1 : 0 }),
      }),
      draw: (plot) => [
        ...measures.flatMap((one, row) => trendLine(one.trend, plot, KINDS[row])),
        ...(target === null ? [] : [svg("line", { class: "aim", x1: plot.left, x2: plot.right, y1: plot.y(target), y2: plot.y(target) })]),
        ...measures.flatMap((one) => (one.best ? dots(days, one.best, plot, "best") : [])),
        ...measures.flatMap((one, row) => dots(days, one.values, plot, `dot ${KINDS[row]}`)),
      ],
      points: measures.flatMap((one) =>
        one.values.flatMap((value, row) =>
          value === null ? [] : [{ x: days[row], y: value, href: `#/sessions/${sessions.id[row]}`, tip: `${day(sessions.started[row])}: ${alone ? "" : `${one.title.toLowerCase()} `}${said(value, unit, { places })}` }],
        ),
      ),
      legend: [
        ...(alone && measures[0].best ? [{ mark: "dot one", text: own }, { mark: "best", text: best }] : []),
        ...(measures.some((one) => one.trend.low !== null) ? [{ mark: "band", text: "trend, 95 %" }] : []),
        ...(target === null ? [] : [{ mark: "aim", text: `aim ${said(target, unit)}` }]),
      ],
      table: {
        head: ["Day", ...measures.flatMap((one) => (one.best ? [one.title, "Best"] : [one.title]))],
        rows: days.map((_, row) => [
          h("a", { href: `#/sessions/${sessions.id[row]}` }, day(sessions.started[row])),
          ...measures.flatMap((one) => [said(one.values[row], unit, { places }), ...(one.best ? [said(one.best[row], unit, { places })] : [])]),
        ]),
      },
    }),
  );
}

function dots(xs, ys, plot, kind) {
  return ys.flatMap((value, row) => (value === null ? [] : [mark(plot.x(xs[row]), plot.y(value), kind)]));
}

// A circle, a square or a triangle: measures in one chart differ in more than their colour.
function mark(x, y, kind) {
  if (kind.endsWith("two")) return svg("rect", { class: kind, x: x - 3.4, y: y - 3.4, width: 6.8, height: 6.8 });
  if (kind.endsWith("three")) return svg("path", { class: kind, d: `M${x} ${y - 4.6}L${x + 4.4} ${y + 3.4}L${x - 4.4} ${y + 3.4}Z` });
  return svg("circle", { class: kind, cx: x, cy: y, r: kind === "best" ? 3 : 4 });
}

// The line, and how steep else it could be, turned about its middle; nothing where nothing can be said.
function trendLine(trend, plot, kind) {
  if (trend.low === null || trend.middle === null) return [];
  const [first, last] = [plot.from, plot.to];
  const at = (slope, x) => trend.middle + (slope / 7) * (x - trend.middle_day);
  const corners = [
    [first, Math.max(at(trend.low, first), at(trend.high, first))],
    [trend.middle_day, trend.middle],
    [last, Math.max(at(trend.low, last), at(trend.high, last))],
    [last, Math.min(at(trend.low, last), at(trend.high, last))],
    [trend.middle_day, trend.middle],
    [first, Math.min(at(trend.low, first), at(trend.high, first))],
  ];
  const clip = (value) => Math.min(Math.max(value, plot.low), plot.high);
  return [
    svg("polygon", { class: `band ${kind}`, points: corners.map(([x, y]) => `${plot.x(x).toFixed(1)},${plot.y(clip(y)).toFixed(1)}`).join(" ") }),
    svg("path", { class: `trend ${kind}`, d: path([first, last], [clip(at(trend.per_week, first)), clip(at(trend.per_week, last))], plot) }),
  ];
}

// What was done in each week: repetitions, or seconds held.
export function weekChart(exercise) {
  const { weeks } = exercise;
  const hold = exercise.kind === "hold";
  const heights = hold ? weeks.held_s : weeks.reps;
  const begins = weeks.begins.map(dayNumber);
  const word = hold ? "Seconds held" : "Repetitions";
  const told = (row) => `${hold ? said(heights[row], "s", { places: 0 }) : many(heights[row], "repetition")}, ${many(weeks.sessions[row], "session")}`;
  return chart({
    about: `${word} a week over ${many(begins.length, "week")}, ${Math.round(Math.max(...heights))} at most`,
    height: 170,
    x: { ...dayScale(begins[0], begins.at(-1) + 7), from: begins[0] - 1, to: begins.at(-1) + 8 },
    y: { ...scale([0, ...heights], { span: 4, least: 0 }), from: 0 },
    draw: (plot) => begins.map((begin, row) => {
      const [left, right] = [plot.x(begin), plot.x(begin + 7)];
      const gap = Math.min(2, (right - left) / 5);
      const top = plot.y(heights[row] ?? 0);
      return svg("rect", { class: "bar", x: left + gap / 2, y: top, width: Math.max(right - left - gap, 1), height: Math.max(plot.bottom - top, 0), rx: Math.min(3, (right - left) / 4) });
    }),
    points: begins.map((begin, row) => ({ x: begin + 3.5, y: heights[row] ?? 0, tip: `Week from ${shortDay(begin)}: ${told(row)}` })),
    table: {
      head: ["Week from", "Sessions", "Sets", hold ? "Held" : "Repetitions", "Weight moved"],
      rows: begins.map((_, row) => [weeks.begins[row], String(weeks.sessions[row]), String(weeks.sets[row]), hold ? said(heights[row], "s", { places: 0 }) : String(heights[row]), weeks.volume_kg[row] ? said(weeks.volume_kg[row], "kg") : "–"]),
    },
  });
}

// How frequent a fault was, week after week: bars of its share; where nobody trained or it could not be judged, none.
export function faultStrip(fault, sessions) {
  const days = sessions.day.map(dayNumber);
  const first = Math.floor((days[0] + 3) / 7) * 7 - 3; // its Monday
  const weeks = Math.floor((days.at(-1) - first) / 7) + 1;
  const width = Math.ceil(weeks / 40);
  const cells = Array.from({ length: Math.ceil(weeks / width) }, () => ({ sum: 0, of: 0 }));
  days.forEach((at, row) => {
    const share = fault.share[row];
    if (share === null) return;
    const reps = sessions.reps[row] || 1;
    const cell = cells[Math.floor((at - first) / 7 / width)];
    cell.sum += share * reps;
    cell.of += reps;
  });
  const strip = h("span", { class: "strip", "aria-hidden": "true" });
  cells.forEach(({ sum, of }, row) => {
    const from = shortDay(first + row * width * 7);
    const bar = h("i", { class: of ? "" : "none", title: of ? `from ${from}: ${said(sum / of, "share")}` : `from ${from}: not judged` });
    bar.style.height = of ? `max(2px, ${((100 * sum) / of).toFixed(1)}%)` : "3px";
    strip.append(bar);
  });
  return strip;
}

// Repetitions of two sessions over each other, from their beginning to their end, and the middle of each.
export function curvesChart(exercise, names) {
  const { angle, phase, first, second } = exercise.curves;
  const groups = [first, second];
  const middles = groups.map((curves) => phase.map((_, place) => median(curves.map((curve) => curve[place]))));
  const low = middles.map((middle) => Math.min(...middle.filter((one) => one !== null)));
  const high = middles.map((middle) => Math.max(...middle.filter((one) => one !== null)));
  return chart({
    about: `Angle of the ${angle} over a repetition. ${names.map((name, row) => `${name}: from ${Math.round(low[row])}° to ${Math.round(high[row])}° in the middle of ${many(groups[row].length, "repetition")}`).join("; ")}`,
    height: 280,
    x: { from: 0, to: 1, ticks: [{ at: 0, label: "start" }, { at: 0.5, label: "turn" }, { at: 1, label: "end" }] },
    y: scale(groups.flat(2), { span: 30, label: (value) => `${Math.round(value)}°` }),
    draw: (plot) => [
      ...groups.flatMap((curves, row) => curves.map((curve) => svg("path", { class: `thin ${KINDS[row]}`, d: path(phase, curve, plot) }))),
      ...middles.map((middle, row) => svg("path", { class: `thick ${KINDS[row]}`, d: path(phase, middle, plot) })),
    ],
    points: middles.flatMap((middle, row) => phase.flatMap((x, place) => (middle[place] === null ? [] : [{ x, y: middle[place], tip: `${names[row]}: ${Math.round(middle[place])}°` }]))),
    legend: names.map((text, row) => ({ mark: `line ${KINDS[row]}`, text: `${text} (thick: the middle)` })),
    table: {
      head: ["Of the repetition", ...names],
      rows: phase.flatMap((x, place) => (place % 4 ? [] : [[`${Math.round(100 * x)} %`, ...middles.map((middle) => said(middle[place], "deg"))]])),
    },
  });
}

function median(values) {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  const middle = known.length >> 1;
  return known.length ? (known[middle] + known[(known.length - 1) >> 1]) / 2 : null;
}
