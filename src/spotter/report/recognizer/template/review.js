"use strict";
(() => {
  const crops = [...document.querySelectorAll(".crop")];
  const byId = (id) => document.getElementById(id);
  const place = "spotter-review:" + location.pathname;
  let last = 0;

  const isMarked = (crop) => crop.getAttribute("aria-pressed") === "true";
  const mark = (crop, on) => crop.setAttribute("aria-pressed", String(on));
  const names = () => crops.filter(isMarked).map((crop) => crop.dataset.name);

  function show() {
    const marked = names();
    byId("count").textContent = marked.length;
    for (const id of ["clear", "copy", "save"]) byId(id).disabled = !marked.length;
    for (const section of document.querySelectorAll("section[data-class]")) {
      const inside = [...section.querySelectorAll(".crop")];
      section.querySelector(".kept").textContent = inside.filter((crop) => !isMarked(crop)).length;
    }
    try { localStorage.setItem(place, JSON.stringify(marked)); } catch { /* private windows keep nothing */ }
  }

  function restore() {
    let kept = [];
    try { kept = JSON.parse(localStorage.getItem(place)) || []; } catch { /* as above */ }
    const wanted = new Set(kept);
    for (const crop of crops) mark(crop, wanted.has(crop.dataset.name));
  }

  function toggle(index, through) {
    const on = !isMarked(crops[index]);
    const [from, to] = through ? [Math.min(last, index), Math.max(last, index)] : [index, index];
    for (let i = from; i <= to; i++) mark(crops[i], on);
    last = index;
    show();
  }

  function columns(index) {
    const row = crops[index].offsetTop;
    const inRow = [...crops[index].parentElement.children].filter((crop) => crop.offsetTop === row);
    return Math.max(1, inRow.length);
  }

  crops.forEach((crop, index) => crop.addEventListener("click", (event) => toggle(index, event.shiftKey)));

  document.addEventListener("keydown", (event) => {
    const index = crops.indexOf(document.activeElement);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.toLowerCase() === "x" && index >= 0) { toggle(index, false); event.preventDefault(); return; }
    const here = Math.max(index, 0);
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns(here), ArrowUp: -columns(here) };
    if (!(event.key in steps)) return;
    const next = index < 0 ? 0 : Math.min(crops.length - 1, Math.max(0, index + steps[event.key]));
    crops[next].focus();
    event.preventDefault();
  });

  const list = () => "# crops to throw out, below the folder of classes\n" + names().join("\n") + "\n";

  byId("save").addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([list()], { type: "text/plain" }));
    link.download = "discard.txt";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });

  byId("copy").addEventListener("click", async (event) => {
    const button = event.currentTarget;
    const before = button.textContent;
    try { await navigator.clipboard.writeText(list()); button.textContent = "Copied"; }
    catch { button.textContent = "Not allowed here"; }
    setTimeout(() => { button.textContent = before; }, 1500);
  });

  byId("clear").addEventListener("click", () => { for (const crop of crops) mark(crop, false); show(); });

  if (crops.length) { restore(); show(); }
})();
