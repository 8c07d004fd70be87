// Two sessions beside each other: what differs and how sure that is, curves over each other, repetition over repetition.

import { get } from "../api.js";
import { h } from "../dom.js";
import { date, day, degrees, many } from "../format.js";
import { differenceWords, said } from "../measures.js";
import { scrolled } from "../reps.js";
import { curvesChart } from "./charts.js";
import { card, trouble, verdict, VIEWS } from "./pieces.js";

export async function openCompare(main, a, b) {
  const page = h("div", { class: "page" }, h("nav", { "aria-label": "Back" }, h("a", { href: "#/sessions" }, "All sessions")), h("h1", {}, "Two sessions"));
  main.append(page);
  try {
    page.append(...content(await get("/compare", { a, b })));
  } catch (error) {
    page.append(trouble(error), h("p", {}, h("a", { class: "button", href: "#/sessions" }, "Choose two others")));
  }
}

function content({ first, second, exercises }) {
  const names = namesOf(first, second);
  return [
    h("p", { class: "lead" }, "Differences are the second session's less the first one's. Beside each stands where the true difference lies with 95 % probability, the error of measuring included; only what leaves out zero is called more or less."),
    h(
      "div",
      { class: "two" },
      ...[[first, "one", "First"], [second, "two", "Second"]].map(([session, kind, word]) =>
        h("p", { class: "card" }, h("i", { class: `line ${kind}`, "aria-hidden": "true" }), h("span", {}, h("span", { class: "muted" }, `${word}: `), h("a", { href: `#/sessions/${encodeURIComponent(session.id)}` }, day(session.started)), h("span", { class: "muted" }, ` ${session.person}${session.source ? `, ${session.source}` : ""}`))),
      ),
    ),
    ...exercises.flatMap((one) => exerciseOf(one, names, first, second)),
  ];
}

// What the two are called: by their days, or by their place where those are the same.
function namesOf(first, second) {
  const names = [first, second].map((session) => date(session.started));
  return names[0] === names[1] ? ["first", "second"] : names;
}

function exerciseOf(one, names, first, second) {
  const views = [first, second].map((session) => VIEWS[session.view[one.name]] ?? "from an unknown side");
  const kept = one.curves.first.length && one.curves.second.length;
  return [
    h("h2", {}, one.title),
    one.same_view ? null : h("p", { class: "notice warning" }, `The camera saw the first session ${views[0]} and the second one ${views[1]}: measures of the two differ for that alone, so less can be said.`),
    card(null, h("h3", {}, "What differs"), differences(one.differences, names)),
    kept ? card(null, h("h3", {}, `The ${one.curves.angle.replaceAll("_", " ")} over a repetition`), curvesChart(one, names)) : null,
    one.pairs.length ? card(null, h("h3", {}, "Repetition over repetition"), pairs(one.pairs, names)) : null,
    one.holds.length ? card(null, h("h3", {}, "Posture over posture"), holds(one.holds, names)) : null,
  ].filter(Boolean);
}

function differences(all, names) {
  if (!all.length) return h("p", { class: "muted" }, "No measure is known of both.");
  return scrolled(
    "What differs",
    ["Measure", ...names, "Difference"].map((head) => h("th", { scope: "col" }, head)),
    all.map((one) => {
      const places = one.unit === "s" ? { places: 1 } : {};
      return [one.title, said(one.first, one.unit, places), said(one.second, one.unit, places), verdict("", differenceWords(one))];
    }),
  );
}

function pairs(all, names) {
  const cell = (rep) => (rep ? [degrees(rep.range_deg), said(rep.duration_s, "s"), said(rep.score, "points"), rep.faults.length ? many(rep.faults.length, "fault") : "no fault"].filter((one) => one !== "–").join(" · ") : "–");
  const step = ({ difference: { range_deg, duration_s, score } }) => [said(range_deg, "deg", { signed: true }), said(duration_s, "s", { signed: true, places: 1 }), said(score, "points", { signed: true })].filter((one) => one !== "–").join(" · ") || "–";
  return scrolled(
    "Repetition over repetition",
    ["Set and repetition", ...names, "Range, time, form"].map((head) => h("th", { scope: "col" }, head)),
    all.map((pair) => [`Set ${pair.set}, ${pair.number}`, cell(pair.first), cell(pair.second), step(pair)]),
  );
}

function holds(all, names) {
  return scrolled(
    "Posture over posture",
    ["Number", ...names].map((head) => h("th", { scope: "col" }, head)),
    all.map((hold) => [String(hold.number), said(hold.first_s, "s"), said(hold.second_s, "s")]),
  );
}
