// The television: shows a QR until a leader lets it in, then the cameras, one after the other, until it is cut off.

import { ApiError, call, get, post } from "./api.js";
import { age, categoryOf, placeOf } from "./alertcard.js";
import { listenAlive } from "./alive.js";
import { Player } from "./player.js";
import { sleep } from "./sleep.js";
import { clock, say } from "./words.js";

const SHOWN_MS = 20e3; // one camera large
const POSTERS_MS = 5e3;
const ALERTS_MS = 5e3;
const MOST_ALERTS = 3;
const BACK_MS = 10e3; // after the end the QR comes again
const SLOWER_S = 5; // RFC 8628, section 3.5

export function mountWallPair(main) {
  const stopper = new AbortController();
  pairing(main, stopper.signal);
  return () => stopper.abort();
}

async function pairing(main, signal) {
  const code = main.querySelector("[data-code]");
  const picture = main.querySelector("[data-qr]");
  while (!signal.aborted) {
    const asked = await patiently(() => post("/api/v1/walls/pair/", {}, { signal }), main, signal);
    if (!asked) return;
    code.textContent = asked.user_code;
    picture.src = asked.qr;
    picture.hidden = false;
    main.querySelector("[data-place]").textContent = asked.verification_uri.replace(/^https?:\/\//, "");
    const verdict = await polled(main, asked, signal);
    if (verdict === "in") return location.reload();
    if (verdict === "away") {
      tell(main, say("wallTurnedAway"));
      picture.hidden = true;
      code.textContent = "";
      await sleep(BACK_MS, signal);
      tell(main, "");
    }
  }
}

/** Asks until there is an answer: "in", "away", or "over" where the code has expired. */
async function polled(main, asked, signal) {
  let every = asked.interval;
  const until = Date.now() + asked.expires_in * 1000;
  while (!signal.aborted && Date.now() < until) {
    await sleep(every * 1000, signal);
    if (signal.aborted) return "over";
    try {
      await call("POST", "/api/v1/walls/token/", { device_code: asked.device_code }, { signal, cookie: true });
      return "in";
    } catch (error) {
      if (!(error instanceof ApiError)) return "over";
      tell(main, error.status === 0 ? say("noNetwork") : "");
      if (error.code === "slow_down") every += SLOWER_S;
      else if (error.code === "access_denied") return "away";
      else if (error.status === 400 && error.code !== "authorization_pending") return "over";
    }
  }
  return "over";
}

/** Tries again until it works; null where the page is left. */
async function patiently(act, main, signal) {
  for (let wait = 2000; !signal.aborted; wait = Math.min(wait * 2, 60e3)) {
    try {
      const answer = await act();
      tell(main, "");
      return answer;
    } catch (error) {
      if (signal.aborted) return null;
      if (!(error instanceof ApiError)) throw error;
      tell(main, error.message || say("noNetwork"));
      await sleep(error.retryAfter ? error.retryAfter * 1000 : wait, signal);
    }
  }
  return null;
}

function tell(main, text) {
  const note = main.querySelector("[data-note]");
  note.textContent = text;
  note.hidden = !text;
}

export function mountWall(main) {
  const wall = new Wall(main);
  wall.start();
  return () => wall.stop();
}

class Wall {
  constructor(main) {
    this.main = main;
    this.stopper = new AbortController();
    this.slot = main.querySelector("[data-slot]");
    this.tiles = [...main.querySelectorAll("[data-tile]")];
    this.views = new Map(); // camera → its open view: used again at every turn, so that a day opens few
    this.player = null;
  }

  start() {
    const { signal } = this.stopper;
    this.ticking = setInterval(() => this.#tick(), 500);
    keepAwake(signal);
    this.#alerts(signal);
    if (!this.tiles.length) return this.#again();
    this.#rotate(signal);
    this.#posters(signal);
    return undefined;
  }

  stop() {
    clearInterval(this.ticking);
    this.stopper.abort();
    this.views.forEach(({ stopAlive }) => stopAlive());
    this.player?.destroy();
  }

  async #rotate(signal) {
    for (let turn = 0; !signal.aborted; turn = (turn + 1) % this.tiles.length) {
      const shown = await this.#show(this.tiles[turn], signal);
      await sleep(shown ? SHOWN_MS : 1000, signal);
    }
  }

  /** The next camera loads behind the one that is shown, and takes its place with its first picture. */
  async #show(tile, signal) {
    try {
      const view = await this.#view(tile, signal);
      const player = new Player();
      const ready = await this.#firstPicture(player, view.url, signal);
      if (signal.aborted || !ready) {
        player.destroy();
        this.#forget(tile);
        return false;
      }
      this.slot.replaceChildren(player.video);
      this.player?.destroy();
      this.player = player;
      this.tiles.forEach((one) => { one.toggleAttribute("data-on", one === tile); });
      this.main.querySelector("[data-name]").textContent = tile.dataset.name;
      this.#lost(false);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401) this.#over();
      this.#lost(error.status === 0);
      return false;
    }
  }

  async #view(tile, signal) {
    const known = this.views.get(tile);
    if (known && Date.parse(known.expires_at) - Date.now() > 2 * SHOWN_MS) return known;
    this.#forget(tile);
    const view = await post(`/api/v1/cameras/${tile.dataset.tile}/live/`, {}, { signal });
    view.stopAlive = listenAlive(view.url.replace(/\/[^/]*$/, ""), {
      onRevoked: () => this.#over(),
      onEnded: () => this.#forget(tile),
      onLost: (lost) => this.#lost(lost),
    });
    this.views.set(tile, view);
    return view;
  }

  #forget(tile) {
    this.views.get(tile)?.stopAlive();
    this.views.delete(tile);
  }

  #firstPicture(player, url, signal) {
    this.slot.append(player.video); // a video outside the page is not decoded everywhere
    player.video.classList.add("waits");
    return new Promise((done) => {
      const given = setTimeout(() => done(false), 12e3);
      const end = (yes) => { clearTimeout(given); player.video.classList.remove("waits"); done(yes); };
      player.addEventListener("frame", () => end(true), { once: true });
      player.addEventListener("trouble", ({ detail }) => { if (detail.fatal || detail.status === 404) end(false); });
      signal.addEventListener("abort", () => end(false), { once: true });
      player.load(url, { live: true });
    });
  }

  async #posters(signal) {
    let base = null;
    let stopAlive = () => {};
    signal.addEventListener("abort", () => stopAlive(), { once: true });
    while (!signal.aborted) {
      try {
        if (!base) {
          base = (await post("/api/v1/grid/", {}, { signal })).url.replace(/\/$/, "");
          stopAlive = listenAlive(base, {
            onRevoked: () => this.#over(),
            onEnded: () => { base = null; },
            onLost: (lost) => this.#lost(lost),
          });
        }
        for (const tile of this.tiles) if (base) await this.#poster(tile, base, signal);
      } catch (error) {
        if (signal.aborted) return undefined;
        if (error instanceof ApiError && error.status === 401) return this.#over();
      }
      await sleep(POSTERS_MS, signal);
    }
    return undefined;
  }

  async #poster(tile, base, signal) {
    const answer = await fetch(`${base}/poster/${tile.dataset.tile}.jpg`, { signal, cache: "no-cache", credentials: "omit" });
    if (answer.ok && !this.ended) {
      const picture = tile.querySelector("img");
      const old = picture.src;
      picture.src = URL.createObjectURL(await answer.blob());
      picture.hidden = false;
      if (old.startsWith("blob:")) URL.revokeObjectURL(old);
    }
  }

  /** What is going on now, as everybody is told it; a wall asks, for nobody waits before it for a sound. */
  async #alerts(signal) {
    const strip = this.main.querySelector("[data-alerts]");
    while (!signal.aborted) {
      try {
        const { results } = await get(`/api/v1/alerts/?state=open&page_size=${MOST_ALERTS}`, { signal });
        strip.replaceChildren(...results.map((view) => this.#alert(view)));
        strip.hidden = !results.length;
      } catch (error) {
        if (signal.aborted) return undefined;
        if (error instanceof ApiError && error.status === 401) return this.#over();
      }
      await sleep(ALERTS_MS, signal);
    }
    return undefined;
  }

  #alert(view) {
    const line = document.createElement("li");
    line.dataset.severity = view.severity;
    line.textContent = `${categoryOf(view.category).name} · ${placeOf(view, this.main.dataset.place)} · ${age(view.occurred_at)}`;
    return line;
  }

  #tick() {
    this.main.querySelector("[data-clock]").textContent = clock(new Date());
  }

  #lost(yes) {
    this.main.querySelector("[data-lost]").hidden = !yes;
  }

  /** Cut off: nothing is left on the glass; after a while the QR comes again. */
  #over() {
    if (this.ended) return;
    this.ended = true;
    this.stop();
    this.slot.replaceChildren();
    this.tiles.forEach((tile) => {
      const picture = tile.querySelector("img");
      if (picture.src.startsWith("blob:")) URL.revokeObjectURL(picture.src);
      picture.removeAttribute("src");
      picture.hidden = true;
    });
    this.main.querySelector("[data-alerts]").hidden = true;
    this.main.querySelector("[data-revoked]").hidden = false;
    this.#again();
  }

  #again() {
    setTimeout(() => location.reload(), BACK_MS);
  }
}

/** Asks the browser not to darken the screen, and again whenever the page is shown anew. */
function keepAwake(signal) {
  const ask = () => { if (!document.hidden) navigator.wakeLock?.request("screen").catch(() => {}); };
  ask();
  document.addEventListener("visibilitychange", ask, { signal });
}
