// What lies over the picture: recorded time, state in words, covers, full screen.

import { clock, day, say } from "./words.js";

const COVERS = {
  lost: ["offline", "coverLost", "coverLostText"],
  trouble: ["warn", "coverTrouble", "coverTroubleText"],
  nosignal: ["still", "coverNoSignal", "coverNoSignalText"],
  no_footage: ["still", "coverNoFootage", "coverNoFootageText"],
  out_of_reach: ["still", "coverOutOfReach", "coverOutOfReachText"],
  not_found: ["still", "coverGone", "coverGoneText"],
  private_hours: ["moon", "coverPrivate", "coverPrivateText"],
  outside_hours: ["moon", "coverHours", "coverHoursText"],
  purpose_required: ["warn", "coverPurpose", "coverPurposeText"],
};

export class Stage {
  constructor(main, signal) {
    this.main = main;
    this.stage = main.querySelector("[data-stage]");
    this.slot = main.querySelector("[data-slot]");
    this.words = main.querySelector("[data-mode-words]");
    this.face = main.querySelector("[data-time]");
    this.sheet = main.querySelector("[data-cover]");
    this.covered = null;
    this.full = main.querySelector("[data-full]");
    this.full.addEventListener("click", () => this.#toggleFull());
    document.addEventListener("fullscreenchange", () => this.#sayFull(), { signal });
    addEventListener("keydown", (event) => { if (event.key === "Escape") this.#leaveFilled(); }, { signal });
  }

  put(video) {
    this.slot.replaceChildren(video);
    video.setAttribute("aria-label", this.main.querySelector("h1").textContent);
  }

  /** opening, live or replay */
  show(mode) {
    this.stage.dataset.mode = mode;
    if (mode === "opening") this.face.textContent = "";
    this.words.textContent = say({ opening: "modeOpening", live: "modeLive", replay: "modeReplay" }[mode]);
    if (mode === "opening" && this.covered !== "lost") return this.uncover();
    if (mode !== "opening") this.uncover();
  }

  time(date) {
    this.face.dateTime = date.toISOString();
    this.face.textContent = `${clock(date)} · ${day(date)}`;
  }

  /** Plain words over the picture. */
  cover(code, text = "") {
    if (this.covered === code) return;
    const [icon, title, body] = COVERS[code] ?? ["warn", "coverTrouble", null];
    this.covered = code;
    this.stage.dataset.mode = "covered";
    this.sheet.querySelectorAll("[data-cover-icon]").forEach((i) => { i.hidden = i.dataset.coverIcon !== icon; });
    this.sheet.querySelector("[data-cover-title]").textContent = say(title);
    this.sheet.querySelector("[data-cover-text]").textContent = body ? say(body) : text;
    this.sheet.querySelector("[data-retry]").textContent = say(code === "purpose_required" ? "sayPurpose" : "tryAgain");
    this.words.textContent = say("modeStopped");
    this.sheet.hidden = false;
  }

  uncover() {
    this.covered = null;
    this.sheet.hidden = true;
  }

  /** No picture, no time, no words. */
  empty() {
    this.uncover();
    this.slot.replaceChildren();
    this.stage.dataset.mode = "revoked";
    this.words.textContent = "";
    this.face.textContent = "";
  }

  revoke() {
    this.empty();
    this.main.querySelectorAll(".panel button").forEach((button) => { button.disabled = true; });
    this.main.querySelectorAll(".panel [data-raise]").forEach((link) => link.remove());
    this.main.querySelectorAll(".kept").forEach((kept) => kept.remove());
    const cover = this.main.querySelector("[data-revoked]");
    cover.hidden = false;
    cover.focus();
  }

  #toggleFull() {
    if (document.fullscreenElement) return document.exitFullscreen();
    if (this.stage.classList.contains("filled")) return this.#leaveFilled();
    // The stage and not the video goes full screen, so that time and name stay over the picture.
    if (this.stage.requestFullscreen) return this.stage.requestFullscreen().catch(() => this.#fill());
    return this.#fill(); // iPhone: no full screen for anything but a bare video
  }

  #fill() {
    this.stage.classList.add("filled");
    this.#sayFull();
  }

  #leaveFilled() {
    this.stage.classList.remove("filled");
    this.#sayFull();
  }

  #sayFull() {
    const full = Boolean(document.fullscreenElement) || this.stage.classList.contains("filled");
    this.full.querySelector("span").textContent = say(full ? "leaveFull" : "goFull");
  }
}
