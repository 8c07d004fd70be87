// What stands over the picture: the count, the cue, the guide, the countdown and the rest.

import { h, setText, setWords, show } from "../dom.js";
import { clock, degrees } from "../format.js";
import { t, tn } from "../language.js";

const PHASES = { unseen: "I cannot see you", ready: "Ready", out: "Go on", far: "There", back: "Back" };

const STAGES = { countdown: "Stay there", set: "Go", rest: "Set done. Rest." };

export class Hud {
  // target: of the session's start
  constructor(target) {
    this.target = target;
    this.count = h("strong", { class: "count" });
    this.countWords = h("span", { class: "count-words" });
    this.attempts = h("span", { class: "attempts", hidden: true });
    this.title = h("h1");
    this.setLine = h("p");
    this.phaseLine = h("p");
    this.heart = h("p", { class: "pulse", hidden: true });
    this.way = h("div", { class: "way", role: "presentation", hidden: true }, h("i"));
    this.tallyBox = h("p", { class: "tally plate", hidden: true }, this.count, this.countWords, this.attempts);
    // The words of the cue are a live region and the captions of the voice in one.
    this.said = h("p", { class: "said plate", role: "status", "aria-live": "assertive" });
    // Counts, stages and the guide, for a screen reader alone.
    this.spoken = h("p", { class: "unseen", role: "status", "aria-live": "polite" });
    this.guide = h("ul", { class: "guide" });
    this.guideBox = h("div", { class: "plate", hidden: true }, h("h2", {}, t("Get ready")), this.guide);
    this.seconds = h("p", { class: "seconds" });
    this.secondsWords = h("p", { class: "count-words" });
    this.clock = h("div", { class: "plate clock", hidden: true }, this.seconds, this.secondsWords);
    this.middle = h("div", { class: "middle" }, this.guideBox, this.clock);
    this.detailBox = h("pre", { class: "details", hidden: true });
    this.root = h(
      "div",
      {},
      h(
        "div",
        { class: "hud" },
        h("div", { class: "whereabouts plate" }, this.title, this.setLine, this.phaseLine, this.heart),
        this.tallyBox,
        this.way,
        this.said,
      ),
      this.middle,
      this.spoken,
      this.detailBox,
    );
    this.lastCount = 0;
    this.stage = null;
    this.measured = [];
    setText(this.title, "Spotter");
    setText(this.setLine, t("Starting the camera"));
  }

  update(state) {
    this.where(state);
    this.tally(state);
    this.centre(state);
    this.announce(state);
    const { cue } = state;
    setWords(this.said, cue?.text ?? "");
    this.said.className = `said plate ${cue?.severity ?? ""}`;
    if (!this.detailBox.hidden) this.measure(state);
  }

  details(shown) {
    show(this.detailBox, shown);
  }

  where(state) {
    setWords(this.title, state.exercise?.title ?? t("Begin: I find out what you do"));
    setText(this.setLine, state.sets ? t("Set {number} of {all}", { number: state.set, all: state.sets }) : t("Set {number}", { number: state.set }));
    const angle = state.working ? `${state.working.title}\u00a0${degrees(state.working.degrees)}` : "";
    const phase = state.stage === "set" ? t(PHASES[state.phase]) : ""; // the guide says what is wanted before
    setText(this.phaseLine, [phase, angle].filter(Boolean).join(" · "));
    show(this.heart, state.heart_rate !== null);
    setText(this.heart, state.heart_rate === null ? "" : t("♥ {number} a minute", { number: Math.round(state.heart_rate) }));
    this.way.firstChild.style.setProperty("--share", Math.min(1, Math.max(0, state.progress ?? 0)));
    show(this.way, state.stage === "set" && state.exercise?.kind !== "hold");
  }

  tally(state) {
    const hold = state.exercise?.kind === "hold";
    show(this.tallyBox, state.stage === "set" || state.stage === "rest");
    setText(this.count, hold ? clock(state.held_s) : String(state.count));
    this.count.style.setProperty("--places", Math.max(2, this.count.textContent.length)); // many are smaller, to have room
    setWords(this.countWords, this.countLine(state, hold));
    show(this.attempts, state.attempts > 0);
    setText(this.attempts, state.attempts ? t("{number} not complete", { number: state.attempts }) : "");
    if (state.count > this.lastCount && state.stage === "set") {
      this.count.classList.remove("fresh");
      void this.count.offsetWidth; // begins the animation anew
      this.count.classList.add("fresh");
    }
    this.lastCount = state.count;
  }

  countLine(state, hold) {
    if (hold) return this.target.hold_s ? t("held, of {time}", { time: clock(this.target.hold_s) }) : t("held");
    return this.target.reps ? tn(this.target.reps, "of {number} repetition", "of {number} repetitions") : t("repetitions");
  }

  announce(state) {
    if (state.stage !== this.stage) setText(this.spoken, t(STAGES[state.stage] ?? ""));
    else if (state.rep && state.stage === "set") setText(this.spoken, tn(state.count, "{number} repetition", "{number} repetitions"));
    else if (state.guide.length > 0 && state.stage !== "rest") setText(this.spoken, state.guide[0].text);
    this.stage = state.stage;
  }

  centre(state) {
    const rest = state.stage === "rest";
    const counting = state.stage === "countdown";
    show(this.guideBox, state.guide.length > 0 && !rest);
    const lines = state.guide.map((hint) => hint.text);
    if ([...this.guide.children].map((line) => line.textContent).join("\n") !== lines.join("\n"))
      this.guide.replaceChildren(...lines.map((line) => h("li", {}, line)));
    show(this.clock, counting || rest);
    if (counting) {
      setText(this.seconds, String(Math.max(1, Math.ceil(state.countdown_s ?? 0))));
      setText(this.secondsWords, t("Stay there"));
    } else if (rest) {
      setText(this.seconds, state.rest_left_s === null ? t("Rest") : clock(state.rest_left_s));
      setText(this.secondsWords, state.sets ? t("Rest. Set {number} of {all} is next", { number: state.set + 1, all: state.sets }) : t("Rest. The next repetition begins the next set"));
    }
  }

  measure(state) {
    this.measured.push(performance.now());
    while (this.measured[0] < performance.now() - 2000) this.measured.shift();
    setText(
      this.detailBox,
      [
        t("answers     {number} a second", { number: (this.measured.length / 2).toFixed(1) }),
        t("work        {number} ms on the server", { number: state.work_ms.toFixed(1) }),
        t("waited      {number} ms", { number: state.waited_ms.toFixed(1) }),
        t("round trip  {number} ms", { number: Number.isFinite(state.round_trip_ms) ? state.round_trip_ms.toFixed(0) : "–" }),
        t("skipped     {number} pictures", { number: state.skipped }),
      ].join("\n"),
    );
  }
}
