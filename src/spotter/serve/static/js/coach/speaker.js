// What is said aloud, and which tone sounds, when something changes from one answer to the next.

import { t } from "../language.js";
import { settings } from "../settings.js";
import { play, say } from "./voice.js";

const GUIDE_AGAIN_MS = 6000;

export class Speaker {
  constructor() {
    this.before = null;
    this.cueAt = null;
    this.guideAt = -Infinity;
    this.guideText = "";
  }

  hear(state) {
    const before = this.before;
    this.before = state;
    this.guide(state);
    if (!before) return;
    if (state.stage !== before.stage) this.stage(state);
    else if (state.stage === "countdown" && Math.ceil(state.countdown_s) < Math.ceil(before.countdown_s)) play("tick");
    if (state.rep) this.rep(state);
    if (state.cue && state.cue.since_s !== this.cueAt) {
      this.cueAt = state.cue.since_s;
      say(state.cue.text, { urgent: state.cue.severity === "danger" });
    }
  }

  stage(state) {
    if (state.stage === "set") {
      play("go");
      say(t("Go"));
    } else if (state.stage === "countdown") {
      say(t("Stay there"), { urgent: true });
    } else if (state.stage === "rest") {
      play("set");
      say(t("Set done. Rest."));
    }
  }

  rep(state) {
    play(state.rep.complete && state.rep.faults.length === 0 ? "good" : "counted");
    if (settings().countAloud && state.rep.complete) say(String(state.count));
  }

  guide(state) {
    const text = state.guide[0]?.text ?? "";
    const now = performance.now();
    const changed = text !== this.guideText;
    if (text && state.stage !== "rest" && (changed ? now - this.guideAt > 1500 : now - this.guideAt > GUIDE_AGAIN_MS)) {
      say(text);
      this.guideAt = now;
      this.guideText = text;
    }
    if (!text) this.guideText = "";
  }
}
