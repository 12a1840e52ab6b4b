// A list that stands whole on the page is searched there: nothing is asked of the server.

import { say } from "./words.js";

/** Vietnamese without its marks, so that "hoa" finds "Hoà" and "duong" finds "Đường". */
function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();
}

export const wordsOf = (text) => plain(text).split(/\s+/).filter(Boolean);

/** Shows the rows of `refs.list` with every word in their `data-find`, and how many: `refs.count`, or `refs.none`. */
export function sift({ list, none, count }, words, fits = () => true) {
  let found = 0;
  for (const row of list.children) {
    row.dataset.plain ??= plain(row.dataset.find);
    row.hidden = !(fits(row) && words.every((word) => row.dataset.plain.includes(word)));
    found += row.hidden ? 0 : 1;
  }
  list.hidden = found === 0;
  none.hidden = found > 0;
  count.textContent = say("found", { n: found });
}
