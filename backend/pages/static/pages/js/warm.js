// A tap on a card opens the view and loads the first segment at once, while the camera's page is still on its way.

import { Player } from "./player.js";
import { post, remove } from "./api.js";
import { prime } from "./firstload.js";
import { sleep } from "./sleep.js";

const KEEP_MS = 15000;
const PATIENCE_MS = 120;
let held = null;

export const openLive = (id, purpose) => post(`/api/v1/cameras/${id}/live/`, { purpose });

/** Says that a view is over, so that nobody is said to be watching who is not. */
export function closeLater(session) {
  remove(`/api/v1/view-sessions/${session.session}/`, { keepalive: true }).catch(() => {});
}

/** Starts opening a camera; a second call for the same one does nothing. Its promise: the first segment is asked for. */
export function warm(id) {
  if (held?.id === id) return held.asked;
  drop();
  const player = new Player();
  const opened = openLive(id);
  const asked = opened.then((session) => {
    const primed = prime(session.url);
    primed.ready.then(() => { if (!player.over) player.load(session.url, { live: true, primed }); });
    return Promise.race([primed.ready, sleep(PATIENCE_MS)]);
  }).catch(() => {});
  held = { id, player, opened, asked, timer: setTimeout(drop, KEEP_MS) };
  return asked;
}

/** What has been started for this camera, for whoever shows it; null where nothing has. */
export function adopt(id) {
  if (held?.id !== id) return null;
  const mine = held;
  clearTimeout(mine.timer);
  held = null;
  return mine;
}

function drop() {
  if (!held) return;
  clearTimeout(held.timer);
  held.player.destroy();
  held.opened.then(closeLater, () => {});
  held = null;
}
