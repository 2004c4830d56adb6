// The softphone panel: puts its parts together and signs in.

import { Acts } from "./acts.js";
import { Api, Away, SignedOut } from "./api.js";
import { Drafts } from "./drafts.js";
import { fill } from "./elements.js";
import { listenToKeys } from "./keys.js";
import { askAround, askInWindow, makeChallenge } from "./sign_in.js";
import { headline, keyOf, news, startsRinging, Store } from "./store.js";
import { Following } from "./stream.js";
import { BrowserSurface } from "./surface.js";
import { View } from "./view.js";

const HEARTBEAT_MS = 15_000;

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const place = read("panel-place");
const texts = read("panel-texts");

const api = new Api(place, sessionStorage);
const drafts = new Drafts(sessionStorage, place.workspace);
const store = new Store();
const surface = new BrowserSurface();
let following = null;

const acts = new Acts({
  api,
  surface,
  drafts,
  texts,
  changed: () => view.draw(store.state),
  refresh: () => following.refresh(),
  say: (text) => view.say(text),
  complain: (text) => view.complain(text),
  signedOut,
});
const view = new View({ texts, acts, drafts, signIn, signOut });

store.listen((after, before) => {
  view.draw(after);
  const changed = news(before, after);
  if (changed.length) {
    const said = changed.map((call) =>
      fill(texts.announce, { phase: texts[call.phase], caller: call.caller || call.number_text || texts.unknown }),
    );
    view.say(said.join(". "));
  }
  if (startsRinging(before, after)) {
    surface.show();
  }
  const { state } = headline(after);
  surface.tell({ state, text: texts[state], calls: after.calls.length });
  if (after.calls.length < before.calls.length) {
    readRecent();
  }
  if (after.sequence >= 0) {
    drafts.keepOnly(after.calls.map(keyOf));
  }
});

function start() {
  store.connect("connecting");
  following = new Following({ api, liveUrl: place.live_url, store, signedOut });
  following.run();
  beat();
  readRecent();
}

function signedOut() {
  following?.stop();
  api.forget();
  store.clear();
}

/** At first without a click, by the page around; by the button in a small window. */
async function signIn(event) {
  const { verifier, challenge } = await makeChallenge();
  const code = event
    ? await askInWindow(`${place.sign_in_url}?from=panel`, challenge)
    : await askAround(challenge);
  if (!code) {
    signedOut();
    if (event) {
      view.complain(texts.pop_up_blocked);
    }
    return;
  }
  try {
    await api.open(code, verifier);
  } catch (error) {
    signedOut();
    view.complain(error instanceof Away ? texts.away : error.message);
    return;
  }
  start();
}

async function signOut() {
  try {
    await api.close();
  } catch (error) {
    if (!(error instanceof SignedOut || error instanceof Away)) {
      throw error;
    }
  }
  signedOut();
}

/** Whatever goes wrong here, the following notices it, too. */
async function beat() {
  if (!api.token) {
    return;
  }
  try {
    const { presence } = await api.beat();
    store.judge(presence);
  } catch (error) {
    if (error instanceof SignedOut) {
      signedOut();
    }
  }
}

async function readRecent() {
  try {
    view.drawRecent((await api.recent()).calls);
  } catch {
    // It is asked for again after the next call.
  }
}

listenToKeys(document);
setInterval(beat, HEARTBEAT_MS);
setInterval(() => {
  store.tick();
  view.tick(store.state);
}, 1_000);
document.addEventListener("visibilitychange", () => {
  // Browsers slow the clocks of pages in the background; who comes back wants to see what is.
  if (!document.hidden) {
    beat();
  }
});

if (api.token) {
  start();
} else {
  signIn(null);
}
