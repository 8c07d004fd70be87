// The whole interface explained: every route and message, made of the server's own descriptions.

import { get } from "../api.js";
import { h } from "../dom.js";
import { examples, LANGUAGES } from "./examples.js";
import { fields, fieldTable, nameOf, reachable } from "./schema.js";
import { FRAME, socketExamples, SOCKETS } from "./sockets.js";
import { inline, paragraphs } from "./text.js";

const GROUPS = [
  ["analyses", "Videos"], ["history", "Sessions and progress"], ["knowledge", "Exercises and models"], ["server", "The server"],
];
const OPEN = { key: "spotter-examples", language: "curl" };

// to: gives the address of a place on the page, such as "list_sessions".
export async function reference(to) {
  const [openapi, messages] = await Promise.all([get("/openapi.json"), get("/messages.json")]);
  const secure = location.protocol === "https:";
  const root = h("div", { class: "reference" });
  const link = (name) => h("a", { href: to(name) }, name);
  const requests = Object.entries(openapi.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const groups = GROUPS.map(([tag, title]) => ({ title, requests: requests.filter(({ operation }) => operation.tags?.includes(tag)) }));
  const sent = reachable(SOCKETS.flatMap(({ client }) => client), messages.$defs);
  root.append(
    contents(groups, to),
    h(
      "div",
      { class: "chapters" },
      introduction(openapi, secure),
      languages(root),
      ...groups.flatMap((group) => [h("h2", {}, group.title), ...group.requests.map((request) => route(request, link, secure))]),
      h("h2", {}, "Answers"),
      ...reachable(Object.keys(openapi.components.schemas), openapi.components.schemas).map((name) => schema(name, openapi.components.schemas[name], link, name === "Token")),
      h("h2", {}, "WebSockets"),
      ...SOCKETS.map((socket) => webSocket(socket, messages.$defs, link, secure)),
      h("h2", {}, "Messages"),
      ...reachable(SOCKETS.flatMap(({ client, server }) => [...client, ...server]), messages.$defs).map((name) => schema(name, messages.$defs[name], link, sent.includes(name))),
    ),
  );
  root.addEventListener("click", (event) => {
    const place = event.target.closest?.(`a[href^="${to("")}"]`)?.getAttribute("href");
    if (!place || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.pushState(null, "", place); // which loads nothing anew
    goTo(root, place.slice(to("").length));
  });
  return root;
}

// Opens the place, shows it and gives it the focus.
export function goTo(root, place) {
  const wanted = place && root.querySelector(`#${CSS.escape(place)}`);
  if (!wanted) return;
  const folds = wanted instanceof HTMLDetailsElement;
  if (folds) wanted.open = true;
  wanted.scrollIntoView();
  (folds ? wanted.firstElementChild : wanted).focus({ preventScroll: true });
}

function contents(groups, to) {
  return h(
    "nav",
    { "aria-label": "Contents", class: "contents" },
    ...groups.flatMap((group) => [
      h("h2", {}, group.title),
      h("ul", {}, ...group.requests.map(({ method, path, operation }) => h("li", {}, h("a", { href: to(operation.operationId) }, h("b", { class: "method" }, method), ` ${short(path)}`)))),
    ]),
    h("h2", {}, "WebSockets"),
    h("ul", {}, ...SOCKETS.map(({ id, path }) => h("li", {}, h("a", { href: to(id) }, h("b", { class: "method" }, "WS"), ` ${short(path)}`)))),
  );
}

const short = (path) => path.replace("/api/v1", "");

function introduction(openapi, secure) {
  return h(
    "section",
    { class: "card" },
    ...paragraphs(openapi.info.description),
    h("p", {}, "Everything is JSON but pictures and videos. What is not known is ", h("code", {}, "null"), ", times are seconds, and an error is ", h("code", {}, '{"error": {"code": "...", "message": "..."}}'), " with a fitting status."),
    h("p", {}, secure
      ? "This server was started with --lan: every request needs a key. A program gets one for the token that the terminal shows, by POST /api/v1/keys, and sends it as Authorization: Bearer KEY."
      : "This server answers programs of this computer, and no web page but its own: JavaScript runs here, or outside of a browser."),
    h("p", {}, h("a", { href: "/api/v1/openapi.json" }, "openapi.json"), " and ", h("a", { href: "/api/v1/messages.json" }, "messages.json"), " say the same to programs."),
  );
}

// In which language the examples are: one choice for all of them.
function languages(root) {
  const pick = (name) => {
    OPEN.language = name;
    root.dataset.examples = name;
  };
  pick(OPEN.language);
  return h("fieldset", { class: "row languages" }, h("legend", {}, "Examples in"), ...LANGUAGES.map(([name, title]) =>
    h("label", { class: "check" }, h("input", { type: "radio", name: "language", value: name, checked: name === OPEN.language, onchange: () => pick(name) }), title),
  ));
}

function route({ method, path, operation }, link, secure) {
  const shown = examples({ method, path, operation }, location.origin, secure);
  return h(
    "section",
    { class: "card route", id: operation.operationId, tabindex: -1 },
    h("h3", {}, h("b", { class: `method ${method.toLowerCase()}` }, method), " ", h("code", {}, path)),
    ...paragraphs(operation.description),
    operation.parameters?.length ? parameters(`Parameters of ${method} ${path}`, operation.parameters, link) : null,
    operation.requestBody ? h("p", {}, "Body: ", ...bodyType(operation.requestBody, link)) : null,
    answers(operation.responses, link),
    ...Object.entries(shown).map(([name, text]) => code(name, text, `${method} ${path}`)),
  );
}

const code = (language, text, what) => h("pre", { class: language, tabindex: 0, role: "region", "aria-label": `Example of ${what} in ${language}` }, h("code", {}, text));

function parameters(title, all, link) {
  const note = (one) => (one.in === "path" ? " in the path" : one.required ? " needed" : "");
  return fieldTable(title, "Parameter", all.map((one) => ({ name: one.name, note: note(one), schema: { ...one.schema, description: one.description } })), link);
}

function bodyType({ content }, link) {
  const [[type, { schema: body }]] = Object.entries(content);
  return body?.$ref ? [link(nameOf(body.$ref))] : [h("code", {}, type)];
}

// The answer in short; errors are told only where a route has its own.
function answers(responses, link) {
  const told = Object.entries(responses).filter(([status]) => /^\d+$/.test(status));
  return h("dl", { class: "answers" }, ...told.map(([status, response]) => h("div", {}, h("dt", {}, status), h("dd", {}, ...answer(response, link)))));
}

function answer({ description, content = {} }, link) {
  const text = description === "Successful Response" ? "" : description;
  const [[type, { schema: body } = {}] = []] = Object.entries(content);
  if (!type) return text ? inline(text) : ["nothing"];
  if (body?.$ref?.endsWith("/Problem")) return inline(text);
  const kind = body?.$ref ? link(nameOf(body.$ref)) : h("code", {}, type);
  if (text.includes("\n\n")) return [long(text)];
  return text ? [kind, ": ", ...inline(text)] : [kind];
}

// A description with the form of a whole document is opened by whoever wants it.
function long(text) {
  const [first, ...rest] = paragraphs(text);
  return h("details", {}, h("summary", {}, ...first.childNodes), ...rest);
}

// Closed at first: there are many, and the links lead to the one that is wanted.
function schema(name, one, link, asked = false) {
  const [about] = paragraphs(one.description);
  return h("details", { class: "card schema", id: name }, h("summary", {}, h("code", {}, name), about ? h("span", { class: "muted" }, ...about.childNodes) : null), fields(name, one, link, asked));
}

function webSocket(socket, schemas, link, secure) {
  const typeName = (name) => schemas[name]?.properties?.type?.const ?? name;
  const list = (names) => names.flatMap((name, row) => [row ? ", " : "", h("code", {}, typeName(name)), " (", link(name), ")"]);
  return h(
    "section",
    { class: "card route", id: socket.id, tabindex: -1 },
    h("h3", {}, h("b", { class: "method ws" }, "WS"), " ", h("code", {}, socket.path + (socket.query ?? ""))),
    ...socket.text.map((text) => h("p", {}, ...inline(text))),
    h("p", {}, FRAME),
    socket.client.length ? h("p", {}, h("b", {}, "From the client: "), ...list(socket.client)) : null,
    h("p", {}, h("b", {}, "From the server: "), ...list(socket.server)),
    ...Object.entries(socketExamples(socket, location.origin, secure)).map(([name, text]) => code(name, text, socket.path)),
    h("p", { class: "curl muted" }, "curl has no example here: choose another language above."),
  );
}
