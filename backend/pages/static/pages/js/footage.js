// An officer's form for footage: counts before anybody is asked; and the scan of a legal demand.

import { ApiError, post } from "./api.js";
import { attempt } from "./attempt.js";
import { keep } from "./fund.js";
import { clearMistakes, showMistakes } from "./mistakes.js";
import { facts, sender } from "./own.js";
import { reason, say } from "./words.js";

export function registerFootage() {
  document.addEventListener("alpine:init", () => {
    window.Alpine.data("footageAsk", footageAsk);
    window.Alpine.data("scan", scan);
  });
}

const percent = (share) => `${Math.floor(share * 100)} %`;

function footageAsk() {
  const form = sender();
  return Object.defineProperties(form, Object.getOwnPropertyDescriptors({
    demand: false,
    found: "",
    chosen(event) {
      this.demand = event.target.value === "demand";
    },
    /** How many cameras, and which part of the time they have: nothing is held by it. */
    async look() {
      const { case: of, area, from, to } = facts(this.$root);
      this.busy = true;
      this.problem = this.found = "";
      clearMistakes(this.$root);
      try {
        const counted = await post("/api/v1/footage-requests/preview/", { case: of, area, from, to });
        this.found = counted.cameras
          ? say("footageThere", { n: counted.cameras, share: percent(counted.any) })
          : say("footageNothing");
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        this.problem = showMistakes(this.$root, error.fields) ? say("lookAbove") : reason(error);
      }
      this.busy = false;
    },
  }));
}

function scan() {
  return {
    busy: false,
    problem: "",
    send() {
      return attempt(this, async () => {
        await keep(this.$root.dataset.to, this.$root.elements.namedItem("file").files[0]);
        location.reload();
      });
    },
  };
}
