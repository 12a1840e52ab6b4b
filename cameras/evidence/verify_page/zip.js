// A ZIP, read from its list at the end (PKWARE APPNOTE 6.3.10, 4.3): nothing is unpacked but what is looked at.

const view = async (blob, from, to) => {
  const read = blob.slice(from, to).arrayBuffer();
  return new DataView(await read.catch((error) => Promise.reject(new Unreadable(error.message))));
};
const u64 = (bytes, at) => Number(bytes.getBigUint64(at, true));
const NEWEST = 63; // version 6.3 of the note; what needs a later one may mean something else
const notZip = () => new Unreadable("File is not a zip file");

/** Where the list stands: `from`, `size`, and by how much everything is `shifted`, where something stands before it. */
async function zipList(blob) {
  const begin = Math.max(0, blob.size - 22 - 65_535);
  const tail = await view(blob, begin, blob.size);
  let at = tail.byteLength - 22;
  while (at >= 0 && tail.getUint32(at, true) !== 0x06054b50) at -= 1;
  if (at < 0) throw notZip();
  let [size, offset, end] = [tail.getUint32(at + 12, true), tail.getUint32(at + 16, true), begin + at];
  const large = await view(blob, Math.max(0, end - 76), end); // ZIP64: a record of 56 bytes and what finds it
  if (large.byteLength === 76 && large.getUint32(56, true) === 0x07064b50 && large.getUint32(0, true) === 0x06064b50) {
    [size, offset, end] = [u64(large, 40), u64(large, 48), end - 76];
  }
  if (size + offset > end || size > LARGEST) throw notZip();
  return { from: end - size, size, shifted: end - size - offset };
}

/** Sizes and place of one file, the large ones from its ZIP64 field. */
function sizes(list, at, extra, length) {
  const said = [list.getUint32(at + 24, true), list.getUint32(at + 20, true), list.getUint32(at + 42, true)];
  for (let field = extra; field + 4 <= extra + length; field += 4 + list.getUint16(field + 2, true)) {
    if (list.getUint16(field, true) !== 1) continue;
    let next = field + 4;
    said.forEach((value, which) => {
      if (value !== 0xffffffff) return;
      said[which] = u64(list, next);
      next += 8;
    });
  }
  return said;
}

/** Throws Unreadable where it is no ZIP, or one whose list is damaged. */
async function zipPackage(blob) {
  const { from, size, shifted } = await zipList(blob);
  const list = await view(blob, from, from + size);
  const listed = [];
  try {
    for (let at = 0; at < size; ) {
      if (list.getUint32(at, true) !== 0x02014b50 || list.getUint8(at + 6) > NEWEST) throw notZip();
      const [letters, extra, comment] = [28, 30, 32].map((field) => list.getUint16(at + field, true));
      const name = new TextDecoder().decode(new Uint8Array(list.buffer, at + 46, letters));
      const [whole, packed, place] = sizes(list, at, at + 46 + letters, extra);
      const [flags, method] = [8, 10].map((field) => list.getUint16(at + field, true));
      const crc = list.getUint32(at + 16, true);
      const entry = { name, letters, flags, method, crc, size: whole, packed, place: place + shifted };
      if (!name.endsWith("/")) listed.push([name, { size: whole, open: (offset) => zipOpen(blob, entry, offset) }]);
      at += 46 + letters + extra + comment;
    }
  } catch (error) {
    throw error instanceof RangeError ? notZip() : error;
  }
  return new Package(listed);
}

async function zipOpen(blob, { name, letters, flags, method, crc, size, packed, place }, offset) {
  const header = await view(blob, place, place + 30 + letters);
  if (header.byteLength < 30 || header.getUint32(0, true) !== 0x04034b50) {
    throw new Unreadable("Bad magic number for file header");
  }
  const named = new TextDecoder().decode(header.buffer.slice(30));
  if (named !== name || header.getUint16(26, true) !== letters) {
    throw new Unreadable(`File name in directory '${name}' and header b'${named}' differ.`);
  }
  if (flags & 0x61) throw new Unreadable(`File '${name}' is encrypted or a patch`);
  const begins = place + 30 + letters + header.getUint16(28, true);
  const data = blob.slice(begins, begins + packed);
  if (method === 0) {
    const rest = Math.max(0, size - offset);
    return new Reader(name, data.slice(offset).stream(), rest, offset ? null : crc);
  }
  if (method !== 8) throw new Unreadable(`compression ${method}`);
  const reader = new Reader(name, data.stream().pipeThrough(new DecompressionStream("deflate-raw")), size, crc);
  for (let left = offset; left > 0; ) {
    const skipped = await reader.take(Math.min(left, BLOCK));
    left = skipped.length ? left - skipped.length : 0;
  }
  return reader;
}
