// Holds GET <session>/alive: it answers when the session is revoked or over, and the page empties its player.

import { sleep } from "./sleep.js";

/**
 * @param {string} base URL of the view session, without the last slash
 * @param {{onRevoked: () => void, onEnded: () => void, onLost: (lost: boolean) => void}} news
 * @returns {() => void} stops listening
 */
export function listenAlive(base, news) {
  const stopper = new AbortController();
  watch(base, news, stopper.signal).catch(() => {});
  return () => stopper.abort();
}

async function watch(base, news, signal) {
  let wait = 500;
  while (!signal.aborted) {
    let answer;
    try {
      answer = await fetch(`${base}/alive`, { signal, cache: "no-store", credentials: "omit" });
    } catch {
      if (signal.aborted) return;
      news.onLost(true);
      await sleep(wait, signal);
      wait = Math.min(wait * 2, 5000);
      continue;
    }
    const said = await answer.json().catch(() => ({}));
    if (signal.aborted) return;
    const verdict = judge(answer.status, said);
    if (verdict === "revoked") return news.onRevoked();
    if (verdict === "ended") return news.onEnded();
    news.onLost(answer.status >= 500);
    wait = 500;
    await sleep(answer.status >= 500 ? 1000 : 50, signal);
  }
}

function judge(status, said) {
  if (status === 403) return said.code === "revoked" ? "revoked" : "ended";
  return status === 404 ? "ended" : "alive";
}
