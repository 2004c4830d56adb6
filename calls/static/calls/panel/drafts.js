// What the member has begun and not sent: it outlives a reload of this tab.

export class Drafts {
  #storage;
  #name;
  #kept;

  /**
   * @param {Storage} storage of this tab
   * @param {string} workspace
   */
  constructor(storage, workspace) {
    this.#storage = storage;
    this.#name = `softphone-drafts:${workspace}`;
    this.#kept = JSON.parse(storage.getItem(this.#name) ?? "{}");
  }

  /** What was typed into a field of a call, else what Patchbay has of it. */
  read(key, field, saved = "") {
    return this.#kept[key]?.[field] ?? saved;
  }

  write(key, field, text) {
    this.#change(key, { [field]: text });
  }

  /** Whether the list of matches is open. */
  isOpen(key) {
    return Boolean(this.#kept[key]?.isOpen);
  }

  toggleOpen(key) {
    this.#change(key, { isOpen: !this.isOpen(key) });
  }

  /** Whether the member is naming another record. */
  isNaming(key) {
    return Boolean(this.#kept[key]?.isNaming);
  }

  keepNaming(key, isNaming) {
    if (isNaming !== this.isNaming(key)) {
      this.#change(key, { isNaming });
    }
  }

  /** These were sent: from now on Patchbay has them. */
  drop(key, ...fields) {
    for (const field of fields) {
      delete this.#kept[key]?.[field];
    }
    this.#save();
  }

  /** Forget calls that are on the panel no more. */
  keepOnly(keys) {
    const wanted = new Set(keys);
    const gone = Object.keys(this.#kept).filter((key) => !wanted.has(key));
    if (gone.length) {
      gone.forEach((key) => delete this.#kept[key]);
      this.#save();
    }
  }

  #change(key, fields) {
    this.#kept[key] = { ...this.#kept[key], ...fields };
    this.#save();
  }

  #save() {
    this.#storage.setItem(this.#name, JSON.stringify(this.#kept));
  }
}
