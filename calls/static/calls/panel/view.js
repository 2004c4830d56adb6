// The page: the state line, the calls, and below them what is looked at now and then.

import { drawCall } from "./call_card.js";
import { button, fill, make, redraw } from "./elements.js";
import { headline, keyOf } from "./store.js";

const CHIPS = { available: "done", not_connected: "failed" };
const KEYS = { P: "key_badge", D: "key_done", N: "key_note", G: "key_diagnostics" };

export class View {
  #context;
  #drawn = new Map();

  /** @param {{texts: object, acts: object, drafts: object, signIn: () => void, signOut: () => void}} context */
  constructor(context) {
    this.#context = context;
    const parts = document.getElementById("parts");
    const { texts } = context;
    this.recent = make("div");
    this.checks = make("div");
    parts.append(
      make("details", {}, make("summary", { data: { name: "recent" } }, texts.recent), this.recent),
      make(
        "details",
        { id: "diagnostics" },
        make("summary", { data: { name: "diagnostics" } }, texts.diagnostics),
        this.checks,
      ),
      make(
        "details",
        {},
        make("summary", {}, texts.keys),
        make(
          "dl",
          { className: "keys" },
          ...Object.entries(KEYS).flatMap(([key, text]) => [
            make("dt", {}, make("kbd", {}, `Alt+Shift+${key}`)),
            make("dd", {}, texts[text]),
          ]),
        ),
      ),
      button(texts.sign_out, "sign-out", context.signOut),
    );
  }

  draw(state) {
    this.#drawHeadline(state);
    const isSignedOut = state.connection === "signed_out";
    document.getElementById("parts").hidden = isSignedOut;
    document.getElementById("calls").hidden = isSignedOut;
    this.#drawSignIn(isSignedOut);
    this.#drawCalls(state);
    const control = document.getElementById("no-control");
    control.textContent = state.noControl;
    control.hidden = !state.noControl || isSignedOut;
    this.#drawChecks(state);
    this.tick(state);
  }

  /** What moves with the clock; nothing here is read aloud. */
  tick(state) {
    const now = Date.now() + state.clockAheadMs;
    for (const element of document.querySelectorAll("[data-since]")) {
      element.textContent = duration(now - Date.parse(element.dataset.since));
    }
    for (const element of document.querySelectorAll("[data-until]")) {
      const seconds = Math.max(0, Math.round((Date.parse(element.dataset.until) - now) / 1000));
      element.textContent = fill(this.#context.texts.seconds_left, { seconds });
    }
  }

  /** Read aloud by screen readers. */
  say(text) {
    document.getElementById("announcements").textContent = text;
  }

  /** Shown to everybody, and read aloud, until it is closed or something else goes wrong. */
  complain(text) {
    const { texts } = this.#context;
    const place = document.getElementById("problems");
    const close = button(texts.close, "close", () => place.replaceChildren());
    place.replaceChildren(make("p", { className: "problem" }, make("span", {}, text), close));
  }

  drawRecent(calls) {
    const { texts } = this.#context;
    const rows = calls.map((call) =>
      make(
        "li",
        {},
        make("a", { href: call.url, target: "_blank", rel: "noopener" }, call.caller || texts.unknown),
        make("span", { className: "quiet" }, `${texts[call.direction]} · ${call.outcome} · ${call.at}`),
      ),
    );
    this.recent.replaceChildren(
      rows.length ? make("ul", { className: "recent" }, ...rows) : make("p", { className: "quiet" }, texts.no_recent),
    );
  }

  #drawHeadline(state) {
    const { texts } = this.#context;
    const { state: name, text } = headline(state);
    const chip = document.getElementById("state");
    chip.textContent = texts[name];
    chip.className = `chip chip-${CHIPS[name] ?? "waiting"}`;
    const reason = document.getElementById("reason");
    reason.textContent = texts[text] ?? text;
    reason.hidden = !text;
  }

  #drawSignIn(isSignedOut) {
    const { texts, signIn } = this.#context;
    const section = document.getElementById("signed-out");
    if (section.hidden === !isSignedOut && section.childElementCount) {
      return;
    }
    section.hidden = !isSignedOut;
    section.replaceChildren(
      make("p", {}, texts.sign_in_why),
      button(texts.sign_in, "sign-in", signIn, { primary: true }),
    );
  }

  #drawCalls(state) {
    const { drafts, texts } = this.#context;
    const section = document.getElementById("calls");
    const cards = state.calls.map((call) => this.#card(call, drafts.isOpen(keyOf(call))));
    if (!cards.length) {
      cards.push(this.#drawn.get("none") ?? make("p", { className: "quiet idle" }, texts.no_calls));
      this.#drawn = new Map([["none", cards[0]]]);
    }
    if (cards.some((card, place) => section.children[place] !== card) || section.children.length !== cards.length) {
      redraw(section, () => cards);
    }
  }

  /** The card of a call, drawn anew only where something about it changed. */
  #card(call, isOpen) {
    const key = keyOf(call);
    const shown = JSON.stringify([call, isOpen, this.#context.drafts.isNaming(key)]);
    const known = this.#drawn.get(key);
    if (known?.shown === shown) {
      return known.card;
    }
    const card = drawCall(call, this.#context);
    this.#drawn.set(key, { shown, card });
    return card;
  }

  #drawChecks(state) {
    const { texts } = this.#context;
    const line = (holds, text) =>
      make(
        "li",
        {},
        make("span", { className: `chip chip-${holds ? "done" : "failed"}` }, holds ? texts.passes : texts.fails),
        make("span", {}, text),
      );
    const checks = (state.presence?.checks ?? []).map((check) => line(check.holds, check.text));
    if (state.connection in texts) {
      checks.push(line(state.connection === "live", texts[state.connection]));
    }
    this.checks.replaceChildren(
      make("ul", { className: "checks" }, ...checks),
      make("p", { className: "quiet" }, texts.other_diallers),
    );
  }
}

function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
