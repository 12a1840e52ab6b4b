// The page of one camera: live, back in time, full screen, keep this moment, and every state said in plain words.

import { ApiError, get, post } from "./api.js";
import { listenAlive } from "./alive.js";
import { keepMoment } from "./keep.js";
import { Player } from "./player.js";
import { Purpose } from "./purpose.js";
import { Scrubber } from "./scrubber.js";
import { Stage } from "./stage.js";
import { adopt, closeLater, openLive } from "./warm.js";

const WINDOW_MS = 20 * 60e3; // one replay session; the next is opened where it ends
const NEAR_LIVE_MS = 12e3;
const STALL_MS = 6000;

export function mountWatch(main) {
  const watch = new Watch(main);
  watch.start();
  return () => watch.stop();
}

class Watch {
  constructor(main) {
    this.main = main;
    this.id = main.dataset.camera;
    this.stopper = new AbortController();
    this.stage = new Stage(main, this.stopper.signal);
    this.scrubber = new Scrubber(main.querySelector("[data-track]"), {
      hours: Number(main.dataset.hours),
      onPick: (date) => this.replay(date),
      onLive: () => this.live(),
    });
    this.player = null;
    this.session = null;
    this.stopAlive = null;
    this.turn = 0; // rises with every opening: an answer that comes late is dropped
    this.mode = "opening";
    this.purpose = new Purpose(main.querySelector("[data-purposes]"), () => this.again());
  }

  start() {
    const on = (name, act) => this.main.querySelector(name).addEventListener("click", act);
    on("[data-live]", () => this.live());
    on("[data-retry]", () => this.again());
    on("[data-keep]", () => this.keep());
    this.main.querySelectorAll("[data-jump]").forEach((b) => b.addEventListener("click", () => this.jump(Number(b.dataset.jump))));
    addEventListener("online", () => { this.isLost = false; this.again(); }, { signal: this.stopper.signal });
    addEventListener("offline", () => this.#lost(true), { signal: this.stopper.signal });
    this.ticking = setInterval(() => this.#tick(), 250);
    const started = adopt(this.id);
    if (started) this.#take(started);
    else this.live();
    this.#loadRanges();
    this.rangesTimer = setInterval(() => this.#loadRanges(), 30e3);
  }

  stop() {
    clearInterval(this.ticking);
    clearInterval(this.rangesTimer);
    clearTimeout(this.retryTimer);
    this.stopper.abort();
    this.scrubber.close();
    this.#endSession();
    this.player?.destroy();
  }

  live() {
    this.#take({ player: new Player(), opened: null });
  }

  /** Shows what a finger on the grid has begun, or opens it now. */
  async #take({ player, opened }) {
    const turn = this.#begin("live");
    this.#use(player);
    try {
      const session = await (opened ?? openLive(this.id, this.purpose.chosen).then((found) => {
        if (turn === this.turn) player.load(found.url, { live: true });
        return found;
      }));
      this.#hold(session, turn);
    } catch (error) {
      this.#failed(error, turn);
    }
  }

  async replay(date) {
    if (this.mode === "replay" && this.player.seek(date)) return;
    const turn = this.#begin("replay");
    this.wanted = date;
    const until = new Date(Math.min(Date.now(), date.getTime() + WINDOW_MS));
    const player = new Player();
    this.#use(player);
    try {
      const session = await post(`/api/v1/cameras/${this.id}/playback/`, {
        from: date.toISOString(), to: until.toISOString(), purpose: this.purpose.chosen,
      });
      if (turn === this.turn) {
        this.until = until;
        player.load(session.url, { from: date });
      }
      this.#hold(session, turn);
    } catch (error) {
      this.#failed(error, turn);
    }
  }

  jump(seconds) {
    const to = new Date(Math.max(this.#shown().getTime() + seconds * 1000, Date.now() - Number(this.main.dataset.hours) * 3600e3));
    this.scrubber.setAt(to);
    this.replay(to);
  }

  keep() {
    if (this.stage.covered === "purpose_required") return this.purpose.ask();
    keepMoment(this.main, this.id, this.#shown(), this.purpose.chosen, this.stopper.signal);
  }

  /** Opens again what was being watched. */
  again() {
    if (this.mode === "revoked") return;
    if (this.wantMode === "replay") this.replay(this.lastShown ?? this.wanted);
    else this.live();
  }

  #begin(mode) {
    clearTimeout(this.retryTimer);
    this.#endSession();
    this.mode = "opening";
    this.wantMode = mode;
    this.stalledAt = null;
    this.stage.show("opening");
    this.main.querySelector("[data-live]").setAttribute("aria-pressed", String(mode === "live"));
    this.turn += 1;
    return this.turn;
  }

  #use(player) {
    this.player?.destroy();
    this.player = player;
    this.stage.put(player.video);
    const mine = (act) => (event) => { if (this.player === player && this.mode !== "revoked") act(event); };
    const shown = mine(() => this.#playing());
    player.addEventListener("frame", shown);
    player.addEventListener("progress", mine(() => { this.stalledAt = null; if (this.mode === "waiting") this.#playing(); }));
    player.addEventListener("stalled", mine(() => { this.stalledAt ??= Date.now(); }));
    player.addEventListener("ended", mine(() => this.#windowOver()));
    player.addEventListener("trouble", mine((event) => this.#trouble(event.detail)));
    if (player.video.readyState >= 2 && player.loading) this.#playing();
  }

  #playing() {
    this.stalledAt = null;
    if (this.isLost) return; // what still plays comes from the buffer
    this.mode = this.wantMode;
    this.retries = 0;
    this.stage.show(this.mode);
  }

  #hold(session, turn) {
    if (turn !== this.turn) return closeLater(session);
    this.session = session;
    this.isLost = false;
    const base = session.url.replace(/\/[^/]*$/, "");
    this.stopAlive = listenAlive(base, {
      onRevoked: () => this.#revoked(),
      onEnded: () => { if (turn === this.turn) this.again(); },
      onLost: (lost) => this.#lost(lost),
    });
  }

  #endSession() {
    this.stopAlive?.();
    this.stopAlive = null;
    if (this.session && this.mode !== "revoked") closeLater(this.session);
    this.session = null;
  }

  /** Something was taken back: the player is emptied at once. Then we ask whether it was this phone or the camera. */
  async #revoked() {
    const turn = ++this.turn;
    clearTimeout(this.retryTimer);
    this.stopAlive?.();
    this.session = null;
    this.mode = "revoked";
    this.player?.destroy();
    this.player = null;
    this.stage.empty();
    this.main.dispatchEvent(new Event("takenback")); // kept clips show the same camera
    const still = await get("/api/v1/me/", { signal: this.stopper.signal }).then(() => true, () => false);
    if (turn !== this.turn) return;
    if (!still) return this.stage.revoke();
    this.mode = "opening"; // the camera's owner changed what it shows, and when: opening it again says what
    this.again();
  }

  #failed(error, turn) {
    if (turn !== this.turn || error.name === "AbortError") return;
    if (!(error instanceof ApiError) || error.status === 0 || error.status >= 500) return this.#retryLater(error.status === 0 ? "lost" : "trouble");
    if (error.status === 401) return this.#revoked();
    if (error.code === "csrf") return location.reload();
    this.mode = "covered";
    this.player?.destroy();
    this.player = null;
    this.stage.cover(error.code, error.message);
    if (error.code === "purpose_required") this.purpose.ask();
  }

  #trouble({ status, fatal, what }) {
    if (!fatal) return;
    if (what === "bufferAppendError" || what === "mediaError") return;
    if (status === 403 || status === 404) return this.#retryLater("trouble"); // over or taken back: "alive" says which
    if (status === 503 && this.wantMode === "live") return this.#retryLater("nosignal");
    this.#retryLater(navigator.onLine && status ? "trouble" : "lost");
  }

  #retryLater(why) {
    this.mode = "waiting";
    this.retries = (this.retries ?? 0) + 1;
    this.stage.cover(why);
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => this.#reload(), Math.min(1000 * 2 ** this.retries, 10e3));
  }

  /** Tries the same view again. Its session stays: before a dead camera there would be a new one every few seconds, each
   * in the audit. Once it is over or taken back, "alive" says so. */
  #reload() {
    if (!this.session || this.wantMode !== "live") return this.again();
    this.stalledAt = null;
    const player = new Player();
    this.#use(player);
    player.load(this.session.url, { live: true });
  }

  #lost(lost) {
    if (this.mode === "revoked" || this.mode === "covered") return;
    this.isLost = lost;
    if (lost) this.stage.cover("lost");
    else if (this.stage.covered === "lost") this.again();
  }

  #windowOver() {
    if (this.wantMode !== "replay" || !this.until) return;
    if (Date.now() - this.until.getTime() < NEAR_LIVE_MS) this.live();
    else this.replay(this.until);
  }

  /** What the person sees, or wants to see; the present where nothing has been shown yet. */
  #shown() {
    return this.player?.date() ?? (this.wantMode === "replay" ? this.wanted : null) ?? new Date();
  }

  #tick() {
    const date = this.mode === "revoked" ? null : this.player?.date() ?? null;
    if (date && this.mode !== "opening") {
      this.lastShown = date;
      this.scrubber.setAt(date);
      this.stage.time(date);
    }
    if (this.stalledAt && Date.now() - this.stalledAt > STALL_MS && !this.isLost) {
      this.stalledAt = null;
      this.#retryLater(this.wantMode === "live" ? "nosignal" : "trouble");
    }
  }

  async #loadRanges() {
    const to = new Date();
    const from = new Date(to.getTime() - Number(this.main.dataset.hours) * 3600e3);
    const query = new URLSearchParams({ from: from.toISOString(), to: to.toISOString() });
    try {
      const found = await get(`/api/v1/cameras/${this.id}/recordings/?${query}`, { signal: this.stopper.signal });
      this.scrubber.setRanges(found.ranges);
    } catch {
      // the bar keeps what it had; the picture's own states say what is wrong
    }
  }
}
