// The service worker (only where the browser allows one: over TLS, or on this machine) and Web Push.

import { get, post, remove } from "./api.js";

/** Registers the worker, which opens the page without a network. Nothing depends on it. */
export function install() {
  if (!("serviceWorker" in navigator)) return;
  const { device, feed } = document.body.dataset;
  navigator.serviceWorker.register("/sw.js", { scope: "/" }).then((registration) => {
    if (!device) return;
    renew(registration).catch(() => {});
    navigator.serviceWorker.ready.then(({ active }) => active.postMessage({ keep: feed }));
  }).catch(() => {});
}

export const pushPossible = () => "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

const worker = () => navigator.serviceWorker.ready;

export const subscription = async () => (pushPossible() ? (await worker()).pushManager.getSubscription() : null);

/** Asks the browser and tells our server. Throws what the browser says where it refuses. */
export async function pushOn(key) {
  const permission = await Notification.requestPermission();
  if (permission !== "granted") throw new DOMException("", "NotAllowedError");
  const made = await (await worker()).pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(key) });
  await tell(made);
}

export async function pushOff() {
  localStorage.removeItem("matpho:push");
  const found = await subscription();
  await remove("/api/v1/push-subscriptions/").catch(() => {});
  await found?.unsubscribe();
}

const tell = (made) => {
  const { endpoint, keys } = made.toJSON();
  return post("/api/v1/push-subscriptions/", { endpoint, keys });
};

/** Browsers change a subscription now and then; our server hears of it with the next page. */
async function renew(registration) {
  if (!document.body.dataset.device || !pushPossible() || Notification.permission !== "granted") return;
  const found = await registration.pushManager?.getSubscription();
  const known = localStorage.getItem("matpho:push");
  if (!found || known === found.endpoint) return;
  await tell(found);
  localStorage.setItem("matpho:push", found.endpoint);
}

function bytesOf(key) {
  const padded = key.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(padded), (letter) => letter.charCodeAt(0));
}

export const pushKey = () => get("/api/v1/push-key/");
