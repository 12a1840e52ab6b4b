// Forms of one's own data, the desk, the legal record and walls: small components for Alpine's CSP build.

import { ApiError, call, post } from "./api.js";
import { twoTaps } from "./leader.js";
import { clearMistakes, showMistakes } from "./mistakes.js";
import { ago, reason, say } from "./words.js";

export function registerOwn() {
  document.addEventListener("alpine:init", () => {
    window.Alpine.data("sender", sender);
    window.Alpine.data("pairing", pairing);
  });
}

/**
 * What a form says as JSON: `data-many` names lists, `data-truth` tick boxes, `data-number` numbers, `data-local` moments
 * on the clock of Vietnam, `data-degrees` places on the map, `data-json` what a script wrote; empty is left out. A name
 * with a point, `area.places`, is a member's member.
 */
export function facts(form) {
  const list = (name) => (form.dataset[name] ?? "").split(" ").filter(Boolean);
  const said = new FormData(form);
  const found = Object.fromEntries([...said].filter(([, value]) => value !== ""));
  list("many").forEach((name) => { found[name] = said.getAll(name); });
  list("truth").forEach((name) => { found[name] = said.has(name); });
  list("number").forEach((name) => { if (name in found) found[name] = Number(found[name]); });
  list("degrees").forEach((name) => { if (name in found) found[name] = found[name].trim().replace(",", "."); });
  list("json").forEach((name) => { if (name in found) found[name] = JSON.parse(found[name]); });
  list("blank").forEach((name) => { found[name] ??= ""; });
  list("local").forEach((name) => { if (name in found) found[name] += ":00+07:00"; });
  for (const name of Object.keys(found).filter((one) => one.includes("."))) {
    const [whole, part] = name.split(".");
    found[whole] = { ...found[whole], [part]: found[name] };
    delete found[name];
  }
  return found;
}

/** A form that is sent to `data-to` (with `data-method`); what is wrong stands under its field, else the page goes on. */
export function sender() {
  return {
    ...twoTaps(),
    get calm() { return !this.asked; },
    busy: false,
    problem: "",
    async send() {
      const form = this.$root;
      const { to, method = "POST", next } = form.dataset;
      this.busy = true;
      this.problem = "";
      clearMistakes(form);
      try {
        await call(method, to, facts(form));
        if (next) location.assign(next);
        else location.reload();
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        this.busy = false;
        const shown = showMistakes(form, error.fields);
        this.problem = shown ? say("lookAbove") : reason(error);
      }
    },
  };
}

/** The leader's half of pairing: letters typed or from the QR's fragment, then what asks, then yes or no. */
function pairing() {
  return {
    code: "",
    since: "",
    near: false,
    step: "type",
    busy: false,
    problem: "",
    get typing() { return this.step === "type"; },
    get deciding() { return this.step === "decide"; },
    get letIn() { return this.step === "in"; },
    get turnedAway() { return this.step === "away"; },
    get far() { return this.deciding && !this.near; },
    init() {
      const inLink = location.hash.slice(1);
      if (!/^[A-Za-z]{4}-?[A-Za-z]{4}$/.test(inLink)) return;
      history.replaceState(null, "", location.pathname); // the letters do not stay in the address bar
      this.$refs.code.value = inLink;
      this.find();
    },
    find() {
      return this.run(async () => {
        const found = await post("/api/v1/walls/find/", { user_code: this.$refs.code.value });
        this.code = found.user_code;
        this.since = ago((Date.now() - Date.parse(found.asked_at)) / 1000);
        this.near = found.same_network;
        this.step = "decide";
        this.$nextTick(() => this.$refs.name.focus());
      });
    },
    allow() {
      return this.run(async () => {
        await post("/api/v1/walls/approve/", { ...this.what(), name: this.$refs.name.value });
        this.step = "in";
        setTimeout(() => location.reload(), 6000); // by then the screen has fetched its token and stands in the list
      });
    },
    deny() {
      return this.run(async () => {
        await post("/api/v1/walls/deny/", this.what());
        this.step = "away";
      });
    },
    what() {
      return { user_code: this.code, neighborhood: this.$root.dataset.neighborhood };
    },
    async run(act) {
      this.busy = true;
      this.problem = "";
      try {
        await act();
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        const named = Object.values(error.fields).flat().join(" ");
        this.problem = named || reason(error);
      }
      this.busy = false;
    },
  };
}
