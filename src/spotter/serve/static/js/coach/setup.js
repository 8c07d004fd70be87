// What the person chooses before the camera goes on.

import { get } from "../api.js";
import { h, setText, setWords, show } from "../dom.js";
import { language, languages, learn, t } from "../language.js";
import { trouble } from "../pages/pieces.js";
import { remember, settings } from "../settings.js";
import { wakeSound } from "./voice.js";

const AUTO = { name: "auto", title: "Find it for me", kind: "reps", camera: "The coach looks at what you do, and names it after a few repetitions." };

export async function openSetup(main, begin) {
  const kept = settings();
  const asked = new URLSearchParams(location.search); // of “spotter live”
  const title = h("h1", { tabindex: -1, "data-focus": true }, t("What will you do?"));
  let exercises;
  try {
    exercises = [{ ...AUTO, title: t(AUTO.title), camera: t(AUTO.camera) }, ...(await get("/exercises", { language: language() })).exercises];
  } catch (error) {
    const page = h("div", { class: "page" }, title);
    main.append(page);
    page.append(trouble(error, () => {
      page.remove();
      openSetup(main, begin);
    }));
    return;
  }
  const chosen = [asked.get("exercise"), kept.exercise, "auto"].find((name) => exercises.some((one) => one.name === name));
  const how = h("p", { class: "how", role: "status" });
  const reps = number("reps", "Repetitions", kept.reps, { min: 1, max: 1000, step: 1 }, "or until you stop");
  const hold = number("hold", "Hold, seconds", kept.hold, { min: 1, max: 3600, step: 1 }, "or until you stop");
  const form = h(
    "form",
    { class: "page setup", onsubmit: (event) => submit(event), onchange: () => follow() },
    title,
    h("p", { class: "lead" }, t("No picture leaves this machine, and none is kept.")),
    h("fieldset", { class: "exercises" }, h("legend", { class: "unseen" }, t("Exercise")), ...exercises.map((one) => choice(one, chosen))),
    h(
      "div",
      { class: "card" },
      h("h2", {}, t("Your target")),
      h(
        "div",
        { class: "fields" },
        reps,
        hold,
        number("sets", "Sets", kept.sets, { min: 1, max: 100, step: 1 }, "or until you finish"),
        number("rest", "Rest, seconds", kept.rest, { min: 0, max: 3600, step: 1 }, "or until you go on"),
        number("weight", "Weight, kg", kept.weight, { min: 0, max: 1000, step: "any" }, "for your record"),
        number("height", "Your height, cm", kept.height, { min: 50, max: 260, step: "any" }, "for true lengths"),
        field("Your name", h("input", { name: "person", value: kept.person, maxlength: 200, autocomplete: "name" }), "for your record"),
        field("Language", h("select", { name: "language", onchange: speak }, ...languages().map(([tag, name]) => h("option", { value: tag, lang: tag, selected: tag === language() }, name))), "of the coach"),
      ),
    ),
    location.protocol === "https:" ? certificateHelp() : null,
    h("div", { class: "begin" }, h("button", { class: "primary", type: "submit" }, t("Start the camera")), how),
  );

  function follow() {
    const { exercise } = form.elements;
    const one = exercises.find(({ name }) => name === exercise.value);
    const isHold = one.kind === "hold";
    for (const [box, wanted] of [[reps, !isHold], [hold, isHold]]) {
      show(box, wanted);
      box.querySelector("input").disabled = !wanted; // what is not shown is not checked
    }
    setText(how, one.camera);
  }

  function keep() {
    const value = (name) => (form.elements[name].value === "" ? null : Number(form.elements[name].value));
    remember({
      exercise: form.elements.exercise.value, person: form.elements.person.value.trim(), reps: value("reps"), hold: value("hold"),
      sets: value("sets"), rest: value("rest"), weight: value("weight"), height: value("height"),
    });
  }

  async function speak(event) {
    keep();
    remember({ language: event.target.value, voiceName: "" });
    await learn();
    dispatchEvent(new HashChangeEvent("hashchange")); // the whole page is written anew
  }

  function submit(event) {
    event.preventDefault();
    wakeSound();
    keep();
    const now = settings();
    history.replaceState(null, "", location.pathname + location.hash); // the next time it is chosen here
    begin({
      exercise: now.exercise,
      person: now.person || null,
      target: { reps: reps.hidden ? null : now.reps, sets: now.sets, rest_s: now.rest, hold_s: hold.hidden ? null : now.hold },
      countdown_s: now.countdown,
      weight_kg: now.weight,
      height_cm: now.height,
      camera: asked.has("camera") ? Number(asked.get("camera")) : null,
    });
  }

  follow();
  main.append(form);
}

function choice({ name, title }, chosen) {
  const radio = h("input", { type: "radio", name: "exercise", value: name, checked: name === chosen });
  if (name === AUTO.name)
    return h("label", { class: "exercise auto" }, radio, h("span", {}, h("b", { class: "any", "aria-hidden": "true" }, "?"), h("span", {}, title, h("small", { class: "muted" }, t("Just begin with one of them.")))));
  const words = h("b");
  setWords(words, title);
  return h("label", { class: "exercise" }, radio, h("span", {}, h("img", { src: `/api/v1/exercises/${name}/figure.svg`, alt: "" }), words));
}

function field(label, input, note) {
  return h("label", { class: "field" }, h("span", {}, t(label)), input, note ? h("span", { class: "muted" }, t(note)) : null);
}

function number(name, label, value, limits, note) {
  return field(label, h("input", { name, type: "number", inputmode: "decimal", value: value ?? "", ...limits }), note);
}

// On a phone, by “spotter serve --lan”.
function certificateHelp() {
  return h(
    "details",
    { class: "card" },
    h("summary", {}, t("No more warning, and Spotter as an app")),
    h("p", {}, t("The browser warns because this computer made its certificate itself. It warns no more where this is installed:"), " ", h("a", { href: "/ca.crt" }, "ca.crt"), ". ", t("It can vouch for this computer and for addresses inside private networks only; its key stays on this computer.")),
    h("p", {}, h("b", {}, "iPhone, iPad: "), t("open ca.crt in Safari and allow it; then Settings, General, VPN & Device Management: install it; then Settings, General, About, Certificate Trust Settings: switch it on.")),
    h("p", {}, h("b", {}, "Android: "), t("open ca.crt to save it; then Settings, Security, More, Encryption & credentials, Install a certificate, CA certificate: choose the file.")),
    h("p", { class: "muted" }, t("Compare its SHA-256 fingerprint with the one in the terminal. Delete it in the same place when you need it no more.")),
  );
}
