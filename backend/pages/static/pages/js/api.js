// Calls to /api/v1 with the page's own cookie: JSON in, JSON or an ApiError out.

export class ApiError extends Error {
  /** @param {number} status 0 where the network did not answer */
  constructor(status, problem, retryAfter) {
    super(problem.detail || problem.title || "");
    this.status = status;
    this.code = problem.code || "";
    this.fields = problem.errors || {};
    this.data = problem.data; // what allauth says beside it: which second step is to come
    this.retryAfter = retryAfter;
  }
}

export const csrf = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1]
  ?? document.querySelector('meta[name="csrf"]').content;

/** Random and long enough for an Idempotency-Key; randomUUID exists only where there is TLS. */
export function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

export async function call(method, path, body, { signal, keepalive = false, key = null, cookie = false } = {}) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = csrf();
  if (method === "POST") headers["Idempotency-Key"] = key ?? freshKey();
  if (cookie) headers["X-Matpho-Cookie"] = "1"; // the token comes as a cookie that no script can read
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(path, {
      method, headers, signal, keepalive, credentials: "same-origin", cache: "no-store",
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, {}, null);
  }
  const data = answer.status === 204 ? null : await answer.json().catch(() => null);
  if (!answer.ok) throw new ApiError(answer.status, data ?? {}, Number(answer.headers.get("Retry-After")) || null);
  return data;
}

export const get = (path, options) => call("GET", path, undefined, options);
export const post = (path, body = {}, options) => call("POST", path, body, options);
export const remove = (path, options) => call("DELETE", path, undefined, options);
