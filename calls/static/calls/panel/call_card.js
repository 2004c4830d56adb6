// One call on the panel: who it is, the one badge, the note, Done.

import { button, fill, make } from "./elements.js";
import { keyOf } from "./store.js";

const CHIPS = { ringing: "working", talking: "done", held: "attention", wrap_up: "waiting" };

/**
 * @param {object} call as `/panel/state/` tells it
 * @param {object} context
 * @param {Record<string, string>} context.texts
 * @param {import("./acts.js").Acts} context.acts
 * @param {import("./drafts.js").Drafts} context.drafts
 */
export function drawCall(call, { texts, acts, drafts }) {
  const named = call.caller || call.number_text || (call.number ? call.number : texts.withheld);
  return make(
    "article",
    {
      className: `call call-${call.phase}`,
      data: { call: keyOf(call) },
      aria: { label: fill(texts.announce, { phase: texts[call.phase], caller: named }) },
    },
    make(
      "p",
      { className: "call-head" },
      make("span", { className: `chip chip-${CHIPS[call.phase]}` }, texts[call.phase]),
      make("span", { className: "quiet since", data: { since: call.since } }),
    ),
    make("h2", {}, named),
    account(call),
    make("p", { className: "quiet" }, facts(call, texts, named).join(" · ")),
    ...match(call, texts, acts, drafts),
    ...notes(call, texts, acts, drafts),
  );
}

function account(call) {
  const name = call.records.length === 1 ? call.records[0].account_name : "";
  return name ? make("p", {}, name) : null;
}

function facts(call, texts, named) {
  return [
    call.number_text !== named && call.number_text,
    texts[call.direction],
    call.did && fill(texts.called, { did: call.did }),
    call.queue && fill(texts.by_queue, { queue: call.queue }),
  ].filter(Boolean);
}

/** Pop, Search or New, never two of them; else why there is none. */
function match(call, texts, acts, drafts) {
  const key = keyOf(call);
  const parts = [];
  if (call.badge === "pop") {
    const [record] = call.records;
    const what = fill(texts.pop_what, { record: describe(record) });
    parts.push(badge(call, texts.pop, what, () => acts.pop(call, record)));
    if (call.is_chosen) {
      parts.push(make("p", { className: "quiet" }, fill(texts.chosen, { record: describe(record) })));
    }
  } else if (call.badge === "search") {
    const what = fill(texts.search_what, { count: call.records.length });
    const isOpen = drafts.isOpen(key);
    parts.push(badge(call, texts.search, what, () => acts.search(call), { expanded: isOpen }));
    if (isOpen) {
      parts.push(matches(call, texts, acts));
    }
  } else if (call.badge === "new") {
    parts.push(badge(call, texts.new, texts.new_what, () => acts.make(call)));
  } else {
    parts.push(make("p", { className: "quiet" }, call.no_badge_text));
  }
  if (call.direction !== "internal" && call.no_badge !== "internal") {
    parts.push(otherRecord(call, texts, acts, drafts));
  }
  return parts;
}

function badge(call, text, what, onClick, aria = {}) {
  const name = `badge ${keyOf(call)}`;
  return make(
    "div",
    { className: "badge" },
    button(text, name, onClick, { primary: true, aria: { ...aria, label: `${text}: ${what}` } }),
    make("p", { className: "quiet", ariaHidden: "true" }, what),
  );
}

function matches(call, texts, acts) {
  const rows = call.records.map((record) =>
    make(
      "li",
      {},
      make("span", {}, describe(record), record.account_name ? `, ${record.account_name}` : ""),
      button(
        texts.choose,
        `choose ${keyOf(call)} ${record.record_id}`,
        () => acts.choose(call, record),
        { aria: { label: `${texts.choose}: ${describe(record)}` } },
      ),
    ),
  );
  return make("ul", { className: "matches" }, ...rows);
}

/** A record of which only the member knows: the one that New made, or the one that is open. */
function otherRecord(call, texts, acts, drafts) {
  const key = keyOf(call);
  const field = make("input", {
    name: "record",
    required: true,
    maxLength: 1000,
    autocomplete: "off",
    value: drafts.read(key, "record"),
    data: { name: `record ${key}` },
    oninput: (event) => drafts.write(key, "record", event.target.value),
  });
  const form = make(
    "form",
    {
      onsubmit: (event) => {
        event.preventDefault();
        acts.name(call, field.value);
      },
    },
    make("label", {}, texts.record_address, field),
    make("button", { className: "button", data: { name: `file ${key}` } }, texts.file_here),
  );
  return make(
    "details",
    {
      open: drafts.isNaming(key),
      ontoggle: (event) => drafts.keepNaming(key, event.target.open),
    },
    make("summary", { data: { name: `other ${key}` } }, texts.other_record),
    form,
  );
}

function notes(call, texts, acts, drafts) {
  if (call.phase === "ringing" || call.no_badge === "internal") {
    return call.phase === "wrap_up" ? [finish(call, texts, acts)] : [];
  }
  const key = keyOf(call);
  const keep = (field) => (event) => drafts.write(key, field, event.target.value);
  const note = make("textarea", {
    rows: 2,
    maxLength: 2000,
    value: drafts.read(key, "note", call.note),
    data: { name: `note ${key}` },
    oninput: keep("note"),
  });
  const disposition = make("input", {
    maxLength: 120,
    autocomplete: "off",
    value: drafts.read(key, "disposition", call.disposition),
    data: { name: `disposition ${key}` },
    oninput: keep("disposition"),
  });
  const form = make(
    "form",
    {
      className: "notes",
      onsubmit: (event) => {
        event.preventDefault();
        acts.keepNotes(call, note.value, disposition.value);
      },
    },
    make("label", {}, texts.note, make("span", { className: "quiet" }, ` ${texts.note_hint}`), note),
    make("label", {}, texts.disposition, disposition),
    make("button", { className: "button", data: { name: `save ${key}` } }, texts.save),
  );
  return call.phase === "wrap_up" ? [form, finish(call, texts, acts)] : [form];
}

function finish(call, texts, acts) {
  return make(
    "div",
    { className: "badge" },
    button(texts.done, `done ${keyOf(call)}`, () => acts.done(call), { primary: true }),
    make("p", { className: "quiet", data: { until: call.wrap_up_ends_at } }),
  );
}

function describe(record) {
  return `${record.sobject} ${record.name || record.record_id}`;
}
