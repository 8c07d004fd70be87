// What the coach's page says, in the language of its user; the other pages are in English.

import { get } from "./api.js";
import { remember, settings } from "./settings.js";

const ENGLISH = { language: "en", name: "English", words: {} };

let spoken = ENGLISH;
let known = [ENGLISH];
let on = true;

// Loads the words of the wanted language: the settings', or else the first of the browser's that there is.
export async function learn(asked = null) {
  try {
    ({ languages: known } = await get("/languages"));
    const has = (tag) => known.find(({ language }) => language === tag?.split("-")[0].toLowerCase())?.language;
    if (has(asked)) remember({ language: has(asked) });
    const wanted = [settings().language, ...navigator.languages].map(has).find(Boolean) ?? "en";
    spoken = wanted === "en" ? ENGLISH : await get(`/languages/${wanted}`);
  } catch {
    spoken = ENGLISH; // the page that opens says what is wrong
  }
  document.documentElement.lang = spoken.language;
}

// Whether what is written from now on is translated.
export function translate(wanted) {
  on = wanted;
}

export const language = () => (on ? spoken.language : "en");
export const languages = () => known.map(({ language: tag, name }) => [tag, name]);

// The text in that language, its {names} filled.
export function t(text, values = {}) {
  const said = (on && spoken.words[text]) || text;
  return said.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

// One text or the other, by that language's idea of one.
export function tn(number, one, more, values = {}) {
  const single = new Intl.PluralRules(language()).select(number) === "one";
  return t(single ? one : more, { number, ...values });
}
