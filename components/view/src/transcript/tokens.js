// Estimates the tokens of a text, by the table of backend/tokens.py, which the page sends.

const encoder = new TextEncoder();
let table;  // what `weights` and `starts` are made of
let weights, starts;

function take(next) {
  table = next;
  weights = new Float64Array(256);
  for (let byte = 0; byte < 256; byte++) weights[byte] = byte >> 6 === 2 ? 0 : next.scripts.find(([last]) => byte <= last)[1];
  starts = new Set(next.starts);
}

function kind(byte) {
  if (byte >= 48 && byte <= 57) return "0";
  if (byte >= 65 && byte <= 90) return "A";
  return byte >= 97 && byte <= 122 ? "a" : " ";
}

/** Tokens of a text; `next` is the table. */
export function tokens(text, next) {
  if (next !== table) take(next);
  let count = 0, before = "";
  for (const byte of encoder.encode(text)) {
    if (byte >> 6 === 2) continue;  // it only goes on with a character
    const here = kind(byte);
    count += weights[byte] + (starts.has(before + here) ? table.start : 0);
    before = here;
  }
  return Math.ceil(count);
}
