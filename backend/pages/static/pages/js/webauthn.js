// Passkeys (WebAuthn Level 2): the server's JSON becomes what the browser asks for, and its answer becomes JSON again.
// Older phones know no parseCreationOptionsFromJSON, so it is done by hand.

/** A passkey belongs to a name: it needs TLS or localhost, and never works at a bare address. */
export function passkeysWork() {
  const bare = /^[\d.]+$|^\[/.test(location.hostname);
  return isSecureContext && !bare && "PublicKeyCredential" in window;
}

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const known = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));

function common(credential) {
  const { id, type } = credential;
  return { id, rawId: text(credential.rawId), type, clientExtensionResults: credential.getClientExtensionResults() };
}

/** Makes a passkey on this device. Null where the person changed their mind. */
export async function passkeyCreate({ publicKey: asked }) {
  const publicKey = {
    ...asked, challenge: bytes(asked.challenge), user: { ...asked.user, id: bytes(asked.user.id) },
    excludeCredentials: known(asked.excludeCredentials),
  };
  const made = await navigator.credentials.create({ publicKey }).catch(unlessLeft);
  if (!made) return null;
  const { attestationObject, clientDataJSON } = made.response;
  const response = { attestationObject: text(attestationObject), clientDataJSON: text(clientDataJSON), transports: made.response.getTransports?.() ?? [] };
  return { ...common(made), response };
}

/** Shows a passkey of this account. Null where the person changed their mind. */
export async function passkeyGet({ publicKey: asked }) {
  const publicKey = { ...asked, challenge: bytes(asked.challenge), allowCredentials: known(asked.allowCredentials) };
  const shown = await navigator.credentials.get({ publicKey }).catch(unlessLeft);
  if (!shown) return null;
  const { authenticatorData, clientDataJSON, signature, userHandle } = shown.response;
  const response = {
    authenticatorData: text(authenticatorData), clientDataJSON: text(clientDataJSON), signature: text(signature),
    userHandle: userHandle ? text(userHandle) : null,
  };
  return { ...common(shown), response };
}

function unlessLeft(error) {
  if (error.name === "NotAllowedError" || error.name === "AbortError" || error.name === "InvalidStateError") return null;
  throw error;
}
