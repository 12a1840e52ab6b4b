// The bar over the last 24 hours: what is recorded, what is missing, where we are. A slider for hand, keyboard and ear.

import { say, shortClock, spoken, clock } from "./words.js";

const HOUR = 3600e3;
const STEP = { ArrowLeft: -10e3, ArrowRight: 10e3, ArrowDown: -60e3, ArrowUp: 60e3, PageDown: -600e3, PageUp: 600e3 };
const TICKS = [[24, 4], [1, 0.25]];

export class Scrubber {
  /** @param {(date: Date) => void} onPick the chosen instant; onLive where the end of the bar was chosen */
  constructor(root, { hours, onPick, onLive }) {
    this.root = root;
    this.bar = root.querySelector("[data-slider]");
    this.canvas = root.querySelector("[data-canvas]");
    this.knob = root.querySelector("[data-knob]");
    this.tip = root.querySelector("[data-tip]");
    this.total = hours;
    this.hours = hours;
    this.onPick = onPick;
    this.onLive = onLive;
    this.ranges = [];
    this.at = new Date();
    this.dragging = null;
    this.anchor = null; // right end of a zoomed bar; null follows the clock
    this.#listen();
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.bar);
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.repaint = () => this.draw();
    this.scheme.addEventListener("change", this.repaint);
  }

  close() {
    this.observer.disconnect();
    this.scheme.removeEventListener("change", this.repaint);
    clearTimeout(this.pending);
  }

  /** What is recorded: [{from, to}] as ISO text. */
  setRanges(ranges) {
    this.ranges = ranges.map(({ from, to }) => [Date.parse(from), Date.parse(to)]);
    this.draw();
  }

  /** Where the picture is; ignored while a finger holds the knob or a key press waits. */
  setAt(date) {
    if (this.dragging || this.pending) return;
    this.at = date;
    this.#place();
  }

  get end() {
    return this.anchor ?? Date.now();
  }

  get start() {
    return this.end - this.hours * HOUR;
  }

  #listen() {
    this.bar.addEventListener("pointerdown", (event) => {
      this.bar.setPointerCapture(event.pointerId);
      this.dragging = event.pointerId;
      this.#drag(event);
    });
    this.bar.addEventListener("pointermove", (event) => { if (this.dragging === event.pointerId) this.#drag(event); });
    this.bar.addEventListener("pointerup", (event) => { if (this.dragging === event.pointerId) this.#drop(); });
    this.bar.addEventListener("pointercancel", () => { this.dragging = null; this.tip.hidden = true; });
    this.bar.addEventListener("keydown", (event) => this.#key(event));
    this.root.querySelectorAll("[data-span]").forEach((chip) => chip.addEventListener("click", () => this.zoom(Number(chip.dataset.span))));
  }

  #drag(event) {
    const box = this.bar.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    this.at = new Date(this.start + share * this.hours * HOUR);
    this.#place();
    this.tip.hidden = false;
    this.tip.textContent = clock(this.at);
    this.tip.style.left = `${Math.min(box.width - 50, Math.max(50, share * box.width))}px`;
  }

  #drop() {
    this.dragging = null;
    this.tip.hidden = true;
    this.#choose();
  }

  #key(event) {
    const now = Date.now();
    let to;
    if (event.key in STEP) to = this.at.getTime() + STEP[event.key];
    else if (event.key === "Home") to = now - this.total * HOUR + 5e3;
    else if (event.key === "End") to = now;
    else return;
    event.preventDefault();
    this.at = new Date(Math.min(now, Math.max(now - this.total * HOUR, to)));
    this.#place();
    clearTimeout(this.pending); // holding a key down picks once, at the end
    this.pending = setTimeout(() => { this.pending = null; this.#choose(); }, 350);
  }

  #choose() {
    if (Date.now() - this.at.getTime() < 8000) this.onLive();
    else this.onPick(this.at);
  }

  zoom(hours) {
    this.hours = hours;
    const behind = Date.now() - this.at.getTime();
    this.anchor = hours < this.total && behind > hours * HOUR * 0.9 ? Math.min(Date.now(), this.at.getTime() + hours * HOUR / 2) : null;
    this.root.querySelectorAll("[data-span]").forEach((chip) => chip.setAttribute("aria-pressed", String(Number(chip.dataset.span) === hours)));
    this.draw();
  }

  #place() {
    const at = this.at.getTime();
    if (!this.dragging && this.hours < this.total && (at < this.start || at > this.end)) return this.zoom(this.hours);
    const share = Math.min(1, Math.max(0, (at - this.start) / (this.hours * HOUR)));
    this.knob.style.left = `${share * 100}%`;
    const now = Date.now();
    this.bar.setAttribute("aria-valuemin", String(-Math.round(this.total * 3600)));
    this.bar.setAttribute("aria-valuemax", "0");
    this.bar.setAttribute("aria-valuenow", String(Math.min(0, Math.round((at - now) / 1000))));
    const text = now - at < 15000 ? say("valueLive") : say("valueAt", { time: spoken(this.at) });
    this.bar.setAttribute("aria-valuetext", this.#covered(at) || now - at < 15000 ? text : say("valueGap", { text }));
  }

  #covered(ms) {
    return this.ranges.some(([from, to]) => from <= ms && ms <= to);
  }

  draw() {
    const box = this.bar.getBoundingClientRect();
    if (!box.width) return;
    const scale = devicePixelRatio || 1;
    this.canvas.width = Math.round(box.width * scale);
    this.canvas.height = Math.round(box.height * scale);
    const pen = this.canvas.getContext("2d");
    pen.scale(scale, scale);
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const x = (ms) => ((ms - this.start) / (this.hours * HOUR)) * box.width;
    this.#drawGap(pen, box.width, colour("--raised"), colour("--line"));
    pen.fillStyle = colour("--accent");
    for (const [from, to] of this.ranges) {
      if (to < this.start || from > this.end) continue;
      const left = Math.max(0, x(from));
      pen.fillRect(left, TOP, Math.max(1, Math.min(box.width, x(to)) - left), THICK);
    }
    this.#drawTicks(pen, box, x, colour);
    this.#place();
  }

  /** Nothing recorded: hatched, so that it differs by shape and not by colour alone. */
  #drawGap(pen, width, ground, line) {
    pen.save();
    pen.beginPath();
    pen.rect(0, TOP, width, THICK);
    pen.clip();
    pen.fillStyle = ground;
    pen.fillRect(0, TOP, width, THICK);
    pen.strokeStyle = line;
    pen.lineWidth = 1.5;
    pen.beginPath();
    for (let left = -THICK; left < width; left += 8) { pen.moveTo(left, TOP + THICK); pen.lineTo(left + THICK, TOP); }
    pen.stroke();
    pen.restore();
  }

  #drawTicks(pen, box, x, colour) {
    const every = (TICKS.find(([hours]) => hours === this.hours)?.[1] ?? 4) * HOUR;
    const shift = 7 * HOUR; // Vietnam has had one offset since 1975 and no summer time
    pen.font = `600 13px ${getComputedStyle(document.body).fontFamily}`;
    pen.textAlign = "center";
    pen.fillStyle = colour("--soft");
    for (let at = Math.ceil((this.start + shift) / every) * every - shift; at <= this.end; at += every) {
      const left = x(at);
      pen.fillRect(left - 0.5, TOP + THICK, 1, 6);
      if (left > 18 && left < box.width - 18) pen.fillText(shortClock(new Date(at)), left, TOP + THICK + 22);
    }
  }
}

const TOP = 12;
const THICK = 34;
