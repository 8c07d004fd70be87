// The server's REST interface, as docs/api.md tells it.

export const AWAY = "Spotter does not answer. Is it still running on this computer?";
export const ROOT = "/api/v1";

export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

export async function call(path, options = {}) {
  let response;
  try {
    response = await fetch(ROOT + path, { credentials: "same-origin", ...options });
  } catch {
    throw new ApiError(AWAY, 0);
  }
  if (response.status === 204) return null;
  const body = await response.json().catch(() => null);
  if (!response.ok) throw new ApiError(body?.error?.message ?? `Spotter answered ${response.status}.`, response.status);
  return body;
}

export const get = (path, query = {}) => {
  const wanted = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    for (const one of [value].flat()) if (one !== null && one !== undefined && one !== "") wanted.append(name, one);
  return call(wanted.size ? `${path}?${wanted}` : path);
};

export const remove = (path) => call(path, { method: "DELETE" });

export function socketAddress(path) {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${ROOT}${path}`;
}
