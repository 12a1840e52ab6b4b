// A package as it lies there: a folder, or a ZIP that is read where its parts stand. Files are streams: 4 GB of footage
// take no more memory than one fragment.

class Unreadable extends Error {}

const LARGEST = 2 ** 28; // bytes at once; fragments have 256 KiB, lists of frames of a day some 40 MB
const BLOCK = 2 ** 20;
const NOTHING = new Uint8Array(0);

/** Bytes one after the other. `crc`: what a ZIP says of `size` bytes, or null. */
class Reader {
  constructor(name, stream, size, crc = null) {
    Object.assign(this, { name, source: stream.getReader(), left: size, crc, sum: 0, chunk: NOTHING });
  }

  /** The next `size` bytes, fewer only where the file ends. */
  async take(size) {
    if (!Number.isSafeInteger(size) || size < 0) throw new TypeError(`${size} is no number of bytes`);
    if (Math.min(size, this.left) > LARGEST) throw new Unreadable(`${size} bytes at once`);
    const out = new Uint8Array(Math.min(size, this.left));
    let filled = 0;
    while (filled < out.length) {
      if (!this.chunk.length) this.chunk = await this.more();
      if (!this.chunk.length) break;
      const part = this.chunk.subarray(0, out.length - filled);
      out.set(part, filled);
      filled += part.length;
      this.chunk = this.chunk.subarray(part.length);
    }
    this.count(out.subarray(0, filled), filled < out.length);
    return out.subarray(0, filled);
  }

  async more() {
    try {
      for (;;) {
        const { done, value } = await this.source.read();
        if (done) return NOTHING;
        if (value.length) return value;
      }
    } catch (error) {
      throw new Unreadable(error.message); // a stick pulled out, or what cannot be unpacked
    }
  }

  count(bytes, ended) {
    this.left -= bytes.length;
    if (this.crc === null) return;
    this.sum = crc32(bytes, this.sum);
    if ((ended || !this.left) && this.sum !== this.crc) throw new Unreadable(`Bad CRC-32 for file '${this.name}'`);
  }

  close() {
    this.source.cancel().catch(() => {}); // what could not be read cannot be closed either
  }
}

class Package {
  /** `listed`: [name, what opens it] in any order; a name that stands twice is its last file, as everywhere. */
  constructor(listed) {
    this.names = listed.map(([name]) => name).sort();
    this.files = new Map(listed);
  }

  /** All of it, for whoever waits. */
  bytes() {
    return [...this.files.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** A Reader from byte `offset` on. Throws Unreadable. */
  async open(name, offset = 0) {
    const file = this.files.get(name);
    if (!file || name.startsWith("/") || name.split("/").includes("..")) throw new Unreadable(name);
    return file.open(offset);
  }

  async read(name, offset, size) {
    const reader = await this.open(name, offset);
    try {
      return await reader.take(size ?? this.files.get(name).size);
    } finally {
      reader.close();
    }
  }
}

/** `files`: [path below the folder, File]. */
const folderPackage = (files) =>
  new Package(
    files.map(([name, file]) => {
      const open = (offset) => new Reader(name, file.slice(offset).stream(), Math.max(0, file.size - offset));
      return [name, { size: file.size, open }];
    }),
  );
