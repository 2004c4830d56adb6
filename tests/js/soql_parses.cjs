// Which of the queries on standard input (a JSON list) soql-parser-js, a parser that knows nothing
// of us, cannot read: a JSON object of query and complaint on standard output.

"use strict";

const { parseQuery } = require("soql-parser-js");

function complaint(query) {
  try {
    parseQuery(query);
    return null;
  } catch (error) {
    return String(error);
  }
}

const chunks = [];
process.stdin.on("data", (chunk) => chunks.push(chunk));
process.stdin.on("end", () => {
  const queries = JSON.parse(Buffer.concat(chunks).toString());
  const unreadable = queries.map((query) => [query, complaint(query)]).filter(([, why]) => why);
  process.stdout.write(JSON.stringify(Object.fromEntries(unreadable)));
});
