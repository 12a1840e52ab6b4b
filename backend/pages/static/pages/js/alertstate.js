// What this phone knows of alerts: of each, and of each view of it, the highest version (notifications/folding.py).
//
// It is kept on the phone for the night without a line, and belongs to one sign-in: another one finds nothing of it.

const KEY = "matpho:alerts";
const WHOSE = "matpho:device"; // whose everything here is: what waits to be sent is there where no alert was ever kept
export const WAITING = "matpho:waiting"; // alerts that could not be sent yet (outbox.js)
const MOST_KEPT = 40;

export class AlertState extends EventTarget {
  /** Tells "changed" (detail: the alert's id) for each alert that is news. */
  constructor(device) {
    super();
    this.device = device;
    this.views = new Map(); // "id view" → view
    this.touched = new Set(); // alerts that changed since the state was last asked for
    this.at = null; // when this was true, ms
  }

  /** What was kept by an earlier page of the same sign-in. */
  recall() {
    const kept = read(KEY);
    const whose = read(WHOSE) ?? kept?.device ?? read(WAITING)?.[0]?.device ?? this.device;
    if (whose !== this.device) forget();
    write(WHOSE, this.device);
    if (kept?.device !== this.device) return;
    kept.views.forEach((view) => this.fold(view, { quietly: true }));
    this.at = kept.at;
  }

  fold(view, { quietly = false } = {}) {
    const key = `${view.id} ${view.view ?? "open"}`;
    const known = this.views.get(key);
    if (known && known.version > view.version) return false;
    if (known && known.version === view.version && !("said" in view && (!("said" in known) || known.text !== view.text))) return false;
    // One's own words come with the answer to one's own asking; what everybody is told does not hold them.
    const own = known?.said && !("said" in view) ? { mine: known.mine, said: true, text: view.text ?? known.text } : {};
    this.views.set(key, { ...view, ...own });
    this.touched.add(view.id);
    if (!quietly) this.dispatchEvent(new CustomEvent("changed", { detail: view.id }));
    return true;
  }

  /** Before the state is asked for anew: what comes from here on is newer than it may be. */
  begin() { this.touched.clear(); }

  /**
   * The server's state: what is not in it is no more, unless it came while we asked.
   * @param {string} from id of the oldest alert that was asked for; what is older and over was not, and stays
   */
  replace(views, from = "") {
    const before = new Set([...this.views.values()].map((view) => view.id));
    for (const [key, view] of this.views) {
      const asked = view.id >= from || isOpen(view);
      if (asked && !this.touched.has(view.id)) this.views.delete(key);
    }
    views.forEach((view) => this.fold(view, { quietly: true }));
    views.forEach((view) => before.add(view.id));
    before.forEach((id) => this.dispatchEvent(new CustomEvent("changed", { detail: id })));
  }

  /** One alert as this reader may see it best: the full view, brought up to date by what everybody is told. */
  of(id) {
    const full = this.views.get(`${id} full`);
    const open = this.views.get(`${id} open`);
    if (!full || !open) return full ?? open ?? null;
    return open.version > full.version ? { ...full, ...open, text: open.text ?? full.text, view: "full" } : full;
  }

  /** Newest first. */
  list() {
    const ids = [...new Set([...this.views.values()].map((view) => view.id))];
    return ids.map((id) => this.of(id)).sort((a, b) => (a.raised_at < b.raised_at ? 1 : a.raised_at > b.raised_at ? -1 : a.id < b.id ? 1 : -1));
  }

  /** This much was true just now. */
  keep() {
    this.at = Date.now();
    const views = this.list().slice(0, MOST_KEPT).flatMap(({ id }) => [this.views.get(`${id} open`), this.views.get(`${id} full`)]).filter(Boolean);
    write(KEY, { device: this.device, at: this.at, views });
  }
}

/** Nothing of ours stays on the phone: it was signed out, or cut off. */
export function forget() {
  for (const name of Object.keys(localStorage)) if (name.startsWith("matpho:")) localStorage.removeItem(name);
  globalThis.caches?.delete("matpho-feed").catch(() => {});
}

export function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}

export function write(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // the phone's storage is full or closed: the page goes on without memory
  }
}

export const isOpen = (view) => view.state === "raised" || view.state === "acknowledged";
