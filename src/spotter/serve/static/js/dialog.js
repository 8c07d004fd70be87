// Asks before something is done that cannot be undone.

import { h } from "./dom.js";

// Whether the user said yes; Escape and the first button say no.
export function ask({ title, text, yes, no = "Keep it" }) {
  return new Promise((answer) => {
    const dialog = h(
      "dialog",
      { "aria-labelledby": "question", onclose: () => leave() },
      h("h2", { id: "question" }, title),
      h("p", {}, text),
      h(
        "div",
        { class: "row" },
        h("button", { type: "button", onclick: () => dialog.close("no") }, no),
        h("button", { type: "button", class: "danger", onclick: () => dialog.close("yes") }, yes),
      ),
    );
    function leave() {
      dialog.remove();
      answer(dialog.returnValue === "yes");
    }
    document.body.append(dialog);
    dialog.showModal();
  });
}
