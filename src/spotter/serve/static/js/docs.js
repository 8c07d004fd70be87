// The page at /docs: the interface explained, without the coach around it.

import { h } from "./dom.js";
import { trouble } from "./pages/pieces.js";
import { goTo, reference } from "./reference/reference.js";

const page = h("div", { class: "page wide" }, h("h1", {}, "Spotter: the API"));
document.getElementById("main").append(page);
try {
  page.append(await reference((place) => `#${place}`));
  goTo(page, location.hash.slice(1));
} catch (error) {
  page.append(trouble(error));
}
addEventListener("popstate", () => goTo(page, location.hash.slice(1)));
