// The leader's small components, for Alpine's CSP build: they hold state, the words stand in the template.

import { ApiError, call, post } from "./api.js";
import { sift, wordsOf } from "./find.js";
import { clearMistakes, showMistakes } from "./mistakes.js";
import { reason, say } from "./words.js";

export function registerLeader() {
  document.addEventListener("alpine:init", () => {
    window.Alpine.data("finder", finder);
    window.Alpine.data("twoTaps", twoTaps);
    window.Alpine.data("guestForm", guestForm);
    window.Alpine.data("act", act);
    window.Alpine.data("householdForm", householdForm);
    window.Alpine.data("cameraForm", cameraForm);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });
}

function finder() {
  return {
    look(event) { sift(this.$refs, wordsOf(event.target.value)); },
  };
}

/** First tap asks and says what follows, the second acts. */
export function twoTaps() {
  return {
    asked: false,
    get calm() { return !this.asked; },
    ask() {
      this.asked = true;
      this.$nextTick(() => this.$refs.sure?.focus());
    },
    leave() { this.asked = false; },
  };
}

/** A guest may look all day, or between two times. */
function guestForm() {
  return {
    hours: false,
    init() { this.hours = this.$root.dataset.when === "hours"; },
    allDay() { this.hours = false; },
    someHours() { this.hours = true; },
  };
}

/** One act of the API on one thing, in two taps; then the page is loaded anew. */
function act() {
  return {
    ...twoTaps(),
    get calm() { return !this.asked; },
    problem: "",
    async run() {
      try {
        await call(this.$root.dataset.method ?? "POST", this.$root.dataset.act);
        location.reload();
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        this.problem = reason(error);
      }
    },
  };
}

/** A form of the API: what is wrong stands under its field, else in the note; nothing typed is lost. */
function apiForm() {
  return {
    busy: false,
    say(text, bad = false) {
      if (bad && this.$refs.shot) this.$refs.shot.hidden = true;
      this.$refs.words.textContent = text;
      this.$refs.said.classList.toggle("bad", bad);
      this.$refs.said.hidden = false;
    },
    fields() {
      return Object.fromEntries(new FormData(this.$root));
    },
    /** `act` answers "leaving" where a new page comes: then the button stays dead, so that nothing is added twice. */
    async run(act) {
      this.busy = true;
      let done = null;
      clearMistakes(this.$root);
      try {
        done = await act();
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        const shown = showMistakes(this.$root, error.fields);
        this.say(shown ? say("lookAbove") : reason(error), true);
      }
      this.busy = done === "leaving";
    },
  };
}

function householdForm() {
  return {
    ...apiForm(),
    add() {
      return this.run(async () => {
        const { name, address } = this.fields();
        const made = await post("/api/v1/households/", { name, address, neighborhood: this.$root.dataset.neighborhood });
        location.assign(`${this.$root.dataset.list}${made.id}/`);
        return "leaving";
      });
    },
  };
}

function cameraForm() {
  return {
    ...apiForm(),
    source() {
      const { url, user, password } = this.fields();
      return { url: url.trim(), user, password };
    },
    facts() {
      const { name, lat, lon } = this.fields();
      const degrees = (text) => text.trim().replace(",", "."); // whether it is a number is the server's to say
      const place = lat.trim() || lon.trim() ? { location: { lat: degrees(lat), lon: degrees(lon) } } : {};
      return { ...this.source(), name, neighborhood: this.$root.dataset.neighborhood, ...place };
    },
    probe() {
      return this.run(async () => {
        this.$refs.shot.hidden = true;
        this.say(say("probing"));
        const found = await post("/api/v1/cameras/probe/", this.source());
        this.say([say("probeGood", found), ...found.advice].join(" "));
        this.$refs.shot.hidden = !found.snapshot;
        if (found.snapshot) this.$refs.shot.src = found.snapshot;
      });
    },
    add() {
      return this.run(async () => {
        await post("/api/v1/cameras/", this.facts());
        this.$refs.shot.hidden = true;
        this.say(say("added"));
        setTimeout(() => location.assign(this.$root.dataset.list), 1200);
        return "leaving";
      });
    },
  };
}
