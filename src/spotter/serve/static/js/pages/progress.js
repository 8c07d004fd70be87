// How a person comes along in an exercise: measures over weeks with their trends, records, faults, weeks.

import { get } from "../api.js";
import { h } from "../dom.js";
import { clock, date, day, many } from "../format.js";
import { faultWords, said, trendWords } from "../measures.js";
import { settings } from "../settings.js";
import { faultStrip, measureChart, weekChart } from "./charts.js";
import { openMonth, thisMonth } from "./month.js";
import { big, card, choose, empty, trouble, verdict } from "./pieces.js";

const SINCE = [["", "All"], ["12", "The last year"], ["6", "The last 6 months"], ["3", "The last 3 months"]];
let months = "";

export function open(main, path) {
  if (path[0] === "month") return openMonth(main, path[1] ?? thisMonth());
  return openPerson(main, path[0] === "of" ? path[1] : null, path[2] ?? null);
}

const address = (person, exercise = null) => `#/progress/of/${[person, exercise].filter(Boolean).map(encodeURIComponent).join("/")}`;

async function openPerson(main, asked, exercise) {
  const page = h("div", { class: "page" }, h("h1", {}, "Progress"));
  main.append(page);
  try {
    const { people } = await get("/people");
    if (people.length === 0) {
      page.append(nobody());
      return;
    }
    const kept = people.includes(settings().person) ? settings().person : people[0];
    const person = people.includes(asked) ? asked : kept;
    const all = await get("/progress", { person, since: sinceDay(months) });
    const found = all.exercises.filter((one) => one.sessions.id.length);
    const shown = found.find((one) => one.name === exercise) ?? mostDone(found);
    page.append(
      h(
        "div",
        { class: "fields filters" },
        choose("Person", people.map((one) => [one, one]), person, (value) => {
          location.hash = address(value, exercise);
        }),
        shown
          ? choose("Exercise", found.map((one) => [one.name, `${one.title} (${one.sessions.id.length})`]), shown.name, (value) => {
              location.hash = address(person, value);
            })
          : null,
        choose("Time", SINCE, months, (value) => {
          months = value;
          page.remove();
          openPerson(main, asked, exercise);
        }),
        h("a", { class: "button month", href: `#/progress/month/${thisMonth()}` }, "Month by month"),
      ),
      ...(shown ? exerciseOf(shown, all) : [empty("No session in this time", "Choose a longer time above.")]),
    );
  } catch (error) {
    page.append(trouble(error, () => {
      page.remove();
      openPerson(main, asked, exercise);
    }));
  }
}

const nobody = () =>
  empty(
    "Nothing to show yet",
    "From the first session on its figures stand here; from five days with sessions over two weeks on, where they are heading.",
    h("a", { class: "button primary", href: "#/coach" }, "Train now"),
    h("a", { class: "button", href: "#/videos" }, "Upload a video"),
  );

function sinceDay(count) {
  if (!count) return null;
  const since = new Date();
  since.setMonth(since.getMonth() - Number(count));
  return `${since.getFullYear()}-${String(since.getMonth() + 1).padStart(2, "0")}-${String(since.getDate()).padStart(2, "0")}`;
}

const mostDone = (found) => [...found].sort((a, b) => b.sessions.id.length - a.sessions.id.length)[0];

function exerciseOf(one, all) {
  const { sessions } = one;
  const hold = one.kind === "hold";
  const total = (values) => values.reduce((sum, value) => sum + (value ?? 0), 0);
  const charts = grouped(one.measures);
  const moved = total(sessions.volume_kg);
  return [
    h("h2", { class: "unseen" }, one.title),
    big([
      [sessions.id.length === 1 ? "session" : "sessions", String(sessions.id.length)],
      hold ? ["held", clock(total(sessions.held_s))] : ["repetitions", String(total(sessions.reps))],
      ...(moved ? [["moved", `${(moved / 1000).toFixed(1)} t`]] : []),
      ...(all.running_streak.weeks > 1 ? [["weeks in a row", String(all.running_streak.weeks)]] : []),
      ["last session", date(sessions.started.at(-1))],
    ]),
    h("div", { class: "measures" }, ...[...charts].map(([title, measures]) => measureChart(title, measures, sessions))),
    one.records.length ? card("Records", records(one.records)) : null,
    card("Faults", one.faults.length ? faults(one, sessions) : h("p", { class: "muted" }, "None was found.")),
    card(
      "Week by week",
      verdict("", trendWords(one.weeks.trends[hold ? "held_s" : "reps"], hold ? "s" : "count", null)),
      weekChart(one),
    ),
    Object.keys(one.views).length > 1
      ? h("p", { class: "muted" }, `The camera saw these sessions from ${Object.keys(one.views).length} sides; range and depth differ between sides by the measuring alone. Put the camera at the same place each time.`)
      : null,
    all.left_out.length ? h("p", { class: "muted" }, `${many(all.left_out.length, "session")} could not be read and ${all.left_out.length === 1 ? "is" : "are"} left out.`) : null,
  ].filter(Boolean);
}

// By the chart that they share, such as the three of the tempo.
function grouped(measures) {
  const found = new Map();
  for (const one of measures) found.set(one.chart, [...(found.get(one.chart) ?? []), one]);
  return found;
}

function records(all) {
  return h("ul", { class: "records" }, ...all.map((one) => {
    const value = one.name === "streak" ? String(one.value) : said(one.value, one.unit, one.unit === "kg" && one.value % 1 ? { places: 1 } : {});
    return h("li", {}, h("b", {}, value), h("span", {}, one.title), one.session ? h("a", { href: `#/sessions/${encodeURIComponent(one.session)}` }, day(one.day)) : h("span", { class: "muted" }, `until the week of ${day(one.day)}`));
  }));
}

function faults(one, sessions) {
  return h("ul", { class: "faults" }, ...one.faults.map((fault) =>
    h(
      "li",
      {},
      h("i", { class: `severity ${fault.severity ?? "hint"}`, "aria-hidden": "true" }),
      h("div", {}, h("b", {}, fault.title), verdict("", faultWords(fault)), h("p", { class: "muted" }, fault.cue)),
      h("span", { class: "latest" }, said(fault.share.findLast((share) => share !== null) ?? null, "share"), h("span", { class: "muted" }, " last time")),
      faultStrip(fault, sessions),
    ),
  ));
}
