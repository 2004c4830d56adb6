// Getting a one-time code from whoever is signed in: the console around the panel, the console
// page that opened it, or a small window that the panel opens (RULES F11). Only pages of the same
// origin are asked, and only they are answered.

const PATIENCE_MS = 3_000;
const WINDOW = "popup,width=420,height=640";

/** A text that only this panel knows, and its SHA-256 in base64url (RFC 7636, S256). */
export async function makeChallenge() {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return { verifier, challenge: base64url(new Uint8Array(digest)) };
}

function base64url(bytes) {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** A code from the page around this one, or the one that opened it; null where none answers. */
export async function askAround(challenge) {
  const around = window.parent === window ? window.opener : window.parent;
  if (!around) {
    return null;
  }
  const code = receiveCode(PATIENCE_MS);
  around.postMessage({ type: "softphone:challenge", challenge }, location.origin);
  return code;
}

/**
 * A code from a small window in which the member signs in. Must run in a click, else the browser
 * keeps the window closed: then null.
 */
export async function askInWindow(url, challenge) {
  const opened = window.open(url, "patchbay-softphone-sign-in", WINDOW);
  if (!opened) {
    return null;
  }
  const ready = (event) => {
    if (event.source === opened && isOurs(event, "softphone:ready")) {
      opened.postMessage({ type: "softphone:challenge", challenge }, location.origin);
    }
  };
  window.addEventListener("message", ready);
  try {
    return await receiveCode(Infinity);
  } finally {
    window.removeEventListener("message", ready);
    opened.close();
  }
}

function receiveCode(patienceMs) {
  return new Promise((resolve) => {
    const listen = (event) => {
      if (isOurs(event, "softphone:code")) {
        window.removeEventListener("message", listen);
        resolve(event.data.code);
      }
    };
    window.addEventListener("message", listen);
    if (patienceMs !== Infinity) {
      setTimeout(() => {
        window.removeEventListener("message", listen);
        resolve(null);
      }, patienceMs);
    }
  });
}

function isOurs(event, type) {
  return event.origin === location.origin && event.data?.type === type;
}
