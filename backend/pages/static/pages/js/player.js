// One video element and what feeds it: hls.js where the browser has Media Source Extensions, else the native player.

import Hls from "../../vendor/hls.light.min.mjs";
import { loaderFor, prime, startingPoint } from "./firstload.js";

// Passthrough of fMP4 costs next to nothing, so no worker: its start would cost more than it saves on a slow phone.
const COMMON = {
  enableWorker: false, lowLatencyMode: false, startFragPrefetch: true, testBandwidth: false,
  maxBufferLength: 20, backBufferLength: 60, liveSyncDurationCount: 2, liveMaxLatencyDurationCount: 8,
  fragLoadPolicy: { default: { maxTimeToFirstByteMs: 8000, maxLoadTimeMs: 20000,
    timeoutRetry: { maxNumRetry: 1, retryDelayMs: 0, maxRetryDelayMs: 0 },
    errorRetry: { maxNumRetry: 2, retryDelayMs: 500, maxRetryDelayMs: 2000 } } },
};

export class Player extends EventTarget {
  // Events: "frame" (first picture), "progress", "stalled", "ended", "trouble" (detail: {status, fatal}).
  constructor() {
    super();
    this.video = Object.assign(document.createElement("video"), { muted: true, playsInline: true, disablePictureInPicture: true });
    this.video.setAttribute("playsinline", "");
    this.video.setAttribute("controlslist", "nodownload noremoteplayback");
    this.video.disableRemotePlayback = true;
    this.video.addEventListener("waiting", () => this.#emit("stalled"));
    this.video.addEventListener("timeupdate", () => this.#emit("progress"));
    this.video.addEventListener("ended", () => this.#emit("ended"));
    this.video.addEventListener("contextmenu", (event) => event.preventDefault()); // no "save video as"
    this.hls = null;
  }

  /** Plays url from its live edge, or a recorded playlist from `from` (a Date) or its start. */
  load(url, { live = false, from = null, primed = null } = {}) {
    this.#unload();
    this.live = live;
    this.started = false;
    const token = {};
    this.loading = token;
    const once = () => { if (this.loading === token) this.#emit("frame"); };
    if (this.video.requestVideoFrameCallback) this.video.requestVideoFrameCallback(once);
    else this.video.addEventListener("loadeddata", once, { once: true });
    if (Hls.isSupported()) this.#loadHls(url, from, live ? primed ?? prime(url) : null);
    else this.#loadNative(url, from);
  }

  #loadHls(url, from, primed) {
    const hls = new Hls({ ...COMMON, ...(primed && { loader: loaderFor(primed) }), autoStartLoad: false });
    this.hls = hls;
    hls.config.progressive = primed !== null; // the first segment is shown while it arrives; after it, whole ones
    hls.once(Hls.Events.FRAG_BUFFERED, () => { hls.config.progressive = false; });
    hls.on(Hls.Events.BUFFER_APPENDED, () => this.#toFirstPicture());
    hls.on(Hls.Events.ERROR, (_, data) => {
      if (this.hls !== hls) return;
      this.dispatchEvent(new CustomEvent("trouble", { detail: {
        status: data.response?.code ?? 0, fatal: data.fatal, kind: data.type, what: data.details,
      } }));
      if (data.fatal && data.type === Hls.ErrorTypes.MEDIA_ERROR) hls.recoverMediaError();
    });
    hls.once(Hls.Events.LEVEL_LOADED, (_, { details }) => {
      const live = details.live && startingPoint(details.fragments, details.targetduration);
      hls.startLoad((live ? live.start : from && positionIn(details.fragments, from.getTime())) ?? 0);
    });
    hls.loadSource(url);
    hls.attachMedia(this.video);
    this.#play();
  }

  /** hls.js goes to the start only when a whole segment is there; its first fragment is enough. */
  #toFirstPicture() {
    const { buffered, currentTime, seeking } = this.video;
    if (this.started || seeking || !buffered.length) return;
    this.started = true;
    if (this.live && currentTime < buffered.start(0)) this.video.currentTime = buffered.start(0);
  }

  #loadNative(url, from) {
    this.video.src = url;
    if (from) {
      this.video.addEventListener("loadedmetadata", () => {
        const start = this.video.getStartDate?.().getTime();
        if (start) this.video.currentTime = Math.max(0, (from.getTime() - start) / 1000);
      }, { once: true });
    }
    this.video.addEventListener("error", () => this.dispatchEvent(new CustomEvent("trouble", { detail: { status: 0, fatal: true } })), { once: true });
    this.#play();
  }

  #play() {
    this.video.play().catch(() => {}); // interrupted by the next load, or the browser wants a tap: the button is there
  }

  /** Recorded time of the picture on the screen, from PROGRAM-DATE-TIME; null before the first one. */
  date() {
    if (this.hls) {
      const details = this.hls.latestLevelDetails ?? this.hls.levels?.[this.hls.currentLevel]?.details;
      return details ? dateIn(details.fragments, this.video.currentTime) : null;
    }
    const start = this.video.getStartDate?.().getTime();
    return start ? new Date(start + this.video.currentTime * 1000) : null;
  }

  /** Moves inside what is loaded; false where the instant is not part of it. */
  seek(date) {
    const details = this.hls?.latestLevelDetails ?? this.hls?.levels?.[0]?.details;
    const at = details ? positionIn(details.fragments, date.getTime(), true) : null;
    if (at === null) return false;
    this.video.currentTime = at;
    this.#play();
    return true;
  }

  /** Loads again after the network came back. */
  nudge() {
    this.hls?.startLoad();
    this.#play();
  }

  #unload() {
    this.loading = null;
    this.hls?.destroy();
    this.hls = null;
    this.video.removeAttribute("src");
    this.video.srcObject = null;
    this.video.load(); // drops the last picture and every buffered byte
  }

  destroy() {
    this.over = true;
    this.#unload();
    this.video.remove();
  }

  #emit(name) {
    if (this.loading) this.dispatchEvent(new Event(name));
  }
}

/** Position in the media of an instant (ms); in a gap, the start of what comes after. null where it lies outside. */
export function positionIn(fragments, ms, strict = false) {
  const dated = fragments.filter((f) => f && f.programDateTime);
  if (!dated.length) return null;
  if (strict && ms < dated[0].programDateTime) return null;
  for (const f of dated) {
    const end = f.programDateTime + f.duration * 1000;
    if (ms < end) return f.start + Math.max(0, ms - f.programDateTime) / 1000;
  }
  return null;
}

/** The instant shown at a position of the media. */
export function dateIn(fragments, position) {
  let best = null;
  for (const f of fragments) {
    if (f && f.programDateTime && f.start <= position + 0.05) best = f;
  }
  best ??= fragments.find((f) => f?.programDateTime) ?? null;
  return best ? new Date(best.programDateTime + (position - best.start) * 1000) : null;
}
