// Raising an alert: the first tap opens the sheet, the second sends. What cannot be sent waits in the outbox.

import { freshKey } from "./api.js";
import { categoryOf } from "./alertcard.js";
import { Outbox, mayComeLater } from "./outbox.js";
import { say } from "./words.js";

export class Raising {
  constructor(sheet) {
    this.sheet = sheet;
    this.outbox = new Outbox(document.body.dataset.device);
    this.outbox.addEventListener("sent", ({ detail }) => this.#arrived(detail));
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
    this.last = { facts, key: freshKey(), alert: null };
    return this.#send(this.last);
  }

  async #send({ facts, key }) {
    this.busy = true;
    const { call } = categoryOf(facts.category);
    this.#show("sending", say("raising"), "");
    try {
      await this.outbox.raise(facts, key);
    } catch (error) {
      if (!mayComeLater(error)) return this.#show("refused", say("raiseRefused"), error.message || say("wentWrong"), call);
      const waits = error.status ? "raiseBusy" : "raiseWaits";
      const why = error.status === 429 ? error.message : "";
      this.#show("waits", say(waits), [why, say(`${waits}Text`)].filter(Boolean).join(" "), call);
    } finally {
      this.busy = false;
    }
  }

  /** It is with the server, now or after it had waited. */
  #arrived({ key, alert }) {
    if (this.last?.key !== key) return;
    this.last.alert = alert;
    if (!["sending", "waits"].includes(this.sheet.dataset.step)) return;
    const { name, call } = categoryOf(alert.category);
    const text = alert.reports > 1 ? say("raisedJoined", { n: alert.reports }) : say("raisedText");
    this.#show("sent", say("raised", { category: [name, alert.place].filter(Boolean).join(" · ") }), text, call);
  }

  /** Words come after the alert: nobody types while something burns. */
  async #sendWords() {
    const field = this.sheet.querySelector("[data-raise-text]");
    const text = field.value.trim();
    if (!text || this.busy) return;
    this.busy = true;
    const said = this.sheet.querySelector("[data-raise-said]");
    try {
      said.textContent = await this.#say(this.last, text);
      field.value = "";
    } catch (error) {
      said.textContent = error.message || say("wentWrong");
    } finally {
      this.busy = false;
      said.hidden = false;
      this.#hint();
    }
  }

  /** @returns what became of the words. Throws where they were refused. */
  async #say(last, text) {
    if (!last.alert) {
      await this.outbox.wordsToo(last.facts, last.key, text);
      return say(last.alert ? "wordsSent" : navigator.onLine ? "raiseBusyText" : "raiseWaitsText");
    }
    try {
      last.alert = await this.outbox.words(last.alert.id, last.facts, text);
      return say("wordsSent");
    } catch (error) {
      if (!mayComeLater(error)) throw error;
      return say(error.status ? "raiseBusyText" : "raiseWaitsText");
    }
  }

  /** Everybody's at once are the first words of who told it first, where the category lets them out; the rest is the leader's. */
  #hint() {
    const { facts, alert } = this.last;
    const open = categoryOf(facts.category).open && (!alert || (alert.mine && !alert.text));
    this.sheet.querySelector("[data-raise-hint]").textContent = say(open ? "wordsOpen" : "wordsClosed");
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
    this.#hint();
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
}
