// How this phone rings. Each change is saved at once; nothing has to be sent off.

import { ApiError, call } from "./api.js";
import { alerts } from "./alerts.js";
import { write } from "./alertstate.js";
import { pushKey, pushOff, pushOn, pushPossible, subscription } from "./install.js";
import { clearMistakes, showMistakes } from "./mistakes.js";
import { ring } from "./sound.js";
import { sleep } from "./sleep.js";
import { reason, say } from "./words.js";

export function mountAlertSettings(main) {
  const form = main.querySelector("[data-settings]");
  const page = new Settings(main, form);
  form.addEventListener("change", () => page.save());
  form.addEventListener("submit", (event) => event.preventDefault());
  main.querySelector("[data-test]").addEventListener("click", () => page.test());
  page.push();
}

class Settings {
  constructor(main, form) {
    this.main = main;
    this.form = form;
    this.said = main.querySelector("[data-said]");
  }

  chosen() {
    const { elements } = this.form;
    const quiet = elements.quiet.checked;
    return {
      sound: elements.sound.checked,
      vibration: elements.vibration.checked,
      digest: elements.digest.checked,
      quiet_from: quiet ? elements.quiet_from.value || null : null,
      quiet_to: quiet ? elements.quiet_to.value || null : null,
      muted: [...this.form.querySelectorAll('[name="rings"]:not(:checked)')].map((box) => box.value),
    };
  }

  async save() {
    clearMistakes(this.form);
    this.said.hidden = true;
    try {
      const kept = await call("PATCH", "/api/v1/me/notifications/", this.chosen());
      write("matpho:settings", kept);
      if (alerts.bell) alerts.bell.preferences = kept;
      this.#tell(say("saved"));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!showMistakes(this.form, error.fields)) this.#tell(reason(error), true);
    }
  }

  async test() {
    const { sound, vibration } = this.chosen();
    await sleep(50); // the touch that woke the sound is this one
    ring("urgent", { sound, vibration });
  }

  #tell(text, bad = false) {
    this.said.textContent = text;
    this.said.classList.toggle("bad", bad);
    this.said.hidden = false;
  }

  async push() {
    const on = this.main.querySelector("[data-push-on]");
    const off = this.main.querySelector("[data-push-off]");
    const said = this.main.querySelector("[data-push-said]");
    const served = on.dataset.served === "1";
    const show = async () => {
      const subscribed = Boolean(await subscription().catch(() => null)) && Notification.permission === "granted";
      on.hidden = subscribed;
      off.hidden = !subscribed;
      said.textContent = say(subscribed ? "pushOn" : "pushOff");
    };
    if (!served) return Object.assign(said, { textContent: say("pushServerOff") });
    if (!isSecureContext) return Object.assign(said, { textContent: say("pushNeedsTls") });
    if (!pushPossible()) return Object.assign(said, { textContent: say("pushNever") });
    const tried = (act) => async () => {
      on.disabled = off.disabled = true;
      try {
        await act();
        await show();
      } catch (error) {
        said.textContent = error instanceof ApiError ? error.message || say("wentWrong") : say("pushRefused");
      } finally {
        on.disabled = off.disabled = false;
      }
    };
    on.addEventListener("click", tried(async () => pushOn((await pushKey()).key)));
    off.addEventListener("click", tried(pushOff));
    return show();
  }
}
