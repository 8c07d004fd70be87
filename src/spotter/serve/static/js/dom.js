// Making elements: h("p", { class: "lead" }, "text", otherElement).

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && typeof value === "boolean") element[name] = value;
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// Writes only what has changed: a live region speaks every change of its text.
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// The same for words that are to stay whole: the style makes them smaller where the longest has no room.
export function setWords(element, text) {
  if (element.textContent === text) return;
  element.textContent = text;
  element.style.setProperty("--longest", Math.max(1, ...text.split(/[\s-]+/).map((word) => word.length)));
}

export function show(element, shown) {
  if (element.hidden === shown) element.hidden = !shown;
}
