(() => {
  "use strict";
  const clock = (s) => {
    const whole = Math.floor(s), hours = Math.floor(whole / 3600), two = (n) => String(n).padStart(2, "0");
    const seconds = `${two(whole % 60)}.${Math.floor((s - whole) * 10)}`;
    return hours ? `${hours}:${two(Math.floor(whole / 60) % 60)}:${seconds}` : `${Math.floor(whole / 60)}:${seconds}`;
  };

  // One chart at a time, chosen by tabs; without this script they all stand below each other.
  for (const section of document.querySelectorAll("[data-charts]")) {
    const panels = [...section.querySelectorAll(".panel")];
    if (panels.length < 2) continue;
    const tabs = document.createElement("div");
    tabs.className = "tabs";
    tabs.setAttribute("role", "tablist");
    const show = (index) => {
      panels.forEach((panel, i) => { panel.style.display = i === index ? "" : "none"; });
      [...tabs.children].forEach((tab, i) => {
        tab.setAttribute("aria-selected", String(i === index));
        tab.tabIndex = i === index ? 0 : -1;
      });
    };
    panels.forEach((panel, i) => {
      const tab = document.createElement("button");
      tab.type = "button";
      tab.setAttribute("role", "tab");
      tab.textContent = panel.dataset.title;
      tab.addEventListener("click", () => show(i));
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const next = (i + step + panels.length) % panels.length;
        show(next);
        tabs.children[next].focus();
      });
      tabs.append(tab);
    });
    panels[0].before(tabs);
    section.classList.add("tabbed");
    show(0);
  }

  // Read a curve under the pointer or with the arrow keys.
  for (const chart of document.querySelectorAll(".chart")) {
    const { start, end, low, high } = Object.fromEntries(
      ["start", "end", "low", "high"].map((name) => [name, Number(chart.dataset[name])]));
    const view = chart.querySelector("svg").viewBox.baseVal;
    const lines = [...chart.querySelectorAll("path.line")].map((path) => ({
      name: path.dataset.name,
      points: path.getAttribute("d").replace(/h0/g, "").split(/[ML]/).slice(1).map((pair) => pair.split(" ").map(Number)),
    }));
    const area = chart.querySelector(".area"), cursor = chart.querySelector(".cursor");
    const reading = chart.querySelector(".reading"), scroll = chart.querySelector(".scroll");
    let at = 0;
    const nearest = (points, x) => points.reduce((best, one) => Math.abs(one[0] - x) < Math.abs(best[0] - x) ? one : best);
    const [unit, places, unknown] = {
      deg: ["°", 0, "not seen"], bpm: [" beats a minute", 0, "not heard"],
    }[chart.dataset.unit] ?? ["", 2, "not seen"];
    const read = (share) => {
      at = Math.min(1, Math.max(0, share));
      const x = at * view.width;
      const values = lines.map((line) => {
        const [px, py] = nearest(line.points, x);
        const seen = Math.abs(px - x) <= Math.max(view.width / 200, 1);
        const value = high - (py / view.height) * (high - low);
        const text = seen ? `${value.toFixed(places)}${unit}` : unknown;
        return lines.length > 1 ? `${line.name.toLowerCase()} ${text}` : text;
      });
      const span = [...area.querySelectorAll(".span")].find((one) => {
        const left = parseFloat(one.style.left);
        return at * 100 >= left && at * 100 <= left + parseFloat(one.style.width);
      });
      cursor.hidden = false;
      cursor.style.left = `${at * 100}%`;
      reading.textContent = [clock(start + at * (end - start)), values.join(", "), ...(span ? [span.title] : [])].join("  ·  ");
    };
    const leave = () => { cursor.hidden = true; reading.textContent = ""; };
    area.addEventListener("pointermove", (event) => {
      const box = area.getBoundingClientRect();
      read((event.clientX - box.left) / box.width);
    });
    area.addEventListener("pointerleave", leave);
    scroll.addEventListener("blur", leave);
    scroll.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 0.01, ArrowLeft: -0.01 }[event.key];
      if (!step) return;
      event.preventDefault();
      read(at + step);
    });
  }
})();
