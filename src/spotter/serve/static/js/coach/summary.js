// What is left at the end: the numbers, the one thing to work on, the curve, and every repetition.

import { curveFigure } from "../curve.js";
import { h } from "../dom.js";
import { clock } from "../format.js";
import { t, tn } from "../language.js";
import { big, card } from "../pages/pieces.js";
import { repTable } from "../reps.js";

export function openSummary(main, message, { again, setup }) {
  const done = message.document;
  const hold = done.exercise?.kind === "hold";
  main.append(
    h(
      "div",
      { class: "page" },
      h("h1", { tabindex: -1, "data-focus": true }, done.exercise ? t("{title}: done", done.exercise) : t("Done")),
      big(figures(done, hold)),
      done.one_thing ? card(t("The one thing to work on"), h("p", { class: "one-thing" }, done.one_thing)) : null,
      done.sentences.length ? card(t("In words"), ...done.sentences.map((line) => h("p", {}, line))) : null,
      done.best || done.worst ? card(t("Best and worst"), ...[[t("Best"), done.best], [t("Worst"), done.worst]].filter(([, rep]) => rep).map(([word, rep]) => h("p", {}, h("b", {}, `${word}: `), `${t("repetition {rep} of set {set}, {points} of 100.", { ...rep, points: Math.round(rep.score) })} ${rep.why}`))) : null,
      done.curve && done.curve.time_s.length > 1 ? card(t("The angle you worked"), curveFigure(done.curve)) : null,
      ...done.sets.filter((set) => set.reps.length).map((set) => card(t("Set {number}", set), repTable(set.reps, t("Repetitions of set {number}", set)))),
      done.not_judged.length ? card(t("Not judged"), h("ul", {}, ...done.not_judged.map((one) => h("li", { class: "muted" }, `${one.title}: ${one.why}`)))) : null,
      message.session
        ? h("p", { class: "muted" }, t("Kept in your history:"), " ", h("a", { href: `#/sessions/${message.session}` }, t("this session")), ".")
        : h("p", { class: "notice warning" }, `${t("Not kept in the history.")} ${t(message.why ?? "")}`),
      h("div", { class: "row" }, h("button", { class: "primary", onclick: again }, t("Once more")), h("button", { onclick: setup }, t("Another exercise"))),
    ),
  );
}

function figures(done, hold) {
  const sets = done.sets.filter((set) => set.count || set.held_s);
  const scores = sets.flatMap((set) => set.reps).filter((rep) => rep.complete && rep.score !== null).map((rep) => rep.score);
  return [
    [hold ? t("held") : t("repetitions"), hold ? clock(done.held_s) : String(done.count)],
    [tn(sets.length, "set", "sets"), String(sets.length)],
    ...(scores.length ? [[t("of 100, form"), String(Math.round(scores.reduce((sum, one) => sum + one, 0) / scores.length))]] : []),
    ...(done.attempts ? [[t("not complete"), String(done.attempts)]] : []),
    [t("in all"), clock(done.duration_s)],
  ];
}
