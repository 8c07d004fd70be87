// The recognizer's timeline: what was recognised when, a row for each class, growing to the right.

import { h, setText, show } from "../dom.js";
import { clock } from "../format.js";

const LEAST_S = 30; // the axis is never shorter

export const titleOfClass = (name) => name.replaceAll("_", " ");

export class Timeline {
  constructor() {
    this.tracks = new Map();
    this.drawing = h("div", { class: "timeline", role: "img", "aria-label": "Timeline" });
    this.list = h("div", {});
    this.save = h("button", { type: "button", onclick: () => this.saveCsv() }, "Save as CSV");
    const table = h("details", { class: "numbers", ontoggle: () => this.draw() }, h("summary", {}, "As a table"), this.list);
    this.table = table;
    this.root = h("section", { class: "card", hidden: true, "aria-label": "When" }, h("h2", {}, "When"), this.drawing, table, h("div", { class: "row" }, this.save));
    this.clear();
  }

  clear() {
    this.intervals = [];
    this.until = 0;
    show(this.root, false);
  }

  rows(classes) {
    this.tracks = new Map(classes.map((name) => [name, h("div", { class: "track" })]));
    this.end = h("span", {});
    this.drawing.replaceChildren(
      ...[...this.tracks].flatMap(([name, track]) => [h("span", {}, titleOfClass(name)), track]),
      h("span", {}),
      h("div", { class: "times" }, h("span", {}, "0:00"), this.end),
    );
    this.draw();
  }

  // Takes the newest part in place of what was known of that time; gives back what goes on now, if anything does.
  grow({ from_s: from, until_s: until, intervals }) {
    const before = this.intervals.filter((one) => one.start_s < from).map((one) => ({ ...one, end_s: Math.min(one.end_s, from) }));
    for (const one of intervals) {
      const first = one.start_s === from ? before.find((old) => old.label === one.label && old.end_s === from) : null;
      if (first) first.end_s = one.end_s;
      else before.push({ ...one });
    }
    this.intervals = before;
    this.until = until;
    show(this.root, true);
    this.draw();
    return before.findLast((one) => one.end_s >= until) ?? null;
  }

  draw() {
    const length = Math.max(this.until, LEAST_S);
    for (const [name, track] of this.tracks)
      track.replaceChildren(...this.intervals.filter((one) => one.label === name).map((one) => {
        const bar = h("i", { title: `${titleOfClass(name)}, ${clock(one.start_s)} to ${clock(one.end_s)}` });
        Object.assign(bar.style, { left: `${(100 * one.start_s) / length}%`, width: `${(100 * (one.end_s - one.start_s)) / length}%` });
        return bar;
      }));
    if (this.end) setText(this.end, clock(length));
    this.drawing.setAttribute("aria-label", this.inWords());
    if (this.table.open) this.list.replaceChildren(this.rowsOfTable());
  }

  inWords() {
    const sums = [...this.tracks.keys()].map((name) => [name, this.intervals.filter((one) => one.label === name).reduce((sum, one) => sum + one.end_s - one.start_s, 0)]);
    return `Timeline of ${clock(this.until)}: ${sums.map(([name, seconds]) => `${titleOfClass(name)} ${clock(seconds)}`).join(", ")}`;
  }

  rowsOfTable() {
    const cell = (one) => [titleOfClass(one.label), clock(one.start_s), clock(one.end_s), `${Math.round(100 * one.confidence)} %`];
    return h(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": "Table of the timeline" },
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, ...["Part", "From", "To", "Probability"].map((head) => h("th", { scope: "col" }, head)))),
        h("tbody", {}, ...this.intervals.map((one) => h("tr", {}, ...cell(one).map((text, row) => h(row ? "td" : "th", row ? {} : { scope: "row" }, text))))),
      ),
    );
  }

  // The same columns as the intervals.csv of “spotter recognizer live”.
  saveCsv() {
    const rows = this.intervals.map((one) => [`"${one.label.replaceAll('"', '""')}"`, one.start_s.toFixed(3), one.end_s.toFixed(3), one.confidence.toFixed(4)]);
    const text = [["label", "start_s", "end_s", "confidence"], ...rows].map((row) => row.join(",")).join("\n") + "\n";
    const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    h("a", { href: address, download: "intervals.csv" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }
}
