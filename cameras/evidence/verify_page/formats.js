// What the files of a package are made of: JSON, a PEM, the fields of a journal (cameras/store/journal.py).

const HEADER_BYTES = 192;
const RECORD_BYTES = 80;
const CLOSE = 2;
const MPIX = 0x4d504958;
const ED25519_DER = "302a300506032b6570032100"; // before the 32 bytes of the key (RFC 8410)

/** JSON that throws at what it does not have: absent must never pass for equal. */
function parsed(raw) {
  const has = (one, name) => typeof name === "symbol" || (Array.isArray(one) ? name in one : Object.hasOwn(one, name));
  const get = (one, name) => {
    if (has(one, name)) return one[name];
    throw new TypeError(`no '${name}'`);
  };
  const guard = (_name, value) => (value !== null && typeof value === "object" ? new Proxy(value, { get }) : value);
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(raw), guard);
}

/** What a manifest says of a time stamp, null where it says nothing. Throws where it is no such word. */
function stampOf(manifest) {
  const stamp = "timestamp" in manifest ? manifest.timestamp : null;
  if (typeof stamp !== "object") throw new TypeError("no time stamp");
  if (stamp !== null && stamp.file !== null && stamp.file !== TIMESTAMP) throw new TypeError(stamp.file);
  return stamp;
}

/** The one spelling that an audit entry's hash is taken of: keys sorted, no spaces (neighborhoods/audit.py). */
function canonical(value) {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const within = (names, spelt) => Array.from(names, spelt).join();
  if (Array.isArray(value)) return `[${within(value.keys(), (at) => canonical(value[at]))}]`;
  return `{${within(Object.keys(value).sort(), (name) => `${JSON.stringify(name)}:${canonical(value[name])}`)}}`;
}

/** The bytes that these hexadecimal digits stand for, one behind the other. Throws where they are none. */
function bytesOf(...digits) {
  const text = digits.join("");
  if (!/^([0-9a-f]{2})*$/i.test(text)) throw new TypeError("no hexadecimal digits");
  return Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
}

/** The raw key in a PEM. Throws where it is no Ed25519 public key. */
function publicKey(pem) {
  const armour = /-----BEGIN PUBLIC KEY-----\s+([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----/;
  const [, body] = armour.exec(new TextDecoder().decode(pem));
  const der = Uint8Array.from(atob(body.replace(/\s/g, "")), (letter) => letter.charCodeAt(0));
  if (der.length !== 44 || hex(der.subarray(0, 12)) !== ED25519_DER) throw new TypeError("another kind of key");
  return der.subarray(12);
}

/** As it is printed: the first 40 digits in groups of four. */
const fingerprint = async (key) => (await sha256(key)).slice(0, 40).toUpperCase().match(/.{4}/g).join("-");

/** Whether the last four bytes are the CRC-32 of those before. */
const sealed = (bytes) =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4) === crc32(bytes.subarray(0, -4));

/** µs since 1970 as ISO 8601. */
const utc = (us) => {
  const micro = ((us % 1_000_000n) + 1_000_000n) % 1_000_000n;
  return new Date(Number((us - micro) / 1000n)).toISOString().replace(/000Z$/, `${String(micro).padStart(6, "0")}Z`);
};
