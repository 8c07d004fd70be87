// What stands in the way, in words, with a button that helps; of several the first that came.

import { h, show } from "../dom.js";

export class Troubles {
  // leave() takes the focus back from a button that is gone.
  constructor(leave) {
    this.leave = leave;
    this.all = new Map();
    this.shown = "";
    this.root = h("div", { class: "trouble notice danger", role: "alert", hidden: true });
  }

  // help: [label, action]
  tell(name, text, help = null) {
    if (text) this.all.set(name, { text, help });
    else this.all.delete(name);
    const [worst] = this.all.values();
    if ((worst?.text ?? "") === this.shown) return; // an alert speaks whenever it is written anew
    this.shown = worst?.text ?? "";
    const hadFocus = this.root.contains(document.activeElement);
    this.root.replaceChildren(...(worst ? [h("p", {}, worst.text), worst.help ? button(worst.help) : ""] : []));
    show(this.root, Boolean(worst));
    if (hadFocus) (this.root.querySelector("button") ?? { focus: this.leave }).focus();
  }

  has(name) {
    return this.all.has(name);
  }
}

const button = ([label, action]) => h("button", { type: "button", onclick: action }, label);
