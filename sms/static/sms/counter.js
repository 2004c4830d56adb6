// <sms-counter for="id of a text box" data-settings="id of its JSON">: what the text costs while
// somebody types, which characters make it expensive, and what can stand for them. The figures of
// the server, which the page opens with, are kept in step with it by segments.js and merge.js.
import { emptyFields, estimate, fieldsOf, readTemplate, render } from "./merge.js";
import { countSegments, findCostlyCharacters, normalizeText } from "./segments.js";

/** A screen reader hears the figures once somebody has stopped typing for so long. */
const QUIET_MS = 1200;
/** Characters that are listed one by one; a text in another script would fill the page. */
const LISTED = 12;
/** Characters of the text that are shown on either side of one that is listed. */
const AROUND = 12;

/**
 * `172 / 160 [2] 84`: characters / limit of one SMS [number of SMS] total messages.
 * @param {import("./segments.js").SegmentCount} counted
 * @param {number} recipients
 */
export function showCount(counted, recipients = 1) {
  const { units, limit, segments } = counted;
  return `${units} / ${limit} [${segments}] ${segments * recipients}`;
}

/**
 * What makes a text Unicode: where it stands (code points), what surrounds it, what can replace it.
 * @param {string} text
 * @param {Record<string, string>} replacements
 */
export function listCostly(text, replacements) {
  const letters = [...text];
  return findCostlyCharacters(text).map(([position, character]) => ({
    position,
    character,
    before: letters.slice(Math.max(0, position - AROUND), position).join(""),
    after: letters.slice(position + 1, position + 1 + AROUND).join(""),
    replacement: Object.hasOwn(replacements, character) ? replacements[character] : null,
  }));
}

/**
 * The text with everything replaced that can be, or only what stands at one position.
 * @param {string} text
 * @param {Record<string, string>} replacements
 * @param {number} [at] code points
 */
export function replaceCostly(text, replacements, at) {
  return [...text]
    .map((character, position) =>
      (at === undefined || at === position) && Object.hasOwn(replacements, character)
        ? replacements[character]
        : character,
    )
    .join("");
}

/**
 * Put values into a sentence: `{count} messages`.
 * @param {string} sentence
 * @param {Record<string, string | number>} values
 */
export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** @param {string} character */
function nameOf(character) {
  const code = /** @type {number} */ (character.codePointAt(0));
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} content
 */
export function element(tag, attributes, ...content) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...content);
  return made;
}

function defineCounter() {
  class SmsCounter extends HTMLElement {
    connectedCallback() {
      this.box = /** @type {HTMLTextAreaElement} */ (
        document.getElementById(this.getAttribute("for") ?? "")
      );
      const settings = document.getElementById(this.dataset.settings ?? "");
      if (!this.box || !settings) return;
      Object.assign(this, JSON.parse(settings.textContent ?? ""));
      this.box.addEventListener("input", () => this.refresh());
      // Another script may choose a record before or after this element is there.
      document.addEventListener("sms:record", (event) => this.choose(/** @type {any} */ (event).detail));
      this.refresh();
    }

    /** @param {{ name: string, values: Record<string, string> } | null} record */
    choose(record) {
      this.record = record;
      this.refresh();
    }

    /** @param {string} name */
    part(name) {
      return /** @type {HTMLElement} */ (this.querySelector(`[data-part="${name}"]`));
    }

    refresh() {
      const pieces = readTemplate(this.box.value);
      const counted = countSegments(estimate(pieces));
      const isApproximate = fieldsOf(pieces).length > 0;
      this.part("line").textContent = showCount(counted);
      this.part("alphabet").textContent = this.alphabet(counted);
      this.part("approximate").hidden = !isApproximate;
      this.part("too-long").hidden = counted.segments <= this.most;
      this.showExact(pieces, isApproximate);
      this.showCostly();
      this.say(counted, isApproximate);
    }

    /** @param {import("./segments.js").SegmentCount} counted */
    alphabet(counted) {
      return counted.encoding === "GSM-7" ? this.words.regular : this.words.unicode;
    }

    /**
     * The figures for the record that was chosen, beside the estimate (MIT-48).
     * @param {ReturnType<typeof readTemplate>} pieces
     * @param {boolean} isApproximate
     */
    showExact(pieces, isApproximate) {
      const line = this.part("exact");
      line.hidden = !this.record || !isApproximate;
      if (line.hidden) return;
      const text = render(pieces, this.record.values);
      const counted = countSegments(text);
      const letters = [...new Set(findCostlyCharacters(text).map(([, character]) => character))];
      const why = letters.length ? ` (${letters.slice(0, LISTED).join(" ")})` : "";
      const empty = emptyFields(pieces, this.record.values);
      line.replaceChildren(
        fill(this.words.exact, { name: this.record.name }),
        " ",
        element("strong", { class: "sms-count" }, showCount(counted)),
        ` ${this.alphabet(counted)}${why}`,
      );
      if (empty.length) line.append(` ${fill(this.words.empty, { fields: empty.join(", ") })}`);
    }

    showCostly() {
      const text = normalizeText(this.box.value);
      const found = listCostly(text, this.replacements);
      const part = this.part("costly");
      part.hidden = found.length === 0;
      if (part.hidden) return part.replaceChildren();
      const replaceable = found.filter((one) => one.replacement !== null);
      const head = element("p", {}, this.words.costly);
      if (replaceable.length) {
        head.append(" ", this.button(this.words.replaceAll, this.words.replaceAll, undefined));
      }
      const list = element("ul", { class: "sms-costly" });
      for (const one of found.slice(0, LISTED)) list.append(this.costlyLine(one));
      if (found.length > LISTED) {
        list.append(element("li", {}, fill(this.words.more, { count: found.length - LISTED })));
      }
      part.replaceChildren(head, list);
    }

    /** @param {ReturnType<typeof listCostly>[number]} one */
    costlyLine(one) {
      const line = element(
        "li",
        {},
        element(
          "span",
          { class: "sms-excerpt" },
          one.before,
          element("mark", {}, one.character),
          one.after,
        ),
        element(
          "span",
          { class: "pb-quiet" },
          fill(this.words.position, { position: one.position + 1, code: nameOf(one.character) }),
        ),
      );
      if (one.replacement === null) {
        line.append(element("span", { class: "pb-quiet" }, this.words.stays));
      } else {
        const shown = one.replacement === "" ? this.words.nothing : one.replacement;
        const spaced = shown.trim() ? shown : this.words.space;
        line.append(
          this.button(
            fill(this.words.replace, { replacement: spaced }),
            fill(this.words.replaceAt, { replacement: spaced, position: one.position + 1 }),
            one.position,
          ),
        );
      }
      return line;
    }

    /**
     * @param {string} shown
     * @param {string} spoken
     * @param {number | undefined} at
     */
    button(shown, spoken, at) {
      const made = element("button", { type: "button", class: "pb-button", "aria-label": spoken }, shown);
      made.addEventListener("click", () => {
        this.box.value = replaceCostly(normalizeText(this.box.value), this.replacements, at);
        this.box.dispatchEvent(new Event("input", { bubbles: true }));
        // The button is gone: whoever works by keyboard goes on with the next, or in the text.
        /** @type {HTMLElement} */ (this.querySelector(".sms-costly button") ?? this.box).focus();
      });
      return made;
    }

    /**
     * @param {import("./segments.js").SegmentCount} counted
     * @param {boolean} isApproximate
     */
    say(counted, isApproximate) {
      clearTimeout(this.saying);
      const words = counted.segments === 1 ? this.words.spokenOne : this.words.spokenMany;
      const sentence = fill(words, {
        units: counted.units,
        limit: counted.limit,
        segments: counted.segments,
        alphabet: this.alphabet(counted),
      });
      this.saying = setTimeout(() => {
        this.part("spoken").textContent = isApproximate ? `${sentence} ${this.words.estimated}` : sentence;
      }, QUIET_MS);
    }
  }
  customElements.define("sms-counter", SmsCounter);
}

// Its arithmetic is also run without a browser.
if (typeof customElements !== "undefined") defineCounter();
