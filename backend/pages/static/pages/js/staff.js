// Sign-in with a password: allauth's browser client first, then our own token in a cookie. And the first set-up.

import { ApiError, call, post } from "./api.js";
import { clearMistakes, showMistakes } from "./mistakes.js";
import { say } from "./words.js";

const LOGIN = "/_allauth/browser/v1/auth/login";
const KEPT = "setup-link";
const SECRET = /^[\w-]{20,}$/; // "#main" is the skip link's

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

function refusedSignIn(error) {
  const [first] = Array.isArray(error.fields) ? error.fields : []; // allauth's own shape of an error
  if (error.status === 429 || first?.code === "too_many_login_attempts") return say("tooMany");
  if (error.status === 400 || error.status === 401) return say("wrongPassword");
  return error.message;
}

/** Sends the form by `act`, which answers where to go. What is wrong is said at the top, or under its fields. */
function handle(form, act, words = (error) => error.message) {
  const note = form.querySelector("[data-problem]");
  const button = form.querySelector("button:not([type])");
  const tell = (error) => {
    if (error instanceof ApiError && showMistakes(form, error.fields)) return;
    const known = error instanceof ApiError && (error.status === 0 ? say("noNetwork") : words(error));
    note.querySelector("p").textContent = known || say("wentWrong");
    note.hidden = false;
    note.scrollIntoView({ block: "nearest" }); // the button of a long form stands far below
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    note.hidden = true;
    clearMistakes(form);
    try {
      location.replace(await act(Object.fromEntries(new FormData(form))));
    } catch (error) {
      button.disabled = false;
      tell(error);
    }
  });
}

export function mountStaff(main) {
  handle(main.querySelector("[data-staff]"), ({ username, password }) => signIn(username, password).then(() => "/"), refusedSignIn);
  return null;
}

export function mountSetup(main) {
  const form = main.querySelector("[data-setup]");
  if (!form) return null; // it has been done
  const stopper = new AbortController();
  const look = () => {
    const missing = !secretOfLink();
    form.querySelector("[data-missing]").hidden = !missing;
    form.querySelector("[data-fields]").hidden = missing;
  };
  look();
  // The link pasted into the tab that shows this page changes nothing but the fragment: no page is loaded.
  addEventListener("hashchange", look, { signal: stopper.signal });
  handle(form, async ({ csrfmiddlewaretoken: _, ...facts }) => {
    facts.username = facts.username.trim();
    await post("/api/v1/setup/", { token: secretOfLink(), ...facts });
    sessionStorage.removeItem(KEPT);
    return signIn(facts.username, facts.password).then(() => "/", () => "/staff");
  });
  return () => stopper.abort();
}

/** The link's secret. It leaves the address bar and the history, but not the tab: changing the language loads anew. */
function secretOfLink() {
  const secret = location.hash.slice(1);
  if (SECRET.test(secret)) {
    sessionStorage.setItem(KEPT, secret);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(KEPT);
}
