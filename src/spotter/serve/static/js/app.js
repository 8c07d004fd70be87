// The pages behind the tabs: each is a module with open(main), which gives back how to close it.

import { AWAY } from "./api.js";
import { h } from "./dom.js";

const PAGES = {
  coach: ["Coach", () => import("./coach/page.js")],
  videos: ["Videos", () => import("./pages/videos.js")],
  sessions: ["Sessions", () => import("./pages/sessions.js")],
  progress: ["Progress", () => import("./pages/progress.js")],
  parts: ["Body parts", () => import("./pages/parts.js")],
  api: ["API", () => import("./pages/api.js")],
};

const main = document.getElementById("main");
let close = () => {};
let turn = 0;

async function open() {
  const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/");
  const page = Object.hasOwn(PAGES, name) ? name : "coach";
  const mine = ++turn;
  close();
  close = () => {};
  for (const tab of document.querySelectorAll(".tabs a")) {
    const here = tab.getAttribute("href") === `#/${page}`;
    if (here) {
      tab.setAttribute("aria-current", "page");
      tab.scrollIntoView({ block: "nearest", inline: "nearest" }); // on a phone the tabs have no room for all
    } else tab.removeAttribute("aria-current");
  }
  const [title, load] = PAGES[page];
  document.title = `${title} · Spotter`;
  main.replaceChildren();
  const module = await load().catch(() => null); // it was not fetched before, and the server is away
  if (mine !== turn) return;
  if (!module) return void main.append(away(title));
  close = (await module.open(main, rest.map(decodeURIComponent))) ?? (() => {});
  if (mine !== turn) close();
}

function away(title) {
  const again = h("button", { type: "button", onclick: () => location.reload() }, "Try again");
  return h("div", { class: "page" }, h("h1", {}, title), h("p", { class: "notice danger", role: "alert" }, AWAY), again);
}

addEventListener("hashchange", () => open().then(() => main.focus({ preventScroll: true })));
document.querySelector(".skip-link").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {});
open();
