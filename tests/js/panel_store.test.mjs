// The panel's store by itself: `node --test tests/js/`.

import assert from "node:assert/strict";
import { test } from "node:test";

import { readEvents } from "../../calls/static/calls/panel/stream.js";
import {
  Store, emptyState, expire, headline, merge, news, startsRinging,
} from "../../calls/static/calls/panel/store.js";

const AVAILABLE = { state: "available", reason: null, text: "", checks: [] };

function call(id, phase = "ringing", more = {}) {
  return { call_id: id, leg_key: "leg-1", phase, caller: "", ...more };
}

function told(sequence, calls, more = {}) {
  return {
    now: "2026-11-22T12:00:00+00:00",
    sequence,
    is_whole: true,
    presence: AVAILABLE,
    no_control: "",
    calls,
    shown: calls.map((one) => one.call_id),
    ...more,
  };
}

function after(...all) {
  return all.reduce((state, one) => merge(state, one).state, emptyState());
}

test("a whole state replaces what was known", () => {
  const state = after(told(1, [call(1), call(2)]), told(2, [call(3)]));
  assert.deepEqual(state.calls.map((one) => one.call_id), [3]);
});

test("a change touches its own calls, and the order is Patchbay's", () => {
  const change = told(2, [call(2, "talking")], { is_whole: false, shown: [2, 1] });
  const state = after(told(1, [call(1), call(2)]), change);
  assert.deepEqual(state.calls.map((one) => [one.call_id, one.phase]), [[2, "talking"], [1, "ringing"]]);
});

test("what is shown no more leaves, and what is overtaken changes nothing", () => {
  const gone = told(3, [], { is_whole: false, shown: [] });
  const late = told(2, [call(1, "talking")], { is_whole: false, shown: [1] });
  assert.deepEqual(after(told(1, [call(1)]), gone, late).calls, []);
});

test("a change twice is a change once", () => {
  const change = told(2, [call(1, "talking")], { is_whole: false });
  const once = after(told(1, [call(1)]), change);
  assert.deepEqual({ ...merge(once, change).state, clockAheadMs: 0 }, { ...once, clockAheadMs: 0 });
});

test("a call that was never told asks for the whole, from where it was", () => {
  const change = told(5, [], { is_whole: false, shown: [7] });
  const { state, isComplete } = merge(after(told(1, [])), change);
  assert.equal(isComplete, false);
  assert.equal(state.sequence, 1);
});

test("a wrap-up ends by Patchbay's clock, not by this machine's", () => {
  const wrapUp = call(1, "wrap_up", { wrap_up_ends_at: "2026-11-22T12:01:00+00:00" });
  const anHourSlow = Date.parse("2026-11-22T11:00:00+00:00");
  const { state } = merge(emptyState(), told(1, [wrapUp]), anHourSlow);
  assert.equal(expire(state, anHourSlow + 59_000).calls.length, 1);
  assert.equal(expire(state, anHourSlow + 61_000).calls.length, 0);
});

test("a panel that nobody answers is not connected, whatever was told before", () => {
  const store = new Store();
  store.take(told(1, []));
  assert.equal(headline(store.state).state, "available");
  store.connect("away");
  assert.deepEqual(headline(store.state), { state: "not_connected", text: "away" });
  store.clear();
  assert.equal(headline(store.state).state, "signed_out");
});

test("a call that begins to ring unfolds the panel, once", () => {
  const before = after(told(1, []));
  const ringing = merge(before, told(2, [call(1)])).state;
  assert.equal(startsRinging(before, ringing), true);
  assert.equal(startsRinging(ringing, merge(ringing, told(3, [call(1), call(2, "talking")])).state), false);
});

test("a new phase and a found name are news; a quiet change is not", () => {
  const before = after(told(1, [call(1)]));
  const named = merge(before, told(2, [call(1, "ringing", { caller: "Ana" })])).state;
  assert.equal(news(before, named).length, 1);
  assert.equal(news(named, merge(named, told(3, [call(1, "ringing", { caller: "Ana", note: "x" })])).state).length, 0);
});

test("events are read however the stream cuts them, and signs of life are no events", async () => {
  const text = ': still here\n\nevent: panel\ndata: {"sequence":1,"who":"Žofie"}\n\nevent: end\ndata: {"reason":"come_again"}\n\n';
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 2, 7, bytes.length]) {
    const body = new ReadableStream({
      start(controller) {
        for (let at = 0; at < bytes.length; at += size) {
          controller.enqueue(bytes.slice(at, at + size));
        }
        controller.close();
      },
    });
    const events = [];
    for await (const event of readEvents(body)) {
      events.push(event);
    }
    assert.deepEqual(events, [
      { name: "panel", data: { sequence: 1, who: "Žofie" } },
      { name: "end", data: { reason: "come_again" } },
    ]);
  }
});
