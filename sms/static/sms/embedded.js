// The composer in a frame of Salesforce, where no cookie arrives: a window of the console, in which
// somebody is signed in, hands over a token, and this frame posts it to itself.
const place = JSON.parse(document.getElementById("composer-place").textContent);
const form = document.getElementById("open-composer");
const state = document.getElementById("composer-state");
const KEY = `composer:${location.pathname}`;

/** @param {(storage: Storage) => unknown} act */
function withStorage(act) {
  try {
    return act(sessionStorage);
  } catch {
    return null; // a browser that lets frames keep nothing: sign in on every record
  }
}

/** @param {string} token */
function open(token) {
  form.elements.token.value = token;
  form.submit();
}

function say(words) {
  state.hidden = false;
  state.textContent = words;
}

let opened = null;
addEventListener("message", (event) => {
  if (event.origin !== location.origin || !opened || event.source !== opened) return;
  if (event.data?.type !== "composer:token") return;
  withStorage((storage) => storage.setItem(KEY, event.data.token));
  open(event.data.token);
});
form.querySelector("button").addEventListener("click", () => {
  opened = window.open(place.signIn, "_blank", "popup,width=560,height=640");
  say(opened ? place.waiting : place.blocked);
});

if (place.isRefused) withStorage((storage) => storage.removeItem(KEY));
const kept = withStorage((storage) => storage.getItem(KEY));
if (kept) open(kept);
