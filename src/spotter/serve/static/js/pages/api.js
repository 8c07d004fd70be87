// The tab that explains the interface for other programs.

import { h } from "../dom.js";
import { goTo, reference } from "../reference/reference.js";
import { trouble } from "./pieces.js";

export async function open(main, path) {
  const page = h("div", { class: "page wide" }, h("h1", {}, "The API"), h("p", { class: "lead" }, "What this page uses itself, for programs of your own: sessions, progress, videos and the live coach."));
  main.append(page);
  try {
    page.append(await reference((place) => `#/api/${place}`));
  } catch (error) {
    page.append(trouble(error, () => location.reload()));
    return;
  }
  goTo(page, path[0]);
}
