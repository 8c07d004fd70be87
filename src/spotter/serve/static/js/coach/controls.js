// The buttons under the picture, and their keys.

import { h, setText, show } from "../dom.js";
import { t } from "../language.js";
import { remember, settings } from "../settings.js";
import { openOptions } from "./options.js";

// One button leads on through all stages: the focus stays on it.
const GOES = {
  guide: ["Start anyway", "skip"], countdown: ["Start now", "skip"], set: ["End the set", "end_set"], rest: ["End the rest", "skip"],
};
const TWICE_MS = 500; // a press that was meant for the stage before

export class Controls {
  // actions: say(message), changed(name), leave(), full()
  constructor(actions) {
    this.actions = actions;
    this.stage = "guide";
    this.since = -Infinity;
    this.toggles = new Map();
    const button = (text, action, attributes = {}) => h("button", { type: "button", onclick: action, ...attributes }, t(text));
    const toggle = (name, text, attributes = {}) => {
      const one = button(text, () => this.set(name, !settings()[name]), attributes);
      one.setAttribute("aria-pressed", settings()[name]);
      this.toggles.set(name, one);
      return one;
    };
    this.go = button(GOES.guide[0], () => this.lead(), { class: "primary go", "data-focus": true });
    this.root = h(
      "div",
      { class: "controls", role: "group", "aria-label": t("What to do") },
      this.go,
      toggle("voice", "Sound"),
      toggle("parts", "Body parts", { class: "wide" }),
      toggle("details", "Details", { class: "wide" }),
      document.fullscreenEnabled ? button("Full screen", actions.full, { class: "wide" }) : null,
      button("Settings", () => this.options()),
      button("Finish", () => this.finish(), { class: "push" }),
      button("Leave", actions.leave),
    );
  }

  update(state) {
    if (state.stage === this.stage) return;
    this.stage = state.stage;
    this.since = performance.now();
    show(this.go, state.stage in GOES);
    setText(this.go, t(GOES[state.stage]?.[0] ?? ""));
  }

  lead() {
    if (performance.now() - this.since > TWICE_MS && this.stage in GOES) this.actions.say({ type: GOES[this.stage][1] });
  }

  finish() {
    this.actions.say({ type: "finish" });
  }

  set(name, value) {
    remember({ [name]: value });
    this.toggles.get(name)?.setAttribute("aria-pressed", value);
    this.actions.changed(name);
  }

  options() {
    openOptions(this.root.closest(".coach"), (name, value) => this.set(name, value));
  }

  key(event) {
    const { target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, select, textarea, dialog")) return;
    if (event.key === " " && target.closest("button, a")) return; // it presses that
    const does = {
      " ": () => this.lead(),
      m: () => this.set("voice", !settings().voice), p: () => this.set("parts", !settings().parts),
      d: () => this.set("details", !settings().details), f: () => this.actions.full(),
      s: () => this.options(), e: () => this.finish(),
    }[event.key.toLowerCase()];
    if (!does) return;
    event.preventDefault();
    does();
  }
}
