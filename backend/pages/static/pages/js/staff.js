// Sign-in with a password: allauth's browser client first, then our own token in a cookie.

import { ApiError, call, post } from "./api.js";
import { say } from "./words.js";

const LOGIN = "/_allauth/browser/v1/auth/login";

async function signIn(username, password) {
  try {
    await post(LOGIN, { username, password });
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
    // 409: this browser is signed in already, perhaps as somebody else: leave and try once more
    await call("DELETE", "/_allauth/browser/v1/auth/session").catch(() => {}); // answers 401 when it has worked
    await post(LOGIN, { username, password });
  }
  await post("/api/v1/sessions/staff/", { device_name: navigator.platform || "web" });
}

function problemOf(error) {
  if (!(error instanceof ApiError)) return say("wentWrong");
  if (error.status === 0) return say("noNetwork");
  const [first] = Array.isArray(error.fields) ? error.fields : []; // allauth's own shape of an error
  if (error.status === 429 || first?.code === "too_many_login_attempts") return say("tooMany");
  if (error.status === 400 || error.status === 401) return say("wrongPassword");
  return error.message || say("wentWrong");
}

function handle(form, act) {
  const note = form.querySelector("[data-problem]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button:not([type])");
    button.disabled = true;
    note.hidden = true;
    try {
      await act(Object.fromEntries(new FormData(form)));
      location.assign("/");
    } catch (error) {
      note.querySelector("p").textContent = problemOf(error);
      note.hidden = false;
      button.disabled = false;
    }
  });
}

export function mountStaff(main) {
  handle(main.querySelector("[data-staff]"), ({ username, password }) => signIn(username, password));
  return null;
}

export function mountSetup(main) {
  const secret = decodeURIComponent(location.hash.slice(1));
  if (secret) history.replaceState(null, "", location.pathname);
  const form = main.querySelector("[data-setup]");
  if (!secret) form.querySelector("[data-missing]").hidden = false;
  handle(form, async (fields) => {
    const { csrfmiddlewaretoken: _, ...facts } = fields;
    await post("/api/v1/setup/", { token: secret, ...facts });
    await signIn(facts.username, facts.password);
  });
  return null;
}
