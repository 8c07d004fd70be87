// The pages behind the tabs: each is a module with open(main), which gives back how to close it.

import { AWAY } from "./api.js";
import { h, setText } from "./dom.js";
import { language, learn, t, translate } from "./language.js";

const PAGES = {
  coach: ["Coach", () => import("./coach/page.js")],
  videos: ["Videos", () => import("./pages/videos.js")],
  sessions: ["Sessions", () => import("./pages/sessions.js")],
  progress: ["Progress", () => import("./pages/progress.js")],
  parts: ["Body parts", () => import("./pages/parts.js")],
  api: ["API", () => import("./pages/api.js")],
};

const main = document.getElementById("main");
const tabs = document.querySelector(".tabs");
const skip = document.querySelector(".skip-link");
let close = () => {};
let turn = 0;

async function open() {
  const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/");
  const page = Object.hasOwn(PAGES, name) ? name : "coach";
  const mine = ++turn;
  close();
  close = () => {};
  translate(true);
  setText(skip, t("Skip to the content"));
  tabs.setAttribute("aria-label", t("Pages"));
  for (const tab of tabs.children) {
    const [, of] = tab.getAttribute("href").split("/");
    setText(tab, t(PAGES[of][0]));
    const here = of === page;
    if (here) {
      tab.setAttribute("aria-current", "page");
      tab.scrollIntoView({ block: "nearest", inline: "nearest" }); // on a phone the tabs have no room for all
    } else tab.removeAttribute("aria-current");
  }
  const [title, load] = PAGES[page];
  document.title = `${t(title)} · Spotter`;
  translate(page === "coach");
  main.lang = language();
  main.replaceChildren();
  const module = await load().catch(() => null); // it was not fetched before, and the server is away
  if (mine !== turn) return;
  if (!module) return void main.append(away(title));
  close = (await module.open(main, rest.map(decodeURIComponent))) ?? (() => {});
  if (mine !== turn) close();
}

function away(title) {
  const again = h("button", { type: "button", onclick: () => location.reload() }, t("Try again"));
  return h("div", { class: "page" }, h("h1", {}, t(title)), h("p", { class: "notice danger", role: "alert" }, t(AWAY)), again);
}

addEventListener("hashchange", () => open().then(() => main.focus({ preventScroll: true })));
skip.addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {});
await learn(new URLSearchParams(location.search).get("language")); // of “spotter live”
open();
