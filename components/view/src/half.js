// Incomplete syntax at the end of a growing text: it is closed or held back, so that no raw marks flash up and no line
// jumps when the rest arrives. The finished text is parsed as written.

import { isOfName } from "./emphasis.js";
import { formulaAt, mayBeFormula, WORD } from "./formulas.js";
import { columnsIn } from "./rows.js";

const LONGEST = 4_000; // characters of a paragraph that are looked through for each piece
const LONGEST_FORMULA = 400; // that is waited for; of a longer one the source is shown
const ROUNDS = 3; // of cutting the end
const LONGEST_HEAD = 1_000;
const LONGEST_LINK = 300;
const UNDECIDED = /(?:[*_~`]+|\\(?:b|be|beg|begi|begin)?|&#?\w{0,8}|!?\[(?:\^?\d*|[ x]\]?)|(?<=^!?\[[ xX])\]|(?<=\n)\[\^\d+\])$/i;
const LABEL = /^\[(?:[^\]\n]{1,80}\]:\s*\S*|\^?\d+\]\s*)$/; // of a reference or note whose words are yet to come
const HALF_TAG = /^<\/?(?:[a-z][^\s<>]{0,80}\s?\/?)?$/i;
const EMPTY_LIST = /^<(?:[uo]l|li)>\s*$/i;
const TAG = /<(\/?)(b|i|em|strong|u|s|del|ins|mark|small|sub|sup|kbd|ruby|rb|rt|rp|code|ul|ol|li)>/iy;
const ADDRESS = /\((?:[^()\n]|\([^()\n]*\))*\)/y;

/** The content of the last paragraph or cell with its undecided end held back, and the marks that close it. */
export function completed(content, rounds = ROUNDS) {
  if (content.length > LONGEST) return [content, ""];
  if (LABEL.test(content)) return ["", ""];
  const text = content.replace(UNDECIDED, "").trimEnd();
  const { open, end } = reading(text);
  // What stands before the end that was cut may be undecided in its turn: `**$`.
  if (rounds && end + text.length < 2 * content.length) return completed(text.slice(0, end), rounds - 1);
  return [text.slice(0, end).trimEnd(), open.map(({ close }) => close).reverse().join("")];
}

/** The marks open at the end of a text, outermost first, and the end of what can be shown. */
function reading(text) {
  const open = [];
  for (let at = 0; at < text.length;) {
    const sign = text[at];
    const step = READERS[sign]?.(text, at, open) ?? { to: at + 1 };
    if (step.end !== undefined) return { open, end: step.end };
    at = step.to;
  }
  return { open, end: text.length };
}

const READERS = {
  "\\": formula, "$": formula, "`": code, "<": tag, "[": bracket, "]": bracketEnd, "*": stars, "_": stars, "~": stars,
};

function formula(text, at) {
  const found = formulaAt(text, at, text.length, LONGEST);
  // What begins with a digit may still be two prices.
  if (found?.end === text.length && /\$\d/.test(text.slice(at, at + 2))) return { end: text.length - 1 };
  if (found) return { to: found.end };
  if (/^\$+$/.test(text.slice(at))) return { end: at };
  if (text.length - at <= LONGEST_FORMULA && mayBeFormula(text, at)) return { end: at };
  return { to: at + (text[at] === "\\" ? 2 : /^\$+/.exec(text.slice(at))[0].length) };
}

function code(text, at, open) {
  const [ticks] = /^`+/.exec(text.slice(at));
  const close = text.slice(at + ticks.length).search(new RegExp(`(?<!\`)${ticks}(?!\`)`));
  if (close >= 0) return { to: at + close + 2 * ticks.length };
  if (!text.slice(at + ticks.length).trim()) return { end: at };
  open.push({ mark: "`", close: ticks });
  return { end: text.length };
}

function tag(text, at, open) {
  TAG.lastIndex = at;
  const found = TAG.exec(text);
  if (!found) return HALF_TAG.test(text.slice(at, at + LONGEST_LINK)) ? { end: at } : null;
  const [source, slash, name] = found;
  if (EMPTY_LIST.test(text.slice(at, at + LONGEST_LINK))) return { end: at };
  if (!slash) open.push({ mark: name.toLowerCase(), close: `</${name}>` });
  else closeLast(open, name.toLowerCase());
  return { to: at + source.length };
}

function bracket(text, at, open) {
  if (/^\[![a-z]*\]?$/i.test(text.slice(at, at + LONGEST_LINK))) return { end: at }; // the title of a quote
  if (/^\[\s[^\]]*\\[a-z][^\]]*$/i.test(text.slice(at)) && text.length - at <= LONGEST_FORMULA) return { end: at };
  const before = text[at - 1] ?? " ";
  const isLink = !WORD.test(before) && !/[\])]/.test(before) && /[^\s^]/.test(text[at + 1]) && text.length - at <= LONGEST_LINK;
  if (isLink) open.push({ mark: "[", close: "]()" });
  return null;
}

function bracketEnd(text, at, open) {
  const known = open.some(({ mark }) => mark === "[");
  if (text[at + 1] !== "(") {
    // The address may come next.
    if (known && at + 1 === text.length) return { end: at };
    closeLast(open, "[");
    return null;
  }
  ADDRESS.lastIndex = at + 1;
  const found = ADDRESS.exec(text);
  if (!found && known && !text.startsWith("(data:", at + 1) && !text.slice(at).includes("\n")) return { end: at };
  closeLast(open, "[");
  return found && { to: ADDRESS.lastIndex };
}

function stars(text, at, open) {
  const sign = text[at];
  const [run] = new RegExp(`^\\${sign}+`).exec(text.slice(at));
  if (run === "__" && (isOfName(text, at) || /^__[a-z_]*$/.test(text.slice(at)))) return { to: at + run.length };
  const [before, after] = [text[at - 1] ?? " ", text[at + run.length] ?? " "];
  let left = run.length;
  while (left && /\S/.test(before)) {
    const last = open.findLastIndex(({ mark }) => mark === sign);
    if (last < 0 || open[last].close.length > left) break;
    left -= open[last].close.length;
    open.length = last;
  }
  const opens = left && left <= 3 && (sign !== "~" || left === 2) && /\S/.test(after) && !WORD.test(before);
  if (opens) open.push({ mark: sign, close: sign.repeat(left) });
  return { to: at + run.length };
}

function closeLast(open, mark) {
  const last = open.findLastIndex((each) => each.mark === mark);
  if (last >= 0) open.length = last;
}

/** The text with a delimiter row added, if it ends in the header of a table; else null. */
export function withRuler(text, content) {
  const lines = content.split("\n");
  const isRuler = lines.length > 1 && /^[|:-][-:| \t]*$/.test(lines.at(-1)) && lines.at(-2).startsWith("|");
  const [before, head] = isRuler ? lines.slice(-3, -1) : ["", ...lines].slice(-2);
  if (!/^\|(?:\s|.*\|.*\|)/.test(head ?? before) || (head && before.startsWith("|"))) return null;
  if ((head ?? before).length > LONGEST_HEAD) return null;
  const rows = text.trimEnd().split("\n");
  if (isRuler) rows.pop();
  const around = rows.at(-1).split("|", 1)[0].replace(/[^>\s]/g, " ");
  return `${rows.join("\n")}\n${around}|${"-|".repeat(columnsIn(head ?? before))}`;
}
