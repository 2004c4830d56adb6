// How many segments a text takes, exactly (3GPP TS 23.038, 23.040). The twin of sms/segments.py:
// both count exactly the text that they are given; normalizeText is a step of its own.
// @ts-check

/** TS 23.038 clause 6.2.1, in the order of the codes; 0x1B is the escape and no character. */
export const GSM_BASIC =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
  "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/** TS 23.038 clause 6.2.1.1: an escape and a code, two septets each. */
export const GSM_EXTENSION = "\f^{}\\[~]|€";

const basic = new Set(GSM_BASIC);
const extension = new Set(GSM_EXTENSION);
/** What one message, and one part of a joined message, hold, in units. */
const ALPHABETS = {
  "GSM-7": { single: 160, part: 153 },
  "UCS-2": { single: 70, part: 67 },
};

/**
 * @typedef {object} SegmentCount
 * @property {"GSM-7" | "UCS-2"} encoding
 * @property {number} units septets in GSM-7, UTF-16 code units in UCS-2
 * @property {number} segments 0 for an empty text
 * @property {number} remaining room in the last segment, in units
 * @property {number} limit what one message holds by itself: 160 or 70
 */

/**
 * The text that is sent and counted: line feeds alone, composed characters, nothing unsendable.
 * @param {string} text
 */
export function normalizeText(text) {
  return text
    .replace(/\r\n?/g, "\n")
    .replaceAll("\0", "")
    .replace(/\p{Surrogate}/gu, "\ufffd")
    .normalize("NFC");
}

/**
 * Count exactly this text; nothing in it is changed.
 * @param {string} text
 * @returns {SegmentCount}
 */
export function countSegments(text) {
  const isGsm = findCostlyCharacters(text).length === 0;
  const encoding = isGsm ? "GSM-7" : "UCS-2";
  const { single, part } = ALPHABETS[encoding];
  let units = 0;
  let unused = 0;
  for (const character of text) {
    const width = isGsm ? (extension.has(character) ? 2 : 1) : character.length;
    // The last unit of a part is left empty where a pair would have to be cut in two.
    if (width === 2 && (units + unused) % part === part - 1) unused += 1;
    units += width;
  }
  if (units <= single) {
    return { encoding, units, segments: units ? 1 : 0, remaining: single - units, limit: single };
  }
  const segments = Math.ceil((units + unused) / part);
  return { encoding, units, segments, remaining: segments * part - units - unused, limit: single };
}

/**
 * The characters that make the text UCS-2, with their positions in code points.
 * @param {string} text
 * @returns {Array<[number, string]>}
 */
export function findCostlyCharacters(text) {
  /** @type {Array<[number, string]>} */
  const found = [];
  let position = 0;
  for (const character of text) {
    if (!basic.has(character) && !extension.has(character)) found.push([position, character]);
    position += 1;
  }
  return found;
}
