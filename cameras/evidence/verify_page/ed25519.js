// Ed25519, verifying only (RFC 8032, 5.1), for browsers whose WebCrypto has none. Nothing in here is secret, so that it
// may take as long as its numbers want.

const P = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (a) => ((a % P) + P) % P;
function power(base, exponent) {
  let out = 1n;
  for (let left = exponent; left; left >>= 1n) {
    if (left & 1n) out = mod(out * base);
    base = mod(base * base);
  }
  return out;
}
const inverse = (a) => power(a, P - 2n);
const D = mod(-121665n * inverse(121666n));
const ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n);

const number = (bytes) => BigInt(`0x${hex(Uint8Array.from(bytes).reverse())}`); // little-endian

/** A point in extended coordinates (5.1.4) from its 32 bytes; null where there is none (5.1.3). */
function point(bytes) {
  const said = number(bytes);
  const [y, sign] = [said & (2n ** 255n - 1n), said >> 255n];
  const xx = mod((y * y - 1n) * inverse(mod(D * y * y + 1n)));
  let x = power(xx, (P + 3n) / 8n);
  if (mod(x * x - xx)) x = mod(x * ROOT_OF_MINUS_ONE);
  if (y >= P || mod(x * x - xx) || (!x && sign)) return null;
  if ((x & 1n) !== sign) x = P - x;
  return { x, y, z: 1n, t: mod(x * y) };
}

/** The formulas are complete: they double, too. */
function add(one, other) {
  const a = mod((one.y - one.x) * (other.y - other.x));
  const b = mod((one.y + one.x) * (other.y + other.x));
  const c = mod(2n * D * one.t * other.t);
  const d = mod(2n * one.z * other.z);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return { x: mod(e * f), y: mod(g * h), z: mod(f * g), t: mod(e * h) };
}

function times(factor, base) {
  let out = { x: 0n, y: 1n, z: 1n, t: 0n };
  for (let left = factor; left; left >>= 1n) {
    if (left & 1n) out = add(out, base);
    base = add(base, base);
  }
  return out;
}

const same = (one, other) => !mod(one.x * other.z - other.x * one.z) && !mod(one.y * other.z - other.y * one.z);
const BASE = point(Uint8Array.from({ length: 32 }, (_none, at) => (at ? 0x66 : 0x58))); // y = 4/5, x even

/** Whether `signature` is that of `message` by the raw key `key`: [S]B = R + [k]A (5.1.7). */
async function ed25519Verify(key, signature, message) {
  if (key.length !== 32 || signature.length !== 64) return false;
  const [a, r, s] = [point(key), point(signature.subarray(0, 32)), number(signature.subarray(32))];
  if (!a || !r || s >= ORDER) return false;
  const hashed = new Blob([signature.subarray(0, 32), key, message]);
  const k = number(new Uint8Array(await crypto.subtle.digest("SHA-512", await hashed.arrayBuffer()))) % ORDER;
  return same(times(s, BASE), add(r, times(k, a)));
}

/** The same, by the browser's own where it knows Ed25519. */
async function signatureFits(key, signature, message) {
  let known;
  try {
    known = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
  } catch {
    return ed25519Verify(key, signature, message);
  }
  return crypto.subtle.verify("Ed25519", known, signature, message);
}
