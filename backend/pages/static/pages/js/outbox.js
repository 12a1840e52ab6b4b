// What this phone has to tell and the server has not confirmed: alerts, and words to them. All of it is written down before
// it is sent, and goes out once, by its Idempotency-Key, however often it must be tried: when the line is back, when a page
// opens, and else by a timer as long as anything waits.

import { ApiError, freshKey, post } from "./api.js";
import { categoryOf, timeOf } from "./alertcard.js";
import { WAITING, read, write } from "./alertstate.js";
import { say } from "./words.js";

const RAISING = "matpho:raising";
const MINE = "matpho:mine";
const MOST_MINE = 50;
const PATIENCE_MS = 20e3; // a line that is there but dead
const FIRST_WAIT_MS = 2000;
const LONGEST_WAIT_MS = 60e3;

/** Alerts this phone has raised itself: for them it does not ring. */
export const isMine = (id) => (read(MINE) ?? []).includes(id);

/** True while an alert of this phone's own is on its way: its news may be here before the answer is. */
export const isRaising = () => Date.now() - (read(RAISING) ?? 0) < 5000;

/** Nobody has said no: the same may succeed later. */
export const mayComeLater = (error) => !(error instanceof ApiError) || error.status === 0 || error.status >= 500
  || [408, 429].includes(error.status) || ["in_progress", "csrf"].includes(error.code);

export class Outbox extends EventTarget {
  // Events: "raised" (detail: the alert's view), "sent" (detail: an alert's key and view), "waiting" (the list has changed;
  // detail: what to say of it, if anything).
  constructor(device) {
    super();
    this.device = device;
    this.going = new Set(); // keys on their way just now
    this.wait = FIRST_WAIT_MS;
    addEventListener("online", () => this.flush());
    this.flush();
  }

  /**
   * What waits, oldest first: `{key, facts, said: [{key, text}]}` an alert and the words to it, `{key, facts, alert, text}`
   * words to one that has arrived; `busy` where the server answered, and could not take it yet.
   */
  list() { return (read(WAITING) ?? []).filter((one) => one.device === this.device); }

  /** @returns the alert's view. Throws the ApiError; what may come later waits. */
  raise(facts, key) { return this.#deliver(this.#put({ facts, key, said: [], device: this.device })); }

  /** Words to an alert that has arrived. Throws as `raise` does. */
  words(alert, facts, text) { return this.#deliver(this.#put({ facts, alert, text, key: freshKey(), device: this.device })); }

  /** Words to an alert that still waits: they go with it. */
  wordsToo(facts, key, text) {
    const one = this.#find(key) ?? { facts, key, device: this.device }; // another page has sent it: the key finds it again
    this.#put({ ...one, said: [...(one.said ?? []), { key: freshKey(), text }] });
    return this.flush();
  }

  /** Two tabs at once do no harm: the key makes one of both. */
  async flush() {
    if (this.flushing || !navigator.onLine) return;
    this.flushing = true;
    try {
      for (const one of this.list().filter(({ key }) => !this.going.has(key))) {
        try {
          await this.#deliver(one);
          this.#tell(one.alert ? say("wordsSent") : say("raiseSentLater", { category: categoryOf(one.facts.category).name, time: timeOf(one.facts.occurred_at) }));
        } catch (error) {
          if (!error.status) return; // no line: the others would not arrive either
          if (!mayComeLater(error)) this.#tell(`${say("raiseRefused")}: ${error.message}`);
        }
      }
    } finally {
      this.flushing = false;
      if (this.list().length && !this.timer) this.#later({});
    }
  }

  async #deliver(one) {
    this.going.add(one.key);
    try {
      const view = await (one.alert ? this.#sendWords(one) : this.#sendAlert(one));
      this.wait = FIRST_WAIT_MS;
      this.dispatchEvent(new CustomEvent("raised", { detail: view }));
      return view;
    } catch (error) {
      if (mayComeLater(error)) {
        const still = this.#find(one.key);
        if (still) this.#put({ ...still, busy: error.status > 0 });
        this.#later(error);
      } else {
        this.#drop(one.key);
      }
      this.#tell();
      throw error;
    } finally {
      this.going.delete(one.key);
    }
  }

  async #sendAlert(one) {
    const [first] = one.said ?? [];
    let sent = first;
    let view;
    try {
      view = await postAlert({ ...one.facts, ...(first && { text: first.text }) }, one.key);
    } catch (error) {
      if (error.code !== "idempotency_key_reused" || !first) throw error;
      view = await postAlert(one.facts, one.key); // it had arrived before there were words, and its answer was lost
      sent = null;
    }
    const rest = (this.#find(one.key)?.said ?? []).filter(({ key }) => key !== sent?.key);
    this.#drop(one.key);
    const later = rest.map(({ key, text }) => this.#put({ key, text, alert: view.id, facts: one.facts, device: one.device }));
    this.dispatchEvent(new CustomEvent("sent", { detail: { key: one.key, alert: view } }));
    later.forEach((words) => this.#deliver(words).catch(() => {}));
    return view;
  }

  async #sendWords({ key, alert, text }) {
    const view = await post(`/api/v1/alerts/${alert}/words/`, { text }, { key, signal: patience() });
    this.#drop(key);
    return view;
  }

  /** What the server asks for, else 2, 4 … 60 s; the earliest of those who wait. */
  #later({ retryAfter }) {
    const wait = retryAfter ? retryAfter * 1000 : this.wait;
    if (!retryAfter) this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
    const at = Date.now() + wait;
    if (this.timer && this.at <= at) return;
    clearTimeout(this.timer);
    this.at = at;
    this.timer = setTimeout(() => { this.timer = null; this.flush(); }, wait);
  }

  #find(key) { return this.list().find((one) => one.key === key); }

  #put(one) {
    const all = read(WAITING) ?? [];
    const at = all.findIndex(({ key }) => key === one.key);
    write(WAITING, at < 0 ? [...all, one] : all.map((other) => (other.key === one.key ? one : other)));
    return one;
  }

  #drop(key) { write(WAITING, (read(WAITING) ?? []).filter((one) => one.key !== key)); }

  #tell(words) { this.dispatchEvent(new CustomEvent("waiting", { detail: words })); }
}

const patience = () => AbortSignal.timeout?.(PATIENCE_MS);

async function postAlert(facts, key) {
  write(RAISING, Date.now());
  try {
    const alert = await post("/api/v1/alerts/", facts, { key, signal: patience() });
    write(MINE, [...(read(MINE) ?? []), alert.id].slice(-MOST_MINE));
    return alert;
  } finally {
    write(RAISING, 0);
  }
}
