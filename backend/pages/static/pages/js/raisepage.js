// The page of the red button alone, for street workers and for the app's shortcut: the sheet opens at once.

import { alerts } from "./alerts.js";
import { tellWaiting } from "./waiting.js";

export function mountRaise(main) {
  alerts.raising?.open(main.dataset.camera);
  return tellWaiting(main);
}
