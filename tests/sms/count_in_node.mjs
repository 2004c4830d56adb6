// Counts every text of the file named on the command line with the browser's counter.
import { readFileSync } from "node:fs";
import { countSegments, findCostlyCharacters } from "../../sms/static/sms/segments.js";

const texts = JSON.parse(readFileSync(process.argv[2], "utf8"));
const answers = texts.map((text) => {
  const { encoding, units, segments, remaining } = countSegments(text);
  return [encoding, units, segments, remaining, findCostlyCharacters(text).length];
});
process.stdout.write(JSON.stringify(answers));
