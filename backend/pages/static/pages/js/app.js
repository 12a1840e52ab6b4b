// One entry for every page: finds what the page is, starts it, and stops it when htmx swaps it away.

import { mountAccount } from "./account.js";
import { csrf } from "./api.js";
import { alerts } from "./alerts.js";
import { mountCodeSheets } from "./codesheets.js";
import { mountConsole } from "./console.js";
import { mountFeed } from "./feed.js";
import { registerAudit } from "./audit.js";
import { registerBank } from "./bank.js";
import { registerFootage } from "./footage.js";
import { registerFund } from "./fund.js";
import { mountGrid } from "./grid.js";
import { mountJobs, saveOnce } from "./job.js";
import { mountImportList } from "./importlist.js";
import { mountInvite } from "./invite.js";
import { mountJoin } from "./join.js";
import { mountRaise } from "./raisepage.js";
import { registerLeader } from "./leader.js";
import { registerOwn } from "./own.js";
import { registerSchool } from "./school.js";
import { mountRoles } from "./roles.js";
import { mountAlertSettings } from "./settings.js";
import { mountSetup, mountStaff } from "./staff.js";
import { mountWall, mountWallPair } from "./wall.js";
import { mountWatch } from "./watch.js";

const pages = {
  account: mountAccount, invite: mountInvite, roles: mountRoles,
  alertSettings: mountAlertSettings, codeSheets: mountCodeSheets, console: mountConsole, feed: mountFeed, grid: mountGrid, importList: mountImportList, join: mountJoin,
  raise: mountRaise, setup: mountSetup, staff: mountStaff, wall: mountWall, wallPair: mountWallPair,
  room: mountGrid, watch: mountWatch,
};
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
registerOwn();
registerFund();
registerFootage();
registerBank();
registerSchool();
registerAudit();
alerts.start();
mount();
mountJobs();
document.addEventListener("click", saveOnce);
document.addEventListener("htmx:afterSettle", () => { mount(); mountJobs(); });
document.addEventListener("htmx:responseError", () => location.reload()); // the page is older than what it shows
document.addEventListener("htmx:configRequest", ({ detail }) => { detail.headers["X-CSRFToken"] = csrf(); }); // a kept page has none in its forms
addEventListener("pagehide", () => stop?.());
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload(); // a page kept by the browser may show what has been taken back since
});
