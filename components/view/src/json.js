// An answer that is JSON is no Markdown: its marks, backslashes and line ends would be lost.

const BEGINS = /^\s*(?:\{\s*["}]|\[\s*\{)/;
const FOLLOWS = /^[\s,]*(?=\{\s*["}]|\[\s*\{)/; // JSON Lines
const PARTS = /"(?:[^"\\]|\\.|\\$)*(?:"|$)|[{}[\]]/gs;
const FENCE = "~~~~~~~~~~";

/** `text` with the JSON at its beginning as a block of code, which is open as long as the JSON is. */
export function fenced(text) {
  let end = 0;
  for (let begins = BEGINS; begins.test(text.slice(end)); begins = FOLLOWS) {
    const closed = endOf(text, end);
    if (closed < 0) return `${FENCE}json\n${text.trimStart()}`;
    end = closed;
  }
  return end ? `${FENCE}json\n${text.slice(0, end).trimStart()}\n${FENCE}\n${text.slice(end)}` : text;
}

/** Where the object or list after `start` ends, -1 while it is open. */
function endOf(text, start) {
  PARTS.lastIndex = start;
  let depth = 0;
  for (let part = PARTS.exec(text); part; part = PARTS.exec(text)) {
    if ("{[".includes(part[0])) depth += 1;
    else if ("}]".includes(part[0]) && (depth -= 1) <= 0) return PARTS.lastIndex;
  }
  return -1;
}
