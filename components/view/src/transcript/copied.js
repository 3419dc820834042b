// Copies a message: an answer as its Markdown for a plain editor, and as HTML for a mail or a document.

import { elementOf } from "../export.js";
import { copy } from "./dom.js";

const LONGEST = 200_000; // characters that are drawn for the HTML

let last = Promise.resolve();

/** Copies the text of an item of the transcript. One after the other: of two at once Chromium may lose the plain text. */
export function copyMessage({ role, text, sources, footer }) {
  const written = footer.copied ?? text;
  const look = role === "assistant" && written.length <= LONGEST ? () => html(written, sources) : undefined;
  last = last.then(() => copy(written, look));
  return last;
}

async function html(markdown, sources) {
  const { documentOf } = await import("../copying.js");
  const place = elementOf(markdown, { id: "copied", citations: sources.map(({ url }) => url) });
  return new Blob([documentOf(place)], { type: "text/html" });
}
