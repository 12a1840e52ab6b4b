// One thing per screen: a page's [data-step] sections, of which one is shown, and forms whose mistakes are said in place.

import { ApiError } from "./api.js";
import { clearMistakes, showMistakes } from "./mistakes.js";
import { say } from "./words.js";

export class Steps {
  constructor(root) {
    this.root = root;
    root.addEventListener("click", (event) => {
      const wanted = event.target.closest("[data-show]")?.dataset.show;
      if (wanted) this.show(wanted);
    });
  }

  section(name) {
    return this.root.querySelector(`[data-step="${name}"]`);
  }

  show(name) {
    for (const section of this.root.querySelectorAll("[data-step]")) section.hidden = section.dataset.step !== name;
    for (const line of this.root.querySelectorAll("[data-only]")) line.hidden = line.dataset.only !== name;
    const section = this.section(name);
    const note = section.querySelector("[data-problem]");
    if (note) note.hidden = true;
    const first = section.querySelector("input:not([type=hidden]):not([readonly])");
    (first?.checkVisibility() ? first : section.querySelector("h2"))?.focus();
    scrollTo(0, 0);
  }
}

/** Says what went wrong in the note of `box`, or under the fields it names. */
export function tell(box, error, words = (known) => known.message) {
  if (error instanceof ApiError && showMistakes(box, error.fields)) return;
  const known = error instanceof ApiError && (error.status === 0 ? say("noNetwork") : words(error));
  if (!(error instanceof ApiError)) console.error(error);
  const note = box.querySelector("[data-problem]");
  note.querySelector("p").textContent = known || say("wentWrong");
  note.hidden = false;
  note.scrollIntoView({ block: "nearest" }); // the button of a long form stands far below
}

/** Runs `act` with its button dead meanwhile; what goes wrong is said in `box`. */
export async function run(box, button, act, words) {
  if (button.disabled) return;
  button.disabled = true;
  const note = box.querySelector("[data-problem]");
  if (note) note.hidden = true;
  clearMistakes(box);
  try {
    await act();
  } catch (error) {
    tell(box, error, words);
  } finally {
    button.disabled = false;
  }
}

/** Sends the form by `act` when it is submitted. */
export function onSubmit(form, act, words) {
  const button = form.querySelector("button:not([type])");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(form, button, () => act(Object.fromEntries(new FormData(form))), words);
  });
}

export function onClick(root, selector, act) {
  const button = root.querySelector(selector);
  button?.addEventListener("click", () => run(button.closest("[data-step]") ?? root, button, act));
}
