// "Keep this moment": asks for the snapshot, waits for the worker, then shows the clip for as long as it may be shown.

import { ApiError, get, post } from "./api.js";
import { listenAlive } from "./alive.js";
import { Player } from "./player.js";
import { sleep } from "./sleep.js";
import { clock, day, say } from "./words.js";

const BEFORE_S = 15;
const AFTER_S = 15;
const GIVE_UP_MS = 3 * 60e3;

export function keepMoment(main, camera, at, purpose, signal) {
  const row = main.querySelector("[data-kept-row]").content.firstElementChild.cloneNode(true);
  main.querySelector("[data-kept]").prepend(row);
  const kept = new Kept(row, at, signal);
  main.addEventListener("takenback", () => kept.again(), { signal });
  signal.addEventListener("abort", () => kept.empty(), { once: true });
  return kept.keep(camera, purpose);
}

class Kept {
  constructor(row, at, signal) {
    this.row = row;
    this.at = at;
    this.signal = signal;
    this.part = (name) => row.querySelector(`[data-kept-${name}]`);
    this.part("play").addEventListener("click", () => this.play());
  }

  async keep(camera, purpose) {
    this.#tell("keeping");
    try {
      const { id } = await post(`/api/v1/cameras/${camera}/snapshots/`, {
        at: this.at.toISOString(), before_s: BEFORE_S, after_s: AFTER_S, purpose,
      }, { signal: this.signal });
      this.row.dataset.snapshot = id;
      const found = await this.#finished(id);
      this.part("progress").hidden = true;
      if (found?.status !== "done") return this.#tell("keepFailed");
      this.row.dataset.done = "";
      this.#show(found);
    } catch (error) {
      this.#failed(error, "keepFailed");
    }
  }

  async #finished(id) {
    const until = Date.now() + GIVE_UP_MS;
    while (Date.now() < until && !this.signal.aborted) {
      const found = await get(`/api/v1/snapshots/${id}/`, { signal: this.signal });
      if (found.status === "done" || found.status === "failed") return found;
      if (found.status === "waiting") this.#tell("keepingWaits");
      await sleep(1000, this.signal);
    }
    return null;
  }

  #show({ poster_url: poster, clip_url: clip }) {
    this.#tell("kept");
    this.clip = clip;
    this.row.classList.remove("gone");
    if (poster) Object.assign(this.part("poster"), { src: poster, hidden: false, alt: say("keptPoster", { time: clock(this.at) }) });
    this.part("play").hidden = !clip;
  }

  play() {
    this.player = new Player();
    this.part("poster").hidden = true;
    this.part("poster").before(this.player.video);
    this.player.video.controls = true;
    this.part("play").hidden = true;
    this.row.classList.add("playing");
    this.player.load(this.clip);
    const over = () => this.again();
    this.stopAlive = listenAlive(this.clip.replace(/\/[^/]*$/, ""), { onRevoked: over, onEnded: over, onLost: () => {} });
  }

  /** No picture of it is left on the page, and none in the browser's buffer. */
  empty() {
    this.stopAlive?.();
    this.player?.destroy();
    this.stopAlive = this.player = this.clip = null;
    this.part("poster").removeAttribute("src");
    this.part("poster").hidden = this.part("play").hidden = true;
    this.row.classList.remove("playing");
  }

  /** Its view is over or was taken back: the picture goes at once, then we ask whether it may still be shown. */
  async again() {
    if (!("done" in this.row.dataset)) return;
    this.empty();
    try {
      this.#show(await get(`/api/v1/snapshots/${this.row.dataset.snapshot}/`, { signal: this.signal }));
    } catch (error) {
      this.#failed(error, "keptGone");
    }
  }

  #failed(error, name) {
    if (error.name === "AbortError") return;
    this.part("progress").hidden = true;
    this.row.classList.add("gone"); // no empty frame under a name
    const said = error instanceof ApiError && error.status && error.status !== 404;
    if (said) this.part("words").textContent = error.message;
    else this.#tell(name);
  }

  #tell(name) {
    this.part("words").textContent = say(name, { time: `${clock(this.at)}, ${day(this.at)}` });
  }
}
