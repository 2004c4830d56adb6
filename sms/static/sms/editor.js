// Around a text box: fields to put in, and how the text reads for a real person. Parts are found by
// name within [data-sms-editor]; people come from Salesforce by two small requests.
import { element } from "./counter.js";
import { estimate, fieldsOf, readTemplate, render } from "./merge.js";

/** A person is read again for fields that were put in since, once typing has stopped so long. */
const QUIET_MS = 800;

class Editor {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    Object.assign(this, JSON.parse(document.getElementById(root.dataset.settings).textContent));
    this.box = document.getElementById(root.dataset.box);
    this.kind = document.getElementById(root.dataset.kind);
    this.box.addEventListener("input", () => this.refresh());
    if (this.part("field")) {
      this.kind.addEventListener("change", () => this.offerFields());
      this.part("insert").addEventListener("click", () => this.insertField());
      this.submitsOnEnter("fallback", () => this.insertField());
      this.offerFields();
    }
    if (this.part("search")) {
      this.part("find").addEventListener("click", () => this.findPeople());
      this.submitsOnEnter("search", () => this.findPeople());
    }
    // Composing knows its person from the beginning; counters listen once they are there.
    if (this.record) customElements.whenDefined("sms-counter").then(() => this.show(this.record));
    this.refresh();
  }

  /** @param {string} name */
  part(name) {
    return this.root.querySelector(`[data-part="${name}"]`);
  }

  // The boxes stand in the template's own form, which Enter would send.
  submitsOnEnter(name, act) {
    this.part(name).addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      act();
    });
  }

  offerFields() {
    const fields = this.fields[this.kind.value] ?? [];
    this.part("field").replaceChildren(
      ...fields.map((one) => element("option", { value: one.name }, `${one.label} (${one.name})`)),
    );
  }

  insertField() {
    const fallback = this.part("fallback").value.replace(/[{}|]/g, "").trim();
    const name = this.part("field").value;
    const field = fallback ? `{{${name}|${fallback}}}` : `{{${name}}}`;
    this.box.setRangeText(field, this.box.selectionStart, this.box.selectionEnd, "end");
    this.box.dispatchEvent(new Event("input", { bubbles: true }));
    this.box.focus();
  }

  async findPeople() {
    const query = new URLSearchParams({ q: this.part("search").value, kind: this.kind.value });
    const { people = [] } = await this.ask(`${this.people}?${query}`);
    this.part("people").replaceChildren(
      ...people.map((one) => {
        const shown = one.company ? `${one.name}, ${one.company}` : one.name;
        const button = element("button", { type: "button", class: "pb-button" }, shown);
        button.addEventListener("click", () => this.choose(one.id));
        return element("li", {}, button);
      }),
    );
  }

  /** @param {string} id */
  async choose(id) {
    const names = [...new Set(fieldsOf(readTemplate(this.box.value)).map((one) => one.name))];
    const address = this.person.replace("RECORD", encodeURIComponent(id));
    const answer = await this.ask(`${address}?${new URLSearchParams({ names: names.join(",") })}`);
    if (answer.values) this.show(answer);
  }

  show(record) {
    this.record = record;
    document.dispatchEvent(new CustomEvent("sms:record", { detail: record }));
    this.refresh();
  }

  /** @param {string} address */
  async ask(address) {
    let answer = { trouble: this.words.failed };
    try {
      const response = await fetch(address, { headers: { Accept: "application/json", ...this.headers } });
      if (response.ok) answer = await response.json();
    } catch {
      // said by what is shown
    }
    this.part("trouble").textContent = answer.trouble ?? "";
    return answer;
  }

  refresh() {
    const pieces = readTemplate(this.box.value);
    const text = this.record ? render(pieces, this.record.values) : estimate(pieces);
    this.part("preview").textContent = text || this.words.empty;
    this.part("whose").hidden = !this.record && !fieldsOf(pieces).length;
    if (this.record) this.part("whose").textContent = `${this.record.name}:`;
    clearTimeout(this.reading);
    if (this.record && fieldsOf(pieces).some((one) => !(one.name in this.record.values))) {
      this.reading = setTimeout(() => this.choose(this.record.id), QUIET_MS);
    }
  }
}

for (const root of document.querySelectorAll("[data-sms-editor]")) new Editor(root);
