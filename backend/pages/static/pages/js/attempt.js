// What a button does: busy meanwhile, and what goes wrong is said beside it.

import { ApiError } from "./api.js";
import { reason } from "./words.js";

/** Runs `act` for a component with `busy` and `problem`; it stays busy where that went well, for the page goes on. */
export async function attempt(part, act) {
  part.busy = true;
  part.problem = "";
  try {
    await act();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    part.problem = reason(error);
    part.busy = false;
  }
}
