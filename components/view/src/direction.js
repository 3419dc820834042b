// Whether a text runs right to left: like `dir="auto"` for one block, but for a list or table as a whole.

const STRONG = /[\p{L}]/u;
const RIGHT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;
const LOOKED_AT = 2_000; // characters

/** "rtl", "ltr", or "auto" if no letter decides. */
export function directionOf(text) {
  const letter = STRONG.exec(text.slice(0, LOOKED_AT));
  if (!letter) return "auto";
  return RIGHT.test(letter[0]) ? "rtl" : "ltr";
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
  let cell = null;
  for (const token of tokens) {
    if (LEAVES.has(token.type)) token.attrSet("dir", "auto");
    if (CELLS.has(token.type)) cell = token;
    if (CONTAINERS.has(token.type) && !token.attrGet("dir")) waiting.push(token);
    if (token.type !== "inline" || !(cell || waiting.length)) continue;
    const direction = directionOf(plainText(token));
    if (direction === "auto") continue;
    cell?.attrSet("dir", "auto");
    cell = null;
    for (const container of waiting.splice(0)) container.attrSet("dir", direction);
  }
  for (const container of waiting) container.attrSet("dir", "auto");
}

function plainText(inline) {
  const words = (inline.children ?? []).filter((child) => child.type === "text" || child.type === "image");
  return words.map((child) => child.content).join(" ");
}
