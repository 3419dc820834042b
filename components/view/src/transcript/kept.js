// Cache of the answers that were read here while they arrived. A later run of the page refers to them instead of sending
// them again (components/chat/carrier.py). A reported text is kept as long as this page is loaded; when the cache is
// full, no more texts are reported, and the page sends them.

const MOST = 20_000_000;  // characters
const TOLD = 12;  // texts that are told of at once: answers of a race end together

const kept = new Map();  // "message mark" -> {text, reasoning}
let characters = 0;

/** An answer has ended: store its text. */
export function keep(message, text, reasoning) {
  const name = `${message} ${mark(reasoning, text)}`;
  if (kept.has(name) || characters + text.length + reasoning.length > MOST) return;
  characters += text.length + reasoning.length;
  kept.set(name, { text, reasoning });
}

/** The checksums of the latest texts by message, which are reported to the page. */
export function holds() {
  return Object.fromEntries([...kept.keys()].slice(-TOLD).map((name) => name.split(" ")));
}

/** An item of the page with its cached text; undefined if it refers to one that is not here. */
export function whole(item) {
  if (!item.held) return item;
  const words = kept.get(`${item.id} ${item.held}`);
  return words && { ...item, ...words };
}

const TABLE = Int32Array.from({ length: 256 }, (_, sum) => {
  for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (-(sum & 1) & 0xedb88320);
  return sum;
});

/** As in components.view.component.mark: CRC-32 of the text in UTF-8, and its length in bytes. */
export function mark(reasoning, text) {
  const bytes = new TextEncoder().encode(`${reasoning}\0${text}`);
  let sum = -1;
  for (const byte of bytes) sum = TABLE[(sum ^ byte) & 255] ^ (sum >>> 8);
  return `${(~sum >>> 0).toString(16)}.${bytes.length}`;
}
