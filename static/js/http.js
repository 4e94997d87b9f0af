// Asking the server by HTTP: JSON both ways, the CSRF token, and problems as exceptions with code and fields.
export class Problem extends Error {
  constructor(status, { code = "unreachable", message = "The server did not answer. Please try again.", fields = {} } = {}) {
    super(message);
    Object.assign(this, { status, code, fields });
  }
}

// Raises Problem; its status is 0 when the server cannot be reached.
export async function ask(method, url, body, options = {}) {
  const headers = { Accept: "application/json", "X-CSRF-Token": document.querySelector("meta[name=csrf-token]").content };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(url, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), ...options });
  } catch {
    throw new Problem(0);
  }
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Problem(answer.status, content.error);
  return content;
}

// One line for the reader, as a toast.
export function say(message) {
  document.dispatchEvent(new CustomEvent("natter:say", { detail: { message } }));
}

// Whether frames arrive. When they do they alone change the page; when not, answers by HTTP stand in for them.
export function isLive() {
  return document.documentElement.dataset.live === "true";
}
