// The uploaded videos: how far each one's analysis is, and what came of it.

import { get, remove, ROOT } from "../api.js";
import { ask } from "../dialog.js";
import { h, setText, show } from "../dom.js";
import { moment, timeLeft } from "../format.js";
import { empty, titleOf, trouble } from "./pieces.js";

const ENDED = ["done", "failed"];
const AGAIN_MS = 3000;
const FILES = {
  "report.html": "report", "analysis.json": "all numbers, for programs", "annotated.mp4": "video with skeleton",
  "reps.csv": "repetitions as a table", "angles.csv": "angles as a table", "landmarks.npz": "landmarks", "cover.jpg": "picture",
};

export class AnalysisList {
  constructor() {
    this.cards = new Map();
    this.known = [];
    this.source = null;
    this.followed = null;
    this.rows = h("ul", { class: "analyses" });
    this.nothing = h("div", { hidden: true }, empty("No video yet", "Drop one above. Film yourself from head to foot with the camera at hip height, standing still, from where the exercise wants it."));
    this.away = h("p", { class: "notice warning", role: "status", hidden: true }, "Spotter does not answer; trying again.");
    this.news = h("p", { class: "unseen", role: "status" });
    this.root = h("section", { "aria-label": "Your videos" }, h("h2", {}, "Your videos"), this.away, this.news, this.nothing, this.rows);
  }

  fill(analyses, known) {
    this.known = known;
    for (const one of analyses) this.put(one);
    const there = new Set(analyses.map((one) => one.id));
    for (const ident of this.cards.keys()) if (!there.has(ident)) this.take(ident);
    show(this.nothing, this.cards.size === 0);
    this.follow();
  }

  add(analysis) {
    this.put(analysis, true);
    show(this.nothing, false);
    this.follow();
  }

  put(analysis, first = false) {
    const one = this.cards.get(analysis.id);
    if (one) return one.update(analysis);
    const made = new AnalysisCard(analysis, this);
    this.cards.set(analysis.id, made);
    if (first) this.rows.prepend(made.root);
    else this.rows.append(made.root);
    return undefined;
  }

  take(ident) {
    this.cards.get(ident).root.remove();
    this.cards.delete(ident);
    if (ident === this.followed) this.unfollow();
    show(this.nothing, this.cards.size === 0);
  }

  // Videos are analysed one after the other: the oldest that is not done is followed, then the next one.
  follow() {
    if (this.source) return;
    const [next] = [...this.cards.values()].map((one) => one.analysis).filter((one) => !ENDED.includes(one.state)).sort((a, b) => (a.id < b.id ? -1 : 1));
    if (!next) return;
    this.followed = next.id;
    this.source = new EventSource(`${ROOT}/analyses/${next.id}/events`);
    this.source.addEventListener("open", () => show(this.away, false));
    this.source.addEventListener("message", ({ data }) => this.onNews(JSON.parse(data)));
    this.source.addEventListener("error", () => this.onLost());
  }

  onNews(analysis) {
    this.put(analysis);
    if (!ENDED.includes(analysis.state)) return;
    setText(this.news, `${analysis.name}: ${analysis.state === "done" ? "the report is there" : "could not be analysed"}.`);
    this.unfollow();
    this.follow();
  }

  // The stream broke off: whether the server is away or the analysis is gone, the list says.
  onLost() {
    this.unfollow();
    show(this.away, true);
    this.timer = setTimeout(async () => {
      try {
        this.fill((await get("/analyses")).analyses, this.known);
        show(this.away, false);
      } catch {
        if (!this.closed) this.onLost();
      }
    }, AGAIN_MS);
  }

  unfollow() {
    this.source?.close();
    this.source = this.followed = null;
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.unfollow();
  }
}

// One uploaded video.
class AnalysisCard {
  constructor(analysis, list) {
    this.list = list;
    this.bar = h("progress", { max: 1 });
    this.far = h("p", { class: "muted" });
    this.body = h("div", {});
    this.problem = h("div", {});
    this.root = h("li", { class: "card" });
    this.update(analysis);
  }

  update(analysis) {
    const same = this.analysis && ["state", "has_video", "message", "session"].every((name) => this.analysis[name] === analysis[name]);
    this.analysis = analysis;
    if (!same) this.draw();
    this.progress();
  }

  progress() {
    const { state, frames, frames_done: done, seconds_left: rest, name } = this.analysis;
    this.bar.setAttribute("aria-label", `Analysis of ${name}`);
    if (state === "running" && frames) this.bar.value = done / frames;
    else this.bar.removeAttribute("value");
    const words = { waiting: "waits for its turn", running: frames ? `${Math.round((100 * done) / frames)} %${rest === null ? "" : `, ${timeLeft(rest)}`}` : "is being looked at" };
    setText(this.far, words[state] ?? "");
  }

  draw() {
    const { name, created, exercise, person, state } = this.analysis;
    const about = [moment(created), exercise === "auto" ? null : titleOf(exercise, this.list.known), person].filter(Boolean).join(" · ");
    const content = { waiting: () => this.going(), running: () => this.going(), failed: () => this.failed(), done: () => this.done() }[state]();
    this.body.replaceChildren(...content.filter(Boolean));
    this.root.replaceChildren(h("h3", {}, name), h("p", { class: "muted" }, about), this.body, this.problem);
  }

  going() {
    return [this.analysis.state === "running" ? this.bar : null, this.far, h("div", { class: "row" }, this.button("Stop and delete", () => this.deleteAll(), "danger"))];
  }

  failed() {
    return [
      h("p", { class: "notice danger" }, this.analysis.message ?? "It could not be analysed."),
      h("div", { class: "row" }, this.button("Delete", () => this.deleteAll(), "danger")),
    ];
  }

  done() {
    const { files, has_video: hasVideo, message, session } = this.analysis;
    const file = (name) => `${ROOT}/analyses/${this.analysis.id}/files/${encodeURIComponent(name)}`;
    const stage = h("div", {});
    const watch = files.includes("annotated.mp4") ? this.button("Watch", () => this.watch(watch, stage, file("annotated.mp4"))) : null;
    watch?.setAttribute("aria-expanded", "false");
    return [
      message ? h("p", { class: "notice warning" }, message) : null,
      h(
        "div",
        { class: "row" },
        files.includes("report.html") ? h("a", { class: "button primary", href: file("report.html"), target: "_blank", rel: "noopener" }, "Open the report", h("span", { class: "unseen" }, " in a new tab")) : null,
        watch,
        session ? h("a", { class: "button", href: `#/sessions/${encodeURIComponent(session)}` }, "Its session") : null,
      ),
      stage,
      h(
        "details",
        {},
        h("summary", {}, "Files and deleting"),
        h("ul", { class: "files" }, ...files.map((name) => h("li", {}, h("a", { href: file(name), download: name }, name), h("span", { class: "muted" }, FILES[name] ? ` ${FILES[name]}` : "")))),
        h(
          "div",
          { class: "row" },
          hasVideo ? this.button("Delete the video only", () => this.deleteVideo()) : h("p", { class: "muted" }, "The video that you uploaded is deleted; what came of it is here."),
          this.button("Delete all of it", () => this.deleteAll(), "danger"),
        ),
      ),
    ];
  }

  button(text, action, kind = null) {
    return h("button", { type: "button", class: kind, onclick: action }, text);
  }

  watch(button, stage, address) {
    const open = stage.childElementCount === 0;
    stage.replaceChildren(...(open ? [h("video", { class: "annotated", controls: true, muted: true, autoplay: true, playsinline: true, src: address, "aria-label": `${this.analysis.name} with the skeleton` })] : []));
    button.setAttribute("aria-expanded", String(open));
    setText(button, open ? "Close the video" : "Watch");
  }

  async deleteVideo() {
    const yes = await ask({ title: "Delete the video?", text: `${this.analysis.name}, as you uploaded it, is deleted. The report and the video with the skeleton stay.`, yes: "Delete the video" });
    if (yes) await this.attempt(() => remove(`/analyses/${this.analysis.id}/video`), () => this.update({ ...this.analysis, has_video: false }));
  }

  async deleteAll() {
    const yes = await ask({ title: "Delete all of it?", text: `${this.analysis.name} is deleted with its report and everything else that came of it. The session stays in your history.`, yes: "Delete all" });
    if (yes) await this.attempt(() => remove(`/analyses/${this.analysis.id}`), () => this.list.take(this.analysis.id));
  }

  async attempt(action, then) {
    this.problem.replaceChildren();
    try {
      await action();
      then();
    } catch (error) {
      this.problem.replaceChildren(trouble(error));
    }
  }
}
