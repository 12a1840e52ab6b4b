// Raising an alert: the first tap opens the sheet, the second sends. What cannot be sent waits on the phone and goes out
// once, by its Idempotency-Key, when the line is back.

import { ApiError, freshKey, post } from "./api.js";
import { categoryOf, timeOf } from "./alertcard.js";
import { read, write } from "./alertstate.js";
import { say } from "./words.js";

const WAITING = "matpho:waiting";
const RAISING = "matpho:raising";
const MINE = "matpho:mine";
const MOST_MINE = 50;

/** Alerts this phone has raised itself: for them it does not ring. */
export const isMine = (id) => (read(MINE) ?? []).includes(id);

/** True while an alert of this phone's own is on its way: its news may be here before the answer is. */
export const isRaising = () => Date.now() - (read(RAISING) ?? 0) < 5000;

export class Raising extends EventTarget {
  // Events: "raised" (detail: the alert's view), "waiting" (the list of what waits has changed).
  constructor(sheet) {
    super();
    this.sheet = sheet;
    this.device = document.body.dataset.device;
    const on = (name, act) => sheet.querySelectorAll(name).forEach((found) => found.addEventListener("click", () => act(found)));
    on("[data-category]", (button) => this.raise(button.dataset.category));
    on("[data-raise-close]", () => sheet.close());
    sheet.querySelector("[data-raise-words]").addEventListener("submit", (event) => { event.preventDefault(); this.#sendWords(); });
    sheet.addEventListener("close", () => this.#reset());
    document.addEventListener("click", (event) => {
      const opener = event.target.closest?.("[data-raise]");
      if (!opener || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.open(opener.dataset.raise);
    });
    addEventListener("online", () => this.flush());
    this.flush();
  }

  /** @param {string} camera whose picture the person is looking at; empty elsewhere */
  open(camera = "") {
    this.#reset();
    this.#fillPlace(camera);
    this.sheet.showModal();
  }

  /** A place is filled in, so that nobody must choose: the camera looked at, where the phone is if it may say, else all. */
  async #fillPlace(camera) {
    const select = this.sheet.querySelector("[data-raise-place]");
    const here = select.querySelector('[value="here"]');
    select.value = [...select.options].some((option) => option.value === camera) ? camera : "";
    this.position = null;
    here.hidden = true;
    if (!navigator.geolocation || (await navigator.permissions?.query({ name: "geolocation" }).catch(() => null))?.state !== "granted") return;
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      this.position = { lat: coords.latitude, lon: coords.longitude };
      here.hidden = false;
      if (!select.value) select.value = "here";
    }, () => {}, { maximumAge: 60e3, timeout: 4000 });
  }

  #where() {
    const chosen = this.sheet.querySelector("[data-raise-place]").value;
    if (chosen === "here") return { location: this.position };
    if (chosen.startsWith("in:")) return { neighborhood: chosen.slice(3) };
    return chosen ? { camera_ids: [chosen] } : {};
  }

  raise(category) {
    if (this.busy) return undefined;
    const facts = { category, ...this.#where(), occurred_at: new Date().toISOString() };
    this.last = { facts, key: freshKey() };
    return this.#send(facts, this.last.key);
  }

  async #send(facts, key) {
    this.busy = true;
    const { name, call } = categoryOf(facts.category);
    this.#show("sending", say("raising"), "");
    try {
      const alert = await send(facts, key);
      const joined = alert.reports > 1;
      this.#show("sent", say("raised", { category: [name, alert.place].filter(Boolean).join(" · ") }), joined ? say("raisedJoined", { n: alert.reports }) : say("raisedText"), call);
      this.dispatchEvent(new CustomEvent("raised", { detail: alert }));
    } catch (error) {
      if (!mayComeLater(error)) return this.#show("refused", say("raiseRefused"), error.message || say("wentWrong"), call);
      this.#wait(facts, key);
      this.#show("waits", say("raiseWaits"), say("raiseWaitsText"), call);
    } finally {
      this.busy = false;
    }
  }

  /** Words come after the alert, as a report of the same: nobody types while something burns. */
  async #sendWords() {
    const field = this.sheet.querySelector("[data-raise-text]");
    const text = field.value.trim();
    if (!text || this.busy) return;
    this.busy = true;
    const facts = { ...this.last.facts, text };
    const key = freshKey();
    const said = this.sheet.querySelector("[data-raise-said]");
    try {
      this.dispatchEvent(new CustomEvent("raised", { detail: await send(facts, key) }));
      said.textContent = say("wordsSent");
      field.value = "";
    } catch (error) {
      if (mayComeLater(error)) this.#wait(facts, key);
      said.textContent = mayComeLater(error) ? say("raiseWaitsText") : error.message || say("wentWrong");
    } finally {
      this.busy = false;
      said.hidden = false;
    }
  }

  #show(step, title, text, call = "") {
    const part = (name) => this.sheet.querySelector(`[data-raise-${name}]`);
    this.sheet.dataset.step = step;
    part("choose").hidden = step !== "choose";
    part("done").hidden = step === "choose";
    if (step === "choose") return;
    part("title").textContent = title;
    part("message").textContent = text;
    part("words").hidden = step !== "sent" && step !== "waits";
    part("hint").textContent = say(categoryOf(this.last.facts.category).open ? "wordsOpen" : "wordsClosed");
    part("call").hidden = !call;
    part("call").href = `tel:${call}`;
    part("call-words").textContent = say("callNumber", { number: call });
    part("title").focus();
  }

  #reset() {
    this.sheet.dataset.step = "choose";
    this.#show("choose");
    this.sheet.querySelector("[data-raise-text]").value = "";
    this.sheet.querySelector("[data-raise-said]").hidden = true;
  }

  #wait(facts, key) {
    write(WAITING, [...this.waiting(), { facts, key, device: this.device }]);
    this.dispatchEvent(new Event("waiting"));
  }

  /** What this sign-in has not been able to send yet, oldest first. */
  waiting() {
    return (read(WAITING) ?? []).filter((one) => one.device === this.device);
  }

  /** Sends what waits. Two tabs at once do no harm: the key makes one alert of both. */
  async flush() {
    if (this.flushing || !navigator.onLine) return;
    this.flushing = true;
    try {
      for (const one of this.waiting()) {
        try {
          const alert = await send(one.facts, one.key);
          this.dispatchEvent(new CustomEvent("raised", { detail: alert }));
          this.#done(one, say("raiseSentLater", { category: categoryOf(one.facts.category).name, time: timeOf(one.facts.occurred_at) }));
        } catch (error) {
          if (mayComeLater(error)) return;
          this.#done(one, `${say("raiseRefused")}: ${error.message}`);
        }
      }
    } finally {
      this.flushing = false;
    }
  }

  #done(one, words) {
    write(WAITING, (read(WAITING) ?? []).filter((other) => other.key !== one.key));
    this.dispatchEvent(new CustomEvent("waiting", { detail: words }));
  }
}

async function send(facts, key) {
  write(RAISING, Date.now());
  try {
    const alert = await post("/api/v1/alerts/", facts, { key });
    write(MINE, [...(read(MINE) ?? []), alert.id].slice(-MOST_MINE));
    return { ...alert, mine: true };
  } finally {
    write(RAISING, 0);
  }
}

const mayComeLater = (error) => !(error instanceof ApiError) || error.status === 0 || error.status >= 500 || error.code === "in_progress";
