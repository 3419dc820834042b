// Parses table rows as models write them: with pipes in code and formulas, and without a blank line after the last one.

import { formulaAt } from "./formulas.js";

const LONGEST = 10_000; // characters of a row that is looked into
const MOST = 200; // openings of code and formulas in it: each looks for its end
const RULER = /^[|:-][-:|\s]+$/;
const PIPE = /(?<!\\)\|/g;
const HIDDEN = "\0"; // in the place of a pipe that parts no cells; no text has it (reading.js: normalized)

/** Within markdown-it's rule for tables. */
export function rows(md) {
  const table = md.block.ruler.__rules__.find((rule) => rule.name === "table").fn;
  md.block.ruler.at("table", (state, start, last, silent) => {
    const ruler = start + 1 < last ? rulerOf(lineText(state, start), lineText(state, start + 1)) : "";
    if (!ruler) return false;
    const columns = columnsOf(ruler);
    const { src } = state;
    const ruled = withRuler(state, start + 1, ruler);
    const from = state.tokens.length;
    state.src = hidden(state, ruled, start, start + 2, columns);
    let found = table(state, start, start + 2, true); // its head alone: what is no table is not read to its end
    state.src = src;
    if (!found || silent) return found;
    const end = tableEnd(state, start, last, columns);
    state.src = hidden(state, ruled, start, end, columns);
    found = table(state, start, end, silent);
    state.src = src;
    for (const token of state.tokens.slice(from)) token.content = token.content.replaceAll(HIDDEN, "|");
    return found;
  }, { alt: ["paragraph", "reference"] });
}

function lineText(state, line) {
  return state.src.slice(state.bMarks[line] + state.tShift[line], state.eMarks[line]);
}

function columnsOf(ruler) {
  return ruler.split("|").filter((each) => each.trim()).length;
}

/** The delimiter row with ASCII dashes and as many columns as the header has; "" if it is none. */
function rulerOf(head, line) {
  const ruler = line.replace(/\s/g, " ").replace(/[\u2010-\u2015\u2500\u2501=]/g, "-");
  if (!RULER.test(ruler) || !/-/.test(ruler)) return "";
  const columns = head.length <= LONGEST && /^\s*\|/.test(ruler) && head.includes("|") ? columnsIn(head.trimEnd()) : 0;
  if (columns < 2 || columns === columnsOf(ruler) || 2 * columns > ruler.length + 1) return ruler;
  return `${"-|".repeat(columns - 1)}${"-".repeat(ruler.length - 2 * columns + 2)}`;
}

function withRuler(state, line, ruler) {
  const at = state.bMarks[line] + state.tShift[line];
  return state.src.slice(0, at) + ruler + state.src.slice(at + ruler.length);
}

/** How many cells a head has, with empty ones at its end. */
export function columnsIn(head) {
  const closed = head.replace(/\|\s*$/, "");
  return [...closed.matchAll(PIPE)].map(({ index }) => index).filter((at) => at > 0 || closed[0] !== "|").filter(outside(head)).length + 1;
}

function pipesOf(row) {
  const first = row.startsWith("|") ? 1 : 0;
  const length = row.replace(/[\s|]+$/, "").length;
  return [...row.matchAll(PIPE)].map(({ index }) => index).filter((at) => at >= first && at < length);
}

/** A line without a pipe is no row if there is more than one column. */
function tableEnd(state, start, last, columns) {
  for (let line = start + 2; line < last; line++) {
    if (state.isEmpty(line) || (columns > 1 && !lineText(state, line).includes("|"))) return line;
  }
  return last;
}

/** The source `src`, without pipes that separate no cells. */
function hidden(state, src, start, end, columns) {
  const places = [];
  for (let line = start; line < end; line++) {
    if (line === start + 1) continue; // the delimiter row has the right number of them
    const at = state.bMarks[line] + state.tShift[line];
    places.push(...surplus(lineText(state, line), columns, line === start).map((place) => at + place));
  }
  if (!places.length) return src;
  const pieces = places.map((place, index) => src.slice(index ? places[index - 1] + 1 : 0, place));
  return [...pieces, src.slice(places.at(-1) + 1)].join(HIDDEN);
}

/** The pipes of a row that has more cells than there are columns: those in code and formulas, else its last ones. */
function surplus(row, columns, isHead) {
  if (row.length > LONGEST) return [];
  const pipes = pipesOf(row);
  if (pipes.length < columns) return [];
  const free = pipes.filter(outside(row));
  if (isHead && free.length !== columns - 1) return [];
  const parting = new Set((free.length < columns - 1 ? pipes : free).slice(0, columns - 1));
  return pipes.filter((at) => !parting.has(at));
}

/** Whether a place in a row is in neither code nor a formula. */
function outside(row) {
  const spans = [];
  for (let at = 0, looks = 0; at < row.length && looks < MOST; at++) {
    if (!/[`$\\]/.test(row[at])) continue;
    looks++;
    const end = row[at] === "`" ? codeEnd(row, at) : formulaAt(row, at, row.length)?.end;
    if (!end) continue;
    spans.push([at, end]);
    at = end - 1;
  }
  return (place) => !spans.some(([from, to]) => from < place && place < to);
}

function codeEnd(row, at) {
  const [ticks] = /^`+/.exec(row.slice(at));
  const close = row.slice(at + ticks.length).search(new RegExp(`(?<!\`)${ticks}(?!\`)`));
  return close < 0 ? at + ticks.length : at + close + 2 * ticks.length;
}
