// Loaded with the first formula.

import katex from "katex";

// What a formula of a stranger may do: no links, no pictures, no classes; so many macros, so large.
const SETTINGS = { trust: false, strict: "ignore", throwOnError: true, maxExpand: 300, maxSize: 20 };

/** The formula as an element, or why it is none. */
export function formula(tex, display) {
  const place = document.createElement("span");
  try {
    katex.render(tex, place, { ...SETTINGS, displayMode: display });
    return { node: place.firstChild };
  } catch (error) {
    return { error: String(error.message).slice(0, 300) };
  }
}

/** The formula as MathML for a document without styles; null where it is none. */
export function mathml(tex, display) {
  try {
    return katex.renderToString(tex, { ...SETTINGS, displayMode: display, output: "mathml" });
  } catch {
    return null;
  }
}
