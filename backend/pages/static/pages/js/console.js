// The leader's console: what may be done with each alert, who was reached, telling the whole ward, how good alerts were.

import { ApiError, get, post } from "./api.js";
import { age, timeOf } from "./alertcard.js";
import { isOpen } from "./alertstate.js";
import { alerts } from "./alerts.js";
import { AlertList } from "./feed.js";
import { clearMistakes, showMistakes } from "./mistakes.js";
import { reason, say } from "./words.js";

const REACH_SOON_MS = 2000; // while it spreads
const REACH_LATER_MS = 20e3;
const SPREADS_FOR_MS = 60e3;

export function mountConsole(main) {
  const desk = new Console(main);
  return () => desk.close();
}

class Console {
  constructor(main) {
    this.main = main;
    this.reached = new Map(); // alert → when it was last asked about, ms
    this.list = new AlertList(main, { onCard: (card, view) => this.#show(card, view), openFirst: true });
    alerts.state.list().forEach((view) => { const card = this.list.card(view.id); if (card) this.#show(card, view); });
    const root = main.querySelector("[data-alerts]");
    root.addEventListener("click", (event) => this.#click(event));
    root.addEventListener("submit", (event) => this.#submit(event));
    this.asking = setInterval(() => this.#askReach(), 1000);
    this.#askReach();
    const broadcast = main.querySelector("[data-broadcast]");
    if (broadcast) new Broadcast(broadcast);
    main.querySelector("[data-figures]").addEventListener("toggle", (event) => { if (event.target.open) this.#figures(); });
  }

  close() {
    clearInterval(this.asking);
    this.list.close();
  }

  #show(card, view) {
    if (view.view !== "full") return;
    const put = (name, text) => {
      const slot = card.querySelector(`[data-a="${name}"]`);
      slot.textContent = text;
      slot.hidden = !text;
    };
    const who = [say("toldBy", { who: view.reporter || say(`source_${view.source}`) })];
    if (view.acknowledged_by) who.push(say("ackBy", { who: view.acknowledged_by }));
    if (view.resolved_by) who.push(say("resolvedBy", { who: view.resolved_by }));
    put("reporter", who.join(" · "));
    const waits = view.state === "raised";
    const next = view.escalate_at && waits ? say("escalatesAt", { time: timeOf(view.escalate_at).slice(0, 5) }) : "";
    put("escalation", waits && view.escalation ? say(view.escalation > 1 ? "escalation2" : "escalation1") : next);
    card.querySelector('[data-a="escalation"]').classList.toggle("bad", waits && view.escalation > 0);
    put("released", [view.text && view.text_released ? say("everybodyReads") : "", view.clip_released ? say("everybodySees") : ""].filter(Boolean).join(" "));
    const joined = card.querySelector('[data-a="joined"]');
    joined.hidden = view.joined.length === 0;
    joined.replaceChildren(...view.joined.map((one) => Object.assign(document.createElement("li"), {
      textContent: say("saidBy", { who: `${one.reporter} (${age(one.at)})`, text: one.text || say("noWords") }),
    })));
    this.#offer(card, view);
  }

  /** Only what is still possible is offered (notifications/life.py). */
  #offer(card, view) {
    const mayText = Boolean(view.text) && !view.text_released;
    const mayClip = ["coming", "ready"].includes(view.clip) && !view.clip_released;
    const open = isOpen(view);
    const offered = {
      acknowledge: view.state === "raised",
      release: view.state !== "withdrawn" && (mayText || mayClip),
      resolve: open || view.state === "expired",
      withdraw: (open || view.state === "expired") && ("leads" in this.main.dataset || !view.neighborhood), // the duty's are broadcasts
    };
    const button = (name) => card.querySelector(`[data-acts] [data-act="${name}"], [data-acts] [data-ask="${name}"]`);
    for (const [name, may] of Object.entries(offered)) {
      button(name).hidden = !may;
      if (!may) this.#leave(card, name);
    }
    card.querySelector('[data-what="text"]').hidden = !mayText;
    card.querySelector('[data-what="clip"]').hidden = !mayClip;
  }

  #leave(card, name) {
    const panel = card.querySelector(`[data-panel="${name}"]`);
    if (panel) panel.hidden = true;
  }

  /** What cannot be undone takes two taps: the first opens its panel, which says what follows. */
  #click(event) {
    const button = event.target.closest("button");
    const card = button?.closest("[data-alert]");
    if (!card) return;
    if (button.dataset.ask) {
      card.querySelectorAll("[data-panel]").forEach((panel) => { panel.hidden = panel.dataset.panel !== button.dataset.ask; });
      card.querySelector(`[data-panel="${button.dataset.ask}"] :is(button, input)`).focus();
    } else if ("leave" in button.dataset) {
      const { panel } = button.closest("[data-panel]").dataset;
      this.#leave(card, panel);
      card.querySelector(`[data-ask="${panel}"]`).focus();
    } else if (button.dataset.act) {
      const { act, what, verdict } = button.dataset;
      const body = act === "release" ? { text: what === "text", clip: what === "clip" } : act === "resolve" ? { verdict } : {};
      this.#do(card, act, body);
    }
  }

  #submit(event) {
    event.preventDefault();
    const form = event.target;
    this.#do(form.closest("[data-alert]"), "withdraw", { reason: new FormData(form).get("reason").trim() });
  }

  async #do(card, act, body) {
    const problem = card.querySelector("[data-act-problem]");
    problem.textContent = "";
    if (card.dataset.busy) return;
    card.dataset.busy = "1";
    try {
      const view = await post(`/api/v1/alerts/${card.dataset.alert}/${act}/`, body);
      card.querySelectorAll("[data-panel]").forEach((panel) => { panel.hidden = true; });
      alerts.state.fold(view);
    } catch (error) {
      problem.textContent = reason(error);
    } finally {
      delete card.dataset.busy;
    }
  }

  /** Who was reached is asked for what is on the screen and still going on, often while it spreads. */
  #askReach() {
    if (document.hidden || alerts.line === "off") return;
    for (const card of this.main.querySelectorAll('[data-alert][data-open="1"]')) {
      const { alert: id, at } = card.dataset;
      const young = Date.now() - Date.parse(at) < SPREADS_FOR_MS;
      if (Date.now() - (this.reached.get(id) ?? 0) < (young ? REACH_SOON_MS : REACH_LATER_MS)) continue;
      this.reached.set(id, Date.now());
      get(`/api/v1/alerts/${id}/reach/`).then((found) => this.#tellReach(card, found), () => {});
    }
  }

  #tellReach(card, { households, delivered, seen, seconds }) {
    const slot = card.querySelector('[data-a="reach"]');
    slot.hidden = households === 0;
    slot.textContent = delivered
      ? [say("reached", { delivered, households, seconds: Math.max(1, Math.round(seconds)) }), seen ? say("seenBy", { n: seen }) : ""].join(" ").trim()
      : say("reachedNobody", { households });
  }

  async #figures() {
    const rows = this.main.querySelector("[data-figure-rows]");
    const found = await get("/api/v1/alerts/statistics/").catch(() => null);
    if (!found) return;
    rows.replaceChildren(...found.sources.map(({ source, raised, judged, used, precision }) => {
      const row = document.createElement("tr");
      const part = precision === null ? "" : ` (${Math.round(precision * 100)} %)`;
      for (const text of [say(`source_${source}`), raised, judged, `${used}${part}`]) row.append(Object.assign(document.createElement("td"), { textContent: text }));
      return row;
    }));
  }
}

class Broadcast {
  constructor(form) {
    this.form = form;
    this.sure = form.querySelector("[data-broadcast-sure]");
    this.ask = form.querySelector("[data-broadcast-ask]");
    this.ask.addEventListener("click", () => this.#asked(true));
    form.querySelector("[data-broadcast-leave]").addEventListener("click", () => this.#asked(false));
    form.addEventListener("submit", (event) => { event.preventDefault(); this.#send(); });
  }

  #asked(yes) {
    this.sure.hidden = !yes;
    this.ask.hidden = yes;
    (yes ? this.sure.querySelector("button") : this.ask).focus();
  }

  async #send() {
    const { category, text } = Object.fromEntries(new FormData(this.form));
    const said = this.form.querySelector("[data-broadcast-said]");
    clearMistakes(this.form);
    try {
      alerts.state.fold(await post("/api/v1/alerts/broadcast/", { category, text }));
      this.form.reset();
      this.form.closest("details").open = false;
      said.hidden = true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const shown = showMistakes(this.form, error.fields);
      said.querySelector("p").textContent = shown ? say("lookAbove") : reason(error);
      said.hidden = false;
    }
    this.#asked(false);
  }
}

