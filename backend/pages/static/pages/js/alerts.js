// Everything about alerts that is on every page: the line, the state, the bell, raising. Pages add their own to it.

import { ApiError, get } from "./api.js";
import { AlertState, forget, isOpen, read, write } from "./alertstate.js";
import { Bell } from "./bell.js";
import { Events } from "./events.js";
import { install } from "./install.js";
import { Raising } from "./raise.js";
import { sleep } from "./sleep.js";
import { listenForAFinger } from "./sound.js";
import { say } from "./words.js";

const CURSOR = "matpho:cursor";
const SETTINGS = "matpho:settings";

class Alerts extends EventTarget {
  // Events: "line" (detail: on, catching, off).
  constructor() {
    super();
    const { device, cursor, place, hears, feed } = document.body.dataset;
    this.device = device;
    this.place = place ?? "";
    this.hears = hears === "1";
    this.seesAlerts = Boolean(feed); // a school's staff hear of footage and of no alert
    this.since = cursor ?? "";
    this.line = "";
    this.state = new AlertState(device);
    this.fresh = new Set();
  }

  start() {
    if (!this.device) {
      if (!document.querySelector("[data-offline]")) forget(); // nobody is signed in: what an earlier sign-in left goes
      return undefined;
    }
    this.state.recall();
    const sheet = document.querySelector("[data-raise-sheet]");
    if (sheet) {
      this.raising = new Raising(sheet);
      this.raising.outbox.addEventListener("raised", ({ detail }) => this.state.fold(detail));
    }
    install();
    if (!this.hears) return undefined;
    this.bell = new Bell(this.place);
    listenForAFinger();
    this.#settings();
    this.#takeFromPage();
    this.events = new Events(this.#start());
    this.events.addEventListener("news", ({ detail }) => this.#news(detail));
    this.events.addEventListener("line", ({ detail }) => this.#line(detail));
    this.events.addEventListener("reload", ({ detail }) => this.seesAlerts ? this.#reload() : this.events.resume(detail));
    this.events.addEventListener("over", () => this.#over());
    addEventListener("pagehide", () => {
      if (this.line === "on") this.state.keep();
      this.events.stop();
    });
    return this.events.start();
  }

  /** The page's own cursor, where the page holds the state of it; else where this phone had got to. */
  #start() {
    const kept = read(CURSOR);
    return this.held || kept?.device !== this.device ? this.since : kept.cursor;
  }

  /** The state that the server has drawn into the page. */
  #takeFromPage() {
    const drawn = document.getElementById("alerts");
    this.held = drawn !== null;
    if (!drawn) return undefined;
    const { at, views } = JSON.parse(drawn.textContent);
    if (document.body.dataset.kept !== "1") {
      this.state.begin();
      this.state.replace(views);
      return this.state.keep();
    }
    views.forEach((view) => this.state.fold(view, { quietly: true })); // a copy: this phone may have heard more since
    this.state.at = Math.max(this.state.at ?? 0, Date.parse(at));
    return undefined;
  }

  seen(ids) {
    this.events?.seen(ids);
    this.bell?.seen(ids);
  }

  #news({ kind, data }) {
    if (!kind.startsWith("alert.")) return this.#other(kind);
    const { alert } = data;
    const news = this.state.fold(alert);
    this.events.delivered([alert.id]);
    if (news && (kind === "alert.raised" || kind === "alert.escalated")) this.fresh.add(alert.id);
    if (!isOpen(this.state.of(alert.id))) this.bell.over(alert.id);
    if (this.line === "on") this.#tell();
    return undefined;
  }

  /** What came while catching up is told by how it stands now, not by how it once was. */
  #tell() {
    [...this.fresh].map((id) => this.state.of(id)).filter(Boolean).forEach((view) => this.bell.arrived(view));
    this.fresh.clear();
    this.state.keep();
    write(CURSOR, { device: this.device, cursor: this.events.cursor });
  }

  #other(kind) {
    if (this.line !== "on") return; // what happened meanwhile stands on its own page
    if (kind === "device.redeemed") this.bell.quietly(say("newPhone"), "phone");
    if (kind === "data_request.received") this.bell.quietly(say("dataRequest"), "people");
    else if (kind.startsWith("data_request.")) this.bell.quietly(say("dataRequestNews"), "people");
    if (kind === "bank_account.added") this.bell.quietly(say("bankAccount"), "fund");
    if (kind.startsWith("footage.outcome")) this.bell.quietly(say("footageOutcome"), "search");
    else if (kind.startsWith("footage.annex")) this.bell.quietly(say("footageAnnex"), "search");
    else if (kind.startsWith("footage.")) this.bell.quietly(say("footageAsked"), "search");
    if (kind.startsWith("recording.gave_way")) this.bell.quietly(say("recordingGaveWay"), "warn");
    if (kind.startsWith("recording.resumed")) this.bell.quietly(say("recordingResumed"), "camera");
    if (kind.startsWith("odd_use.")) this.bell.quietly(say("oddUse"), "eye");
    if (kind === "code.guessing") this.bell.quietly(say("codeGuessing"), "warn");
    if (kind === "camera.offline") this.bell.quietly(say("cameraOffline"), "camera");
    if (kind === "camera.motion") this.bell.quietly(say("cameraMotion"), "camera");
  }

  #line(state) {
    if (this.line === "on") this.state.at = this.events.heardAt;
    this.line = state;
    this.bell.line(state);
    if (state === "on") {
      this.#tell();
      this.raising?.outbox.flush();
    }
    this.dispatchEvent(new CustomEvent("line", { detail: state }));
  }

  /** The state itself, however often it must be asked for; the feed goes on from where it was read. */
  async #reload() {
    for (let wait = 1000; !this.ended; wait = Math.min(wait * 2, 30e3)) {
      try {
        const known = new Set(this.state.list().map(({ id }) => id));
        this.state.begin();
        const { views, from, cursor } = await wholeState();
        this.state.replace(views, from);
        views.filter((view) => isOpen(view) && !known.has(view.id)).forEach(({ id }) => this.fresh.add(id));
        this.state.keep();
        return this.events.resume(cursor);
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return this.events.end();
        await sleep(wait);
      }
    }
    return undefined;
  }

  async #settings() {
    const kept = read(SETTINGS);
    if (kept) this.bell.preferences = kept;
    try {
      this.bell.preferences = await get("/api/v1/me/notifications/");
      write(SETTINGS, this.bell.preferences);
    } catch {
      // those of last time hold
    }
  }

  /** The sign-in has ended or was taken back: nothing is kept, and whatever page this is says so. */
  #over() {
    this.ended = true;
    forget();
    this.bell.seen([...this.bell.unseen], { told: true });
    document.querySelector("[data-line]").hidden = true;
    const main = document.getElementById("main");
    if (main.querySelector("[data-revoked]")) return; // the page of a picture has a cover of its own
    const cover = document.querySelector("[data-page-over]");
    cover.hidden = false;
    main.replaceChildren();
    cover.focus();
  }
}

/** The newest alerts and all that are open. The first answer's cursor was read before anything else. */
async function wholeState() {
  const { results, next, cursor } = await get("/api/v1/alerts/");
  const views = new Map(results.map((view) => [view.id, view]));
  for (let query = next && "?state=open&page_size=200"; query;) {
    const page = await get(`/api/v1/alerts/${query}`);
    page.results.forEach((view) => views.set(view.id, view));
    query = page.next && new URL(page.next, location.href).search;
  }
  return { views: [...views.values()], from: next ? results.at(-1).id : "", cursor };
}

export const alerts = new Alerts();
