// Long work on a page: how far it is, in words and a bar, then its file or whatever comes next.

import { ApiError, get } from "./api.js";
import { say } from "./words.js";

const EVERY_MS = 700;
const OFFLINE_MS = 3000;

/**
 * Shows the job in `element` (parts/job.html) until it is over; `onDone(job)` is called when it succeeded.
 * @returns a function that stops watching
 */
export function watchJob(element, id, onDone = () => {}) {
  let timer = 0;
  let stopped = false;
  element.hidden = false;
  element.dataset.job = element.dataset.watched = id;
  reset(element);
  const look = async () => {
    let wait = EVERY_MS;
    try {
      const job = await get(`/api/v1/jobs/${id}/`);
      if (stopped) return;
      show(element, job);
      if (job.state === "done") onDone(job);
      if (job.state === "done" || job.state === "failed") return;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (stopped) return;
      if (error.status >= 400 && error.status < 500 && error.status !== 429) return trouble(element, error.message);
      part(element, "words").textContent = element.dataset.offline;
      wait = OFFLINE_MS;
    }
    if (!stopped) timer = setTimeout(look, wait);
  };
  look();
  return () => { stopped = true; clearTimeout(timer); };
}

/** Starts watching every part of the page that names a job and is not watched yet. */
export function mountJobs(root = document) {
  for (const element of root.querySelectorAll("[data-job]")) {
    const { job, watched, next } = element.dataset;
    if (job && job !== watched) watchJob(element, job, () => { if (next) location.assign(next); });
  }
}

const part = (element, name) => element.querySelector(`[data-job-${name}]`);

function reset(element) {
  for (const name of ["problem", "file", "open"]) part(element, name).hidden = true;
  part(element, "bar").hidden = part(element, "words").hidden = part(element, "fetch").hidden = false;
}

function show(element, job) {
  const words = part(element, "words");
  const bar = part(element, "bar");
  const { waiting, running, counted, ready } = element.dataset;
  if (job.total > 0) {
    bar.max = job.total;
    bar.value = job.done;
  }
  if (job.state === "waiting") words.textContent = waiting;
  else if (job.state === "running") {
    words.textContent = job.total ? counted.replace("{done}", job.done).replace("{total}", job.total) : running;
  } else if (job.state === "done") {
    words.textContent = ready;
    bar.hidden = true;
    showFile(element, job);
  } else trouble(element, job.problem?.detail ?? "");
}

function trouble(element, text) {
  part(element, "words").hidden = part(element, "bar").hidden = true;
  part(element, "problem-words").textContent = text;
  part(element, "problem").hidden = false;
}

function showFile(element, job) {
  part(element, "file").hidden = !job.file_name;
  part(element, "once").hidden = !job.file_once;
  if (!job.file_name) return;
  if (!job.file) return trouble(element, element.dataset.gone);
  part(element, "fetch").onclick = () => fetchFile(element, job);
}

/** The file is fetched once and stays with the page, for a file with secrets is given out no second time. */
async function fetchFile(element, job) {
  const button = part(element, "fetch");
  button.disabled = true;
  try {
    const answer = await fetch(job.file, { credentials: "same-origin", cache: "no-store" });
    if (!answer.ok) return trouble(element, (await answer.json().catch(() => ({}))).detail ?? element.dataset.gone);
    const address = URL.createObjectURL(await answer.blob());
    const open = part(element, "open");
    open.href = address;
    open.hidden = false;
    button.hidden = true;
    save(address, job.file_name);
  } catch {
    part(element, "words").textContent = element.dataset.offline;
  } finally {
    button.disabled = false;
  }
}

/** A link to a file that is given out once: it is fetched here, so that what goes wrong is said and the link goes. */
export async function saveOnce(event) {
  const link = event.target.closest("a[data-once]");
  if (!link) return;
  event.preventDefault();
  if (link.ariaDisabled) return;
  link.ariaDisabled = "true";
  const answer = await fetch(link.href, { credentials: "same-origin", cache: "no-store" }).catch(() => null);
  if (!answer) link.ariaDisabled = null; // no network: it can be tried again
  else if (answer.ok) save(URL.createObjectURL(await answer.blob()), link.dataset.once);
  const said = document.createElement("p");
  said.setAttribute("role", "status");
  said.textContent = !answer ? say("noNetwork") : answer.ok ? say("savedOnce") : (await answer.json()).detail;
  link.after(said);
  if (answer) link.remove();
}

function save(address, name) {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}
