// HTML is shown as text, except a few harmless tags without attributes, and `<details>` as a block.

import { lookedInVain, mayLook } from "./lookahead.js";
import { WORDS } from "./words.js";

const TAG = /<(\/?)(b|i|em|strong|u|s|del|ins|mark|small|sub|sup|kbd|ruby|rb|rt|rp)>/iy;
const BREAK = /<br\s*\/?>/iy;
const CODE = /<code>([^<\n]{0,2000})<\/code>/iy;
const LIST_TAG = /<(\/?)(ul|ol|li)>/gi;
const MOST_ITEMS = 500;

function match(expression, state) {
  expression.lastIndex = state.pos;
  const found = expression.exec(state.src);
  return found && expression.lastIndex <= state.posMax ? found : null;
}

function tagRule(state, silent) {
  if (state.src[state.pos] !== "<") return false;
  const found = match(BREAK, state) ?? match(CODE, state) ?? match(TAG, state);
  if (!found) return false;
  if (!silent) addTag(state, found);
  state.pos += found[0].length;
  return true;
}

function addTag(state, [source, slash, name]) {
  if (/^<br/i.test(source)) {
    state.push("hardbreak", "br", 0);
  } else if (!name) {
    state.push("code_inline", "code", 0).content = state.md.utils.unescapeAll(slash);
  } else {
    const token = state.push(slash ? "tag_close" : "tag_open", name.toLowerCase(), 0);
    token.content = source;
  }
}

/** `<ul><li>` in a cell of a table, which has no other way to hold a list: each item on a line of its own. */
function listRule(state, silent) {
  if (!state.env.inCell || state.hasNoList || state.src[state.pos] !== "<") return false;
  const found = listAt(state);
  if (!found) return false;
  if (!silent) addList(state, found);
  state.pos = found.end;
  return true;
}

/** The words of a list that begins here and the end of it; null where none does or its tags are not in order. */
function listAt(state) {
  const { src, pos, posMax } = state;
  const [open, parts] = [[], []];
  LIST_TAG.lastIndex = pos;
  for (let from = pos; parts.length < MOST_ITEMS; from = LIST_TAG.lastIndex) {
    const tag = LIST_TAG.exec(src);
    if (!tag || LIST_TAG.lastIndex > posMax) {
      state.hasNoList = open.length > 0; // what is open here is open for each tag inside of it too
      return null;
    }
    const [name, inside] = [tag[2].toLowerCase(), open.at(-1)];
    if (src.slice(from, tag.index).trim()) {
      if (inside?.name !== "li") return null;
      parts.push({ mark: inside.mark, from, to: tag.index });
      inside.mark = "";
    }
    if (tag[1]) {
      if (open.pop()?.name !== name) return null;
      if (!open.length) return parts.length ? { parts, end: LIST_TAG.lastIndex } : null;
    } else {
      if (name === "li" ? !inside || inside.name === "li" : inside && inside.name !== "li") return null;
      open.push(name === "li" ? { name, mark: markOf(inside, open.length) } : { name, count: 0 });
    }
  }
  return null;
}

function markOf(list, depth) {
  list.count++;
  return "\u2003".repeat((depth - 1) / 2) + (list.name === "ol" ? `${list.count}. ` : "\u2022 ");
}

function addList(state, { parts, end }) {
  const { posMax } = state;
  for (const [at, { mark, from, to }] of parts.entries()) {
    if (at || state.pending.trim() || state.tokens.length) state.push("hardbreak", "br", 0);
    state.pending += mark;
    state.pos = from + /^\s*/.exec(state.src.slice(from, to))[0].length;
    state.posMax = to;
    state.md.inline.tokenize(state);
    state.posMax = posMax;
  }
  state.push("cell_list_end", "", 0);
  if (state.src.slice(end, posMax).trim()) state.push("hardbreak", "br", 0);
}

/** Properly closed tags become elements, all others text: nothing is left open in a block. */
function balance(children) {
  const open = [];
  for (const token of children) {
    if (token.type === "tag_open" || token.nesting === 1) open.push(token);
    else if (token.nesting === -1) closeElement(open);
    else if (token.type === "tag_close") closeTag(open, token);
  }
  open.filter(isTag).forEach(asText);
}

const isTag = (token) => token.type === "tag_open";

function closeElement(open) {
  while (open.length && isTag(open.at(-1))) asText(open.pop());
  open.pop();
}

function closeTag(open, token) {
  if (open.length && isTag(open.at(-1)) && open.at(-1).tag === token.tag) {
    open.pop().nesting = 1;
    token.nesting = -1;
  } else {
    asText(token);
  }
}

function asText(token) {
  token.type = "text";
  token.tag = "";
}

const DETAILS = /^<details( open)?>\s*(<summary>.*)?$/i;
const SUMMARY = /^<summary>([^]*?)<\/summary>[ \t]*(?:\n|$)/i;
const HALF_SUMMARY = /^<summary>([^]*)$/i;
const SUMMARY_LINES = 5;
const HALF_TAG = /<[a-z]{0,7}$/i;
const END = /^<\/details>\s*$/i;

function lineText(state, line) {
  return state.src.slice(state.bMarks[line] + state.tShift[line], state.eMarks[line]);
}

/** `<details>` and `</details>` on lines of their own fold what is between them. */
function detailsRule(state, start, last, silent) {
  const head = lineText(state, start);
  const opened = mayLook(state) && DETAILS.exec(state.env.growing && start === last - 1 ? head.replace(HALF_TAG, "") : head);
  const end = opened ? detailsEnd(state, start, last) : -1;
  if (end < 0 || state.sCount[start] - state.blkIndent >= 4) return false;
  const summary = summaryOf(state, opened[2] ? start : start + 1, end, end === last);
  if (opened[2] && !summary) return false;
  if (silent) return true;
  const token = state.push("details_open", "details", 1);
  state.line = Math.min(end + 1, last);
  token.map = [start, state.line];
  // One that has not ended yet is open: it grows before the reader's eyes.
  if (opened[1] || end === last) token.attrSet("open", "");
  const isBare = end > start + 1 || !state.env.growing; // the summary of a growing one may come next
  addSummary(state, summary?.words ?? (isBare ? WORDS.details : ""), start);
  const { line, parentType } = state;
  state.parentType = "details";
  state.md.block.tokenize(state, summary?.line ?? start + 1, end);
  Object.assign(state, { line, parentType });
  state.push("details_close", "details", -1);
  return true;
}

/** The words of the summary that begins on a line, and the line behind it; null where none does. */
function summaryOf(state, line, end, grows) {
  const source = state.getLines(line, Math.min(line + SUMMARY_LINES, end), state.blkIndent, false).trimStart();
  const lines = source.replace(/^<details(?: open)?>\s*/i, "");
  const found = SUMMARY.exec(lines) ?? (grows ? HALF_SUMMARY.exec(lines) : null);
  return found && { words: found[1], line: Math.min(end, line + found[0].trimEnd().split("\n").length) };
}

function detailsEnd(state, start, last) {
  let depth = 0, line = start;
  for (; line < last; line++) {
    if (!state.isEmpty(line) && state.sCount[line] < state.blkIndent) break;
    const text = lineText(state, line);
    if (line === start || DETAILS.test(text)) depth++;
    if (END.test(text) && --depth === 0) return line;
  }
  if (line === last && state.env.growing && state.level === 0) return last;
  lookedInVain(state, line - start);
  return -1;
}

function addSummary(state, words, line) {
  state.push("summary_open", "summary", 1);
  const inline = state.push("inline", "", 0);
  inline.content = words.trim();
  inline.map = [line, line + 1];
  inline.children = [];
  state.push("summary_close", "summary", -1);
}

/** The rules for markdown-it. */
export function tags(md) {
  md.inline.ruler.before("autolink", "tag", tagRule);
  md.inline.ruler.before("tag", "cell_list", listRule);
  md.renderer.rules.cell_list_end = () => "";
  md.inline.ruler2.push("tag", (state) => balance(state.tokens));
  md.block.ruler.before("fence", "details", detailsRule, { alt: ["paragraph", "blockquote", "list"] });
}
