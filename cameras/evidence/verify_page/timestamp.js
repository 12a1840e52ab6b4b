// The time stamp of a package's signature (RFC 3161), read and checked as cameras/evidence/timestamp.py does it.

const TIMESTAMP = "manifest.tsr";
const DER = { integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, utcTime: 0x17, time: 0x18, sequence: 0x30, set: 0x31 };
const [INSIDE, EXTENSIONS] = [0xa0, 0xa3];
const [GRANTED, VERSION_1, VERSION_3, NULL] = ["020100", "020101", "020103", "0500"];
const [SIGNED_DATA, TIME_STAMP] = ["2a864886f70d010702", "2a864886f70d0109100104"];
const [CONTENT_TYPE, MESSAGE_DIGEST] = ["2a864886f70d010903", "2a864886f70d010904"];
const [SIGNED_WITH, SIGNED_WITH_V2] = ["2a864886f70d010910020c", "2a864886f70d010910022f"];
const HASHES = { "608648016503040201": "SHA-256", "608648016503040202": "SHA-384", "608648016503040203": "SHA-512" };
const METHODS = {
  "2a864886f70d010101": ["rsa"],
  "2a864886f70d01010b": ["rsa", "SHA-256"],
  "2a864886f70d01010c": ["rsa", "SHA-384"],
  "2a864886f70d01010d": ["rsa", "SHA-512"],
  "2a8648ce3d040302": ["ec", "SHA-256"],
  "2a8648ce3d040303": ["ec", "SHA-384"],
  "2a8648ce3d040304": ["ec", "SHA-512"],
};
const CURVES = { "2a8648ce3d030107": ["P-256", 32], "2b81040022": ["P-384", 48], "2b81040023": ["P-521", 66] };
const USAGE = "551d25";
const TIME_STAMPING = "0101ff040c300a06082b06010505070308"; // critical, and nothing besides
const NAMES = { "550403": "CN", "550406": "C", "550407": "L", "550408": "ST", "55040a": "O", "55040b": "OU" };
const TEXTS = { 0x0c: "utf-8", 0x13: "", 0x14: "", 0x16: "", 0x1e: "utf-16be" }; // "": a byte is a letter
const digestOf = async (how, bytes) => hex(await crypto.subtle.digest(how, bytes));

/** Why a token shows nothing: a name of FAULTS, and what it says. */
class Unfit extends Error {
  constructor(...said) {
    super(said[0]);
    this.said = said;
  }
}

/** The token in a TimeStampResp over `signature`. Throws Unfit. */
async function tokenOf(response, signature) {
  try {
    return await tokenChecked(response, signature);
  } catch (error) {
    throw error instanceof Unfit ? error : new Unfit("stampUnclear"); // a TypeError: it is not built as one
  }
}

async function tokenChecked(response, signature) {
  const [whole] = shape(response, DER.sequence);
  const [status, content] = shape(whole.body, DER.sequence, DER.sequence);
  const [kind, inside] = shape(content.body, DER.oid, INSIDE);
  const [signed] = shape(inside.body, DER.sequence);
  const [version, digests, encapsulated, certificates, signers] = shape(
    signed.body, DER.integer, DER.set, DER.sequence, INSIDE, DER.set,
  );
  const [what, held] = shape(encapsulated.body, DER.oid, INSIDE);
  const [said] = shape(held.body, DER.octets);
  const [signer] = shape(signers.body, DER.sequence);
  const [number, whose, digest, bag, method, seal] = shape(
    signer.body, DER.integer, DER.sequence, DER.sequence, INSIDE, DER.sequence, DER.octets,
  );
  const [issuer, serial] = shape(whose.body, DER.sequence, DER.integer);
  const attributes = attributesOf(bag.body);
  const fixed = [nodes(status.body)[0].whole, version.whole, number.whole, kind.body, what.body].map(hex);
  need(fixed.join() === [GRANTED, VERSION_3, VERSION_1, SIGNED_DATA, TIME_STAMP].join());
  const [hashed, [family, own]] = [algorithm(digest), METHODS[algorithm(method)] ?? []];
  need(nodes(digests.body).map(algorithm).join() === hashed);
  if (!family || !HASHES[hashed]) throw new Unfit("stampMethod");
  const found = await signerOf(nodes(certificates.body), attributes);
  if (!found) throw new Unfit("stampNoCertificate");
  const certificate = certificateOf(found);
  if (hex(certificate.issuer) !== hex(issuer.whole) || hex(certificate.serial) !== hex(serial.whole)) {
    throw new Unfit("stampTwoCertificates");
  }
  const type = hex(valueOf(attributes, CONTENT_TYPE).whole);
  if (type !== hex(what.whole) || hex(valueOf(attributes, MESSAGE_DIGEST).body) !== (await digestOf(HASHES[hashed], said.body))) {
    throw new Unfit("stampSaid");
  }
  const attributesSigned = Uint8Array.from(bag.whole); // under another tag than they stand there (RFC 5652, 5.4)
  attributesSigned[0] = DER.set;
  if (!(await fits(certificate.key, family, own ?? HASHES[hashed], seal.body, attributesSigned))) {
    throw new Unfit("stampSignature");
  }
  if (!forTimeStamps(certificate.extensions)) throw new Unfit("stampPurpose");
  const { imprint, at, written } = saidOf(said.body);
  if (at < certificate.begins || at > certificate.ends) throw new Unfit("stampValidity", written);
  if (hex(imprint) !== (await sha256(signature))) throw new Unfit("stampOther");
  return { at: written, subject: nameOf(certificate.subject), certificate: await sha256(found) };
}

function need(fact) {
  if (!fact) throw new TypeError("not as RFC 3161 has it");
}

/** The values that stand one behind the other. Throws where they are not DER, or do not fill it. */
function nodes(raw) {
  const found = [];
  for (let at = 0; at < raw.length; ) {
    const [begins, tag] = [at, raw[at]];
    let length = raw[at + 1] ?? 0xff;
    at += 2;
    if (length > 0x7f) {
      const size = length & 0x7f;
      length = raw.subarray(at, at + size).reduce((sum, byte) => sum * 256 + byte, 0);
      at += size;
      need(size > 0 && size <= 4 && length >= Math.max(0x80, 256 ** (size - 1)));
    }
    need((tag & 0x1f) !== 0x1f && at + length <= raw.length);
    found.push({ tag, body: raw.subarray(at, at + length), whole: raw.subarray(begins, at + length) });
    at += length;
  }
  return found;
}

/** The same, with just these tags. */
function shape(raw, ...tags) {
  const found = nodes(raw);
  need(found.map(({ tag }) => tag).join() === tags.join());
  return found;
}

/** The name in an AlgorithmIdentifier without parameters. */
function algorithm(node) {
  const [name, ...rest] = nodes(node.body);
  need(node.tag === DER.sequence && name.tag === DER.oid && ["", NULL].includes(rest.map(({ whole }) => hex(whole)).join()));
  return hex(name.body);
}

/** Signed attributes by name, each with its one value. */
function attributesOf(raw) {
  const found = new Map();
  for (const one of nodes(raw)) {
    const [name, values] = shape(one.body, DER.oid, DER.set);
    const all = nodes(values.body);
    need(all.length === 1 && !found.has(hex(name.body)));
    found.set(hex(name.body), all[0]);
  }
  return found;
}

function valueOf(attributes, name) {
  need(attributes.has(name));
  return attributes.get(name);
}

/** The certificate whose hash is signed along (RFC 5816, 2.2.1). */
async function signerOf(certificates, attributes) {
  const second = attributes.has(SIGNED_WITH_V2);
  const [listed] = nodes(valueOf(attributes, second ? SIGNED_WITH_V2 : SIGNED_WITH).body);
  const identity = nodes(nodes(listed.body)[0].body);
  let how = second ? "SHA-256" : "SHA-1";
  if (second && identity[0].tag === DER.sequence) how = HASHES[algorithm(identity.shift())];
  need(how && identity.length);
  for (const { whole } of certificates) if ((await digestOf(how, whole)) === hex(identity[0].body)) return whole;
  return null;
}

function certificateOf(raw) {
  const [whole] = shape(raw, DER.sequence);
  const fields = nodes(shape(whole.body, DER.sequence, DER.sequence, DER.bits)[0].body);
  if (fields[0].tag === INSIDE) fields.shift(); // its version
  const [serial, , issuer, validity, subject, key, ...rest] = fields;
  const [begins, ends] = nodes(validity.body).map(moment);
  const extensions = rest.find(({ tag }) => tag === EXTENSIONS)?.body ?? NOTHING;
  return { issuer: issuer.whole, serial: serial.whole, begins: begins.at, ends: ends.at, subject, key: key.whole, extensions };
}

/** UTCTime or GeneralizedTime: fourteen digits, which sort as they follow, and the whole as ISO 8601. */
function moment({ tag, body }) {
  let text = String.fromCharCode(...body);
  need(tag === DER.utcTime || tag === DER.time);
  if (tag === DER.utcTime) text = (text < "50" ? "20" : "19") + text; // RFC 5280, 4.1.2.5.1
  const [, at, tail = ""] = /^([0-9]{14})(\.[0-9]{1,9})?Z$/.exec(text);
  const written = at.replace(/(....)(..)(..)(..)(..)(..)/, "$1-$2-$3T$4:$5:$6");
  return { at, written: `${written}${tail}Z` };
}

/** A TSTInfo's SHA-256, and its time. */
function saidOf(raw) {
  const [info] = shape(raw, DER.sequence);
  const [version, , imprint, , at] = nodes(info.body);
  const [how, digest] = shape(imprint.body, DER.sequence, DER.octets);
  need(hex(version.whole) === VERSION_1 && HASHES[algorithm(how)] === "SHA-256");
  return { imprint: digest.body, ...moment(at) };
}

/** Whether the key is for time stamps and for nothing else (RFC 3161, 2.3). */
function forTimeStamps(extensions) {
  for (const { body } of nodes(extensions).slice(0, 1)) {
    for (const extension of nodes(body)) {
      const [name, ...rest] = nodes(extension.body);
      if (hex(name.body) === USAGE) return rest.map(({ whole }) => hex(whole)).join("") === TIME_STAMPING;
    }
  }
  return false;
}

/** Whether `signature` is over `data`. `key`: SubjectPublicKeyInfo. */
async function fits(key, family, hash, signature, data) {
  try {
    if (family === "rsa") {
      const kind = { name: "RSASSA-PKCS1-v1_5", hash };
      return await crypto.subtle.verify(kind, await crypto.subtle.importKey("spki", key, kind, false, ["verify"]), signature, data);
    }
    const [{ body }] = nodes(key);
    const [namedCurve, size] = CURVES[hex(nodes(nodes(body)[0].body)[1].body)];
    const kind = { name: "ECDSA", namedCurve, hash };
    const known = await crypto.subtle.importKey("spki", key, kind, false, ["verify"]);
    return await crypto.subtle.verify(kind, known, sideBySide(signature, size), data);
  } catch {
    return false; // a key or a signature of another kind
  }
}

/** An ECDSA signature as WebCrypto wants it: two numbers of `size` bytes (IEEE P1363). */
function sideBySide(signature, size) {
  const [both] = shape(signature, DER.sequence);
  const out = new Uint8Array(2 * size);
  for (const [at, { body }] of shape(both.body, DER.integer, DER.integer).entries()) {
    const [first, second = 0xff] = body;
    need(body.length && first < 0x80 && (first || second > 0x7f || body.length === 1)); // the shortest, and positive
    const bare = first ? body : body.subarray(1);
    out.set(bare, (at + 1) * size - bare.length);
  }
  return out;
}

/** `C=VN, O=…, CN=…` in the certificate's order, on one line. */
function nameOf(subject) {
  const parts = [];
  for (const several of nodes(subject.body)) {
    for (const one of nodes(several.body)) {
      const [kind, { tag, body }] = nodes(one.body);
      const name = NAMES[hex(kind.body)] ?? hex(kind.body);
      parts.push(`${name}=${textOf(tag, body).replace(/[\x00-\x1f\x7f-\x9f]/g, "?")}`);
    }
  }
  return parts.join(", ");
}

function textOf(tag, body) {
  if (!(tag in TEXTS)) return hex(body);
  return TEXTS[tag] ? new TextDecoder(TEXTS[tag], { ignoreBOM: true }).decode(body) : String.fromCharCode(...body);
}
