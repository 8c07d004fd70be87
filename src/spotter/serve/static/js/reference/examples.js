// One and the same request as curl, as Python with spotter.client, and as JavaScript.

export const LANGUAGES = [["curl", "curl"], ["python", "Python"], ["javascript", "JavaScript"]];

const IDENT = "1f0c36c2-5f0e-5d7a-9d5c-0c3b1a9e77d4";
const OTHER = "9c41d6de-0a52-5c0e-8f11-52f7c1b6e2a9";
const ANALYSIS = "20261121-183000-7d1f03aa";
const SAMPLES = {
  "get_exercise.name": "squat", "get_figure.name": "squat", "get_angles.name": "left_knee", "get_file.name": "report.html",
  "start_analysis.name": "squat.mp4", "start_analysis.exercise": "squat",
  ident: IDENT, person: "Ada", month: "2026-11", a: IDENT, b: OTHER,
};
const PYTHON = {
  start_analysis: 'analysis = client.upload("squat.mp4", exercise="squat", person="Ada")\nprint(analysis["id"])  # client.analyze waits until it is done',
  list_analyses: "for analysis in client.analyses():\n    print(analysis[\"name\"], analysis[\"state\"])",
  get_analysis: `print(next(client.follow("${ANALYSIS}")))`,
  delete_analysis: `client.delete_analysis("${ANALYSIS}")`,
  follow_analysis: `for analysis in client.follow("${ANALYSIS}"):\n    print(analysis["state"], analysis["frames_done"])`,
  get_file: `client.save("${ANALYSIS}", "report.html", "report.html")\nreport = client.file("${ANALYSIS}", "report.html")  # or its bytes`,
  delete_video: `client.delete_video("${ANALYSIS}")`,
  list_people: "print(client.people())",
  list_sessions: 'for session in client.sessions(person="Ada"):\n    print(session["started"], session["reps"])',
  get_session: `print(client.session("${IDENT}")["sets"])`,
  delete_session: `client.delete_session("${IDENT}")`,
  get_angles: `angles = client.angles("${IDENT}", ["left_knee"])\nprint(angles["time_s"], angles["values"]["left_knee"])`,
  get_progress: 'for exercise in client.progress("Ada")["exercises"]:\n    print(exercise["title"], exercise["records"])',
  compare_sessions: `print(client.compare("${IDENT}", "${OTHER}")["exercises"])`,
  get_month: 'print(client.month("2026-11", ["Ada"])["people"])',
  list_exercises: "print(client.exercises())",
  get_exercise: 'print(client.exercise("squat")["faults"])',
  list_models: 'print(client.models()["recognizers"])',
  health: 'print(client.health()["limits"])',
  exchange: 'client = Client.with_token("https://192.168.0.7:8765", "TOKEN", verify="ca.crt")\nprint(client.key)  # for Client(address, key) later',
};
const TOKEN = '{"token": "TOKEN"}';

// request: {method, path, operation: of OpenAPI}; secure: whether a key is needed.
export function examples(request, origin, secure) {
  const { method, operation } = request;
  const values = sampled(operation);
  const address = origin + filled(request.path, operation, values);
  return {
    curl: curl(method, operation, address, secure),
    python: python(operation, origin, secure),
    javascript: javascript(method, operation, address, secure),
  };
}

function sampled(operation) {
  const ident = operation.tags?.includes("analyses") ? ANALYSIS : IDENT;
  const values = {};
  for (const { name, required } of operation.parameters ?? []) {
    const sample = SAMPLES[`${operation.operationId}.${name}`] ?? (name === "ident" ? ident : SAMPLES[name]);
    if (sample !== undefined && (required || name === "person" || SAMPLES[`${operation.operationId}.${name}`])) values[name] = sample;
  }
  return values;
}

function filled(path, operation, values) {
  const query = new URLSearchParams();
  for (const { name, in: where } of operation.parameters ?? []) if (where === "query" && name in values) query.set(name, values[name]);
  const address = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values[name] ?? name));
  return query.size ? `${address}?${query}` : address;
}

const bodyOf = (operation) => Object.keys(operation.requestBody?.content ?? {})[0] ?? null;
const isKeys = (operation) => operation.security?.length === 0;
const answersWith = (operation, type) => Boolean(operation.responses[200]?.content?.[type]);
const hasJson = (operation) => Object.values(operation.responses).some((one) => one.content?.["application/json"] && !one.content["application/json"].schema?.$ref?.endsWith("/Problem"));

function curl(method, operation, address, secure) {
  const body = bodyOf(operation);
  const words = [
    "curl",
    ...(secure ? ["--cacert ca.crt", ...(isKeys(operation) ? [] : ['-H "Authorization: Bearer $KEY"'])] : []),
    ...(answersWith(operation, "text/event-stream") ? ["--no-buffer"] : []),
    ...(method === "DELETE" ? ["-X DELETE"] : []),
    ...(body === "application/json" ? ["-H 'Content-Type: application/json'", `-d '${TOKEN}'`] : []),
    ...(body === "application/octet-stream" ? ["--data-binary @squat.mp4"] : []),
    ...(operation.operationId === "get_file" ? ["-O"] : []),
  ].join(" ");
  return `${words}${words.length + address.length > 80 && words !== "curl" ? " \\\n  " : " "}'${address}'`;
}

function python(operation, origin, secure) {
  const call = PYTHON[operation.operationId];
  if (!call) return "# spotter.client has no call of its own for this";
  const imported = "from spotter.client import Client\n\n";
  return imported + (isKeys(operation) ? call : `${pythonClient(origin, secure)}\n${call}`);
}

export const pythonClient = (origin, secure) => `client = ${secure ? `Client.with_token("${origin}", "TOKEN", verify="ca.crt")` : `Client("${origin}")`}`;

function javascript(method, operation, address, secure) {
  const body = bodyOf(operation);
  if (answersWith(operation, "text/event-stream"))
    return [`const events = new EventSource("${address}");`, "events.onmessage = ({ data }) => {", "  const analysis = JSON.parse(data);", "  console.log(analysis.state, analysis.frames_done);", '  if (["done", "failed"].includes(analysis.state)) events.close();', "};"].join("\n");
  const options = [
    ...(method === "GET" ? [] : [`method: "${method}"`]),
    ...(secure && !isKeys(operation) ? ["headers: { Authorization: `Bearer ${key}` }"] : []),
    ...(body === "application/json" ? ['headers: { "Content-Type": "application/json" }', `body: '${TOKEN}'`] : []),
    ...(body === "application/octet-stream" ? ["body: file"] : []),
  ];
  const asked = `const answer = await fetch("${address}"${options.length ? `, { ${options.join(", ")} }` : ""});`;
  return [asked, hasJson(operation) ? "console.log(await answer.json());" : "console.log(answer.status);"].join("\n");
}
