// Asterisks as models use them: `**Note:**text` and `**"Quoted"**word` are bold, although CommonMark requires a space
// after them, and `2*3*4` is a product. Four underscores and more are a blank to fill in.

import { WORD } from "./formulas.js";

// Names of Python and others that are written so; `__Note__` is bold.
const NAMES = new RegExp(String.raw`(?<!\w)__(?:${[
  "init|main|name|file|dict|str|repr|call|len|iter|next|enter|exit|aenter|aexit|(?:get|set|del)(?:attr|item)|eq|lt|hash",
  "new|del|class|doc|all|version|slots|post_init|pycache|future|import|module|contains|bool|add|init_subclass",
  "proto|dirname|filename|typename",
].join("|")})__(?!\w)`, "y");
const LONGEST_NAME = 20;
const CLOSES = /[^\s\p{Ps}]/u; // no space and no bracket that opens; German and Georgian quotes end with one that opens others
const BASE = new RegExp(`(?:${WORD.source}|[)\\]])$`, "u"); // of a power

/** For markdown-it's inline state: two stars behind a sign close what two stars at the beginning of a word opened. */
export function stars(md) {
  md.inline.State = class extends md.inline.State {
    scanDelims(start, canSplitWord) {
      const found = super.scanDelims(start, canSplitWord);
      const isUnderscore = this.src[start] === "_";
      const isText = isUnderscore && (found.length > 3 || (found.length === 2 && isOfName(this.src, start)));
      if (isText) return { ...found, can_open: false, can_close: false };
      if (this.src[start] !== "*") return found;
      if (/^\d\*\d/.test(this.src.slice(start - 1, start + 2))) return { ...found, can_open: false, can_close: false };
      const touches = found.length === 2 && !found.can_close && CLOSES.test(this.src[start - 1]);
      return touches && this.isInBold() ? { ...found, can_open: false, can_close: true } : found;
    }

    /** Whether the last stars were two that opened, and what stands before them is no base: `f(x)**2` is a power. */
    isInBold() {
      const [first, second] = this.delimiters.filter(({ marker }) => marker === 42).slice(-2);
      const opened = second?.open && !second.close && first.open && second.token === first.token + 1;
      return opened && !BASE.test(this.tokens[first.token - 1]?.content ?? "");
    }
  };
}

/** Whether two underscores begin or end a name such as `__init__`. */
export function isOfName(text, at) {
  NAMES.lastIndex = at;
  if (NAMES.test(text)) return true;
  const begin = text.lastIndexOf("__", at - 1);
  NAMES.lastIndex = begin;
  return begin >= 0 && at - begin <= LONGEST_NAME && NAMES.test(text) && NAMES.lastIndex === at + 2;
}
