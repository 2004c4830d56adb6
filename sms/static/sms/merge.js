// Merge fields of a template: "Hi {{FirstName|there}}". The twin of sms/merge.py; nothing here is
// evaluated, and values are put in as they are.
// @ts-check
import { normalizeText } from "./segments.js";

/** What every merge field counts in the estimate, whatever it will hold. */
const ESTIMATED_FIELD_CHARACTERS = 10;
const TOKEN = /\{\{([^{}]*)\}\}/g;
const NAME = /^[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)?$/;
// What Python's str.strip takes away; trim() would also take U+FEFF, and leave U+001C to U+001F.
const SPACE = "[\\t-\\r\\x1c- \\x85\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const ENDS = new RegExp(`^${SPACE}|${SPACE}$`, "g");

/**
 * @typedef {{ name: string, fallback: string }} MergeField
 */

/** @param {string} text */
const strip = (text) => text.replace(ENDS, "");

/**
 * The pieces of a template in order; what is no field stands there as it was written.
 * @param {string} text
 * @returns {Array<string | MergeField>}
 */
export function readTemplate(text) {
  const whole = normalizeText(text);
  /** @type {Array<string | MergeField>} */
  const pieces = [];
  let done = 0;
  for (const token of whole.matchAll(TOKEN)) {
    if (token.index > done) pieces.push(whole.slice(done, token.index));
    const [name, ...rest] = token[1].split("|");
    pieces.push(
      NAME.test(strip(name)) ? { name: strip(name), fallback: strip(rest.join("|")) } : token[0],
    );
    done = token.index + token[0].length;
  }
  if (done < whole.length) pieces.push(whole.slice(done));
  return pieces;
}

/**
 * A text as long as the estimate says: each field is ten characters.
 * @param {Array<string | MergeField>} pieces
 */
export function estimate(pieces) {
  return normalizeText(
    pieces
      .map((piece) => (typeof piece === "string" ? piece : "x".repeat(ESTIMATED_FIELD_CHARACTERS)))
      .join(""),
  );
}

/**
 * The text for one record.
 * @param {Array<string | MergeField>} pieces
 * @param {Record<string, string>} values the record's fields by name
 */
export function render(pieces, values) {
  return normalizeText(
    pieces.map((piece) => (typeof piece === "string" ? piece : valueOf(piece, values))).join(""),
  );
}

/**
 * The fields that leave a hole for this record: no value, and no fallback.
 * @param {Array<string | MergeField>} pieces
 * @param {Record<string, string>} values
 */
export function emptyFields(pieces, values) {
  const empty = fieldsOf(pieces).filter((field) => !valueOf(field, values));
  return [...new Set(empty.map((field) => field.name))];
}

/**
 * The fields, each as often as it stands there.
 * @param {Array<string | MergeField>} pieces
 * @returns {MergeField[]}
 */
export function fieldsOf(pieces) {
  return /** @type {MergeField[]} */ (pieces.filter((piece) => typeof piece !== "string"));
}

/**
 * @param {MergeField} field
 * @param {Record<string, string>} values
 */
function valueOf(field, values) {
  return strip(String(Object.hasOwn(values, field.name) ? values[field.name] : "")) || field.fallback;
}
