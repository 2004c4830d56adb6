// What the panel knows, fed by whole states and by changes. No page, no network: everything here
// is a function of what was told, so that every tab that was told the same shows the same.

/**
 * @typedef {object} Told what `/panel/state/` and `/live/` say
 * @property {number} sequence
 * @property {boolean} is_whole
 * @property {{state: string, reason: ?string, text: string, checks: object[]}} presence
 * @property {string} now the time at Patchbay, whatever the clock of this machine says
 * @property {string} no_control
 * @property {object[]} calls those that changed, or all
 * @property {number[]} shown the ids of all calls on the panel, in their order
 */

/** @typedef {"signed_out" | "connecting" | "live" | "polling" | "away"} Connection */

/** The panel before anything was told. */
export function emptyState() {
  return {
    sequence: -1,
    presence: null,
    noControl: "",
    calls: [],
    connection: "connecting",
    clockAheadMs: 0,
  };
}

/**
 * The state after something was told. What is older than what is known changes nothing: an answer
 * may be overtaken by a later one.
 *
 * `isComplete` is false where a call is shown that was never told; then ask for the whole.
 *
 * @param {ReturnType<typeof emptyState>} state
 * @param {Told} told
 */
export function merge(state, told, clock = Date.now()) {
  if (told.sequence < state.sequence) {
    return { state, isComplete: true };
  }
  const known = new Map(told.is_whole ? [] : state.calls.map((call) => [call.call_id, call]));
  for (const call of told.calls) {
    known.set(call.call_id, call);
  }
  const calls = told.shown.map((id) => known.get(id)).filter(Boolean);
  const isComplete = calls.length === told.shown.length;
  return {
    state: {
      ...state,
      calls,
      presence: told.presence,
      noControl: told.no_control,
      clockAheadMs: Date.parse(told.now) - clock,
      // What is not complete must be asked for again, from where it was.
      sequence: isComplete ? told.sequence : state.sequence,
    },
    isComplete,
  };
}

/** What to say aloud after a change: each call whose phase is new, and what its search found. */
export function news(before, after) {
  const known = new Map(before.calls.map((call) => [keyOf(call), call]));
  return after.calls.filter((call) => {
    const earlier = known.get(keyOf(call));
    return !earlier || earlier.phase !== call.phase || earlier.caller !== call.caller;
  });
}

/** Whether a call rings now that did not before: a folded panel unfolds. */
export function startsRinging(before, after) {
  const ringing = (state) => state.calls.filter((call) => call.phase === "ringing");
  const known = new Set(ringing(before).map(keyOf));
  return ringing(after).some((call) => !known.has(keyOf(call)));
}

/** Without the wrap-ups whose time is over, of which no event tells (RULES B5). */
export function expire(state, clock = Date.now()) {
  const now = clock + state.clockAheadMs;
  const calls = state.calls.filter(
    (call) => !call.wrap_up_ends_at || Date.parse(call.wrap_up_ends_at) > now,
  );
  return calls.length === state.calls.length ? state : { ...state, calls };
}

/** A leg of a call, as actions and drafts name it. */
export function keyOf(call) {
  return `${call.call_id}/${call.leg_key}`;
}

/**
 * The one state line: Available, Not connected with its reason, or Signed out.
 *
 * A panel that Patchbay does not answer is not connected, whatever was told before.
 */
export function headline(state) {
  if (state.connection === "signed_out") {
    return { state: "signed_out", text: "" };
  }
  if (state.connection === "away") {
    return { state: "not_connected", text: "away" };
  }
  if (!state.presence) {
    return { state: "connecting", text: "" };
  }
  return { state: state.presence.state, text: state.presence.text };
}

/** Keeps the state and tells who listens of each change. */
export class Store {
  #state = emptyState();
  #listeners = [];

  get state() {
    return this.#state;
  }

  /** @param {(after: object, before: object) => void} listener */
  listen(listener) {
    this.#listeners.push(listener);
  }

  /** Take in what was told; true where it was all that is shown. */
  take(told) {
    const { state, isComplete } = merge(this.#state, told);
    this.#change(state);
    return isComplete;
  }

  /** @param {Connection} connection */
  connect(connection) {
    if (connection !== this.#state.connection) {
      this.#change({ ...this.#state, connection });
    }
  }

  /** The heartbeat's answer, of which no event tells. */
  judge(presence) {
    this.#change({ ...this.#state, presence });
  }

  /** Let wrap-ups end whose time is over. */
  tick() {
    const state = expire(this.#state);
    if (state !== this.#state) {
      this.#change(state);
    }
  }

  /** Forget everything, as after signing out. */
  clear() {
    this.#change({ ...emptyState(), connection: "signed_out" });
  }

  #change(state) {
    const before = this.#state;
    this.#state = state;
    for (const listener of this.#listeners) {
      listener(state, before);
    }
  }
}
