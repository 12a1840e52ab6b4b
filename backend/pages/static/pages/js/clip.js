// The moment of an alert, played in its card, for as long as it may be shown.

import { post } from "./api.js";
import { listenAlive } from "./alive.js";
import { Player } from "./player.js";
import { say } from "./words.js";

export class Clip {
  /** @param {Element} box the card's part for it */
  constructor(box, id, purpose) {
    this.box = box;
    this.id = id;
    this.purpose = purpose;
    this.players = [];
  }

  async play() {
    const words = this.box.querySelector("[data-clip-words]");
    try {
      const { clips } = await post(`/api/v1/alerts/${this.id}/clip/`, {});
      words.hidden = true;
      this.box.classList.add("playing");
      this.box.querySelector("[data-clip-play]").hidden = true;
      clips.forEach((clip) => this.#show(clip));
    } catch (error) {
      words.textContent = error.message || say("clipGone");
      words.hidden = false;
    }
  }

  #show({ camera_name: camera, clip_url: url, poster_url: poster }) {
    const frame = document.querySelector("[data-clip-form]").content.firstElementChild.cloneNode(true);
    const player = new Player();
    player.video.controls = true;
    if (poster) player.video.poster = poster;
    player.video.setAttribute("aria-label", say("clipOf", { camera }));
    frame.querySelector("[data-clip-slot]").append(player.video);
    frame.querySelector("[data-clip-name]").textContent = camera;
    this.box.querySelector("[data-clip-frames]").append(frame);
    player.load(url);
    const over = () => this.empty(say("clipGone"));
    this.players.push({ player, stop: listenAlive(url.replace(/\/[^/]*$/, ""), { onRevoked: over, onEnded: over, onLost: () => {} }) });
  }

  /** No picture of it is left on the page, and none in the browser's buffer. */
  empty(words = "") {
    for (const { player, stop } of this.players) {
      stop();
      player.destroy();
    }
    this.players = [];
    this.box.querySelector("[data-clip-frames]").replaceChildren();
    this.box.classList.remove("playing");
    this.box.querySelector("[data-clip-play]").hidden = false;
    if (words) Object.assign(this.box.querySelector("[data-clip-words]"), { textContent: words, hidden: false });
  }
}
