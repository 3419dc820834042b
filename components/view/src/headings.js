// Links to headings of the same text, as a table of contents has them: `[Setup](#setup)`.

/** The name of a heading in an address, alike for `#1-setup--first-steps` and `1. Setup & first steps`. */
export function slug(words) {
  let plain = words;
  if (words.startsWith("#")) {
    try {
      plain = decodeURIComponent(words);
    } catch {
      // As it was written.
    }
  }
  return plain.toLowerCase().replace(/[^\p{L}\p{M}\p{N}\s_-]/gu, "").trim().replace(/[\s-]+/g, "-").replace(/^-|-$/g, "");
}

/** The number of each heading in the text, by its name; empty where nothing links to one. */
export function headings(tokens, text) {
  if (!text.includes("](#")) return new Map();
  const names = tokens.flatMap((token, at) => (token.type === "heading_open" ? [slug(tokens[at + 1].content)] : []));
  return new Map(names.map((name, number) => [name, number]).reverse());
}
