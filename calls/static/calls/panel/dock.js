// The console's side of the softphone: the button, the frame or the window, and codes for panels
// that ask (RULES F11).
//
// The frame is loaded once somebody has opened it, and from then on with every page of the
// console; folded it goes on listening, and unfolds when a call rings.

const CHIPS = { available: "done", not_connected: "failed" };
const SIZE = "popup,width=320,height=640";

const dock = document.getElementById("softphone");
const toggle = dock.querySelector("button[aria-expanded]");
const chip = dock.querySelector("[data-state]");
const place = document.getElementById("softphone-frame");
const name = `softphone-dock:${dock.dataset.workspace}`;

/** What this browser remembers: nothing, "open" or "folded". */
function remember(how) {
  if (how) {
    localStorage.setItem(name, how);
  } else {
    localStorage.removeItem(name);
  }
}

function load() {
  if (!place.querySelector("iframe")) {
    const frame = document.createElement("iframe");
    frame.src = dock.dataset.panel;
    frame.title = dock.dataset.title;
    place.append(frame);
  }
}

function unfold() {
  load();
  place.hidden = false;
  toggle.setAttribute("aria-expanded", "true");
  remember("open");
}

function fold() {
  place.hidden = true;
  toggle.setAttribute("aria-expanded", "false");
  remember("folded");
}

toggle.addEventListener("click", () => (place.hidden ? unfold() : fold()));

place.querySelector("[data-own-window]").addEventListener("click", () => {
  if (window.open(dock.dataset.panel, `patchbay-softphone-${dock.dataset.workspace}`, SIZE)) {
    fold();
    place.querySelector("iframe")?.remove();
    chip.hidden = true;
    remember(null);
  }
});

/** A one-time code for the panel that made the challenge; null where the console refuses. */
async function askCode(challenge) {
  const form = dock.querySelector("form");
  const given = new FormData(form);
  given.set("challenge", challenge);
  const answer = await fetch(form.action, { method: "POST", body: given });
  return answer.ok ? (await answer.json()).code : null;
}

function showState({ state, text, calls }) {
  chip.className = `pb-chip pb-chip-${calls ? "working" : (CHIPS[state] ?? "waiting")}`;
  chip.textContent = calls || text;
  chip.hidden = false;
}

window.addEventListener("message", async (event) => {
  if (event.origin !== location.origin) {
    return;
  }
  const { type } = event.data ?? {};
  if (type === "softphone:challenge") {
    const code = await askCode(event.data.challenge);
    event.source.postMessage({ type: "softphone:code", code }, location.origin);
  } else if (type === "softphone:show") {
    unfold();
  } else if (type === "softphone:state") {
    showState(event.data);
  }
});

const remembered = localStorage.getItem(name);
if (remembered === "open") {
  unfold();
} else if (remembered === "folded") {
  load();
}

// A panel opened this page to be signed in; it closes it again.
if (window.opener && new URLSearchParams(location.search).get("from") === "panel") {
  window.opener.postMessage({ type: "softphone:ready" }, location.origin);
}
