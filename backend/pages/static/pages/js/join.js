// The code page: forgiving input, the sheet's QR in the fragment, a suggested name for the phone.

import { ApiError, call, freshKey } from "./api.js";
import { say } from "./words.js";

const SIGNS = /[^0-9A-Z]/g;
const QR = "mpq_"; // the sheet's long form: case matters, so it is left alone

/** Groups what was typed the way the sheet prints it; the server takes any form. */
export function grouped(text) {
  if (text.trim().startsWith(QR)) return text.trim();
  const bare = text.toUpperCase().replaceAll("Đ", "DD").replaceAll("Ư", "W").normalize("NFKC").replace(SIGNS, "");
  if (bare.length <= 8) return bare;
  const selector = bare.slice(0, bare.length - 8);
  return `${selector}-${bare.slice(-8, -4)}-${bare.slice(-4)}`;
}

export function suggestName(agent) {
  const system = [[/iPhone/, "iPhone"], [/iPad/, "iPad"], [/Android/, "Android"], [/Mac OS/, "Mac"], [/Windows/, "Windows"], [/Linux/, "Linux"]]
    .find(([pattern]) => pattern.test(agent))?.[1] ?? "";
  const model = /Android [\d.]+; ([^;)]+?)(?: Build|\))/.exec(agent)?.[1];
  return model && model !== "K" ? model : system;
}

function explain(error) {
  if (!(error instanceof ApiError)) return say("wentWrong");
  if (error.status === 0) return say("noNetwork");
  const wait = error.status === 429 && error.retryAfter ? ` ${say("againIn", { n: Math.ceil(error.retryAfter / 60) })}` : "";
  return (error.message || say("wentWrong")) + wait;
}

class Join {
  constructor(form) {
    this.form = form;
    this.code = form.elements.namedItem("code");
    this.device = form.elements.namedItem("device_name");
    this.note = form.querySelector("[data-problem]");
    this.button = form.querySelector("button");
    this.key = freshKey(); // kept while the same code is tried again, so that a lost answer costs no second slot
    if (!this.device.value) this.device.value = suggestName(navigator.userAgent);
    this.code.addEventListener("blur", () => this.tidy());
    this.code.addEventListener("input", () => { this.key = freshKey(); });
    form.addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
  }

  tidy() {
    this.code.value = grouped(this.code.value);
  }

  async send() {
    this.tidy();
    if (!this.code.value) return this.tell(say("typeFirst"));
    this.button.disabled = true;
    this.note.hidden = true;
    try {
      const facts = { code: this.code.value, device_name: this.device.value.trim() || say("phone") };
      await call("POST", "/api/v1/sessions/", facts, { key: this.key, cookie: true });
      location.replace(this.form.dataset.next);
    } catch (error) {
      this.button.disabled = false;
      if (this.code.value.startsWith(QR)) this.code.value = "";
      this.tell(explain(error));
    }
  }

  tell(text) {
    this.note.querySelector("p").textContent = text;
    this.note.hidden = false;
    this.code.setAttribute("aria-invalid", "true");
    this.code.focus();
  }
}

/** A link may come from anybody, so on a phone that is signed in already its code is used only after a tap. */
function take(main, join, code) {
  const use = () => { join.code.value = code; join.send(); };
  const question = main.querySelector("[data-swap]");
  if (!question) return use();
  question.querySelector("[data-swap-yes]").addEventListener("click", () => { question.close(); use(); });
  question.showModal();
}

export function mountJoin(main) {
  const join = new Join(main.querySelector("[data-join]"));
  const inLink = () => location.hash.slice(1).startsWith(QR); // "#main" is the skip link's, and a try that fails is counted
  if (inLink()) {
    const code = location.hash.slice(1);
    history.replaceState(null, "", location.pathname); // the code does not stay in the address bar or the history
    take(main, join, code);
  }
  const stopper = new AbortController();
  // A second link opened in the same tab: the server says anew who is signed in by now.
  addEventListener("hashchange", () => { if (inLink()) location.reload(); }, { signal: stopper.signal });
  return () => stopper.abort();
}
