// The settings of the coach, in a dialog over the picture.

import { h } from "../dom.js";
import { t } from "../language.js";
import { settings } from "../settings.js";
import { listCameras } from "./camera.js";
import { voices } from "./voice.js";

const KEYS = [
  ["Space", "go on, or end the set"], ["M", "sound on or off"], ["P", "body parts"], ["D", "how fast it is"], ["F", "full screen"],
  ["S", "open the settings"], ["E", "finish the session"],
];

// change(name, value) is called for whatever is set.
export async function openOptions(coach, change) {
  const kept = settings();
  const cameras = await listCameras();
  if (coach.querySelector("dialog")) return;
  const select = (name, label, options) =>
    field(t(label), h("select", { name }, ...options.map(([value, text]) => h("option", { value, selected: value === kept[name] }, text))));
  const check = (name, label) => h("label", { class: "check" }, h("input", { type: "checkbox", name, checked: kept[name] }), t(label));
  const dialog = h(
    "dialog",
    { "aria-label": t("Settings"), onclose: () => dialog.remove() },
    h("h2", {}, t("Settings")),
    select("camera", "Camera", [["", t("The usual one")], ...cameras.map(({ id, label }) => [id, label])]),
    h(
      "div",
      { class: "checks" },
      check("mirrored", "Show the picture as a mirror"),
      check("leftHanded", "Put the count on the left"),
      check("parts", "Show the parts of the body"),
      check("details", "Show how fast the coach is"),
      check("countAloud", "Count aloud"),
    ),
    select("voiceName", "Voice", [["", t("The usual one")], ...voices().map((voice) => [voice.name, `${voice.name} (${voice.lang})`])]),
    voices().length ? null : h("p", { class: "muted" }, t("This browser has no voice for this language that works offline; words and tones remain.")),
    field(t("Loudness of voice and tones"), h("input", { type: "range", name: "volume", min: 0, max: 1, step: 0.1, value: kept.volume })),
    h("p", { class: "muted keys" }, ...KEYS.map(([key, what]) => h("span", {}, h("kbd", {}, t(key)), ` ${t(what)}`))),
    h("div", { class: "row" }, h("button", { class: "primary", type: "button", onclick: () => dialog.close() }, t("Done"))),
  );
  dialog.addEventListener("change", ({ target }) => {
    const value = target.type === "checkbox" ? target.checked : target.type === "range" ? Number(target.value) : target.value;
    change(target.name, value);
  });
  coach.append(dialog); // inside, so that full screen shows it too
  dialog.showModal();
}

const field = (label, input) => h("label", { class: "field" }, h("span", {}, label), input);
