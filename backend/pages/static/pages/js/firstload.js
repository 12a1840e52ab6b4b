// Saves time before the first picture. The live playlist is asked for as soon as its address is known, before there is
// a player; when it comes, the init segment and the segment the player will start with are asked for together; and that
// segment is handed on while it still arrives: it is made of fragments of a second, and the first one shows a picture.

import Hls from "../../vendor/hls.light.min.mjs";

const BOX_HEAD = 8; // length and name
const MDAT = 0x6d646174;
const BEHIND = 2; // target durations behind the edge; the same as liveSyncDurationCount in player.js

/** Begins to load what the player of this live playlist will ask for first: address → promise of its answer. */
export function prime(manifest) {
  const early = new Map();
  const base = new URL(manifest, location.href);
  const playlist = ask(base.href, "no-store");
  early.set(base.href, playlist);
  const ready = playlist.then((answer) => answer.clone().text()).then((text) => {
    for (const address of firstUrls(text)) {
      const url = new URL(address, base).href;
      early.set(url, ask(url, "default"));
    }
  }).catch(() => {});
  return { early, ready };
}

function ask(url, cache) {
  const got = fetch(url, { credentials: "omit", cache }).then((answer) => {
    if (!answer.ok) throw new Error(String(answer.status));
    return answer;
  });
  got.catch(() => {}); // the loader below asks again, and says what is wrong
  return got;
}

/** A loader for hls.js that hands out what has been begun, each once, and loads everything else as always. */
export function loaderFor({ early }) {
  return class EarlyLoader extends Hls.DefaultConfig.loader {
    load(context, config, callbacks) {
      const url = new URL(context.url, location.href).href;
      const begun = early.get(url);
      early.delete(url);
      if (!begun || context.rangeStart || context.rangeEnd) return super.load(context, config, callbacks);
      const start = performance.now();
      begun.then((answer) => this.#hand(answer, start, context, callbacks), () => {
        if (!this.stats.aborted) super.load(context, config, callbacks);
      });
    }

    async #hand(answer, start, context, callbacks) {
      const stats = this.stats;
      if (stats.aborted) return;
      stats.loading.start = start;
      stats.loading.first = performance.now();
      const data = await this.#body(answer, context, callbacks).catch(() => null);
      if (stats.aborted) return;
      if (!data) return callbacks.onError({ code: 0, text: "broken off" }, context, null, stats);
      stats.loading.end = performance.now();
      stats.loaded = stats.total = data.byteLength || data.length || stats.loaded;
      this.context = context;
      callbacks.onSuccess({ url: context.url, data, code: 200 }, stats, context, null);
    }

    /** The whole body; or nothing where it has been handed on in two pieces: the first fragment, and the rest. */
    async #body(answer, context, callbacks) {
      if (context.responseType !== "arraybuffer") return answer.text();
      if (!callbacks.onProgress) return answer.arrayBuffer();
      const arriving = answer.body.getReader();
      let held = new Uint8Array(0);
      let handed = false;
      for (;;) {
        const { done, value } = await arriving.read();
        if (this.stats.aborted) return new ArrayBuffer(0);
        if (value) held = joined(held, value);
        if (done || (!handed && held.length > fragmentLength(held) + BOX_HEAD)) {
          this.stats.loaded += held.length;
          callbacks.onProgress(this.stats, context, held.buffer, answer);
          handed = true;
          held = new Uint8Array(0);
        }
        if (done) return new ArrayBuffer(0);
      }
    }

    abort() {
      this.stats.aborted = true;
      super.abort();
    }
  };
}

function joined(head, tail) {
  const both = new Uint8Array(head.length + tail.length);
  both.set(head);
  both.set(tail, head.length);
  return both;
}

/** Bytes up to the end of the first `mdat` (ISO/IEC 14496-12, section 4.2); Infinity while its head has not come. */
function fragmentLength(bytes) {
  const view = new DataView(bytes.buffer);
  let at = 0;
  while (at + BOX_HEAD <= bytes.length) {
    const end = at + view.getUint32(at);
    if (view.getUint32(at + 4) === MDAT) return end;
    if (end <= at) break;
    at = end;
  }
  return Infinity;
}

/** Addresses of the init segment and of the segment at the player's starting point, read the way hls.js reads them. */
export function firstUrls(playlist) {
  const target = Number(/#EXT-X-TARGETDURATION:(\d+)/.exec(playlist)?.[1] ?? 2);
  const segments = [];
  let map = null;
  let duration = 0;
  for (const line of playlist.split(/\r?\n/)) {
    if (line.startsWith("#EXT-X-MAP:")) map = /URI="([^"]+)"/.exec(line)?.[1] ?? null;
    else if (line.startsWith("#EXTINF:")) duration = parseFloat(line.slice(8));
    else if (line && !line.startsWith("#")) segments.push({ url: line, map, duration });
  }
  const first = startingPoint(segments, target);
  return first ? [first.map, first.url].filter(Boolean) : [];
}

/** The segment a live player starts with: at its beginning, for nothing else can be shown as soon. */
export function startingPoint(segments, target) {
  let left = BEHIND * target;
  let chosen = segments.length - 1;
  for (; chosen > 0; chosen -= 1) {
    left -= segments[chosen].duration;
    if (left <= 0) break;
  }
  return segments[Math.max(0, chosen)];
}
