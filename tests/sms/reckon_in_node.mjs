// What the browser's counter and templates make of every text of the file on the command line.
import { readFileSync } from "node:fs";
import { replaceCostly, showCount } from "../../sms/static/sms/counter.js";
import { emptyFields, estimate, fieldsOf, readTemplate, render } from "../../sms/static/sms/merge.js";
import { countSegments } from "../../sms/static/sms/segments.js";

const { texts, values, replacements } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const answers = texts.map((text) => {
  const pieces = readTemplate(text);
  return [
    showCount(countSegments(estimate(pieces))),
    fieldsOf(pieces).length > 0,
    render(pieces, values),
    emptyFields(pieces, values),
    replaceCostly(text, replacements),
  ];
});
process.stdout.write(JSON.stringify(answers));
