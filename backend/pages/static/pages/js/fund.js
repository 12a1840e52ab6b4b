// The fund's forms: amounts as people write them, a photographed receipt, one act of the API, then the next page.

import { ApiError, call, csrf, freshKey, post } from "./api.js";
import { attempt } from "./attempt.js";
import { sift, wordsOf } from "./find.js";
import { watchJob } from "./job.js";
import { twoTaps } from "./leader.js";
import { clearMistakes, showMistakes } from "./mistakes.js";
import { reason } from "./words.js";

const LONGEST_SIDE = 2000;
const SHRINK_ABOVE = 1_500_000; // bytes: a phone's photograph of 12 megapixels takes a minute on a weak line
const UPLOAD_MS = 120_000;

export function registerFund() {
  document.addEventListener("alpine:init", () => {
    window.Alpine.data("fundForm", fundForm);
    window.Alpine.data("duesFinder", duesFinder);
    window.Alpine.data("statementForm", statementForm);
  });
  document.addEventListener("input", ({ target }) => {
    if (target.dataset?.amount !== undefined) grouped(target);
  });
}

/** 350000 → 350.000 while it is typed; the caret stays behind the digit it stood behind. */
function grouped(input) {
  if (!/^[\d.\s]*$/.test(input.value)) return; // words and signs are the server's to answer
  const before = input.value.slice(0, input.selectionStart).replace(/\D/g, "").length;
  input.value = group(input.value.replace(/\D/g, "").replace(/^0+(?=\d)/, ""));
  let at = 0;
  for (let digits = 0; digits < before && at < input.value.length; at++) digits += /\d/.test(input.value[at]) ? 1 : 0;
  input.setSelectionRange(at, at);
}

export const group = (digits) => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ".");

/** What the field says as a whole number; what is none goes as it was typed, and the server says what is wrong. */
function number(text) {
  const plain = text.trim();
  if (plain === "") return null;
  return /^\d{1,3}(\.\d{3})+$|^\d+$/.test(plain) ? Number(plain.replaceAll(".", "")) : plain;
}

function fundForm() {
  return {
    ...twoTaps(),
    get calm() { return !this.asked; },
    busy: false,
    problem: "",
    key: freshKey(), // the same while the same act is tried again: it happens once however often it is sent
    shot: "",
    file: null,
    kept: null, // the id of the photograph, once it has arrived
    async choose(event) {
      const [chosen] = event.target.files;
      this.forget();
      if (!chosen) return;
      this.file = await smaller(chosen);
      this.shot = this.file.type.startsWith("image/") ? URL.createObjectURL(this.file) : "";
    },
    forget() {
      if (this.shot) URL.revokeObjectURL(this.shot);
      Object.assign(this, { shot: "", file: null, kept: null });
    },
    get chosen() { return this.file !== null; },
    get chosenName() { return this.file && !this.shot ? this.file.name : ""; },
    async send() {
      const { post: path, method = "POST", next } = this.$root.dataset;
      this.busy = true;
      this.problem = "";
      clearMistakes(this.$root);
      try {
        const body = fields(this.$root);
        if (this.file) body[this.$refs.photo.name] = this.kept ??= await keep(this.$refs.photo.dataset.papers, this.file);
        const done = await call(method, path, body, { key: this.key });
        if (next) location.assign(next.replace("{id}", done?.id ?? ""));
        else location.reload();
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.status) this.key = freshKey(); // it was answered: what is sent next is another act
        const shown = showMistakes(this.$root, error.fields);
        this.problem = shown ? "" : reason(error);
        this.busy = false;
      }
    },
  };
}

/** The form as the API takes it: amounts and counts as numbers, people by rows, what is empty left out. */
function fields(form) {
  const body = {};
  const people = [];
  for (const input of form.querySelectorAll("input[name], select[name], textarea[name]")) {
    const { name, type, value, dataset } = input;
    if (type === "file" || name === "csrfmiddlewaretoken" || (type === "radio" && !input.checked)) continue;
    if (dataset.signs !== undefined) {
      if (value.trim()) people.push({ role: dataset.signs, name: value });
    } else if (dataset.amount !== undefined || dataset.count !== undefined) {
      if (value.trim() || dataset.null !== undefined) body[name] = number(value);
    } else if (value !== "" || dataset.blank !== undefined) body[name] = value;
  }
  if (form.querySelector("[data-signs]")) body.signatories = people;
  return body;
}

/** Sends a file to the papers and gives the id under which it is kept. */
export async function keep(papers, file) {
  const form = new FormData();
  form.append("file", file, file.name || "anh.jpg");
  const headers = { Accept: "application/json", "X-CSRFToken": csrf(), "Idempotency-Key": freshKey() };
  let answer;
  try {
    answer = await fetch(papers, {
      method: "POST", body: form, headers, credentials: "same-origin", signal: AbortSignal.timeout(UPLOAD_MS),
    });
  } catch {
    throw new ApiError(0, {}, null);
  }
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new ApiError(answer.status, data, null);
  return data.id;
}

/** A huge photograph as a JPEG that a weak line carries. What the browser cannot draw goes as it is. */
async function smaller(file) {
  if (!file.type.startsWith("image/") || file.size < SHRINK_ABOVE) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.85); });
    return blob && blob.size < file.size ? new File([blob], "anh.jpg", { type: "image/jpeg" }) : file;
  } catch {
    return file;
  }
}

/** Households by words and by how they stand. */
function duesFinder() {
  return {
    words: [],
    standing: "",
    look(event) {
      this.words = wordsOf(event.target.value);
      this.sift();
    },
    pick(event) {
      this.standing = event.target.value;
      this.sift();
    },
    sift() {
      sift(this.$refs, this.words, (row) => !this.standing || row.dataset.standing === this.standing);
    },
  };
}

/** The month's statement: asked for, watched, then fetched. */
function statementForm() {
  return {
    busy: false,
    problem: "",
    async send() {
      await attempt(this, async () => {
        const [year, month] = this.$refs.month.value.split("-").map(Number);
        const job = await post(this.$root.dataset.post, { year, month });
        watchJob(this.$root.querySelector("[data-job]"), job.id);
      });
      this.busy = false;
    },
  };
}
