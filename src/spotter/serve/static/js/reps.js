// What was done in a set as a table: repetition by repetition, or posture by posture.

import { h } from "./dom.js";
import { clock, degrees } from "./format.js";
import { t } from "./language.js";
import { said } from "./measures.js";

const COLUMNS = ["Range", "Out", "Hold", "Back", "Form", "What to change"];

export function repTable(reps, name = t("Repetitions")) {
  return scrolled(
    name,
    headed(t("Number"), COLUMNS.map((column) => t(column))),
    reps.map((rep) => [
      rep.complete ? String(rep.number) : "–",
      degrees(rep.range_deg),
      ...["out", "hold", "back"].map((part) => said(rep.tempo_s[part], "s", { places: 1 })),
      rep.score === null ? "–" : String(Math.round(rep.score)),
      rep.complete ? cues(rep.faults) : t("not complete"),
    ]),
  );
}

export function holdTable(holds, name = "Postures held") {
  return scrolled(
    name,
    headed("Number", ["From", "Held", "What to change"]),
    holds.map((hold, index) => [String(index + 1), clock(hold.start_s), clock(hold.end_s - hold.start_s), cues(hold.faults)]),
  );
}

// A table that scrolls sideways on a narrow screen, by the keyboard too; the first cell of a row is its head.
export function scrolled(name, head, rows) {
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": name },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, ...head)),
      h("tbody", {}, ...rows.map(([first, ...rest]) => h("tr", {}, h("th", { scope: "row" }, first), ...rest.map((cell) => h("td", {}, cell))))),
    ),
  );
}

export const headed = (unseen, columns) => [
  h("th", { scope: "col" }, h("span", { class: "unseen" }, unseen)),
  ...columns.map((column) => h("th", { scope: "col" }, column)),
];

const cues = (faults) => [...new Set(faults.map((fault) => fault.cue))].join(" ") || "–";
