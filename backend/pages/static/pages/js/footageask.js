// Asking for footage: where (whole neighborhoods, or an area drawn on the map), when, and counts before anybody is asked.

import { ApiError, post } from "./api.js";
import { AreaMap } from "./areamap.js";
import { clearMistakes, showMistakes } from "./mistakes.js";
import { facts, sender } from "./own.js";
import { extentKm2 } from "./sheet.js";
import { reason, say } from "./words.js";

const CORNER = /^\s*(-?\d+[.,]\d+)\s*[,;\s]\s*(-?\d+[.,]\d+)\s*$/;
const percent = (share) => `${Math.floor(share * 100)} %`;
const figure = new Intl.NumberFormat(document.documentElement.lang || "vi", { maximumFractionDigits: 2 });

export function footageAsk() {
  const form = sender();
  const given = JSON.parse(document.getElementById("area-facts").textContent);
  let map = null;
  return Object.defineProperties(form, Object.getOwnPropertyDescriptors({
    demand: false,
    found: "",
    drawn: false,
    count: 0,
    closed: false,
    polygon: "",
    size: "",
    limit: "",
    tooLarge: false,
    misread: "",
    get whole() { return !this.drawn; },
    get nothing() { return this.count === 0; },
    get few() { return this.count < 3 || this.closed; },
    get alarm() { return this.tooLarge ? "too-large" : ""; },
    get tone() { return this.tooLarge ? "bad-text" : ""; },
    init() {
      map = new AreaMap(this.$refs.map, given, () => this.redrawn());
    },
    chosen(event) {
      this.demand = event.target.value === "demand";
    },
    byName() { this.where(false); },
    byDrawing() { this.where(true); },
    where(drawn) {
      this.drawn = drawn;
      this.forget();
    },
    /** What was counted was of another area or time. */
    forget() {
      this.found = "";
      map.show([]);
    },

    nearer() { map.zoom(1.6); },
    farther() { map.zoom(1 / 1.6); },
    all() { map.whole(); },
    undo() { map.undo(); },
    clear() { map.clear(); },
    close() { map.close(); },
    redrawn() {
      const { corners, closed } = map;
      Object.assign(this, { count: corners.length, closed, found: "", misread: "", size: "", limit: "", tooLarge: false });
      this.polygon = corners.length ? JSON.stringify(corners) : "";
      if (document.activeElement !== this.$refs.corners) {
        this.$refs.corners.value = corners.map((corner) => corner.join(", ")).join("\n");
      }
      if (corners.length < 3) return;
      const km2 = extentKm2(corners);
      this.size = say("areaSize", { n: corners.length, size: figure.format(km2) });
      this.tooLarge = km2 > given.largest_km2;
      if (this.tooLarge) this.limit = say("areaTooLarge", { most: figure.format(given.largest_km2) });
      else this.limit = say(km2 > given.alone_km2 ? "areaSigned" : "areaAlone", { most: figure.format(given.alone_km2) });
    },
    /** Corners typed or pasted, one a line: latitude, longitude. */
    read(event) {
      const lines = event.target.value.split("\n").filter((line) => line.trim());
      const corners = lines.map((line) => CORNER.exec(line)?.slice(1).map((one) => Number(one.replace(",", "."))));
      const wrong = corners.findIndex((one) => !one || Math.abs(one[0]) > 90 || Math.abs(one[1]) > 180);
      if (wrong < 0) map.set(corners);
      this.misread = wrong < 0 ? "" : say("areaMisread", { line: lines[wrong].trim() });
    },

    /** How many cameras, where about, and which part of the time they have: nothing is held by it. */
    async look() {
      map.close();
      await this.$nextTick();
      const { case: of, area, from, to } = facts(this.$root);
      this.busy = true;
      this.problem = "";
      this.forget();
      clearMistakes(this.$root);
      try {
        const counted = await post("/api/v1/footage-requests/preview/", { case: of, area, from, to });
        this.found = counted.cameras ? inWords(counted) : say("footageNothing");
        map.show(counted.cells);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        this.problem = showMistakes(this.$root, error.fields) ? say("lookAbove") : reason(error);
        this.toArea();
      }
      this.busy = false;
    },
    async ask() {
      map.close();
      await this.$nextTick();
      await this.send();
      this.toArea();
    },
    /** A map takes no focus from a mistake's line as a field does: it is brought into sight. */
    toArea() {
      if (!this.drawn || !this.$root.querySelector('[data-error="area"]').textContent) return;
      this.$refs.map.scrollIntoView({ block: "center" });
    },
  }));
}

function inWords({ cameras, any, cells }) {
  const there = say("footageThere", { n: cameras, share: percent(any) });
  if (!cells.length) return there;
  return `${there} ${say("footageCells", { counts: cells.map((cell) => cell.cameras).join(", ") })}`;
}
