// The leader's sign-in, and the first set-up, which ends in it.

import { post } from "./api.js";
import { byPassword, enter, leave, mountEnrol, mountSignIn } from "./signin.js";
import { onSubmit, Steps } from "./steps.js";

const KEPT = "setup-link";
const SECRET = /^[\w-]{20,}$/; // "#main" is the skip link's

const goIn = async () => {
  await enter();
  location.replace("/");
};

export function mountStaff(main) {
  const steps = new Steps(main);
  mountSignIn(steps, goIn);
  mountEnrol(steps, goIn);
  return null;
}

export function mountSetup(main) {
  const form = main.querySelector("[data-setup]");
  if (!form) return null; // it has been done
  const stopper = new AbortController();
  const steps = new Steps(main);
  mountEnrol(steps, goIn);
  const look = () => {
    const missing = !secretOfLink(KEPT);
    form.querySelector("[data-missing]").hidden = !missing;
    form.querySelector("[data-fields]").hidden = missing;
  };
  look();
  // The link pasted into the tab that shows this page changes nothing but the fragment: no page is loaded.
  addEventListener("hashchange", look, { signal: stopper.signal });
  onSubmit(form, async ({ csrfmiddlewaretoken: _, ...facts }) => {
    facts.username = facts.username.trim();
    await post("/api/v1/setup/", { token: secretOfLink(KEPT), ...facts });
    forgetLink(KEPT);
    await firstSignIn(steps, facts.username, facts.password);
  });
  return () => stopper.abort();
}

/** Right after the account was made: nothing is set up yet, so that comes next. Whatever fails, /staff goes on. */
export async function firstSignIn(steps, username, password) {
  try {
    await leave();
    await byPassword(username, password);
    steps.show("enrol");
  } catch {
    location.replace("/staff");
  }
}

/** The link's secret. It leaves the address bar and the history, but not the tab: changing the language loads anew. */
export function secretOfLink(kept) {
  const secret = location.hash.slice(1);
  if (SECRET.test(secret)) {
    sessionStorage.setItem(kept, secret);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(kept);
}

export const forgetLink = (kept) => sessionStorage.removeItem(kept);
