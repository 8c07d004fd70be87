// Descriptions as elements: paragraphs, with what stands between backticks as code.

import { h } from "../dom.js";

export function paragraphs(text, kind = null) {
  return (text ?? "").trim().split(/\n\s*\n/).filter(Boolean).map((part) => h("p", { class: kind }, ...inline(part.replace(/\s+/g, " "))));
}

export function inline(text) {
  return text.split(/(``.+?``|`.+?`)/).map((part) => (part.startsWith("`") ? h("code", {}, part.replaceAll("`", "")) : part));
}
