// The treasurer's bank pages, and what a household copies to pay. Components for Alpine's CSP build.

import { ApiError, post } from "./api.js";
import { attempt } from "./attempt.js";
import { sift, wordsOf } from "./find.js";
import { watchJob } from "./job.js";
import { clearMistakes, showMistakes } from "./mistakes.js";
import { reason, say } from "./words.js";

const SERVICES = { sepay: "SePay", casso: "Casso" };

export function registerBank() {
  document.addEventListener("alpine:init", () => {
    window.Alpine.data("bankAccounts", bankAccounts);
    window.Alpine.data("bankAct", bankAct);
    window.Alpine.data("bankRow", bankRow);
    window.Alpine.data("bankJob", bankJob);
    window.Alpine.data("bankFile", bankFile);
  });
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-copy]");
    if (button?.dataset.copy) copy(button, button.dataset.copy);
  });
}

/** Copies, and says so on the button itself: where the browser may not, the text stands beside it to be held. */
async function copy(button, text) {
  try {
    await navigator.clipboard.writeText(text);
    const words = button.querySelector("span") ?? button;
    const before = words.textContent;
    words.textContent = say("copied");
    setTimeout(() => { words.textContent = before; }, 2000);
  } catch {
    const range = document.createRange();
    range.selectNodeContents(button.previousElementSibling);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  }
}

/** One act of the API on one transfer; then the page is loaded anew, or the next one. */
function bankAct() {
  return {
    busy: false,
    problem: "",
    send() {
      return attempt(this, async () => {
        await post(this.$root.dataset.post, Object.fromEntries(new FormData(this.$root)));
        location.reload();
      });
    },
  };
}

function bankAccounts() {
  return {
    busy: false,
    problem: "",
    asksKey: false,
    made: false,
    hook: "",
    secret: "",
    provider: "",
    get idle() { return !this.made; },
    get service() { return SERVICES[this.provider] ?? ""; },
    get isSepay() { return this.provider === "sepay"; },
    get isCasso() { return this.provider === "casso"; },
    init() {
      for (const code of this.$root.querySelectorAll("[data-hook]")) code.textContent = location.origin + code.dataset.hook;
    },
    choose(event) { this.asksKey = event.target.value !== "none"; },
    add(event) {
      const { neighborhood } = event.target.dataset;
      return this.ask(event.target, "/api/v1/bank-accounts/", { neighborhood });
    },
    rotate(event) { return this.ask(event.target, event.target.dataset.post, {}); },
    async ask(form, path, beside) {
      this.busy = true;
      this.problem = "";
      clearMistakes(form);
      try {
        const opened = await post(path, { ...beside, ...Object.fromEntries(new FormData(form)) });
        if (!opened.account.hook) return location.reload();
        this.show(opened, form);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        this.problem = showMistakes(form, error.fields) ? "" : reason(error);
      }
      this.busy = false;
    },
    show({ account, secret }, form) {
      this.hook = location.origin + account.hook;
      this.secret = new FormData(form).get("secret") ? "" : secret; // a key that was typed here is known already
      this.provider = account.provider;
      this.made = true;
      this.$nextTick(() => this.$refs.made.focus());
      scrollTo(0, 0);
    },
    copyHook(event) { copy(event.currentTarget, this.hook); },
    copySecret(event) { copy(event.currentTarget, this.secret); },
    finish() { location.reload(); },
  };
}

/** Whose transfer it is: the household is searched and tapped, then asked about once more. */
function bankRow() {
  return {
    busy: false,
    problem: "",
    chosen: "",
    name: "",
    look(event) { sift(this.$refs, wordsOf(event.target.value)); },
    tap(event) {
      const button = event.target.closest("[data-household]");
      if (!button) return;
      this.chosen = button.dataset.household;
      this.name = button.dataset.name;
      this.$nextTick(() => this.$refs.sure.focus());
    },
    leave() { this.chosen = ""; },
    async book() {
      this.busy = true;
      this.problem = "";
      try {
        const campaign = this.$root.querySelector('[name="campaign"]:checked').value;
        await post(`/api/v1/bank-rows/${this.$root.dataset.row}/match/`, { household: this.chosen, campaign });
        location.assign(this.$root.dataset.next);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        this.problem = reason(error);
        this.chosen = "";
        this.busy = false;
      }
    },
  };
}

/** Takes the statement in, and shows how far it is. */
function bankJob() {
  return {
    busy: false,
    problem: "",
    finished: false,
    async send() {
      await attempt(this, async () => {
        const job = await post(this.$root.dataset.post);
        watchJob(this.$root.querySelector("[data-job]"), job.id, () => { this.finished = true; });
      });
    },
  };
}

function bankFile() {
  return {
    name: "",
    get none() { return !this.name; },
    choose(event) { this.name = event.target.files[0]?.name ?? ""; },
  };
}
