// What is left at the end: the numbers, the one thing to work on, the curve, and every repetition.

import { curveFigure } from "../curve.js";
import { h } from "../dom.js";
import { clock } from "../format.js";
import { repTable } from "../reps.js";

export function openSummary(main, message, { again, setup }) {
  const done = message.document;
  const hold = done.exercise?.kind === "hold";
  main.append(
    h(
      "div",
      { class: "page" },
      h("h1", { tabindex: -1, "data-focus": true }, done.exercise ? `${done.exercise.title}: done` : "Done"),
      h("dl", { class: "big" }, ...figures(done, hold).map(([dt, dd]) => h("div", {}, h("dt", {}, dt), h("dd", {}, dd)))),
      done.one_thing ? card("The one thing to work on", h("p", { class: "one-thing" }, done.one_thing)) : null,
      done.sentences.length ? card("In words", ...done.sentences.map((line) => h("p", {}, line))) : null,
      done.best || done.worst ? card("Best and worst", ...[["Best", done.best], ["Worst", done.worst]].filter(([, rep]) => rep).map(([word, rep]) => h("p", {}, h("b", {}, `${word}: `), `repetition ${rep.rep} of set ${rep.set}, ${Math.round(rep.score)} of 100. ${rep.why}`))) : null,
      done.curve && done.curve.time_s.length > 1 ? card("The angle you worked", curveFigure(done.curve)) : null,
      ...done.sets.filter((set) => set.reps.length).map((set) => card(`Set ${set.number}`, repTable(set.reps, `Repetitions of set ${set.number}`))),
      done.not_judged.length ? card("Not judged", h("ul", {}, ...done.not_judged.map((one) => h("li", { class: "muted" }, `${one.fault}: ${one.why}`)))) : null,
      message.session
        ? h("p", { class: "muted" }, "Kept in your history: ", h("a", { href: `#/sessions/${message.session}` }, "this session"), ".")
        : h("p", { class: "notice warning" }, `Not kept in the history. ${message.why ?? ""}`),
      h("div", { class: "row" }, h("button", { class: "primary", onclick: again }, "Once more"), h("button", { onclick: setup }, "Another exercise")),
    ),
  );
}

function figures(done, hold) {
  const sets = done.sets.filter((set) => set.count || set.held_s);
  const scores = sets.flatMap((set) => set.reps).filter((rep) => rep.complete && rep.score !== null).map((rep) => rep.score);
  return [
    [hold ? "held" : "repetitions", hold ? clock(done.held_s) : String(done.count)],
    [sets.length === 1 ? "set" : "sets", String(sets.length)],
    ...(scores.length ? [["of 100, form", String(Math.round(scores.reduce((sum, one) => sum + one, 0) / scores.length))]] : []),
    ...(done.attempts ? [["not complete", String(done.attempts)]] : []),
    ["in all", clock(done.duration_s)],
  ];
}

const card = (title, ...content) => h("section", { class: "card" }, h("h2", {}, title), ...content);
