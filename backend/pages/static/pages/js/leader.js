// The leader's small components, for Alpine's CSP build: they hold state, the words stand in the template.

import { ApiError, post } from "./api.js";
import { say } from "./words.js";

export function registerLeader() {
  document.addEventListener("alpine:init", () => {
    window.Alpine.data("finder", finder);
    window.Alpine.data("twoTaps", twoTaps);
    window.Alpine.data("act", act);
    window.Alpine.data("cameraForm", cameraForm);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });
}

/** Vietnamese without its marks, so that "hoa" finds "Hoà" and "duong" finds "Đường". */
export function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();
}

function finder() {
  return {
    look(event) {
      const wanted = plain(event.target.value).split(/\s+/).filter(Boolean);
      let found = 0;
      for (const row of this.$refs.list.children) {
        row.dataset.plain ??= plain(row.dataset.find);
        row.hidden = !wanted.every((word) => row.dataset.plain.includes(word));
        found += row.hidden ? 0 : 1;
      }
      this.$refs.list.hidden = found === 0;
      this.$refs.none.hidden = found > 0;
      this.$refs.count.textContent = say("found", { n: found });
    },
  };
}

/** First tap asks and says what follows, the second acts. */
function twoTaps() {
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

/** One act of the API on one thing, in two taps; then the page is loaded anew. */
function act() {
  return {
    ...twoTaps(),
    get calm() { return !this.asked; },
    problem: "",
    async run() {
      try {
        await post(this.$root.dataset.act);
        location.reload();
      } catch (error) {
        this.problem = error.message || say("wentWrong");
      }
    },
  };
}

function cameraForm() {
  return {
    busy: false,
    say(text, bad = false) {
      this.$refs.words.textContent = text;
      this.$refs.shot.hidden = true;
      this.$refs.said.classList.toggle("bad", bad);
      this.$refs.said.hidden = false;
    },
    source() {
      const { url, user, password } = Object.fromEntries(new FormData(this.$root));
      return { url: url.trim(), user, password };
    },
    facts() {
      const { name, lat, lon } = Object.fromEntries(new FormData(this.$root));
      const degrees = (text) => Number(text.replace(",", "."));
      const place = lat && lon ? { location: { lat: degrees(lat), lon: degrees(lon) } } : {};
      return { ...this.source(), name, neighborhood: this.$root.dataset.neighborhood, ...place };
    },
    async run(act) {
      this.busy = true;
      this.$root.querySelectorAll("[data-error]").forEach((line) => { line.textContent = ""; });
      try {
        await act();
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        for (const [field, texts] of Object.entries(error.fields)) {
          const line = this.$root.querySelector(`[data-error="${field}"]`);
          if (line) line.textContent = texts.join(" ");
        }
        this.say(error.status ? error.message || say("wentWrong") : say("noNetwork"), true);
      }
      this.busy = false;
    },
    probe() {
      return this.run(async () => {
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
        this.say(say("added"));
        setTimeout(() => location.assign(this.$root.dataset.list), 1200);
      });
    },
  };
}
