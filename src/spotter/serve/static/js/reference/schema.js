// JSON Schema as tables that a person can read.

import { h } from "../dom.js";
import { inline } from "./text.js";

export const nameOf = (reference) => reference.split("/").at(-1);

// A table of an object's fields; names of other schemas are links, made by link(name).
// Of what a client sends (asked), it is told which fields are needed.
export function fields(title, schema, link, asked = false) {
  const wanted = new Set(asked ? schema.required : []);
  const rows = Object.entries(schema.properties ?? {}).map(([name, field]) => ({ name, note: wanted.has(name) ? " needed" : "", schema: field }));
  return rows.length ? fieldTable(`Fields of ${title}`, "Field", rows, link) : h("p", { class: "muted" }, "It has no fields.");
}

// rows: [{name, note, schema}]; without any description there is no column for them.
export function fieldTable(title, first, rows, link) {
  const told = rows.some(({ schema }) => about(schema).some(Boolean));
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": title },
    h(
      "table",
      { class: "fields-table" },
      h("thead", {}, h("tr", {}, ...[first, "Type", ...(told ? ["What it is"] : [])].map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", {}, ...rows.map(({ name, note, schema }) => h(
        "tr",
        {},
        h("th", { scope: "row" }, h("code", {}, name), note ? h("span", { class: "muted" }, note) : null),
        h("td", {}, ...typeOf(schema, link)),
        told ? h("td", {}, ...about(schema)) : null,
      ))),
    ),
  );
}

// Such as "number or null", with limits; schemas that are referred to become links.
export function typeOf(schema, link) {
  if (schema.$ref) return [link(nameOf(schema.$ref))];
  if ("const" in schema) return [h("code", {}, JSON.stringify(schema.const))];
  if (schema.enum) return joined(schema.enum.map((one) => h("code", {}, JSON.stringify(one))), " or ");
  const several = schema.anyOf ?? schema.oneOf;
  if (several) return joined(several.map((one) => h("span", {}, ...typeOf(one, link))), " or ");
  if (schema.type === "array") {
    if (schema.prefixItems) return ["[", ...joined(schema.prefixItems.map((one) => h("span", {}, ...typeOf(one, link))), ", "), "]"];
    return ["list of ", ...(schema.items ? typeOf(schema.items, link) : ["anything"])];
  }
  if (schema.type === "object" && typeof schema.additionalProperties === "object") return ["names to ", ...typeOf(schema.additionalProperties, link)];
  return [{ integer: "whole number", string: WORDS[schema.format] ?? "text", boolean: "true or false" }[schema.type] ?? schema.type ?? "anything", limits(schema)];
}

const WORDS = { "date-time": "moment, ISO 8601 with zone", date: "day, ISO 8601", binary: "bytes" };

function limits({ minimum, maximum, exclusiveMinimum, minLength, maxLength }) {
  const low = minimum ?? exclusiveMinimum;
  if (low !== undefined && maximum !== undefined) return `, ${exclusiveMinimum === undefined ? "" : "above "}${low} to ${maximum}`;
  if (low !== undefined) return `, ${exclusiveMinimum === undefined ? "at least" : "above"} ${low}`;
  if (maximum !== undefined) return `, at most ${maximum}`;
  if (maxLength !== undefined) return `, ${minLength ? `${minLength} to ` : "at most "}${maxLength} letters`;
  return "";
}

function about(field) {
  const usual = field.default;
  return [
    ...(field.description ? inline(field.description) : []),
    usual === undefined || usual === null || typeof usual === "object" || "const" in field ? null : h("span", { class: "muted" }, `${field.description ? "; " : ""}${JSON.stringify(usual)} if not said`),
  ];
}

const joined = (elements, between) => elements.flatMap((one, row) => (row ? [between, one] : [one]));

// Names of all schemas that these lead to, themselves first.
export function reachable(names, schemas) {
  const found = [];
  const visit = (name) => {
    if (found.includes(name) || !schemas[name]) return;
    found.push(name);
    for (const [, inner] of JSON.stringify(schemas[name]).matchAll(/"\$ref":"[^"]*\/([^"/]+)"/g)) visit(inner);
  };
  names.forEach(visit);
  return found;
}
