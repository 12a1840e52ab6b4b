// The grid: one view session for all posters, refreshed while somebody looks at the page.

import { post, ApiError } from "./api.js";
import { listenAlive } from "./alive.js";
import { sleep } from "./sleep.js";
import { ago, clock, say } from "./words.js";
import { warm } from "./warm.js";

const EVERY_MS = 5000;
const FRESH_S = 60;

export function mountGrid(main) {
  const stopper = new AbortController();
  const loads = new Loads();
  const open = (id) => { loads.stop(); return warm(id); };
  const cards = [...main.querySelectorAll("[data-camera]")].map((link) => new Card(link, open, stopper.signal));
  const lost = (yes) => { main.querySelector("[data-lost]").hidden = !yes; };
  const face = main.querySelector("[data-clock]");
  const tick = () => {
    face.textContent = clock(new Date());
    cards.forEach((card) => card.tick());
  };
  tick();
  const ticking = setInterval(tick, 1000);
  const shown = cards.filter((card) => !card.asks); // staff see no poster of somebody's own camera: a grid says no reason
  if (cards.length) run(main, shown, loads, lost, stopper.signal);
  return () => {
    stopper.abort();
    clearInterval(ticking);
    cards.forEach((card) => card.forget());
  };
}

async function run(main, cards, loads, lost, signal) {
  while (!signal.aborted) {
    let opened;
    try {
      opened = await post("/api/v1/grid/", {}, { signal });
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiError && [401, 403].includes(error.status)) return revoked(main, cards);
      lost(true);
      await sleep(3000, signal);
      continue;
    }
    lost(false);
    const base = opened.url.replace(/\/$/, "");
    const round = new AbortController();
    signal.addEventListener("abort", () => round.abort(), { once: true });
    const stop = listenAlive(base, {
      onRevoked: () => { round.abort(); revoked(main, cards); },
      onEnded: () => round.abort(),
      onLost: lost,
    });
    await refresh(cards, loads, base, lost, round.signal);
    stop();
    if (main.dataset.over) return;
    await sleep(500, signal);
  }
}

async function refresh(cards, loads, base, lost, signal) {
  while (!signal.aborted) {
    if (!document.hidden) {
      const results = await loads.all(cards, (card, stop) => card.load(base, stop), signal);
      if (signal.aborted) return;
      if (results.length) lost(results.every((status) => status === 0));
    }
    await sleep(EVERY_MS, signal);
  }
}

function revoked(main, cards) {
  main.dataset.over = "1";
  cards.forEach((card) => card.forget());
  const cover = main.querySelector("[data-revoked]");
  cover.hidden = false;
  cover.focus();
}

/** Loads posters two at a time, so that a tap on a camera finds the line and a connection free; a tap stops them. */
class Loads {
  constructor() {
    this.stopper = new AbortController();
  }

  stop() {
    this.stopper.abort();
    this.stopper = new AbortController();
  }

  async all(cards, load, signal) {
    const stop = AbortSignal.any([this.stopper.signal, signal]);
    const waiting = [...cards];
    const results = [];
    const lane = async () => {
      while (waiting.length && !stop.aborted) results.push(await load(waiting.shift(), stop));
    };
    await Promise.all([lane(), lane()]);
    return stop.aborted ? [] : results;
  }
}

/** How old a picture was when it was sent, in ms; both times are the server's, for a phone's clock may be wrong. */
function ageOf(headers) {
  const taken = Date.parse(headers.get("Last-Modified") ?? "");
  const sent = Date.parse(headers.get("Date") ?? "") || Date.now();
  return taken ? Math.max(0, sent - taken) : 0;
}

class Card {
  constructor(link, onOpen, signal) {
    this.link = link;
    this.id = link.dataset.camera;
    this.asks = "asks" in link.dataset;
    this.picture = link.querySelector("[data-poster]");
    this.blank = link.querySelector("[data-blank]");
    this.label = link.querySelector("[data-age]");
    this.at = null;
    // Not on pointerdown: a finger that scrolls would open cameras, and watching is written down.
    link.addEventListener("click", (event) => {
      if (!event.ctrlKey && !event.metaKey) this.opened = onOpen(this.id);
    }, { signal });
    // The page is asked for after the first segment: swapping it in would keep a slow processor from asking for that.
    link.addEventListener("htmx:confirm", (event) => {
      event.preventDefault();
      link.classList.add("opening");
      Promise.resolve(this.opened).then(() => event.detail.issueRequest(true));
    }, { signal });
  }

  /** Fetches the newest poster; answers its status, 0 where nothing answered. */
  async load(base, signal) {
    try {
      const answer = await fetch(`${base}/poster/${this.id}.jpg`, { signal, cache: "no-cache", credentials: "omit" });
      if (answer.ok) await this.show(answer);
      return answer.status;
    } catch {
      return 0;
    }
  }

  async show(answer) {
    const fresh = URL.createObjectURL(await answer.blob());
    const old = this.picture.src;
    this.picture.src = fresh;
    this.picture.hidden = false;
    this.blank.hidden = true;
    if (old.startsWith("blob:")) URL.revokeObjectURL(old);
    this.at = Date.now() - ageOf(answer.headers);
    this.tick();
  }

  /** The age of the picture, said to everybody: one of ten minutes ago must not pass for the street as it is. */
  tick() {
    if (this.at === null) return;
    const seconds = (Date.now() - this.at) / 1000;
    const old = seconds > FRESH_S;
    this.label.hidden = false;
    this.label.textContent = old ? say("pictureFrom", { ago: ago(seconds) }) : ago(seconds);
    this.link.classList.toggle("old", old);
    this.picture.alt = say("posterOf", { name: this.link.querySelector(".cam-name").textContent });
  }

  forget() {
    if (this.picture.src.startsWith("blob:")) URL.revokeObjectURL(this.picture.src);
    this.picture.removeAttribute("src");
    this.picture.hidden = true;
    this.blank.hidden = false;
    this.label.hidden = true;
    this.at = null;
  }
}
