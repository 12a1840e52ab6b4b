// Sentences come translated from the server (a JSON block in the page); times are said on the neighborhood's clock.

const words = JSON.parse(document.getElementById("words")?.textContent || "{}");
const zone = "Asia/Ho_Chi_Minh";
const language = document.documentElement.lang || "vi";

/** The sentence of that name, with {placeholders} filled. */
export function say(name, values = {}) {
  const text = words[name] ?? name;
  return text.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

const clockFormat = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const shortFormat = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", hour12: false });
const dayFormat = new Intl.DateTimeFormat("en-GB", { timeZone: zone, day: "2-digit", month: "2-digit", year: "numeric" });
const spokenFormat = new Intl.DateTimeFormat(language, { timeZone: zone, weekday: "long", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });

/** What is told of a call that failed. */
export const reason = (error) => error.message || say(error.status ? "wentWrong" : "noNetwork");

export const clock = (date) => clockFormat.format(date);
export const shortClock = (date) => shortFormat.format(date);
export const day = (date) => dayFormat.format(date);
export const spoken = (date) => spokenFormat.format(date);

export function ago(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return say("secondsAgo", { n: whole });
  if (whole < 3600) return say("minutesAgo", { n: Math.floor(whole / 60) });
  return say("hoursAgo", { n: Math.floor(whole / 3600) });
}
