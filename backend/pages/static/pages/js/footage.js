// Footage for a case, on the side of who asks: a demand's scan, what was released, a package and its annex.

import { ApiError, post } from "./api.js";
import { attempt } from "./attempt.js";
import { listenAlive } from "./alive.js";
import { footageAsk } from "./footageask.js";
import { keep } from "./fund.js";
import { twoTaps } from "./leader.js";
import { clearMistakes, showMistakes } from "./mistakes.js";
import { facts } from "./own.js";
import { Player } from "./player.js";
import { reason, say } from "./words.js";

export function registerFootage() {
  document.addEventListener("alpine:init", () => {
    window.Alpine.data("footageAsk", footageAsk);
    window.Alpine.data("scan", scan);
    window.Alpine.data("fetchOnce", fetchOnce);
    window.Alpine.data("annex", annex);
    window.Alpine.data("look", look);
    window.Alpine.data("agreeAll", agreeAll);
  });
}

function scan() {
  return {
    busy: false,
    problem: "",
    send() {
      return attempt(this, async () => {
        await keep(this.$root.dataset.to, this.$root.elements.namedItem("file").files[0]);
        location.reload();
      });
    },
  };
}

/** A package's one-time link is asked for by the tap that follows it: nobody keeps a link. */
function fetchOnce() {
  return {
    busy: false,
    problem: "",
    begun: false,
    get waiting() { return !this.begun; },
    send() {
      return attempt(this, async () => {
        const link = await post(this.$root.dataset.post);
        location.assign(link.url); // an attachment: the page stays
        this.begun = true;
      });
    },
  };
}

function annex() {
  return {
    busy: false,
    problem: "",
    opened: [],
    async send() {
      clearMistakes(this.$root);
      this.busy = true;
      this.problem = "";
      try {
        const { suppliers } = await post(this.$root.dataset.post, facts(this.$root));
        this.opened = Object.entries(suppliers).map(([name, one]) => `${name}: ${supplier(one)}`);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        this.problem = showMistakes(this.$root, error.fields) ? say("lookAbove") : reason(error);
      }
      this.busy = false;
    },
  };
}

const supplier = ({ camera, household, address, neighborhood }) =>
  [camera, household, address, neighborhood].filter(Boolean).join(", ");

/** What was released of one camera, played where it lies, for as long as it may be. */
function look() {
  let player = null;
  let stop = () => {};
  return {
    busy: false,
    problem: "",
    playing: false,
    get closed() { return !this.playing; },
    open() {
      return attempt(this, async () => {
        const { number, post: to } = this.$root.dataset;
        const { url } = await post(to, { number: Number(number) });
        player = new Player();
        player.video.controls = true;
        player.video.setAttribute("aria-label", `K${number}`);
        this.$refs.slot.append(player.video);
        this.playing = true;
        player.load(url);
        const over = () => this.empty();
        stop = listenAlive(url.replace(/\/[^/]*$/, ""), { onRevoked: over, onEnded: over, onLost: () => {} });
      });
    },
    empty() {
      stop();
      player?.destroy();
      this.$refs.slot.replaceChildren();
      this.playing = this.busy = false;
      this.problem = say("footageOver");
    },
  };
}

/** One yes for all the reader's cameras of a request. Each is a decision of its own: what fails leaves the others said. */
function agreeAll() {
  return Object.defineProperties(twoTaps(), Object.getOwnPropertyDescriptors({
    busy: false,
    problem: "",
    send() {
      return attempt(this, async () => {
        const { cameras, to } = this.$root.dataset;
        for (const camera of cameras.split(" ")) await post(to, { camera, decision: "approve" });
        location.reload();
      });
    },
  }));
}
