// The auditor's export: asked for, watched, then saved.

import { post } from "./api.js";
import { attempt } from "./attempt.js";
import { watchJob } from "./job.js";

export function registerAudit() {
  document.addEventListener("alpine:init", () => { window.Alpine.data("auditExport", auditExport); });
}

function auditExport() {
  return {
    busy: false,
    problem: "",
    async send() {
      await attempt(this, async () => {
        const job = await post(this.$root.dataset.post, { since: this.$refs.since.value || null });
        watchJob(this.$root.querySelector("[data-job]"), job.id);
      });
      this.busy = false;
    },
  };
}
