// What verify.py checks, in its order, with its names.

class Check {
  /** `tell` is told how many bytes more have been read. */
  constructor(files, tell = () => {}) {
    Object.assign(this, { files, tell, faults: [], notes: [], journals: new Map(), entries: new Map() });
    Object.assign(this, { found: "", signature: null, manifest: null });
  }

  /** Gives null, for whoever has nothing else to give then. */
  wrong(which, ...said) {
    this.faults.push(FAULTS[which](...said));
    return null;
  }

  note(which, ...said) {
    this.notes.push(NOTES[which](...said));
  }

  async run() {
    try {
      await this.signed();
      if (!this.manifest) return this;
      await this.everyFile();
      await this.timestamp(stampOf(this.manifest));
      await this.audit(this.manifest.audit);
      for (const camera of this.manifest.cameras) await this.camera(camera);
    } catch (error) {
      this.wrong("nonsense", `${error.name}: ${error.message}`);
    }
    return this;
  }

  /** The manifest, where its signature is that of the key beside it. */
  async signed() {
    const parts = {};
    for (const name of [MANIFEST, SIGNATURE, KEY]) {
      try {
        parts[name] = await this.files.read(name, 0);
      } catch {
        this.wrong("sealedMissing", name);
      }
    }
    if (Object.keys(parts).length < 3) return;
    let key;
    try {
      key = publicKey(parts[KEY]);
    } catch {
      return this.wrong("noKey");
    }
    [this.found, this.signature] = [await fingerprint(key), parts[SIGNATURE]];
    if (!(await signatureFits(key, this.signature, parts[MANIFEST]))) return this.wrong("signature");
    const manifest = parsed(parts[MANIFEST]);
    if (manifest.format !== FORMAT) return this.wrong("format", manifest.format);
    this.manifest = manifest;
  }

  /** Every file that is named is there and as it was, and no other. */
  async everyFile() {
    const named = new Map(this.manifest.files.map((one) => [one.path, one]));
    const there = this.files.names;
    const footage = this.manifest.cameras.flatMap((camera) => camera.footage);
    const shown = new Set(footage.map((one) => one.path));
    for (const name of new Set(there.filter((one, at) => one === there[at - 1]))) this.wrong("twice", name);
    const besides = [MANIFEST, SIGNATURE, stampOf(this.manifest)?.file];
    for (const name of new Set(there)) {
      if (!named.has(name) && !besides.includes(name)) this.wrong("stranger", name);
    }
    for (const name of [...named.keys()].sort()) {
      if (!this.files.files.has(name)) this.wrong("missing", name, named.get(name).bytes);
      else if (!shown.has(name)) await this.whole(name, named.get(name));
    }
    for (const one of footage) {
      const listed = named.get(one.path);
      if (listed.bytes !== one.bytes || listed.sha256 !== one.sha256) this.wrong("twoThings", one.path);
      for (const { journal } of one.slices) if (!named.has(journal.file)) this.wrong("unnamed", journal.file);
    }
  }

  async whole(name, one) {
    const digest = new Sha256();
    try {
      const file = await this.files.open(name);
      for (let raw = await file.take(BLOCK); raw.length; raw = await file.take(BLOCK)) {
        digest.update(raw);
        this.tell(raw.length);
      }
    } catch (error) {
      return this.unreadable(name, error);
    }
    if (digest.length !== one.bytes) this.wrong("size", name, digest.length, one.bytes);
    else if (digest.hex() !== one.sha256) this.wrong("changed", name);
  }

  /** The token over the signature, where the manifest says that there is one. */
  async timestamp(said) {
    if (said === null) return;
    if (said.file === null) return this.note("noStamp", said.authority, said.reason);
    let raw;
    try {
      raw = await this.files.read(TIMESTAMP, 0, BLOCK);
    } catch {
      return this.wrong("sealedMissing", TIMESTAMP);
    }
    try {
      this.note("stamp", await tokenOf(raw, this.signature));
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      this.wrong(...error.said);
    }
  }

  /** What a file that cannot be read is called; anything else that went wrong is not the file's. */
  unreadable(name, error) {
    if (!(error instanceof Unreadable)) throw error;
    this.wrong("unreadable", name, error.message);
  }

  /** That each audit entry which is shown is the one its hash names. */
  async audit(said) {
    for (const one of said.entries) {
      const { previous_hash: before, hash, ...shown } = one;
      if ((await sha256(new TextEncoder().encode(before + canonical(shown)))) === hash) this.entries.set(hash, one);
      else this.wrong("entry", one.seq);
    }
  }

  /** A camera's footage against the journals it was recorded with. */
  async camera(camera) {
    const known = new Set(camera.faults.map((one) => `${one.slice} ${one.fragment}`));
    for (const one of camera.faults) this.note("packed", camera.name, one.fragment, one.slice, one.what);
    for (const one of camera.late) this.note("late", camera.name, one.slice, one.fragments.length);
    const spans = new Map(camera.footage.flatMap((file) => file.slices.map((span) => [span.id, span])));
    for (const span of spans.values()) await this.proof(camera.name, span);
    for (const file of camera.footage) {
      const needed = [file.path, ...file.slices.map((span) => span.journal.file)];
      if (!needed.every((name) => this.files.files.has(name))) continue; // told with the other files
      try {
        await this.footage(file, known);
      } catch (error) {
        this.unreadable(file.path, error);
      }
    }
  }

  /** That the slice's root is among those which an audit entry fixed on the day (RFC 6962, section 2.1). */
  async proof(name, span) {
    if (span.proof === null) return this.note("unproven", name, span.id);
    const entry = this.entries.get(span.proof.entry);
    let found = await sha256(bytesOf("00", span.id.replaceAll("-", ""), span.root));
    for (const [side, sibling] of span.proof.path) {
      found = await sha256(side === "left" ? bytesOf("01", sibling, found) : bytesOf("01", found, sibling));
    }
    if (!entry || entry.action !== "slices.rooted" || entry.data.root !== found) this.wrong("unfixed", name, span.id);
  }

  /** One file against the journals of its slices. */
  async footage(file, known) {
    const opened = await this.files.open(file.path);
    try {
      if (!(await this.everyByte(file, known, opened))) return;
    } finally {
      opened.close();
    }
    await this.init(file, known);
    await this.times(file, known);
  }

  /** Init segment, index, then each fragment against the journal's hash of it; whether all could be looked at.
   *
   * Head, init segment, fragments, tail and the number of bytes leave no byte unsaid, but for a fragment that was faulty
   * when it was packed: that, and that the manifest says no other hash of the file than everybody's `sha256sum`, only
   * the whole file's shows. WebCrypto hashes a fragment elsewhere while the whole file's goes on here.
   */
  async everyByte(file, known, opened) {
    const [name, whole, before] = [file.path, new Sha256(), this.faults.length];
    let at = 0;
    const take = async (size, digest, what) => {
      const raw = await opened.take(size);
      const hashed = sha256(raw);
      whole.update(raw);
      this.tell(raw.length);
      if (raw.length < size) return this.wrong("ends", name, at + raw.length, what);
      if (digest !== null && (await hashed) !== digest) this.wrong("part", name, at, at + size - 1, what);
      at += size;
      return true;
    };
    for (const part of ["head", "init"]) {
      if (!(await take(file[part].bytes, file[part].sha256, PARTS[part]))) return false;
    }
    for (const span of file.slices) {
      const journal = await this.journal(span, known);
      if (at !== span.offset) this.wrong("begins", name, span.id, at, span.offset);
      for (let number = span.first; number < span.first + span.count; number += 1) {
        const what = fragmentOf(span.id, number);
        const record = journal?.[number];
        if (!record) return this.wrong("noJournal", what);
        const digest = known.has(`${span.id} ${number}`) ? null : record.sha256;
        if (!(await take(record.length, digest, what))) return false;
      }
    }
    if (!(await take(file.tail.bytes, file.tail.sha256, PARTS.tail))) return false;
    for (let rest = await opened.take(BLOCK); rest.length; rest = await opened.take(BLOCK)) {
      whole.update(rest);
      at += rest.length;
    }
    if (at !== file.bytes) this.wrong("size", name, at, file.bytes);
    else if (whole.hex() !== file.sha256 && this.faults.length === before) this.wrong("faulty", name);
    return true;
  }

  /** That the init segment is the one which the journal's header names. */
  async init(file, known) {
    const [{ id, journal }] = file.slices;
    const header = await this.files.read(journal.file, journal.offset, HEADER_BYTES);
    if (hex(header.subarray(89, 121)) !== file.init.sha256 && !known.has(`${id} null`)) this.wrong("init", file.path);
  }

  /** That the file begins and ends when its journals say. */
  async times(file, known) {
    const [first, last] = [file.slices.at(0), file.slices.at(-1)];
    const [opening, closing] = [await this.journal(first, known), await this.journal(last, known)];
    if (!opening || !closing) return;
    const [begins, ends] = [opening[first.first].begins, closing[last.first + last.count - 1].ends];
    if (file.from.utc !== utc(begins)) this.wrong("time", file.from.utc, file.path, utc(begins));
    if (file.to.utc !== utc(ends)) this.wrong("time", file.to.utc, file.path, utc(ends));
  }

  /** The records of a slice's journal, whose root is the one in the manifest; null where they cannot be read. */
  async journal(span, known) {
    const key = `${span.journal.offset} ${span.journal.file}`;
    if (!this.journals.has(key)) this.journals.set(key, await this.records(span, known));
    return this.journals.get(key);
  }

  async records(span, known) {
    const { file, offset, bytes } = span.journal;
    let raw;
    try {
      raw = await this.files.read(file, offset, bytes);
    } catch (error) {
      if (error instanceof Unreadable) return null;
      throw error;
    }
    const where = journalOf(file, span.id);
    const fields = new DataView(raw.buffer);
    if (raw.length < HEADER_BYTES || fields.getUint32(0) !== MPIX || !sealed(raw.subarray(0, HEADER_BYTES))) {
      return this.wrong("header", where);
    }
    if (hex(raw.subarray(24, 40)) !== span.id.replaceAll("-", "")) return this.wrong("otherSlice", where);
    const timescale = BigInt(fields.getUint32(73));
    const records = [];
    let at = HEADER_BYTES;
    for (; at < raw.length; at += RECORD_BYTES) {
      const record = raw.subarray(at, at + RECORD_BYTES);
      if (record.length < RECORD_BYTES || !sealed(record)) {
        return this.wrong("record", where, records.length, offset + at);
      }
      if (record[0] === CLOSE) break;
      const begins = fields.getBigInt64(at + 28);
      const lasts = (BigInt(fields.getUint32(at + 24)) * 1_000_000n) / timescale;
      const [length, digest] = [fields.getUint32(at + 12), hex(record.subarray(36, 68))];
      records.push({ length, sha256: digest, begins, ends: begins + lasts });
    }
    if ((await sha256(raw.subarray(0, at))) !== span.root && !known.has(`${span.id} null`)) this.wrong("root", where);
    return records;
  }
}
