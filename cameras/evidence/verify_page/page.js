// The page: a folder or a ZIP comes in, a verdict goes out. Nothing is kept and nothing leaves.

const $ = (what) => document.querySelector(`[data-${what}]`);
const typed = () => document.querySelector("#key").value;
const NO_FOLDERS = ["Máy này không chọn được thư mục: hãy chọn tệp ZIP.", "No folders here: choose the ZIP."];
const TOO_OLD = [
  "Trình duyệt này không kiểm tra được. Hãy mở bằng Chrome, Edge hoặc Firefox mới, hoặc dùng verify.py.",
  "This browser cannot check it. Open it in a recent Chrome, Edge or Firefox, or use verify.py.",
];
const TOO_MANY = ["Kéo vào một thư mục hoặc một tệp ZIP thôi.", "Drop one folder or one ZIP."];
let last = null; // the check that is shown, so that a fingerprint typed afterwards needs no second reading

/** Vietnamese, and the English under it. */
function fill(element, [vietnamese, english]) {
  const other = document.createElement("span");
  other.lang = "en";
  other.textContent = english;
  element.replaceChildren(vietnamese, " ", other);
  return element;
}

function list(where, pairs) {
  where.hidden = !pairs.length;
  where.querySelector("ol, ul").replaceChildren(...pairs.map((pair) => fill(document.createElement("li"), pair)));
}

function trouble(pair) {
  $("trouble").hidden = !pair;
  if (pair) fill($("trouble"), pair);
}

/** What verify.py exits with: valid (0), wrong (1), fits (2). */
function verdict({ faults, found }, said) {
  const bare = (text) => text.toUpperCase().replace(/[\s-]/g, "");
  const other = bare(said) && found && bare(said) !== bare(found);
  const all = other ? [FAULTS.otherKey(found, said.trim()), ...faults] : faults;
  return { faults: all, outcome: all.length ? "wrong" : bare(said) ? "valid" : "fits" };
}

/** On Vietnam's clock, without summer time since 1975. */
const local = (iso) => {
  const [day, clock] = new Date(Date.parse(iso) + 7 * 3_600_000).toISOString().split("T");
  return `${clock.slice(0, 8)} ${day.split("-").reverse().join("/")}`;
};

/** The case, and when each file of it was recorded; nothing where the manifest does not say it, for no verdict needs it. */
function contents(manifest) {
  const said = [];
  try {
    said.push([`Vụ việc ${manifest.request.case_number}`, "Case"]);
    for (const { name, footage } of manifest.cameras) {
      for (const { path, from, to } of footage) {
        said.push([`${name}: ${local(from.utc)} – ${local(to.utc)} (giờ Việt Nam)`, path]);
      }
    }
  } catch {
    said.length = 0;
  }
  return said;
}

function show() {
  if (!last) return;
  const { faults, outcome } = verdict(last.check, typed());
  const found = last.check.found;
  const section = $("result");
  section.dataset.outcome = last.unreadable ? "unreadable" : outcome;
  fill($("verdict"), VERDICTS[section.dataset.outcome]);
  const compare = outcome === "fits";
  $("key").hidden = !found;
  fill($("key"), [
    compare ? `So ${found} với biên bản giao nhận.` : `Khoá ${found}`,
    compare ? `Compare ${found} with the handover record.` : "The key",
  ]);
  list($("faults"), faults);
  list($("notes"), last.check.notes);
  list($("said"), last.said);
  fill($("when"), [
    `Đã kiểm tra ${last.name} lúc ${last.when.toLocaleString("vi-VN")}, theo đồng hồ máy này`,
    `${last.name} was checked then, by this computer's clock`,
  ]);
  section.hidden = false;
}

function progress(total) {
  let done = 0;
  let drawn = 0;
  const size = (bytes) => `${(bytes / 1e6).toLocaleString("vi-VN", { maximumFractionDigits: 0 })} MB`;
  return (bytes) => {
    done += bytes;
    if (performance.now() - drawn < 100) return;
    drawn = performance.now();
    document.querySelector("progress").value = total ? Math.min(1, done / total) : 0;
    fill($("read"), [`Đã đọc ${size(done)} trong ${size(total)}`, `${size(done)} of ${size(total)} read`]);
  };
}

/** `opening`: what gives the Package, once there is time for it. */
async function check(name, opening) {
  if ($("form").classList.contains("busy")) return;
  trouble(null);
  last = null;
  $("result").hidden = true;
  $("form").classList.add("busy");
  $("reading").hidden = false;
  let done = { faults: [], notes: [], found: "" };
  try {
    const files = await opening();
    done = await new Check(files, progress(files.bytes())).run();
    last = { name, check: done, said: done.faults.length ? [] : contents(done.manifest) };
  } catch (error) {
    last = { name, check: { ...done, faults: [[error.message, error.message]] }, said: [], unreadable: true };
  }
  last.when = new Date();
  $("form").classList.remove("busy");
  $("reading").hidden = true;
  show();
  $("result").scrollIntoView({ block: "nearest" });
}

const asZip = (file) => check(file.name, () => zipPackage(file));
const asFolder = (name, files) => check(name, async () => folderPackage(await files()));

async function handled(folder, before = "") {
  const found = [];
  for await (const [name, one] of folder.entries()) {
    if (one.kind === "file") found.push([before + name, await one.getFile()]);
    else found.push(...(await handled(one, `${before}${name}/`)));
  }
  return found;
}

/** The same where there are no handles (Firefox, Safari); it gives a hundred at a time. */
async function entered(folder, before = "") {
  const found = [];
  const reader = folder.createReader();
  for (let some = [null]; some.length; ) {
    some = await new Promise((give, fail) => reader.readEntries(give, fail));
    for (const one of some) {
      if (one.isFile) found.push([before + one.name, await new Promise((give, fail) => one.file(give, fail))]);
      else found.push(...(await entered(one, `${before}${one.name}/`)));
    }
  }
  return found;
}

/** Everything of a drop is asked for at once: it is gone after the first wait. */
function dropped({ items, files }) {
  const [item, file] = [items[0], files[0]];
  if (items.length !== 1 || item.kind !== "file") return trouble(TOO_MANY);
  const entry = item.webkitGetAsEntry();
  if (!entry.isDirectory) return asZip(file);
  const asked = item.getAsFileSystemHandle?.(); // on a page of file:// Chromium's entries cannot be read
  return asFolder(entry.name, async () => (asked ? handled(await asked) : entered(entry)));
}

function start() {
  if (!globalThis.crypto?.subtle || !globalThis.DecompressionStream) {
    $("form").classList.add("busy");
    return trouble(TOO_OLD);
  }
  $("folder").addEventListener("change", ({ target }) => {
    const files = [...target.files].map((file) => [file.webkitRelativePath.split("/"), file]);
    target.value = ""; // or choosing the same again would change nothing
    if (!files.length) return;
    const [[[folder, ...below]]] = files;
    if (!below.length) return trouble(NO_FOLDERS); // some phones
    asFolder(folder, () => files.map(([[, ...path], file]) => [path.join("/"), file]));
  });
  $("zip").addEventListener("change", ({ target }) => {
    const [file] = target.files;
    target.value = "";
    if (file) asZip(file);
  });
  $("form").addEventListener("submit", (event) => event.preventDefault());
  document.querySelector("#key").addEventListener("input", show);
  $("print").addEventListener("click", () => print());
  for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
  addEventListener("dragover", () => $("drop").classList.add("over"));
  addEventListener("dragleave", () => $("drop").classList.remove("over"));
  addEventListener("drop", ({ dataTransfer }) => {
    $("drop").classList.remove("over");
    dropped(dataTransfer);
  });
}

start();
