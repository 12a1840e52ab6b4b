// The leader has sheets made for everybody at once; the file comes once, so it stays with the page.

import { ApiError, post } from "./api.js";
import { watchJob } from "./job.js";
import { reason } from "./words.js";

export function mountCodeSheets(main) {
  const job = main.querySelector("[data-job]");
  const said = main.querySelector("[data-said]");
  let stop = () => {};

  function tell(words) {
    said.querySelector("[data-said-words]").textContent = words;
    said.hidden = false;
    said.scrollIntoView({ block: "center" });
  }

  async function start(households) {
    said.hidden = true;
    if (households?.length === 0) return tell(main.dataset.nobody);
    const buttons = main.querySelectorAll("[data-print-missing], [data-print-chosen] .sure");
    buttons.forEach((button) => { button.disabled = true; });
    try {
      const { neighborhood } = main.dataset;
      const made = await post("/api/v1/codes/bulk/", households ? { neighborhood, households } : { neighborhood });
      stop();
      stop = watchJob(job, made.id, () => { if (!households) main.querySelector("[data-missing]").hidden = true; });
      job.scrollIntoView({ block: "center" });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      tell(reason(error));
    }
    buttons.forEach((button) => { button.disabled = false; });
  }

  main.querySelector("[data-print-missing]")?.addEventListener("click", () => start(null));
  main.querySelector("[data-print-chosen]")?.addEventListener("submit", (event) => {
    event.preventDefault();
    start(new FormData(event.target).getAll("household"));
  });
  return () => stop();
}
