// Parses a text: markdown-it with this app's rules. Nothing here touches the page.

import MarkdownIt from "markdown-it";
import cjkFriendly from "markdown-it-cjk-friendly";

import { isAddress, isAnchor } from "./addresses.js";
import { alerts } from "./alerts.js";
import { cite } from "./cite.js";
import { setDirections } from "./direction.js";
import { stars } from "./emphasis.js";
import { looseFences } from "./fences.js";
import { formulas } from "./formulas.js";
import { obviousLinks } from "./linkify.js";
import { notes } from "./notes.js";
import { numbersAsWritten } from "./numbers.js";
import { pictures } from "./pictures.js";
import { renderRules } from "./render.js";
import { rows } from "./rows.js";
import { tags } from "./tags.js";

const DEEPEST = 40; // levels of lists and quotes; what lies deeper is shown as it was written
const LONGEST_LINE = 60_000; // characters of a paragraph or cell that are read for marks
const MOST_MARKS = 2_000; // in one of them: 40,000 took 20 s, and the time grows with the square
const MARK = /[*_~`$[\]<>\\&!]/g;
export const CELL = "cell"; // the info of a cell's inline token
const BASE64 = /;base64,[\w+/=]+/g;

export const md = new MarkdownIt({ html: false, breaks: true, linkify: true });
md.validateLink = (address) => isAddress(address) || isAnchor(address);
md.use(cjkFriendly).use(stars).use(formulas).use(looseFences).use(rows).use(tags).use(notes).use(pictures).use(renderRules);
md.block.ruler.before("table", "deep", deepRule, { alt: ["paragraph", "blockquote", "list"] });
keepLines(md.block.ruler);
md.core.ruler.at("inline", readInline);
md.core.ruler.after("inline", "tasks", tasks);
md.core.ruler.after("tasks", "alerts", alerts);
md.core.ruler.after("alerts", "cite", cite);
md.core.ruler.push("directions", (state) => setDirections(state.tokens));
obviousLinks(md.linkify);

const [, , ...INLINE_RULES] = md.core.ruler.getRules("");

// Invisible signs before the mark of a block, and odd spaces behind it: there, each stands for an ordinary space.
const ODD = /[\u00a0\u061c\u2000-\u200f\u202f\u2060\u3000\ufeff]/;
const BEFORE_MARK = /^([ \t>]*)([\u061c\u200b\u200e\u200f\u2060\ufeff]{1,3})(?=(?:#{1,6}|[-*+]|\d{1,9}[.)]|>)\s|`{3}|~{3}|\|)/gm;
const BEHIND_MARK = /^([ \t>]*(?:#{1,6}|[-*+]|\d{1,9}[.)]))[\u00a0\u2000-\u200a\u202f\u3000](?=\S)/gm;

/** A text of the same length, whose marks of blocks are found though invisible or odd spaces touch them. */
function withPlainSpaces(text) {
  if (!ODD.test(text)) return text;
  const marked = text.replace(BEFORE_MARK, (_, before, signs) => before + " ".repeat(signs.length));
  return marked.replace(BEHIND_MARK, "$1 ");
}

/** The block tokens of a text, without inline parsing. `env` gets references and notes. */
export function readBlocks(text, env) {
  const tokens = [];
  md.block.parse(withPlainSpaces(text), md, env, tokens);
  for (const [at, token] of tokens.entries()) if (/^t[dh]_open$/.test(token.type)) tokens[at + 1].info = CELL;
  numbersAsWritten(tokens);
  formulaFences(tokens, env.growing);
  return tokens;
}

/** A `math` fence is a formula, as on GitHub. The last one of a growing text may not be complete. */
function formulaFences(tokens, growing) {
  for (const [at, token] of tokens.entries()) {
    if (token.type !== "fence" || !/^math$/i.test(token.info.trim()) || (growing && at === tokens.length - 1)) continue;
    const source = token.content.trim();
    Object.assign(token, { type: "formula_block", content: source, meta: { source, display: true } });
  }
}

/** Parses the inline content of block tokens. */
export function readLines(tokens, env) {
  const state = new md.core.State("", md, env);
  state.tokens = tokens;
  for (const rule of INLINE_RULES) rule(state);
  return tokens;
}

/** A plain text, as written. */
export function plainToken(source) {
  const token = new md.core.State.prototype.Token("plain", "", 0);
  token.content = source;
  token.block = true;
  return token;
}

/** Whether a paragraph or cell is shown as it was written: reading it would hold the page. */
export function isTooMuch(content) {
  if (content.length < MOST_MARKS) return false;
  const words = content.replace(BASE64, "");
  return words.length > LONGEST_LINE || (words.match(MARK)?.length ?? 0) > MOST_MARKS;
}

function inlinePlain(source) {
  const token = plainToken(source);
  token.block = false;
  return token;
}

/** markdown-it drops what is nested too deeply. Here it is shown. */
function deepRule(state, start, last, silent) {
  if (state.level < DEEPEST) return false;
  if (silent) return true;
  const token = state.push("plain", "", 0);
  token.content = state.getLines(start, last, state.blkIndent, false);
  token.map = [start, last];
  state.line = last;
  return true;
}

/** References remember their line: one that is still growing must not be used. */
function keepLines(ruler) {
  const reference = ruler.__rules__.find((rule) => rule.name === "reference").fn;
  ruler.at("reference", (state, start, ...rest) => {
    const { env } = state;
    const known = env.references;
    env.references = {};
    const found = reference(state, start, ...rest);
    for (const [label, target] of Object.entries(env.references)) {
      if (!Object.hasOwn(known, label)) known[label] = { ...target, line: start };
    }
    env.references = known;
    return found;
  });
}

function readInline(state) {
  for (const token of state.tokens) {
    if (token.type !== "inline") continue;
    token.children = [];
    state.env.inCell = token.info === CELL;
    if (isTooMuch(token.content)) token.children.push(inlinePlain(token.content));
    else md.inline.parse(token.content, md, state.env, token.children);
  }
}

const TASK = /^\[([ xX])\][ \t]+/;

function tasks(state) {
  const { tokens } = state;
  for (let index = 2; index < tokens.length; index++) {
    const [item, , inline] = tokens.slice(index - 2, index + 1);
    const first = inline.type === "inline" && item.type === "list_item_open" ? inline.children[0] : null;
    const found = first?.type === "text" && TASK.exec(first.content);
    if (!found) continue;
    item.attrJoin("class", "pg-task");
    first.content = first.content.slice(found[0].length);
    const box = new state.Token("task", "input", 0);
    box.meta = { done: found[1] !== " " };
    inline.children.unshift(box);
  }
}
