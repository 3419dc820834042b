// Splits a text into units to draw: blocks, and the items and rows of long lists and tables.

import { directionOf } from "./direction.js";
import { completed, withRuler } from "./half.js";
import { headings } from "./headings.js";
import { CELL as CELL_INFO, isTooMuch, md, plainToken, readBlocks, readLines } from "./markdown.js";
import { hasMarks, numbered } from "./notes.js";
import { WORDS } from "./words.js";

export const LONGEST = 200_000; // characters of a block that are read as Markdown
const DEEPEST = 150; // elements inside one another
const MOST_CONTEXTS = 50; // that are told from one another
const BASE64 = /;base64,[\w+/=]+/g;
const CELL = /^t[dh]_open$/;
const LISTS = new Set(["bullet_list_open", "ordered_list_open", "table_open"]);

/** The context of parsing: definitions and renderer. */
export function environment({ id, citations, growing = false }, references = {}) {
  return {
    id: `pg-${id}`,
    citations,
    growing,
    references: { ...references },
    notes: new Map(),
    noteNumbers: new Map(),
  };
}

/** The units of a text. `text` has been through `normalized`; notes come last, as a unit of their own. */
export function read(text, env) {
  const tokens = readBlocks(text, env);
  const last = env.growing ? lastLine(tokens) : null;
  const table = last && !env.half && withRuler(text, last.content);
  if (table && endsInHead(readBlocks(table, { ...env }))) return read(table, { ...env, half: true });
  const isHalf = last && (complete(last, env) || env.half);
  if (env.notes.size) env.noteNumbers = numbered(env.notes, text);
  if (!env.growing) env.headings = headings(tokens, text);
  const context = contextOf(env, text);
  const starts = lineStarts(text);
  const units = blocks(tokens).map((block) => unit(block, text, starts, context));
  if (isHalf) keepApart(units);
  return env.notes.size ? [...units, notesUnit(env, context)] : units;
}

/** The paragraph or cell in which a text ends; null if it ends in code, a formula or a rule. */
function lastLine(tokens) {
  const isSeen = ({ type, nesting, content }) => nesting >= 0 && !CELL.test(type) && (type !== "inline" || content);
  const last = tokens.findLast(isSeen);
  return last?.type === "inline" ? last : null;
}

function endsInHead(tokens) {
  return tokens[tokens.indexOf(lastLine(tokens)) - 1]?.type === "th_open";
}

/** Completes the end of a growing text for display; returns whether that changed it. */
function complete(line, env) {
  if (isTooMuch(line.content)) return false;
  const [words, marks] = completed(line.content);
  const children = [];
  env.inCell = line.info === CELL_INFO;
  if (marks) md.inline.parse(words + marks, md, env, children);
  const last = children.findLast(({ type, content }) => type !== "text" || content);
  const whole = last && last.type !== "text" ? words + marks : words; // else they closed nothing
  const isHalf = whole !== line.content;
  line.content = whole;
  return isHalf;
}

/** Gives the last unit a key of its own, so that it is redrawn when the text has ended. */
function keepApart(units) {
  let last = units.at(-1);
  if (last.items?.length) last = last.items.at(-1);
  last.key += "\0half";
}

/** Normalised line ends, without characters that a document cannot contain. */
export function normalized(text) {
  const lines = text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
  const whole = lines.includes("\0") ? lines.replaceAll("\0", "\ufffd") : lines;
  return whole.isWellFormed?.() === false ? whole.toWellFormed() : whole;
}

/** HTML of units of one kind, one element for each. */
export function html(units, env) {
  const inside = units.map((one) => md.renderer.render(safe(one, env), md.options, env)).join("");
  return `${units[0].before}${inside}${units[0].after}`;
}

/** Tokens ready for drawing, or the source if elements are nested too deeply. */
function safe(one, env) {
  const tokens = readLines(one.tokens.map(copied), env);
  return depth(tokens) > DEEPEST ? [plainToken(one.source)] : tokens;
}

function copied(token) {
  return Object.assign(Object.create(Object.getPrototypeOf(token)), token, { attrs: token.attrs?.map((pair) => [...pair]) });
}

function depth(tokens) {
  let [now, most] = [0, 0];
  for (const token of tokens.flatMap((each) => [each, ...(each.children ?? [])])) {
    now += token.nesting;
    most = Math.max(most, now);
  }
  return most;
}

const contexts = new Map(); // each with a number: a key for each of 20,000 blocks has no room for all of its names
let numberOfContexts = 0;

/** The state that a block with brackets depends on: known references and notes. 0: there are none. */
function contextOf(env, text) {
  const grows = env.growing && hasMarks(text) ? ["\0"] : [];
  const references = Object.entries(env.references).map(([label, { href }]) => label + href);
  const names = [...grows, ...references, ...env.noteNumbers.keys(), ...(env.headings?.keys() ?? [])].join("\n");
  if (names && !contexts.has(names)) {
    if (contexts.size > MOST_CONTEXTS) contexts.clear();
    contexts.set(names, ++numberOfContexts);
  }
  return contexts.get(names) ?? 0;
}

function blocks(tokens) {
  const found = [];
  let open = 0;
  for (const token of tokens) {
    if (open === 0) found.push([]);
    found.at(-1).push(token);
    open += token.nesting;
  }
  return found;
}

function lineStarts(text) {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function slice(text, starts, [from, to]) {
  return text.slice(starts[from], starts[to] ?? text.length);
}

function unit(tokens, text, starts, context) {
  const [first] = tokens;
  const source = slice(text, starts, first.map);
  const start = starts[first.map[0]];
  const common = { tokens, source, start, line: first.map[0], before: "", after: "" };
  if (LISTS.has(first.type)) return list(common, text, starts, context);
  if (isTooLong(source)) return { ...common, tokens: [plainToken(source)], type: "plain", key: `plain ${source}` };
  return { ...common, type: first.type, key: key(first.type, source, context) };
}

function isTooLong(source) {
  return source.length > LONGEST && source.replace(BASE64, "").length > LONGEST;
}

function key(type, source, context) {
  return source.includes("[") && context ? `${type} ${source}\0${context}` : `${type} ${source}`;
}

/** A list or table: a shell, and its items or rows, which are drawn one by one. */
function list(common, text, starts, context) {
  const { tokens, source } = common;
  const [first] = tokens;
  const groups = itemGroups(tokens);
  const direction = directionOf(source);
  first.attrSet("dir", direction);
  const inside = new Set(groups.flat());
  const shell = tokens.filter((token) => !inside.has(token));
  const around = first.type === "table_open" ? ["<table><tbody>", "</tbody></table>"] : [`<${first.tag}>`, `</${first.tag}>`];
  const items = groups.map((group) => item(group, around, text, starts, context));
  const head = shell.map((token) => `${token.type} ${token.attrs ?? ""} ${token.content}`).join("\n");
  return { ...common, tokens: shell, items, type: first.type, key: key(`list ${head}`, head, context) };
}

function itemGroups(tokens) {
  const [depth, type] = tokens[0].type === "table_open" ? [2, "tr_open"] : [1, "list_item_open"];
  const found = [];
  let level = 0;
  let inBody = depth === 1;
  let open = null;
  for (const token of tokens) {
    if (token.type === "tbody_open") inBody = true;
    if (token.nesting < 0) level--;
    if (inBody && level === depth && token.type === type) found.push((open = []));
    open?.push(token);
    if (level === depth && token.nesting < 0) open = null;
    if (token.nesting > 0) level++;
  }
  return found;
}

function item(tokens, [before, after], text, starts, context) {
  const [first] = tokens;
  const source = first.map ? slice(text, starts, first.map) : tokens.map((token) => token.content).join("|");
  const tight = tokens.some((token) => token.hidden);
  const drawn = isTooLong(source) ? [first, plainToken(source), tokens.at(-1)] : tokens;
  return { tokens: drawn, source, before, after, type: first.type, key: key(`${first.type} ${tight} ${first.attrGet("value")}`, source, context) };
}

/** The notes, each with the way back; drawn one by one, as the items of a list. */
function notesUnit(env, context) {
  const items = [...env.noteNumbers].map(([label, number]) => ({
    get tokens() {
      return noteTokens(env.notes.get(label), number, env);
    },
    source: env.notes.get(label), before: "<ol>", after: "</ol>", type: "note",
    key: `note ${env.id} ${number} ${env.notes.get(label)}\0${context}`,
  }));
  const tokens = [htmlToken('<section class="pg-notes" role="doc-endnotes"><ol></ol></section>')];
  return { tokens, items, source: "", before: "", after: "", type: "notes", key: "notes" };
}

function noteTokens(source, number, env) {
  const inside = readBlocks(source, { ...env, notes: new Map() });
  const back = `<button type="button" class="pg-back" aria-label="${WORDS.back}">\u21a9</button>`;
  return [
    htmlToken(`<li id="${env.id}-note-${number}" dir="${directionOf(source)}">`), ...inside, htmlToken(`${back}</li>`),
  ];
}

/** HTML of our own between tokens. */
function htmlToken(content) {
  const token = plainToken(content);
  token.type = "own_html";
  return token;
}
