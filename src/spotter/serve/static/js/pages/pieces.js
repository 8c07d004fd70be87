// What several pages show: a verdict with its arrow, numbers in large, who and what is looked at, and nothing yet.

import { ApiError, get } from "../api.js";
import { h } from "../dom.js";
import { t } from "../language.js";

// {words, remark, tone, sign} as an arrow, words, and how sure that is.
export function verdict(title, { words, remark, tone, sign }, mark = null) {
  return h(
    "p",
    { class: `verdict ${tone}` },
    mark ? h("i", { class: mark, "aria-hidden": "true" }) : null,
    title ? h("span", { class: "of" }, `${title}: `) : null,
    sign ? h("span", { class: "sign", "aria-hidden": "true" }, sign) : null,
    h("b", {}, words),
    tone === "good" || tone === "bad" ? h("span", { class: "unseen" }, tone === "good" ? " (good)" : " (not good)") : null,
    remark ? h("span", { class: "muted" }, `${tone === "unsure" ? ": " : " "}${remark}`) : null,
  );
}

export function big(figures) {
  return h("dl", { class: "big" }, ...figures.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

export const card = (title, ...content) => h("section", { class: "card" }, title ? h("h2", {}, title) : null, ...content);

export function choose(label, options, chosen, change) {
  return h("label", { class: "field" }, h("span", {}, label), h(
    "select",
    { onchange: (event) => change(event.target.value) },
    ...options.map(([value, text]) => h("option", { value, selected: value === chosen }, text)),
  ));
}

// Where there is nothing to show: what that means, and what to do.
export function empty(title, text, ...actions) {
  return h("div", { class: "card empty" }, h("h2", {}, title), h("p", { class: "lead" }, text), actions.length ? h("div", { class: "row" }, ...actions) : null);
}

// What the server, or its absence, has to say; our own mistakes are not for the user but for the console.
export function trouble(error, again = null) {
  if (!(error instanceof ApiError)) throw error;
  return h("div", { class: "notice danger row", role: "alert" }, h("span", {}, t(error.message)), again ? h("button", { type: "button", onclick: again }, t("Try again")) : null);
}

export const VIEWS = { front: "from the front", oblique: "half from the side", side: "from the side", back: "from behind" };

let known = null;

// Every exercise in short; asked for once, for they come with the program.
export async function exercises() {
  known ??= get("/exercises").then((answer) => answer.exercises);
  try {
    return await known;
  } catch (error) {
    known = null;
    throw error;
  }
}

// An exercise's title, also where the server does not know the exercise any more.
export const titleOf = (name, among) => among.find((one) => one.name === name)?.title ?? name.charAt(0).toUpperCase() + name.slice(1).replaceAll("-", " ");
