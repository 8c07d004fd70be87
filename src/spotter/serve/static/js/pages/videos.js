// Videos: dropped on the page or chosen, uploaded, analysed, and what came of them.

import { get } from "../api.js";
import { h, setText, show } from "../dom.js";
import { size, timeLeft } from "../format.js";
import { remember, settings } from "../settings.js";
import { uploads } from "../uploads.js";
import { AnalysisList } from "./analyses.js";
import { exercises, trouble } from "./pieces.js";

export async function open(main) {
  const kept = settings();
  const picker = h("input", { type: "file", accept: "video/*", multiple: true, class: "unseen", onchange: () => take(picker.files) });
  const drop = h(
    "label",
    { class: "drop" },
    picker,
    h("b", {}, "Drop videos here"),
    h("span", {}, "or ", h("u", {}, "choose them"), ". They are analysed one after the other as soon as they are here."),
  );
  const exercise = h("select", { name: "exercise" }, h("option", { value: "auto" }, "Find it for me"));
  const person = h("input", { name: "person", value: kept.person, maxlength: 200, autocomplete: "name" });
  const weight = h("input", { name: "weight", type: "number", inputmode: "decimal", min: 0, max: 1000, step: 0.5, value: kept.weight ?? "" });
  const field = (label, input, note) => h("label", { class: "field" }, h("span", {}, label), input, note ? h("span", { class: "muted" }, note) : null);
  const waiting = h("ul", { class: "uploads" });
  const sending = h("section", { hidden: true, "aria-label": "Uploads" }, h("h2", {}, "Uploads"), waiting);
  const problem = h("div", {});
  const list = new AnalysisList();
  const page = h(
    "div",
    { class: "page" },
    h("h1", {}, "Videos"),
    h("p", { class: "lead" }, "A video of your training becomes the same report as with “spotter analyze”: counted repetitions, faults, and the video with your skeleton. It stays on this computer, and you can delete it."),
    problem,
    h(
      "form",
      { class: "card", onsubmit: (event) => event.preventDefault() },
      h(
        "div",
        { class: "fields" },
        field("Exercise", exercise),
        field("Your name", person, "for your record"),
        field("Weight, in kg", weight, "for your record"),
      ),
      drop,
    ),
    sending,
    list.root,
  );
  main.append(page);

  function take(files) {
    const checked = person.value.trim();
    const kilograms = weight.value === "" || !weight.validity.valid ? null : Number(weight.value);
    remember({ person: checked, weight: kilograms });
    uploads.add([...files], { exercise: exercise.value, person: checked, weight_kg: kilograms });
    picker.value = ""; // the same file may be chosen again
  }

  const lines = new Map();
  function onChange() {
    for (const [item, one] of lines)
      if (!uploads.items.includes(item)) {
        one.root.remove();
        lines.delete(item);
      }
    for (const item of uploads.items) {
      if (!lines.has(item)) {
        lines.set(item, new UploadLine(item));
        waiting.append(lines.get(item).root);
      }
      lines.get(item).update();
    }
    show(sending, uploads.items.length > 0);
  }
  const onTaken = ({ detail }) => list.add(detail);
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  const onDrag = (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    drop.classList.toggle("over", event.type !== "dragleave" || event.relatedTarget !== null);
  };
  const onDrop = (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    drop.classList.remove("over");
    take(event.dataTransfer.files);
  };
  uploads.addEventListener("change", onChange);
  uploads.addEventListener("taken", onTaken);
  for (const name of ["dragenter", "dragover", "dragleave"]) document.addEventListener(name, onDrag);
  document.addEventListener("drop", onDrop);
  onChange();

  async function load() {
    problem.replaceChildren();
    try {
      const [known, { analyses }] = await Promise.all([exercises(), get("/analyses")]);
      exercise.append(...known.map((one) => h("option", { value: one.name }, one.title)));
      list.fill(analyses, known);
    } catch (error) {
      problem.replaceChildren(trouble(error, load));
    }
  }
  await load();

  return () => {
    list.close();
    uploads.removeEventListener("change", onChange);
    uploads.removeEventListener("taken", onTaken);
    for (const name of ["dragenter", "dragover", "dragleave"]) document.removeEventListener(name, onDrag);
    document.removeEventListener("drop", onDrop);
  };
}

// One video on its way: how far it is, or why it did not come through.
class UploadLine {
  constructor(item) {
    this.item = item;
    this.bar = h("progress", { max: 1, value: 0, "aria-label": `Upload of ${item.file.name}` });
    this.far = h("span", { class: "muted" });
    this.wrong = h("p", { class: "notice danger", role: "alert", hidden: true });
    this.retry = h("button", { type: "button", class: "primary", hidden: true, onclick: () => uploads.again(item) }, "Try again");
    this.stop = h("button", { type: "button", onclick: () => uploads.drop(item) }, "Stop");
    this.root = h(
      "li",
      { class: "card" },
      h("div", { class: "row spread" }, h("b", {}, item.file.name), this.far),
      this.bar,
      this.wrong,
      h("div", { class: "row" }, this.retry, this.stop),
    );
  }

  update() {
    const { file, state, sent, perSecond, message, hopeless } = this.item;
    const failed = state === "failed";
    show(this.bar, !failed);
    show(this.wrong, failed);
    show(this.retry, failed && !hopeless);
    setText(this.wrong, message);
    setText(this.stop, failed ? "Remove" : "Stop");
    this.bar.value = file.size ? sent / file.size : 0;
    setText(this.far, state === "waiting" ? `waits, ${size(file.size)}` : failed ? size(file.size) : `${size(sent)} of ${size(file.size)}${left((file.size - sent) / perSecond)}`);
  }
}

const left = (seconds) => (Number.isFinite(seconds) && seconds > 3 ? `, ${timeLeft(seconds)}` : "");
