// The phone's end of the feed: one socket, resumed by cursor. What comes twice is dropped, what is missing is asked for.
//
// It tells its owner by DOM events: "line" (detail: on, catching or off), "news" (one event of the feed), "reload" (what
// we know may be wrong: load the state anew, then `resume` from its cursor, or, where no state is held, from the one in
// detail; until then nothing is asked for here, so that no event falls between state and feed) and "over" (the sign-in
// has ended or was taken back).

import { ApiError, get } from "./api.js";
import { sleep } from "./sleep.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30e3;
const SILENCE_MS = 30e3; // two heartbeats
const POLL_MS = 5000;
const TRIES_BEFORE_POLLING = 2;
const MOST_NOTED = 50;

export class Events extends EventTarget {
  /** @param {string} since the cursor of what the page shows already */
  constructor(since) {
    super();
    this.cursor = since || null;
    this.given = new Map(); // stream → the highest seq that has come
    this.heads = new Map(); // stream → where it stood when we had caught up
    this.notes = { delivered: new Set(), seen: new Set() };
    this.line = "";
    this.heardAt = Date.now(); // when the other end was last heard of, ms
    this.failures = 0;
    this.reloading = false;
    this.reloads = 0;
    this.stopper = new AbortController();
  }

  start() {
    const now = { signal: this.stopper.signal };
    addEventListener("online", () => this.#again(), now);
    addEventListener("offline", () => this.#lost(), now);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.#again(); }, now);
    this.#is(navigator.onLine ? "catching" : "off");
    this.#connect();
    this.#poll();
  }

  stop() {
    this.stopper.abort();
    clearTimeout(this.waiting);
    clearTimeout(this.silence);
    this.socket?.close();
    this.socket = null;
  }

  /** The state is loaded anew: everything after `cursor`, which was read before it, comes from here. */
  resume(cursor) {
    this.reloading = false;
    this.cursor = cursor || null;
    this.#later();
  }

  /** The server knows nobody here any more. */
  end() { this.#over(); }

  /** The phone has it: told at once, or as soon as there is a socket again. */
  delivered(ids) { this.#note("delivered", ids); }

  seen(ids) { this.#note("seen", ids); }

  #again() {
    if (this.socket || this.stopper.signal.aborted) return;
    this.failures = Math.min(this.failures, 1);
    clearTimeout(this.waiting);
    this.#connect();
  }

  #connect() {
    if (this.stopper.signal.aborted || this.socket || this.reloading) return;
    if (!navigator.onLine) return this.#is("off");
    let socket;
    try {
      socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/v1/events/`, "matpho.v1");
    } catch {
      return this.#closed(1006);
    }
    this.socket = socket;
    this.greeted = false;
    socket.onopen = () => socket.send(JSON.stringify(this.cursor ? { since: this.cursor } : {}));
    socket.onmessage = (message) => { if (this.socket === socket) this.#hear(JSON.parse(message.data)); };
    socket.onclose = (event) => { if (this.socket === socket) this.#closed(event.code); };
    this.#expectSomething();
  }

  /** Nothing for two heartbeats: the line is dead though nobody has said so. */
  #expectSomething() {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.#drop(), SILENCE_MS);
  }

  #drop() {
    if (this.#shut()) this.#closed(1006);
  }

  /** @returns {boolean} whether there was a socket */
  #shut() {
    const { socket } = this;
    if (!socket) return false;
    socket.onopen = socket.onclose = socket.onmessage = null;
    socket.close();
    this.socket = null;
    clearTimeout(this.silence);
    return true;
  }

  #lost() {
    this.#is("off");
    this.#drop();
  }

  #closed(code) {
    clearTimeout(this.silence);
    this.socket = null;
    if (this.stopper.signal.aborted) return;
    if (code === 4401 || code === 4403) return this.#askWhetherOver();
    if (!this.greeted) this.failures += 1;
    if (code === 4409) return this.#reload(); // our cursor is none of this server's: a backup was put back
    if (!this.polled) this.#is(navigator.onLine && this.failures < TRIES_BEFORE_POLLING ? "catching" : "off");
    return this.#later();
  }

  #later() {
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.failures, LONGEST_WAIT_MS);
    clearTimeout(this.waiting);
    // Phones that were dropped together do not come back together.
    this.waiting = setTimeout(() => this.#connect(), wait * (0.5 + Math.random() / 2));
  }

  /** Another sign-in may have taken this one's place in the meantime; only the server knows. */
  async #askWhetherOver() {
    try {
      await get("/api/v1/me/", { signal: this.stopper.signal });
      this.failures += 1;
      this.#reload();
    } catch (error) {
      if (error instanceof ApiError && [401, 403].includes(error.status)) return this.#over();
      this.failures += 1;
      this.#later();
    }
  }

  #over() {
    this.stop();
    this.dispatchEvent(new Event("over"));
  }

  #hear(message) {
    this.heardAt = Date.now();
    this.#expectSomething();
    if (message.kind === "hello") return this.#greet(message);
    if (message.kind === "heartbeat") return this.#compare(message.heads ?? {});
    if (message.kind === "reload") return this.#reload(message.cursor);
    this.#take(message);
  }

  #greet({ cursor, heads }) {
    this.greeted = true;
    this.polled = false;
    this.failures = 0;
    this.heads = new Map(Object.entries(heads ?? {}));
    this.cursor = cursor ?? this.cursor;
    this.#is("on");
    this.#sendNotes();
  }

  /** A head that is ahead of what came: something was lost on the way. What is missing is asked for, and comes in order. */
  #compare(heads) {
    const has = (stream, head) => Math.max(this.given.get(stream) ?? 0, this.heads.get(stream) ?? head);
    const missing = Object.entries(heads).some(([stream, head]) => head > has(stream, head));
    if (missing) this.#ask().catch(() => this.#drop());
  }

  /** After a backup was put back streams count from lower again, so what had come says nothing any more. */
  #reload(cursor = null) {
    if (this.reloading || this.stopper.signal.aborted) return;
    this.reloading = true;
    this.reloads += 1;
    this.cursor = null;
    this.given.clear();
    this.heads.clear();
    this.#shut();
    clearTimeout(this.waiting);
    if (navigator.onLine && !this.polled) this.#is("catching");
    this.dispatchEvent(new CustomEvent("reload", { detail: cursor }));
  }

  #take(event) {
    if (event.seq <= (this.given.get(event.stream) ?? 0)) return;
    this.given.set(event.stream, event.seq);
    this.cursor = event.cursor;
    this.dispatchEvent(new CustomEvent("news", { detail: event }));
  }

  /** Some nets let no WebSocket through. Then every five seconds is what we can do. */
  async #poll() {
    const { signal } = this.stopper;
    while (!signal.aborted) {
      await sleep(POLL_MS, signal);
      if (signal.aborted || this.greeted && this.socket || this.failures < TRIES_BEFORE_POLLING || this.reloading || !navigator.onLine) continue;
      try {
        await this.#ask();
        this.heardAt = Date.now();
        this.polled = true;
        this.#is("on");
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof ApiError && error.status === 401) return this.#over();
        this.polled = false;
        this.#is("off");
      }
    }
  }

  async #ask() {
    const { reloads } = this;
    for (let more = true; more;) {
      const query = this.cursor ? `?${new URLSearchParams({ since: this.cursor })}` : "";
      const page = await get(`/api/v1/events/${query}`, { signal: this.stopper.signal });
      if (this.reloads !== reloads) return; // the answer is of before
      if (page.reload) return this.#reload(page.cursor);
      page.results.forEach((event) => this.#take(event));
      this.cursor = page.cursor ?? this.cursor;
      more = page.more && page.results.length > 0;
    }
  }

  #note(kind, ids) {
    ids.forEach((id) => this.notes[kind].add(id));
    this.#sendNotes();
  }

  #sendNotes() {
    if (!this.greeted || this.socket?.readyState !== WebSocket.OPEN) return;
    for (const [kind, ids] of Object.entries(this.notes)) {
      const waiting = [...ids];
      while (waiting.length) this.socket.send(JSON.stringify({ [kind]: waiting.splice(0, MOST_NOTED) }));
      ids.clear();
    }
  }

  #is(line) {
    if (this.line === line) return;
    this.line = line;
    this.dispatchEvent(new CustomEvent("line", { detail: line }));
  }
}
