// The yes to a list of households: a job puts it in, and says what came of it.

import { ApiError, post } from "./api.js";
import { watchJob } from "./job.js";
import { reason, say } from "./words.js";

export function mountImportList(main) {
  let stop = () => {};
  const part = (name) => main.querySelector(`[data-${name}]`);

  async function apply(button) {
    button.disabled = true;
    part("said").hidden = true;
    try {
      const body = { without_refused: "without" in button.dataset };
      const job = await post(`/api/v1/households/import/${part("decide").dataset.decide}/apply/`, body);
      stop = watchJob(part("job"), job.id, done);
      part("decide").hidden = true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      button.disabled = false;
      part("said-words").textContent = reason(error);
      part("said").hidden = false;
    }
  }

  function done({ result }) {
    const note = part("done");
    part("done-words").textContent = note.dataset.words.replace(/\{(\w+)\}/g, (_all, name) => result[name]);
    part("job").hidden = true;
    note.hidden = false;
    note.scrollIntoView({ block: "center" });
  }

  const click = (event) => {
    const button = event.target.closest("[data-apply]");
    if (button) apply(button);
  };
  // The same file, corrected, must be one that can be chosen again; and a browser sends no file that changed since.
  const read = () => { main.querySelector("#list-file").value = ""; };
  const sending = () => { part("unsent").hidden = true; stop(); };
  const unsent = () => {
    part("unsent-words").textContent = say("noNetwork");
    part("unsent").hidden = false;
  };
  const heard = { click, "htmx:beforeRequest": sending, "htmx:afterOnLoad": read, "htmx:sendError": unsent };
  for (const [name, act] of Object.entries(heard)) main.addEventListener(name, act);
  return () => {
    stop();
    for (const [name, act] of Object.entries(heard)) main.removeEventListener(name, act);
  };
}
