// Whether a text runs right to left.

const RIGHT = /^[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;
const ANY_RIGHT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\ud802\ud803\ud83a\ud83b]/;
const LETTER = /\p{L}/u;
const WORDS = /\p{L}[\p{L}\p{M}]*/gu;
const LOOKED_AT = 300; // characters: so the direction of a growing text settles
const NOT_WORDS = /`[^`]*`|https?:\/\/\S*|\$[^$\n]+\$/g;

/**
 * "rtl", "ltr", or "auto" if no letter decides. Decided by most words, not by the first letter as `dir="auto"` does: an
 * Arabic line may begin with an English name, and an English line may explain an Arabic word.
 */
export function directionOf(text) {
  const start = text.slice(0, LOOKED_AT);
  if (!ANY_RIGHT.test(start)) return LETTER.test(start) ? "ltr" : "auto"; // most texts need no count
  const words = start.replace(NOT_WORDS, "").match(WORDS) ?? start.match(WORDS);
  if (!words) return "auto";
  const right = words.filter((word) => RIGHT.test(word)).length;
  const left = words.length - right;
  return (right > 1 && 2 * right > left) || (right >= left && RIGHT.test(words[0])) ? "rtl" : "ltr";
}

// Set outright, as a list would not see into its items, which have a direction of their own.
const CONTAINERS = new Set([
  "bullet_list_open", "ordered_list_open", "list_item_open", "blockquote_open", "table_open", "details_open",
]);
const LEAVES = new Set(["paragraph_open", "heading_open", "summary_open"]);
const CELLS = new Set(["th_open", "td_open"]); // one with a number alone goes with its table

/** Gives every block its direction. */
export function setDirections(tokens) {
  const waiting = [];
  let [cell, leaf] = [null, null];
  for (const token of tokens) {
    if (LEAVES.has(token.type)) leaf = token;
    if (CELLS.has(token.type)) cell = token;
    if (CONTAINERS.has(token.type) && !token.attrGet("dir")) waiting.push(token);
    if (token.type !== "inline" || !(cell || leaf || waiting.length)) continue;
    const direction = directionOf(plainText(token));
    leaf?.attrSet("dir", direction);
    leaf = null;
    if (direction === "auto") continue;
    cell?.attrSet("dir", direction);
    cell = null;
    for (const container of waiting.splice(0)) container.attrSet("dir", direction);
  }
  for (const container of waiting) container.attrSet("dir", "auto");
}

function plainText(inline) {
  const words = (inline.children ?? []).filter((child) => child.type === "text" || child.type === "image");
  return words.map((child) => child.content).join(" ");
}
