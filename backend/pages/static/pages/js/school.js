// A school's camera: whose it is, and the hours in which the ward may watch it.

import { ApiError, call } from "./api.js";
import { twoTaps } from "./leader.js";
import { clearMistakes, showMistakes } from "./mistakes.js";
import { reason, say } from "./words.js";

export function registerSchool() {
  document.addEventListener("alpine:init", () => window.Alpine.data("schoolForm", schoolForm));
}

function schoolForm() {
  return Object.defineProperties(twoTaps(), Object.getOwnPropertyDescriptors({
    busy: false,
    problem: "",
    refused: "",
    setsHours: true,
    hasMore: true,
    get calm() { return !this.asked; },
    init() { this.count(); },
    rows() { return [...this.$root.querySelectorAll("[data-span]")]; },
    count() { this.hasMore = this.rows().some((row) => row.hidden); },
    more() {
      const next = this.rows().find((row) => row.hidden);
      next.hidden = false;
      next.querySelector("input").focus();
      this.count();
    },
    empty(event) {
      const row = event.target.closest("[data-span]");
      for (const input of row.querySelectorAll("input")) {
        input.checked = false;
        if (input.type === "time") input.value = "";
      }
      row.querySelector("[data-wrong]").textContent = "";
      row.hidden = this.rows().filter((one) => !one.hidden).length > 1;
      this.count();
    },
    /** With an address the hours are its school's to give. */
    addressed(event) { this.setsHours = event.target.value === ""; },
    async save() {
      const { to, becomes } = this.$root.dataset;
      this.problem = this.refused = "";
      clearMistakes(this.$root);
      const body = becomes ? { ownership: becomes } : {};
      const address = this.$root.elements.namedItem("owner_household")?.value;
      if (address) body.owner_household = address;
      if (this.setsHours) {
        const hours = this.hours();
        if (!hours) return;
        body.school_hours = hours;
      }
      this.busy = true;
      try {
        await call("PATCH", to, body);
        location.reload();
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        this.busy = false;
        const { school_hours: wrong, ...others } = error.fields;
        this.refused = wrong ? [error.message, ...wrong].join(" ") : "";
        if (!wrong && !showMistakes(this.$root, others)) this.problem = reason(error);
      }
    },
    /** What the rows say, empty ones left out; null where one is wrong, which then says so. */
    hours() {
      let good = true;
      const found = this.rows().map((row) => {
        const days = [...row.querySelectorAll("[data-day]:checked")].map((one) => Number(one.value));
        const [from, to] = ["from", "to"].map((edge) => row.querySelector(`[data-${edge}]`).value);
        const wrong = mistake(days, from, to);
        row.querySelector("[data-wrong]").textContent = wrong;
        if (wrong && good) row.querySelector("input").focus();
        good &&= !wrong;
        return { days, from, to };
      });
      return good ? found.filter(({ from }) => from) : null;
    },
  }));
}

function mistake(days, from, to) {
  if (!days.length && !from && !to) return "";
  if (!days.length) return say("schoolNoDay");
  if (!from || !to) return say("schoolNoTime");
  return to > from ? "" : say("schoolEndsFirst");
}
