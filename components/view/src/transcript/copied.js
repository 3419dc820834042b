// Copies a message: an answer as its Markdown for a plain editor, and as HTML for a mail or a document.

import { elementOf } from "../export.js";
import { copy } from "./dom.js";

const LONGEST = 200_000; // characters that are drawn for the HTML

/** Copies the text of an item of the transcript. */
export function copyMessage({ role, text, sources, footer }) {
  const written = footer.copied ?? text;
  return copy(written, role === "assistant" && written.length <= LONGEST ? () => html(written, sources) : undefined);
}

async function html(markdown, sources) {
  const { documentOf } = await import("../copying.js");
  const place = elementOf(markdown, { id: "copied", citations: sources.map(({ url }) => url) });
  return new Blob([documentOf(place)], { type: "text/html" });
}
