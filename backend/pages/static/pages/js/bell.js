// On every page: how the line is, how many alerts nobody here has looked at, and what just came, seen and heard.

import { age, categoryOf, placeOf } from "./alertcard.js";
import { isOpen, read, write } from "./alertstate.js";
import { isMine, isRaising } from "./outbox.js";
import { sleep } from "./sleep.js";
import { canSound, mayRing, ring } from "./sound.js";
import { say } from "./words.js";

const TOLD = "matpho:told";
const MOST_TOLD = 200;
const MOST_TOASTS = 3;
const NEWS_FOR_MS = 30 * 60e3; // older ones are counted and not shouted
const RINGS_FOR_MS = 10 * 60e3;
const STAYS_MS = { emergency: 0, urgent: 40e3, notice: 15e3 }; // 0: until somebody closes it

export class Bell {
  constructor(place) {
    this.place = place;
    this.looked = new Set();
    this.unseen = new Set(JSON.parse(document.body.dataset.unseen || "[]"));
    this.preferences = { sound: true, vibration: true, muted: [] };
    this.toasts = document.querySelector("[data-toasts]");
    this.channel = globalThis.BroadcastChannel ? new BroadcastChannel("matpho:seen") : null;
    if (this.channel) this.channel.onmessage = ({ data }) => this.seen(data, { told: true });
    this.count();
  }

  line(state) {
    const shown = document.querySelector("[data-line]");
    shown.dataset.line = state;
    shown.querySelector("use").setAttribute("href", `#sign-${{ on: "live", catching: "clock", off: "offline" }[state]}`);
    shown.querySelector("span").textContent = say({ on: "lineOn", catching: "lineCatching", off: "lineOff" }[state]);
  }

  /** An alert of somebody else's has come; told once on this phone, however many pages are open. */
  async arrived(view) {
    for (let waited = 0; isRaising() && waited < 5000; waited += 50) await sleep(50);
    if (isMine(view.id) || !isOpen(view)) return;
    const old = Date.now() - Date.parse(view.raised_at);
    if (!this.looked.has(view.id)) {
      this.unseen.add(view.id);
      this.count();
      if (old < NEWS_FOR_MS && !document.hidden) this.#toast(view);
    }
    if (old < RINGS_FOR_MS) this.#ring(view);
  }

  async #ring(view) {
    const { breaksQuiet } = categoryOf(view.category);
    if (!mayRing(this.preferences, view.category, breaksQuiet) || !canSound()) return;
    if (await firstToTell(`${view.id} ${view.escalation ?? 0}`)) ring(view.severity, this.preferences);
  }

  seen(ids, { told = false } = {}) {
    ids.forEach((id) => this.looked.add(id));
    const news = ids.filter((id) => this.unseen.delete(id));
    ids.forEach((id) => this.toasts.querySelector(`[data-toast="${id}"]`)?.remove());
    this.count();
    if (!told && news.length) this.channel?.postMessage(news);
  }

  /** It is over, or was withdrawn: it is no news any more. */
  over(id) { this.seen([id], { told: true }); }

  count() {
    const n = this.unseen.size;
    for (const badge of document.querySelectorAll("[data-unseen-count]")) {
      badge.hidden = n === 0;
      badge.querySelector("[aria-hidden]").textContent = n > 99 ? "99+" : n;
      badge.querySelector(".for-readers").textContent = n ? say("unseen", { n }) : "";
    }
    document.title = `${n ? `(${n}) ` : ""}${document.title.replace(/^\(\d+\) /, "")}`;
    (n ? navigator.setAppBadge?.(n) : navigator.clearAppBadge?.())?.catch(() => {});
  }

  #toast(view) {
    const { name, sign } = categoryOf(view.category);
    const toast = this.#show(`${name}`, `${placeOf(view, this.place)} · ${age(view.occurred_at)}`, view.severity, sign);
    toast.dataset.toast = view.id;
    const look = toast.querySelector("[data-toast-look]");
    look.hidden = false;
    look.href = `${document.body.dataset.feed}#${view.id}`;
    look.addEventListener("click", () => toast.remove());
  }

  /** News that is no alert, such as a new phone of the household. */
  quietly(text, sign) { this.#show(text, "", "notice", sign); }

  #show(title, text, severity, sign) {
    const toast = document.querySelector("[data-toast-form]").content.firstElementChild.cloneNode(true);
    toast.dataset.severity = severity;
    toast.setAttribute("role", severity === "notice" ? "status" : "alert");
    toast.querySelector("use").setAttribute("href", `#sign-${sign}`);
    toast.querySelector("[data-toast-name]").textContent = title;
    toast.querySelector("[data-toast-text]").textContent = text;
    toast.querySelector("[data-toast-close]").addEventListener("click", () => toast.remove());
    this.toasts.prepend(toast);
    while (this.toasts.children.length > MOST_TOASTS) this.toasts.lastElementChild.remove();
    if (STAYS_MS[severity]) setTimeout(() => toast.remove(), STAYS_MS[severity]);
    return toast;
  }
}

/** True for the first page of this phone that asks about `what`. Locks are there only over TLS; else the storage decides. */
function firstToTell(what) {
  const take = () => {
    const told = read(TOLD) ?? [];
    if (told.includes(what)) return false;
    write(TOLD, [...told, what].slice(-MOST_TOLD));
    return true;
  };
  return navigator.locks ? navigator.locks.request("matpho:told", take) : take();
}
