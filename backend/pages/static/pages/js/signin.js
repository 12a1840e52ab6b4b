// The staff's door, as a page uses it: allauth's browser client (password, then the second step), and setting that up.
// What comes of it is our own token in a cookie (`enter`), or a few minutes in which one's keys may be changed.

import { ApiError, call, get, post } from "./api.js";
import { onClick, onSubmit, tell } from "./steps.js";
import { passkeyCreate, passkeyGet, passkeysWork } from "./webauthn.js";
import { say } from "./words.js";

const DOOR = "/_allauth/browser/v1";
export const KEYS = `${DOOR}/account/authenticators`;

export const leave = () => call("DELETE", `${DOOR}/auth/session`, undefined, { keepalive: true }).catch(() => {}); // answers 401 when it has worked

/** The password. Null where that was all; else the second steps this account has: totp, webauthn, recovery_codes. */
export async function byPassword(username, password) {
  try {
    await post(`${DOOR}/auth/login`, { username, password });
    return null;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === "second_factor_needed") return pendingTypes(error);
    if (error.status !== 409) throw error;
    // 409: this browser is signed in already, perhaps as somebody else: leave and try once more
    await leave();
    return byPassword(username, password);
  }
}

const pendingTypes = (error) => error.data?.flows?.find((flow) => flow.id === "mfa_authenticate")?.types ?? ["totp"];

/** Our own token, as a cookie that no script can read. */
export const enter = () => post("/api/v1/sessions/staff/", { device_name: navigator.platform || "web" });

function wordsOfPassword(error) {
  if (error.status === 429) return say("tooMany");
  if (error.status === 400 || error.status === 401) return say("wrongPassword");
  return error.message;
}

/** Wires the steps password → second | recovery. `done` runs when the door is open, and may ask for `enrol`. */
export function mountSignIn(steps, done) {
  const finish = async () => {
    try {
      await done();
    } catch (error) {
      if (error.code !== "second_factor_enrol") throw error;
      steps.show("enrol");
    }
  };
  onSubmit(steps.section("password").querySelector("form"), async ({ username, password }) => {
    const types = await byPassword(username.trim(), password);
    if (types) showSecond(steps, types);
    else await finish();
  }, wordsOfPassword);
  for (const name of ["second", "recovery"]) {
    const form = steps.section(name).querySelector("form");
    onSubmit(form, async ({ code }) => {
      await post(`${DOOR}/auth/2fa/authenticate`, { code }).catch((error) => startOver(steps, error));
      form.reset();
      await finish();
    }, wordsOfCode);
  }
  onClick(steps.root, "[data-passkey]", async () => {
    const { data } = await get(`${DOOR}/auth/webauthn/authenticate`);
    const credential = await passkeyGet(data.request_options);
    if (!credential) return;
    await post(`${DOOR}/auth/webauthn/authenticate`, { credential });
    await finish();
  });
}

const wordsOfCode = (error) => (error.status === 429 ? say("tooMany") : error.message);

/** The quarter of an hour is over: the password is asked again, and why is said there. */
function startOver(steps, error) {
  if (error.code !== "not_signed_in") throw error;
  steps.show("password");
  tell(steps.section("password"), error);
  throw error;
}

function showSecond(steps, types) {
  const passkey = types.includes("webauthn") && passkeysWork();
  for (const part of steps.section("second").querySelectorAll("[data-by]")) {
    part.hidden = part.dataset.by === "webauthn" ? !passkey : !types.includes("totp");
  }
  steps.show("second");
}

/** Wires the steps enrol → app | passkey → codes. `done` runs when the codes are kept (or there are none to show). */
export function mountEnrol(steps, done) {
  const here = passkeysWork();
  const choice = steps.section("enrol");
  if (choice) {
    choice.querySelector("[data-passkey-here]").hidden = !here;
    choice.querySelector("[data-no-passkey]").hidden = here;
  }
  const begin = async () => {
    const { data } = await get(`${KEYS}/totp`);
    const app = steps.section("app");
    app.querySelector("[data-qr]").src = data.qr;
    app.querySelector("[data-open-app]").href = data.totp_url;
    app.querySelector("[data-key]").textContent = data.secret.match(/.{1,4}/g).join(" ");
    app.querySelector("form").reset();
    steps.show("app");
  };
  const passkey = async (name) => {
    const { data } = await get(`${KEYS}/webauthn`);
    const credential = await passkeyCreate(data.creation_options);
    if (!credential) return;
    await post(`${KEYS}/webauthn`, { name, credential });
    await showCodes(steps, done);
  };
  onClick(steps.root, "[data-begin-app]", begin);
  onClick(steps.root, "[data-begin-passkey]", () => passkey(navigator.platform || "web"));
  onSubmit(steps.section("app").querySelector("form"), async ({ code }) => {
    await post(`${KEYS}/totp`, { code });
    await showCodes(steps, done);
  });
  onClick(steps.root, "[data-kept]", done);
  return { begin, passkey };
}

/** Recovery codes are told once: when there were none before, or when new ones are made. */
async function showCodes(steps, done) {
  const { data } = await get(`${KEYS}/recovery-codes`);
  if (data.unused_codes) printCodes(steps, data.unused_codes);
  else await done();
}

export async function freshCodes(steps) {
  printCodes(steps, (await post(`${KEYS}/recovery-codes`)).data.unused_codes);
}

function printCodes(steps, codes) {
  const spaced = codes.map((code) => `${code.slice(0, 4)} ${code.slice(4)}`);
  const section = steps.section("codes");
  section.querySelector("[data-codes]").replaceChildren(...spaced.map((code) => {
    const line = document.createElement("li");
    line.textContent = code;
    return line;
  }));
  const file = new Blob([`${say("codesFile")}\n\n${spaced.join("\n")}\n`], { type: "text/plain" });
  section.querySelector("[data-download]").href = URL.createObjectURL(file);
  steps.show("codes");
}
