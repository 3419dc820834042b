// Finds formulas: `\( \)`, `\[ \]`, `$$`, `$` and bare environments. KaTeX draws them later (katex.js).
//
// A dollar sign is ambiguous: money, shell variables and tickers are more frequent in answers than formulas. In doubt
// it stays text.

import { lookedInVain, mayLook } from "./lookahead.js";

const ENVIRONMENT = new RegExp(String.raw`^\\begin\{(${[
  "(?:align|alignat|equation|gather|CD|flalign|multline|eqnarray)\\*?", "aligned|alignedat|gathered|split|subarray",
  "[dr]?r?cases|d?array|(?:[bBpvV]|small)?matrix\\*?", "tabular|tikzpicture", // shown as they are written
].join("|")})\}`);
const LONGEST = 10_000; // characters of one formula: what never ends must not hold the rest of a growing text
const CHARACTERS = 20; // that are looked at as fast as a line is told from others
const IN_A_LINE = 3_000; // the same inside a paragraph: each of 50,000 openings looks for its end
// Letters of scripts with spaces between words; Chinese, Japanese or Thai text may touch a formula.
export const WORD = /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Nd}]/u;
const SUFFIX = /^(?:st|nd|rd|th|s)(?![\p{L}\p{Nd}])/u;
const LINK_OR_CODE = /`|\]\(|:\/\//;
const MONEY = /[€£¥₽₹₩₪]|\p{L}{2,}['’]\p{L}/u;
const PROSE = /\p{L}{2,}[,;:]?\s+\p{L}{2,}/u;
const RANGE = /^[\d.,]+\s+(?:\p{L}+\s+)?[\d.,]+$/u; // 5 to 10
const TEX = /\\|[\^_]/;
const SIGN = /^(?:[<>=+±∓×÷≤≥≠≈∈∞]|-)$/;

const TEXT = /\\(?:text[a-z]*|mbox)\{[^{}\n]{0,200}\}/y;

/** The length, less one, of `\text{if $x > 0$}` at a place, in which dollars close nothing; 1 where there is none. */
function wordsLength(text, at) {
  TEXT.lastIndex = at;
  return (TEXT.exec(text)?.[0].length ?? 2) - 1;
}

/** The next position of an unescaped `mark`; -1 if there is none. */
function closing(text, mark, from, end, longest = LONGEST) {
  const stop = Math.min(end, from + longest);
  for (let at = from; at < stop; at++) {
    if (text.startsWith(mark, at)) return at + mark.length <= end ? at : -1;
    if (text[at] === "\\") at += mark === "$" ? wordsLength(text, at) : 1;
  }
  return -1;
}

function isProse(tex) {
  return PROSE.test(tex) && !TEX.test(tex);
}

/** The formula that begins at `at`, as {tex, display, end}; null if there is none. */
export function formulaAt(text, at, end, longest = LONGEST) {
  if (text[at] === "$") {
    return text[at + 1] === "$" ? doubleDollar(text, at, end, longest) : dollar(text, at, end, longest);
  }
  if (text[at + 1] === "(" || text[at + 1] === "[") return bracketed(text, at, end, longest);
  return environment(text, at, end);
}

/** Whether the unfinished text from `at` may become a formula. */
export function mayBeFormula(text, at) {
  const [mark] = /^(?:\$+|\\(?:[([]|begin\{)?)/.exec(text.slice(at));
  const tex = text.slice(at + mark.length);
  if (mark[0] === "\\") return mark.length > 1;
  if (LINK_OR_CODE.test(tex) || isProse(tex) || mark.length > 2) return false;
  return mark === "$$" || (/^[^\s\d.,;:!?)]/.test(tex) && !WORD.test(lastCharacter(text, at)) && !tex.includes("\n"));
}

function bracketed(text, at, end, longest) {
  const display = text[at + 1] === "[";
  const close = closing(text, display ? "\\]" : "\\)", at + 2, end, longest);
  const tex = text.slice(at + 2, close).trim();
  // `\[1\]`, `\[ \]` and `\(as written\)` are escaped brackets.
  if (close < 0 || !tex || isProse(tex) || (display && /^(?:\d+|x)$/i.test(text.slice(at + 2, close)))) return null;
  return { tex, display, end: close + 2 };
}

function environment(text, at, end) {
  const name = ENVIRONMENT.exec(text.slice(at, Math.min(end, at + 24)))?.[1];
  if (!name) return null;
  const [open, shut] = [`\\begin{${name}}`, `\\end{${name}}`];
  let close = at;
  for (let depth = 1, next = at + open.length; depth; next = close + shut.length) {
    close = text.indexOf(shut, next);
    if (close < 0 || close + shut.length > end || close - at > LONGEST) return null;
    depth += text.slice(next, close).split(open).length - 2;
  }
  const stop = close + shut.length;
  return { tex: text.slice(at, stop), display: true, end: stop };
}

function doubleDollar(text, at, end, longest) {
  if (text[at + 2] === "$" || text[at - 1] === "$") return null;
  const close = closing(text, "$$", at + 2, end, longest);
  const tex = text.slice(at + 2, close).trim();
  if (close < 0 || text[close + 2] === "$" || !/[\p{L}\d\\]/u.test(tex) || /^[),.;]/.test(tex)) return null;
  if (isProse(tex) || LINK_OR_CODE.test(tex) || /^[\d.,]+\s\p{L}+$/u.test(tex)) return null;
  return { tex, display: true, end: close + 2 };
}

function dollar(text, at, end, longest) {
  const close = closing(text, "$", at + 1, end, longest);
  if (close < 0 || text[close + 1] === "$" || text[at - 1] === "$") return null;
  const tex = text.slice(at + 1, close);
  const before = lastCharacter(text, at);
  const after = text.slice(close + 1, close + 5);
  if (/^`[^`]+`$/.test(tex)) return { tex: tex.slice(1, -1), display: false, end: close + 1 }; // as GitHub has it
  if (isSpaced(tex, text.slice(0, at), after)) return { tex: tex.trim(), display: false, end: close + 1 };
  if (!tex || /^\s|\s$/.test(tex) || WORD.test(before) || before === "\\") return null;
  if (WORD.test(after.slice(0, 1)) && !SUFFIX.test(after)) return null;
  return isDollarFormula(tex) ? { tex, display: false, end: close + 1 } : null;
}

function isDollarFormula(tex) {
  if (SIGN.test(tex)) return true;
  if (LINK_OR_CODE.test(tex) || RANGE.test(tex) || isProse(tex)) return false;
  if (/^[)\].,;:!?]/.test(tex) || /[([{/:=,;<>]$/.test(tex) || /[^\^_{][+-]$/.test(tex)) return false;
  if (tex.split('"').length % 2 === 0) return false; // `${y}; "$` ends inside of a string
  if (tex.endsWith("|") && tex.split("|").length % 2 === 0) return false;
  return TEX.test(tex) || (balanced(tex) && !MONEY.test(tex));
}

/** `$ x^2 $`, as some models write it; `5 $ and x_1 for 6 $` are prices, `$ ls $` is a prompt. */
function isSpaced(tex, before, after) {
  if (!/^[ \t].*[ \t]$/.test(tex) || /[\p{Nd}\p{Sc}\\]\s*$/u.test(before.slice(-20)) || /^\d/.test(after)) return false;
  const bare = tex.replace(/\\[a-z]+\*?|\{[^{}]*\}/gi, " ");
  const isMath = TEX.test(tex) || /^\s*\p{L}\s*$/u.test(tex) || (/[=<>≤≥]/.test(tex) && /\p{L}/u.test(tex));
  return isMath && !/\p{L}{2}/u.test(bare) && isDollarFormula(tex.trim());
}

/** Whether brackets are balanced: `5 (3` is money, `[0, 1)` an interval. */
function balanced(tex) {
  return tex.split(/[([]/).length === tex.split(/[)\]]/).length;
}

function lastCharacter(text, at) {
  return at && /[\udc00-\udfff]/.test(text[at - 1]) ? text.slice(at - 2, at) : text.slice(at - 1, at);
}

const BARE = /\[\s((?:[^[\]]|\\(?:left|right|big)[[\]]){1,1000}?)\s\](?![([:])/iy;
const COMMAND = new RegExp(String.raw`\\(?:${[
  "[dt]?frac|sqrt|sum|int|prod|lim|cdot|times|text|math[a-z]+|left|begin|partial|nabla|infty|[lg]eq?|neq|approx|boxed|vec|hat",
  "alpha|beta|theta|lambda|pi|sigma|Delta|pm|quad|(?:Right|right)arrow",
].join("|")})(?![a-z])`);

/** The formula in `[ \frac{a}{b} ]`, whose brackets lost their backslashes in transit. */
function bare(state) {
  BARE.lastIndex = state.pos;
  const found = BARE.exec(state.src);
  if (!found || BARE.lastIndex > state.posMax || /[\p{L}\p{N}]/u.test(lastCharacter(state.src, state.pos))) return null;
  const [, tex] = found;
  return COMMAND.test(tex) && !/:\\/.test(tex) && !isProse(tex) ? { tex: tex.trim(), display: true, end: BARE.lastIndex } : null;
}

function inlineRule(state, silent) {
  const mark = state.src[state.pos];
  if (!/[$\\[]/.test(mark)) return false;
  const found = mark === "[" ? bare(state) : formulaAt(state.src, state.pos, state.posMax, IN_A_LINE);
  if (!found) return mark === "$" && dollarsAsText(state, silent);
  if (!silent) addFormula(state, found, state.src.slice(state.pos, found.end));
  state.pos = found.end;
  return true;
}

/** A run of dollar signs is text as a whole: its second one begins no formula. */
function dollarsAsText(state, silent) {
  const run = /\$+/y;
  run.lastIndex = state.pos;
  const [dollars] = run.exec(state.src);
  if (dollars.length === 1) return false;
  if (!silent) state.pending += dollars;
  state.pos += dollars.length;
  return true;
}

function addFormula(state, found, source) {
  const token = state.push("formula", "", 0);
  token.content = found.tex;
  token.meta = { source, display: found.display };
  return token;
}

const OPENS = /^(?:\$\$(?!\$)|\\\[|\\begin\{)/;

function blockRule(state, start, last, silent) {
  const from = state.bMarks[start] + state.tShift[start];
  const head = state.src.slice(from, state.eMarks[start]);
  if (!OPENS.test(head) || !mayLook(state)) return false;
  // Indented as code is: models do so, and mean no code.
  const isCode = state.sCount[start] - state.blkIndent >= 4;
  const block = closedBlock(state, start, last) ?? (isCode ? null : pendingBlock(state, start, last, head));
  if (!block) return false;
  if (silent) return true;
  const token = addFormula(state, { tex: block.tex, display: true }, block.source);
  token.type = block.tex ? "formula_block" : "plain";
  token.content = block.tex || block.source.replace(/^\s*(?:\$\$|\\\[)\s*|\s*(?:\$|\\)$/g, "");
  token.block = true;
  token.map = [start, block.line];
  state.line = block.line;
  return true;
}

/** The lines from `start` to the formula's end, without the prefixes of surrounding blocks. */
function closedBlock(state, start, last) {
  let source = "", line = start, looked = 0;
  for (; line < last && source.length <= LONGEST; line++) {
    if (!state.isEmpty(line) && state.sCount[line] < state.blkIndent) break;
    const added = state.getLines(line, line + 1, state.blkIndent, false);
    source += `${added}\n`;
    if (!/(?:\$\$|\\\]|\\end\{[^}]*\})\s*$/.test(added.slice(-60))) continue;
    const whole = source.trim();
    const found = formulaAt(whole, 0, whole.length);
    if (found?.end === whole.length) return { tex: found.tex, source: whole, line: line + 1 };
    if (found) break;
    looked += whole.length / CHARACTERS;
  }
  lookedInVain(state, line - start + looked);
  return null;
}

/** While a text grows, an unfinished formula is shown as its source, in one piece. */
function pendingBlock(state, start, last, head) {
  if (!state.env.growing || state.level > 0 || (head.startsWith("\\b") && !ENVIRONMENT.test(head))) return null;
  if (state.eMarks[last - 1] - state.bMarks[start] > LONGEST) return null;
  const source = state.getLines(start, last, state.blkIndent, false);
  if (closing(source, head.startsWith("$$") ? "$$" : "\\]", 2, source.length) >= 0) {
    return null;
  }
  return { tex: "", source, line: last };
}

/** The rules for markdown-it. */
export function formulas(md) {
  md.inline.ruler.before("escape", "formula", inlineRule);
  md.block.ruler.before("code", "formula", blockRule, { alt: ["paragraph", "reference", "blockquote", "list"] });
}
