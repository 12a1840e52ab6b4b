// A map on which an area is drawn: neighborhoods by name, a grid in metres, and corners that fingers, mouse or keys put.
// It has no tiles, for none may be fetched, and no camera, for whoever draws may not know where one hangs.

import { Sheet, rounded } from "./sheet.js";
import { say } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const TAP = 8; // pixels: what moves less was a tap
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const LEAST = 1600; // metres shown at first

export class AreaMap {
  /** `facts`: places ({name, lat, lon}), most_corners, cell (degrees); `onChange` is told after each change. */
  constructor(box, facts, onChange) {
    Object.assign(this, { box, facts, onChange, sheet: new Sheet(), corners: [], closed: false, cells: [], moves: [] });
    this.svg = box.querySelector("svg");
    this.layer = Object.fromEntries([...this.svg.querySelectorAll("[data-layer]")].map((one) => [one.dataset.layer, one]));
    this.pointers = new Map();
    this.held = null; // index of the corner that is dragged
    for (const [name, act] of Object.entries({
      pointerdown: this.down, pointermove: this.move, pointerup: this.up, pointercancel: this.cancel,
      wheel: this.wheel, keydown: this.key,
    })) this.svg.addEventListener(name, act.bind(this), { passive: false });
    new ResizeObserver(() => this.resize()).observe(box);
  }

  // --- what is drawn ---------------------------------------------------------------------------------------------

  add(point) {
    if (this.closed || this.corners.length >= this.facts.most_corners) return;
    this.corners.push(rounded(point));
    this.changed();
  }

  undo() {
    if (this.closed) this.closed = false;
    else this.corners.pop();
    this.changed();
  }

  clear() {
    this.set([]);
  }

  close() {
    if (this.corners.length < 3) return;
    this.closed = true;
    this.changed();
  }

  take(index) {
    this.corners.splice(index, 1);
    if (this.corners.length < 3) this.closed = false;
    this.changed();
  }

  /** Corners that came as text: shown whole. */
  set(corners) {
    this.corners = corners.map(rounded);
    this.closed = corners.length > 2;
    if (corners.length) this.sheet.fit(this.corners, LEAST / 2);
    this.changed();
  }

  show(cells) {
    this.cells = cells;
    this.draw();
  }

  changed() {
    this.cells = [];
    this.draw();
    this.onChange();
  }

  // --- where one looks -------------------------------------------------------------------------------------------

  resize() {
    const { clientWidth, clientHeight } = this.box;
    if (!clientWidth) return;
    const first = this.sheet.width === 1;
    Object.assign(this.sheet, { width: clientWidth, height: clientHeight });
    this.svg.setAttribute("viewBox", `0 0 ${clientWidth} ${clientHeight}`);
    if (first) this.whole();
    else this.draw();
  }

  whole() {
    const points = [...this.facts.places.map(({ lat, lon }) => [lat, lon]), ...this.corners];
    if (points.length) this.sheet.fit(points, LEAST);
    this.draw();
  }

  zoom(factor) {
    this.sheet.zoom(factor);
    this.draw();
  }

  // --- fingers, mouse, keys --------------------------------------------------------------------------------------

  down(event) {
    if (event.button) return;
    this.svg.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, this.at(event));
    const corner = event.target.closest("[data-corner]");
    if (this.pointers.size === 1) {
      this.held = corner ? Number(corner.dataset.corner) : null;
      this.began = this.at(event);
      this.isTap = true;
    } else {
      this.held = null;
      this.isTap = false;
    }
  }

  move(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const here = this.at(event);
    if (this.isTap && distance(this.began, here) < TAP) return;
    this.isTap = false;
    this.pointers.set(event.pointerId, here);
    if (this.pointers.size > 1) this.pinch(event.pointerId, before, here);
    else if (this.held === null) this.sheet.pan(here[0] - before[0], here[1] - before[1]);
    else {
      this.corners[this.held] = rounded(this.sheet.point(here));
      this.changed();
      return;
    }
    this.draw();
  }

  pinch(moved, before, here) {
    const [, other] = [...this.pointers].find(([id]) => id !== moved);
    const middle = [0, 1].map((way) => (here[way] + other[way]) / 2);
    this.sheet.pan((here[0] - before[0]) / 2, (here[1] - before[1]) / 2);
    this.sheet.zoom(distance(here, other) / Math.max(1, distance(before, other)), middle);
  }

  up(event) {
    if (!this.pointers.delete(event.pointerId) || !this.isTap) return;
    this.isTap = false;
    if (this.held === null) this.add(this.sheet.point(this.began));
    else if (this.held === 0) this.close();
  }

  cancel(event) {
    this.pointers.delete(event.pointerId);
    this.isTap = false;
  }

  /** With Ctrl, as a pinch on a touch pad comes; without it the page scrolls. */
  wheel(event) {
    if (!event.ctrlKey) return;
    event.preventDefault();
    this.sheet.zoom(Math.exp(-event.deltaY / 200), this.at(event));
    this.draw();
  }

  key(event) {
    const corner = event.target.closest("[data-corner]");
    const done = corner ? this.cornerKey(event, Number(corner.dataset.corner)) : this.mapKey(event);
    if (done) event.preventDefault();
  }

  mapKey({ key }) {
    const { width, height } = this.sheet;
    if (KEYS[key]) this.sheet.pan((-KEYS[key][0] * width) / 12, (-KEYS[key][1] * height) / 12);
    else if (key === "+" || key === "=") this.sheet.zoom(1.5);
    else if (key === "-") this.sheet.zoom(1 / 1.5);
    else if (key === "Enter" || key === " ") this.add(this.sheet.point([width / 2, height / 2]));
    else if (key === "Backspace") this.undo();
    else return false;
    this.draw();
    return true;
  }

  cornerKey({ key, shiftKey }, index) {
    if (KEYS[key]) {
      const [left, top] = this.sheet.at(this.corners[index]);
      const step = shiftKey ? 1 : 8;
      this.corners[index] = rounded(this.sheet.point([left + KEYS[key][0] * step, top + KEYS[key][1] * step]));
      this.changed();
    } else if (key === "Delete" || key === "Backspace") {
      this.take(index);
      (this.handles()[Math.max(0, index - 1)] ?? this.svg).focus();
    } else if ((key === "Enter" || key === " ") && index === 0) this.close();
    else return false;
    return true;
  }

  at({ clientX, clientY }) {
    const { left, top } = this.svg.getBoundingClientRect();
    return [clientX - left, clientY - top];
  }

  // --- drawing ---------------------------------------------------------------------------------------------------

  draw() {
    const { sheet, layer } = this;
    const step = sheet.even(56);
    const [upright, level] = sheet.lines(step);
    layer.grid.setAttribute("d", [
      ...upright.map((x) => `M${px(x)} 0V${sheet.height}`), ...level.map((y) => `M0 ${px(y)}H${sheet.width}`),
    ].join(""));
    const bar = step / sheet.scale;
    layer.bar.setAttribute("d", `M12 ${sheet.height - 18}v6h${px(bar)}v-6`);
    layer.length.textContent = step < 1000 ? `${step} m` : `${step / 1000} km`;
    layer.length.setAttribute("x", px(12 + bar / 2));
    layer.length.setAttribute("y", sheet.height - 18);
    this.drawCells();
    this.drawPlaces();
    this.drawArea();
  }

  drawCells() {
    const half = this.facts.cell / 2;
    this.layer.cells.replaceChildren(...this.cells.flatMap(({ latitude, longitude, cameras }) => {
      const [left, top] = this.sheet.at([latitude + half, longitude - half]);
      const [right, bottom] = this.sheet.at([latitude - half, longitude + half]);
      const [x, y] = this.sheet.at([latitude, longitude]);
      return [
        element("rect", { x: px(left), y: px(top), width: px(right - left), height: px(bottom - top) }),
        element("text", { x: px(x), y: px(y) }, String(cameras)),
      ];
    }));
  }

  /** The first of two names that would lie on each other is written, the other keeps its mark. */
  drawPlaces() {
    const taken = [];
    this.layer.places.replaceChildren(...this.facts.places.flatMap(({ name, lat, lon }) => {
      const [x, y] = this.sheet.at([lat, lon]);
      const mark = element("path", { d: `M${px(x)} ${px(y - 5)}l5 5l-5 5l-5-5z` });
      const half = name.length * 4.2;
      const free = taken.every(([left, top, wide]) => Math.abs(left - x) > half + wide || Math.abs(top - y) > 18);
      if (!free) return [mark];
      taken.push([x, y, half]);
      return [mark, element("text", { x: px(x), y: px(y - 11) }, name)];
    }));
  }

  drawArea() {
    const { layer, closed } = this;
    const points = this.corners.map((corner) => this.sheet.at(corner));
    const line = points.map(([x, y]) => `${px(x)},${px(y)}`).join(" ");
    layer.inside.setAttribute("points", points.length > 2 ? line : "");
    layer.outline.setAttribute("points", closed ? `${line} ${line.split(" ")[0]}` : line);
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
    const around = points.length > 1 ? [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] : [0, 0, 0, 0];
    for (const [name, value] of Object.entries({
      x: around[0], y: around[1], width: around[2] - around[0], height: around[3] - around[1],
    })) layer.around.setAttribute(name, px(value));
    while (this.handles().length > points.length) this.handles().at(-1).remove();
    while (this.handles().length < points.length) layer.corners.append(handle(this.handles().length));
    this.handles().forEach((one, index) => {
      one.setAttribute("transform", `translate(${px(points[index][0])} ${px(points[index][1])})`);
      one.classList.toggle("closes", index === 0 && !closed && points.length > 2);
    });
  }

  handles() {
    return [...this.layer.corners.children];
  }
}

/** A corner that a finger hits: a dot, and around it what is not seen. */
function handle(index) {
  const group = element("g", { tabindex: 0, role: "button", "aria-label": say("areaCorner", { n: index + 1 }) });
  group.dataset.corner = index;
  group.append(element("circle", { r: 22, class: "reach" }), element("circle", { r: 8, class: "dot" }));
  return group;
}

function element(name, attributes, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

const px = (value) => Math.round(value * 10) / 10;
const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
