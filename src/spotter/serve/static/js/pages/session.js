// One session: its sets with their repetitions and curves, its faults, its note.

import { get, remove } from "../api.js";
import { curveFigure } from "../curve.js";
import { ask } from "../dialog.js";
import { h, setText } from "../dom.js";
import { clock, many, moment } from "../format.js";
import { said } from "../measures.js";
import { holdTable, repTable } from "../reps.js";
import { big, card, exercises, titleOf, trouble, VIEWS } from "./pieces.js";

const MOST_POINTS = 600;
const PAUSE_S = 1; // where angles were not kept for longer than this, the curve is broken

export async function openSession(main, ident, choosing) {
  const title = h("h1", {}, "Session");
  const page = h("div", { class: "page" }, h("nav", { "aria-label": "Back" }, h("a", { href: "#/sessions" }, "All sessions")), title);
  main.append(page);
  try {
    const [session, known] = await Promise.all([get(`/sessions/${encodeURIComponent(ident)}`), exercises()]);
    const [details, angles] = await Promise.all([detailsOf(session, known), anglesOf(session, known)]);
    setText(title, [...new Set(session.sets.map((set) => titleOf(set.exercise, known)))].join(", ") || "Session");
    page.append(...content({ ...session, angles }, known, details, choosing));
  } catch (error) {
    page.append(trouble(error));
  }
}

// The exercises of a session with the words for their faults; those that the server does not know are left out.
async function detailsOf(session, known) {
  const names = new Set(session.sets.map((set) => set.exercise));
  const asked = known.filter((one) => names.has(one.name)).map((one) => get(`/exercises/${one.name}`));
  return Promise.all(asked);
}

// The angles that the session's exercises work, as far as they were kept; null where none were.
async function anglesOf(session, known) {
  const working = session.sets.flatMap((set) => workingAngles(set, known));
  const kept = [...new Set(working)].filter((name) => session.angles?.includes(name));
  return kept.length ? get(`/sessions/${encodeURIComponent(session.id)}/angles`, { name: kept }) : null;
}

const workingAngles = (set, known) => known.find((one) => one.name === set.exercise)?.working_angles ?? [];

function content(session, known, details, choosing) {
  const sets = session.sets.filter((set) => set.reps.length || set.holds.length);
  const faults = faultCounts(sets, details);
  return [
    h("p", { class: "lead" }, `${session.person}, ${moment(session.started)}${session.source ? `, ${session.source === "camera" ? "before the camera" : `from ${session.source}`}` : ""}`),
    big(figures(session, sets)),
    session.note ? card("Note", h("p", { class: "note" }, session.note)) : null,
    session.summary.length ? card("In words", ...session.summary.map((line) => h("p", {}, line))) : null,
    faults.length ? card("What to work on", h("ul", { class: "faults" }, ...faults.map(faultLine))) : null,
    ...sets.map((set, index) => setCard(set, index + 1, session, known)),
    session.not_judged.length ? card("Not judged", h("ul", {}, ...session.not_judged.map((one) => h("li", { class: "muted" }, `${faultTitle(one.fault, details)}: ${one.why}`)))) : null,
    h(
      "div",
      { class: "row" },
      h("button", { type: "button", onclick: () => choosing(session) }, "Compare with another session"),
      h("a", { class: "button", href: `#/progress/of/${encodeURIComponent(session.person)}` }, `Progress of ${session.person}`),
      h("button", { type: "button", class: "danger", onclick: (event) => deleteIt(session, event.target) }, "Delete"),
    ),
  ].filter(Boolean);
}

function figures(session, sets) {
  const reps = sets.flatMap((set) => set.reps).filter((rep) => rep.complete);
  const held = sets.flatMap((set) => set.holds).reduce((sum, hold) => sum + hold.end_s - hold.start_s, 0);
  const scores = reps.map((rep) => rep.score).filter((score) => score !== null);
  const beats = (session.heart_rate?.bpm ?? []).filter((bpm) => bpm !== null);
  const moved = sets.reduce((sum, set) => sum + (set.weight_kg ?? 0) * set.reps.filter((rep) => rep.complete).length, 0);
  const early = sets.flatMap((set) => set.reps).length - reps.length;
  return [
    ...(reps.length || !held ? [[reps.length === 1 ? "repetition" : "repetitions", String(reps.length)]] : []),
    ...(held ? [["held", clock(held)]] : []),
    [sets.length === 1 ? "set" : "sets", String(sets.length)],
    ...(scores.length ? [["of 100, form", String(Math.round(scores.reduce((sum, one) => sum + one, 0) / scores.length))]] : []),
    ...(early ? [["not complete", String(early)]] : []),
    ...(moved ? [["moved", said(moved, "kg")]] : []),
    ...(beats.length ? [["highest pulse", String(Math.round(Math.max(...beats)))]] : []),
    ...(session.duration_s ? [["in all", clock(session.duration_s)]] : []),
  ];
}

function setCard(set, number, session, known) {
  const about = [
    set.weight_kg === null ? null : said(set.weight_kg, "kg", { places: set.weight_kg % 1 ? 1 : 0 }),
    VIEWS[set.view] ? `seen ${VIEWS[set.view]}` : null,
    `${clock(set.start_s)} to ${clock(set.end_s)}`,
  ];
  const reps = set.reps.filter((rep) => rep.complete).length;
  const curve = curveOf(set, number, session.angles, known);
  return card(
    `Set ${number}: ${titleOf(set.exercise, known).toLowerCase()}${set.reps.length ? `, ${many(reps, "repetition")}` : ""}`,
    h("p", { class: "muted" }, about.filter(Boolean).join(" · ")),
    curve ? curveFigure(curve) : null,
    set.reps.length ? repTable(set.reps, `Repetitions of set ${number}`) : null,
    set.holds.length ? holdTable(set.holds, `Postures held in set ${number}`) : null,
  );
}

// The working angles during a set, thinned out; null where they were not kept.
function curveOf(set, number, angles, known) {
  const kept = workingAngles(set, known).filter((name) => angles?.values[name]);
  if (!kept.length) return null;
  const rows = angles.time_s.map((_, row) => row).filter((row) => angles.time_s[row] >= set.start_s && angles.time_s[row] <= set.end_s);
  if (rows.length < 2) return null;
  const step = Math.ceil(rows.length / MOST_POINTS);
  const thin = rows.filter((_, index) => index % step === 0);
  const time_s = [];
  const degrees = kept.map(() => []);
  for (const row of thin) {
    const at = angles.time_s[row];
    if (time_s.length && at - time_s.at(-1) > PAUSE_S) {
      time_s.push(at - 1e-3);
      degrees.forEach((values) => values.push(null));
    }
    time_s.push(at);
    degrees.forEach((values, index) => values.push(angles.values[kept[index]][row]));
  }
  return {
    time_s,
    angles: kept.map((name, index) => ({ title: name.replaceAll("_", " "), degrees: degrees[index] })),
    reps: set.reps.filter((rep) => rep.complete).map((rep) => ({ turn_s: rep.turn_s, set: number, number: rep.number, faulty: rep.faults.length > 0 })),
  };
}

function faultCounts(sets, details) {
  const found = new Map();
  const all = sets.flatMap((set) => [...set.reps.filter((rep) => rep.complete), ...set.holds]);
  for (const one of all)
    for (const fault of one.faults) {
      const entry = found.get(fault.name) ?? { ...fault, title: faultTitle(fault.name, details), count: 0, of: all.length };
      entry.count += 1;
      found.set(fault.name, entry);
    }
  return [...found.values()].sort((a, b) => b.count - a.count);
}

const faultTitle = (name, details) =>
  details.flatMap((one) => one.faults).find((one) => one.name === name)?.title ?? name.charAt(0).toUpperCase() + name.slice(1).replaceAll("-", " ");

function faultLine(fault) {
  return h("li", {}, h("i", { class: `severity ${fault.severity}`, "aria-hidden": "true" }), h("div", {}, h("b", {}, fault.title), h("span", { class: "muted" }, ` ${fault.count} of ${fault.of}`), h("p", {}, fault.cue)));
}

async function deleteIt(session, button) {
  const yes = await ask({
    title: "Delete this session?",
    text: `The session of ${session.person} on ${moment(session.started)} is deleted with its repetitions and angles. That cannot be undone.`,
    yes: "Delete the session",
  });
  if (!yes) return;
  try {
    await remove(`/sessions/${encodeURIComponent(session.id)}`);
    location.hash = "#/sessions";
  } catch (error) {
    button.closest(".row").before(trouble(error));
  }
}
