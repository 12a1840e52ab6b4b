// One entry for every page: finds what the page is, starts it, and stops it when htmx swaps it away.

import { mountGrid } from "./grid.js";
import { mountJoin } from "./join.js";
import { registerLeader } from "./leader.js";
import { mountSetup, mountStaff } from "./staff.js";
import { mountWatch } from "./watch.js";

const pages = { grid: mountGrid, join: mountJoin, setup: mountSetup, staff: mountStaff, watch: mountWatch };
let mounted = null;
let stop = null;

function mount() {
  const main = document.getElementById("main");
  if (main === mounted) return;
  stop?.();
  mounted = main;
  stop = pages[main?.dataset.page]?.(main) ?? null;
}

registerLeader();
mount();
document.addEventListener("htmx:afterSettle", mount);
document.addEventListener("htmx:responseError", () => location.reload()); // the page is older than what it shows
addEventListener("pagehide", () => stop?.());
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload(); // a page kept by the browser may show what has been taken back since
});
