// Fills a card of the feed or the console with an alert's view. The card itself stands in the page, drawn by the server.

import { ago, clock, day, say } from "./words.js";
import { isOpen } from "./alertstate.js";

const categories = JSON.parse(document.getElementById("categories")?.textContent || "{}");
const STATE_ICONS = { raised: "clock", acknowledged: "people", withdrawn: "cross" };

/** Name, sign, severity and number to call of a category; a new one that this page does not know keeps its code. */
export const categoryOf = (code) => categories[code] ?? { name: code, sign: "bell", severity: "notice", call: "", breaksQuiet: false };

export function stateWords(view) {
  switch (view.state) {
    case "raised": return say("stateRaised");
    case "acknowledged": return say("stateAcknowledged");
    case "resolved": return !view.verdict ? say("stateExpired") : say("stateResolved", { verdict: say(`verdict_${view.verdict}`) });
    case "withdrawn": return say("stateWithdrawn", { reason: view.withdrawn_reason });
    default: return say("stateExpired");
  }
}

export function age(iso) {
  const seconds = Math.max(0, (Date.now() - Date.parse(iso)) / 1000);
  if (seconds < 10) return say("justNow");
  return seconds < 48 * 3600 ? ago(seconds) : say("daysAgo", { n: Math.floor(seconds / 86400) });
}

export const placeOf = (view, fallback) => view.place || (view.neighborhood ? fallback : say("wholeWard"));

export const timeOf = (iso) => `${clock(new Date(iso)).slice(0, 5)}, ${day(new Date(iso))}`;

/** @param {Element} card with a `data-a` slot for each part */
export function fill(card, view, placeName) {
  const slot = (name) => card.querySelector(`[data-a="${name}"]`);
  const put = (name, text) => {
    const found = slot(name);
    if (!found) return;
    if (found.textContent !== text) found.textContent = text;
    found.hidden = !text;
  };
  const { name, sign } = categoryOf(view.category);
  card.id = view.id;
  card.dataset.alert = view.id;
  card.dataset.open = isOpen(view) ? "1" : "";
  card.dataset.severity = view.severity;
  card.dataset.state = view.state;
  use(slot("sign"), sign);
  use(slot("state-sign"), STATE_ICONS[view.state] ?? "check");
  put("name", name);
  put("severity", say(view.severity));
  put("place", placeOf(view, placeName));
  put("reports", view.reports > 1 ? say("reports", { n: view.reports }) : "");
  put("state", stateWords(view));
  put("text", view.text || "");
  const time = slot("age");
  time.dateTime = view.occurred_at;
  time.textContent = age(view.occurred_at);
  time.title = timeOf(view.occurred_at);
  slot("pending").hidden = view.text !== null || !isOpen(view); // null: there may be words, and they are not let out
  fillClip(card, view);
}

function fillClip(card, view) {
  const box = card.querySelector('[data-a="clip"]');
  const may = view.clip === "ready" && (view.clip_released || view.view === "full");
  const words = view.clip === "coming" ? say("clipComing") : view.clip === "failed" ? say("clipFailed")
    : view.clip === "ready" && !may ? say("clipWaits") : "";
  box.hidden = view.clip === "none" || !view.clip;
  box.querySelector("[data-clip-words]").textContent = words;
  box.querySelector("[data-clip-words]").hidden = !words;
  box.querySelector("[data-clip-play]").hidden = !may || box.classList.contains("playing");
}

export function tickAges(root) {
  for (const time of root.querySelectorAll('[data-a="age"]')) time.textContent = age(time.dateTime);
}

function use(svg, name) {
  const wanted = `#sign-${name}`;
  const found = svg.querySelector("use");
  if (found.getAttribute("href") !== wanted) found.setAttribute("href", document.querySelector(wanted) ? wanted : "#sign-bell");
}
