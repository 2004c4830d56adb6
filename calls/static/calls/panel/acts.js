// What the member does about a call: opened on the surface at once, told to Patchbay once.

import { Refused, SignedOut } from "./api.js";
import { fill } from "./elements.js";
import { keyOf } from "./store.js";

export class Acts {
  #parts;

  /**
   * @param {object} parts
   * @param {import("./api.js").Api} parts.api
   * @param {import("./surface.js").Surface} parts.surface
   * @param {import("./drafts.js").Drafts} parts.drafts
   * @param {Record<string, string>} parts.texts
   * @param {() => void} parts.changed draw again: something that only this tab knows changed
   * @param {() => Promise<void>} parts.refresh ask how things are now
   * @param {(text: string) => void} parts.say aloud, for screen readers
   * @param {(text: string) => void} parts.complain what did not work, for everybody
   * @param {() => void} parts.signedOut
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Open the record and file the call there, unless it is filed there already. */
  pop(call, record) {
    this.#open(record.url);
    return call.is_chosen || this.#tell("pop_record", call, { record_id: record.record_id });
  }

  /** Show or hide the list of matches. */
  search(call) {
    this.#parts.drafts.toggleOpen(keyOf(call));
    this.#parts.changed();
  }

  /** One of several: it is filed there and opened. */
  choose(call, record) {
    this.#open(record.url);
    return this.#tell("choose_record", call, { record_id: record.record_id });
  }

  /** A form for a new record; what becomes of it the member tells by its address. */
  make(call) {
    this.#open(call.new_url, "newRecord");
    this.#parts.drafts.write(keyOf(call), "isMade", true);
    this.#parts.drafts.keepNaming(keyOf(call), true);
    this.#parts.changed();
  }

  /** File the call under a record that was named by its id or address. */
  async name(call, text) {
    const { drafts } = this.#parts;
    const action = drafts.read(keyOf(call), "isMade") ? "save_new" : "open_page";
    if (await this.#tell(action, call, { page: text.trim() })) {
      drafts.drop(keyOf(call), "record", "isNaming", "isMade");
      this.#parts.changed();
    }
  }

  async keepNotes(call, note, disposition) {
    const isKept = await this.#tell("keep_notes", call, { note, disposition });
    if (isKept) {
      this.#parts.drafts.drop(keyOf(call), "note", "disposition");
      this.#parts.say(this.#parts.texts.saved);
    }
    return isKept;
  }

  /** End the wrap-up; what was typed and not saved goes with it. */
  async done(call) {
    const { drafts } = this.#parts;
    const key = keyOf(call);
    const note = drafts.read(key, "note", call.note);
    const disposition = drafts.read(key, "disposition", call.disposition);
    const isUnsaved = note !== call.note || disposition !== call.disposition;
    if (isUnsaved && !(await this.keepNotes(call, note, disposition))) {
      return false;
    }
    return this.#tell("end_wrap_up", call);
  }

  #open(url, how = "openRecord") {
    if (url) {
      this.#parts.surface[how](url);
    } else {
      this.#parts.complain(this.#parts.texts.no_salesforce);
    }
  }

  async #tell(action, call, fields) {
    const { api, refresh, complain, signedOut, texts } = this.#parts;
    try {
      await api.act(action, call, fields);
      await refresh();
      return true;
    } catch (error) {
      if (error instanceof SignedOut) {
        signedOut();
      } else {
        const reason = error instanceof Refused ? error.message : texts.away;
        complain(fill(texts.failed, { reason }));
      }
      return false;
    }
  }
}
