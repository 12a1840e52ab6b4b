// The feed: cards kept up to date in place, what is shown is said to be seen, clips play in their card.

import { fill, tickAges, timeOf } from "./alertcard.js";
import { alerts } from "./alerts.js";
import { Clip } from "./clip.js";
import { tellWaiting } from "./waiting.js";
import { say } from "./words.js";

const MOST_SHOWN = 40;

export function mountFeed(main) {
  const list = new AlertList(main);
  return () => list.close();
}

/** The list that feed and console share: `[data-alerts]`, a card form, chips for what is shown, an empty state. */
export class AlertList {
  constructor(main, { onCard = () => {}, openFirst = false } = {}) {
    this.main = main;
    this.list = main.querySelector("[data-alerts]");
    this.form = main.querySelector("[data-alert-form]");
    this.onCard = onCard;
    this.openFirst = openFirst;
    this.clips = new Map();
    this.stopper = new AbortController();
    const { signal } = this.stopper;
    this.eye = new IntersectionObserver((entries) => this.#look(entries), { threshold: 0.5 });
    alerts.state.addEventListener("changed", ({ detail: id }) => this.update(id), { signal });
    alerts.addEventListener("line", () => this.#tellAge(), { signal });
    addEventListener("hashchange", () => this.#goTo(), { signal });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.#lookAgain(); }, { signal });
    main.querySelectorAll("[data-show]").forEach((chip) => chip.addEventListener("click", () => this.#show(chip.dataset.show), { signal }));
    this.list.addEventListener("click", (event) => this.#click(event), { signal });
    this.ticking = setInterval(() => tickAges(this.list), 15e3);
    for (const card of [...this.list.children]) this.#adopt(card);
    alerts.state.list().slice(0, MOST_SHOWN).reverse().forEach(({ id }) => this.update(id));
    tickAges(this.list);
    this.#show("all");
    this.#goTo();
    this.#tellAge();
    this.stopTelling = tellWaiting(main);
  }

  close() {
    this.stopTelling();
    this.stopper.abort();
    clearInterval(this.ticking);
    this.eye.disconnect();
    this.clips.forEach((clip) => clip.empty());
  }

  card(id) {
    return this.list.querySelector(`[data-alert="${CSS.escape(id)}"]`);
  }

  update(id) {
    const view = alerts.state.of(id);
    let card = this.card(id);
    if (!view) {
      card?.remove();
      return this.#tellEmpty();
    }
    const isNew = !card;
    card ??= this.form.content.firstElementChild.cloneNode(true);
    fill(card, view, alerts.place);
    if (isNew) {
      this.#place(card, view);
      this.#adopt(card);
    }
    if (view.state === "withdrawn" || view.clip === "none") this.clips.get(id)?.empty();
    this.onCard(card, view);
    return this.#tellEmpty();
  }

  /** Newest first; an alert that comes late stands where it belongs. None moves under a finger: what ends stays there. */
  #place(card, view) {
    card.dataset.at = view.raised_at;
    const isOver = (other) => this.openFirst && card.dataset.open && !other.dataset.open;
    const after = [...this.list.children].find((other) => isOver(other) || other.dataset.at < view.raised_at);
    this.list.insertBefore(card, after ?? null);
    card.classList.add("fade");
  }

  #adopt(card) {
    this.eye.observe(card);
    card.hidden = this.shown === "open" && !card.dataset.open;
  }

  #look(entries) {
    for (const { target, isIntersecting } of entries) target.dataset.inSight = isIntersecting ? "1" : "";
    this.#lookAgain();
  }

  #lookAgain() {
    if (document.hidden) return;
    const cards = [...this.list.children].filter((card) => card.dataset.inSight && !card.dataset.seen);
    cards.forEach((card) => { card.dataset.seen = "1"; });
    if (cards.length) alerts.seen(cards.map((card) => card.dataset.alert));
  }

  #click(event) {
    const button = event.target.closest("[data-clip-play]");
    if (!button) return;
    const card = button.closest("[data-alert]");
    const id = card.dataset.alert;
    if (!this.clips.has(id)) this.clips.set(id, new Clip(card.querySelector('[data-a="clip"]'), id));
    this.clips.get(id).play();
  }

  #show(which) {
    this.shown = which;
    this.main.querySelectorAll("[data-show]").forEach((chip) => chip.setAttribute("aria-pressed", String(chip.dataset.show === which)));
    for (const card of this.list.children) card.hidden = which === "open" && !card.dataset.open;
    this.#tellEmpty();
  }

  #tellEmpty() {
    const any = [...this.list.children].some((card) => !card.hidden);
    this.main.querySelector("[data-empty]").hidden = any || this.shown === "open";
    this.main.querySelector("[data-empty-open]").hidden = any || this.shown !== "open";
  }

  #goTo() {
    const card = location.hash.length > 1 ? this.card(location.hash.slice(1)) : null;
    if (!card) return;
    card.hidden = false;
    card.scrollIntoView({ block: "center" });
    card.classList.add("meant");
    setTimeout(() => card.classList.remove("meant"), 4000);
  }

  /** Without a line: how old is what stands here. */
  #tellAge() {
    const note = this.main.querySelector("[data-stale]");
    const at = alerts.state.at;
    note.hidden = alerts.line !== "off" || !at;
    if (!note.hidden) note.querySelector("p").textContent = say("asOf", { time: timeOf(at) });
  }
}
