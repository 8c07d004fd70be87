// The sessions that were kept: the list of them, one of them, and two beside each other.

import { get } from "../api.js";
import { h, setText, show } from "../dom.js";
import { day, many, moment } from "../format.js";
import { said } from "../measures.js";
import { openCompare } from "./compare.js";
import { choose, empty, exercises, titleOf, trouble } from "./pieces.js";
import { openSession } from "./session.js";

const A_PAGE = 30;
const wanted = { person: "", exercise: "" }; // stays while other pages are open
const chosen = new Map(); // sessions to compare, id to entry

export function open(main, path) {
  if (path[0] === "compare" && path.length === 3) return openCompare(main, path[1], path[2]);
  return path[0] ? openSession(main, path[0], choosing) : openList(main);
}

// From a session's own page: the list, with this one chosen already.
function choosing(entry) {
  chosen.clear();
  chosen.set(entry.id, entry);
  Object.assign(wanted, { person: entry.person, exercise: "" });
  location.hash = "#/sessions";
}

async function openList(main) {
  const page = h("div", { class: "page" }, h("h1", {}, "Sessions"));
  main.append(page);
  let people;
  let known;
  try {
    [{ people }, known] = await Promise.all([get("/people"), exercises()]);
  } catch (error) {
    page.append(trouble(error, () => {
      page.remove();
      openList(main);
    }));
    return;
  }
  if (people.length === 0) {
    page.append(empty(
      "No session yet",
      "Train before the camera, or upload a video: every session is kept here, on this computer.",
      h("a", { class: "button primary", href: "#/coach" }, "Train now"),
      h("a", { class: "button", href: "#/videos" }, "Upload a video"),
    ));
    return;
  }
  if (!people.includes(wanted.person)) wanted.person = "";
  const rows = h("div", { class: "months" });
  const more = h("button", { type: "button", hidden: true, onclick: () => load() }, "More");
  const nothing = h("p", { class: "muted", hidden: true }, "No session of this person and exercise. Choose others above.");
  const problem = h("div", {});
  const hint = h("p", { role: "status" });
  const compare = h("a", { class: "button primary", href: "#/sessions" }, "Compare them");
  const bar = h("div", { class: "card choice row spread", hidden: true }, hint, h(
    "div",
    { class: "row" },
    compare,
    h("button", { type: "button", onclick: () => forget() }, "Choose none"),
  ));
  let last = null;
  let turn = 0;

  const again = () => {
    rows.replaceChildren();
    last = null;
    load();
  };
  page.append(
    h("p", { class: "lead" }, "Everything that was done before the camera or found in a video. Choose two to compare them."),
    h(
      "div",
      { class: "fields filters" },
      choose("Person", [["", "Everybody"], ...people.map((one) => [one, one])], wanted.person, (value) => {
        wanted.person = value;
        again();
      }),
      choose("Exercise", [["", "Every exercise"], ...known.map((one) => [one.name, one.title])], wanted.exercise, (value) => {
        wanted.exercise = value;
        again();
      }),
    ),
    rows, nothing, problem, h("div", { class: "row" }, more), bar,
  );

  async function load() {
    const mine = ++turn;
    more.disabled = true;
    problem.replaceChildren();
    try {
      const { sessions } = await get("/sessions", { ...wanted, before: last, limit: A_PAGE });
      if (mine !== turn) return;
      const lines = sessions.map((one) => line(one, known, choice));
      lines.forEach((one, row) => monthOf(rows, sessions[row].started).append(one));
      if (last) lines[0]?.querySelector("a").focus();
      last = sessions.at(-1)?.started ?? last;
      show(more, sessions.length === A_PAGE);
      show(nothing, rows.childElementCount === 0);
    } catch (error) {
      if (mine === turn) problem.replaceChildren(trouble(error, load));
    }
    more.disabled = false;
    told();
  }

  function choice(entry, yes) {
    if (yes) chosen.set(entry.id, entry);
    else chosen.delete(entry.id);
    while (chosen.size > 2) chosen.delete(chosen.keys().next().value);
    told();
  }

  function forget() {
    chosen.clear();
    told();
  }

  function told() {
    for (const box of rows.querySelectorAll("input")) box.checked = chosen.has(box.value);
    const [a, b] = [...chosen.values()].sort((one, other) => Date.parse(one.started) - Date.parse(other.started));
    const common = b && namesOf(a).some((name) => namesOf(b).includes(name));
    show(bar, Boolean(a));
    show(compare, Boolean(common));
    if (!a) return setText(hint, "");
    if (!b) return setText(hint, `${day(a.started)} is chosen: choose a second one to compare it with.`);
    compare.href = `#/sessions/compare/${encodeURIComponent(a.id)}/${encodeURIComponent(b.id)}`;
    return setText(hint, common ? `${day(a.started)} with ${day(b.started)}` : "These two have no exercise in common: choose another one.");
  }

  await load();
}

// The list of a session's month, with its heading; sessions come newest first, so it is the last one or a new one.
function monthOf(rows, started) {
  const title = new Date(started).toLocaleDateString(undefined, { month: "long", year: "numeric" });
  if (rows.lastElementChild?.querySelector("h2").textContent !== title)
    rows.append(h("section", {}, h("h2", {}, title), h("ul", { class: "sessions" })));
  return rows.lastElementChild.querySelector("ul");
}

// Of an entry of the list, or of a whole session.
const namesOf = (one) => (one.reps ? Object.keys(one.reps) : one.sets.map((set) => set.exercise));

function line(entry, known, choice) {
  const when = moment(entry.started);
  return h(
    "li",
    { class: "card" },
    h("label", { class: "check", title: "Choose to compare" }, h("input", { type: "checkbox", value: entry.id, onchange: (event) => choice(entry, event.target.checked) }), h("span", { class: "unseen" }, `Compare the session of ${when}`)),
    h(
      "div",
      {},
      h("a", { href: `#/sessions/${encodeURIComponent(entry.id)}` }, when),
      h("p", { class: "muted" }, [entry.person, entry.source === "camera" ? "before the camera" : entry.source].filter(Boolean).join(" · ")),
      entry.note ? h("p", { class: "note" }, entry.note) : null,
    ),
    h("ul", { class: "chips" }, ...done(entry, known).map((text) => h("li", {}, text))),
  );
}

// What was done, an exercise at a time.
function done(entry, known) {
  return Object.keys(entry.reps).map((name) => {
    const held = entry.held_s[name];
    return `${titleOf(name, known)} ${held ? said(held, "s", { places: 0 }) : `× ${entry.reps[name]}`}`;
  }).concat(Object.keys(entry.reps).length ? [] : [many(0, "repetition")]);
}
