(() => {
  "use strict";
  // Read the session under the pointer or with the arrow keys.
  const day = (number) => new Date(Math.round(number) * 86400000).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  for (const chart of document.querySelectorAll(".chart.dots")) {
    const { start, end, low, high } = Object.fromEntries(["start", "end", "low", "high"].map((name) => [name, Number(chart.dataset[name])]));
    const label = chart.dataset.unit.replace(/^[-+0-9.,]+/, "");
    const share = label.includes("%");
    const view = chart.querySelector("svg").viewBox.baseVal;
    const lines = [...chart.querySelectorAll(".session-dots")].map((path) => ({
      name: path.dataset.name,
      points: path.getAttribute("d").replace(/h0/g, "").split("M").slice(1).map((pair) => pair.split(" ").map(Number)),
    })).filter((line) => line.points.length);
    const plot = chart.querySelector(".plot"), area = chart.querySelector(".area");
    const cursor = chart.querySelector(".cursor"), reading = chart.querySelector(".reading");
    if (!lines.length) continue;
    let at = lines[0].points.length - 1;
    const read = (index) => {
      at = Math.min(lines[0].points.length - 1, Math.max(0, index));
      const x = lines[0].points[at][0];
      const words = lines.map((line) => {
        const [, y] = line.points.reduce((best, one) => Math.abs(one[0] - x) < Math.abs(best[0] - x) ? one : best);
        const value = (high - (y / view.height) * (high - low)) * (share ? 100 : 1);
        const text = value.toFixed(Math.abs(high - low) < 5 && !share ? 1 : 0) + label;
        return line.name ? `${line.name.toLowerCase()} ${text}` : text;
      });
      cursor.hidden = false;
      cursor.style.left = `${100 * x / view.width}%`;
      reading.textContent = `${day(start + (x / view.width) * (end - start))}  ·  ${words.join(", ")}`;
    };
    const leave = () => { cursor.hidden = true; reading.textContent = ""; };
    area.addEventListener("pointermove", (event) => {
      const box = area.getBoundingClientRect();
      const x = (event.clientX - box.left) / box.width * view.width;
      let best = 0;
      lines[0].points.forEach((point, i) => { if (Math.abs(point[0] - x) < Math.abs(lines[0].points[best][0] - x)) best = i; });
      read(best);
    });
    area.addEventListener("pointerleave", leave);
    plot.tabIndex = 0;
    plot.addEventListener("blur", leave);
    plot.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      read(at + step);
    });
  }
})();
