// What this phone could not send yet, said on the page.

import { categoryOf, timeOf } from "./alertcard.js";
import { alerts } from "./alerts.js";
import { say } from "./words.js";

/** @returns {() => void} stops telling */
export function tellWaiting(main) {
  const note = main.querySelector("[data-waiting]");
  const stopper = new AbortController();
  const tell = (event) => {
    const waiting = alerts.raising?.outbox.list() ?? [];
    const lines = waiting.map(({ facts, busy }) => say(busy ? "raiseWaitingTurn" : "raiseWaiting", { category: categoryOf(facts.category).name, time: timeOf(facts.occurred_at) }));
    if (event?.detail) lines.unshift(event.detail);
    note.hidden = lines.length === 0;
    note.querySelector("p").textContent = lines.join(" ");
  };
  alerts.raising?.outbox.addEventListener("waiting", tell, { signal: stopper.signal });
  tell();
  return () => stopper.abort();
}
