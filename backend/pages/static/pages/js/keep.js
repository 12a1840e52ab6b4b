// "Keep this moment": asks for the snapshot, waits for the worker, then shows the clip.

import { ApiError, get, post } from "./api.js";
import { Player } from "./player.js";
import { sleep } from "./sleep.js";
import { clock, day, say } from "./words.js";

const BEFORE_S = 15;
const AFTER_S = 15;
const GIVE_UP_MS = 3 * 60e3;

export async function keepMoment(main, camera, at, purpose, signal) {
  const row = main.querySelector("[data-kept-row]").content.firstElementChild.cloneNode(true);
  main.querySelector("[data-kept]").prepend(row);
  const part = (name) => row.querySelector(`[data-kept-${name}]`);
  const tell = (name) => { part("words").textContent = say(name, { time: `${clock(at)}, ${day(at)}` }); };
  tell("keeping");
  try {
    const { id } = await post(`/api/v1/cameras/${camera}/snapshots/`, {
      at: at.toISOString(), before_s: BEFORE_S, after_s: AFTER_S, purpose,
    }, { signal });
    row.dataset.snapshot = id;
    const done = await finished(id, signal, () => tell("keepingWaits"));
    part("progress").hidden = true;
    if (done?.status !== "done") return tell("keepFailed");
    tell("kept");
    row.dataset.done = "";
    if (done.poster_url) Object.assign(part("poster"), { src: done.poster_url, hidden: false, alt: say("keptPoster", { time: clock(at) }) });
    part("play").hidden = !done.clip_url;
    part("play").addEventListener("click", () => play(row, part, done.clip_url));
  } catch (error) {
    if (error.name === "AbortError") return;
    part("progress").hidden = true;
    part("words").textContent = error instanceof ApiError && error.status ? error.message : say("keepFailed");
  }
}

async function finished(id, signal, waits) {
  const until = Date.now() + GIVE_UP_MS;
  while (Date.now() < until && !signal.aborted) {
    const found = await get(`/api/v1/snapshots/${id}/`, { signal });
    if (found.status === "done" || found.status === "failed") return found;
    if (found.status === "waiting") waits();
    await sleep(1000, signal);
  }
  return null;
}

function play(row, part, url) {
  const player = new Player();
  part("poster").replaceWith(player.video);
  player.video.controls = true;
  part("play").remove();
  row.classList.add("playing");
  player.load(url);
}
