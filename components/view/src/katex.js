// Loaded with the first formula.

import katex from "katex";
import "katex/contrib/mhchem";

import { copyFormulasAsSource } from "./copying.js";

// Restrictions for untrusted formulas: no links, no pictures, no classes; limited macros and size.
const SETTINGS = { trust: false, strict: "ignore", throwOnError: true, maxExpand: 300, maxSize: 20 };
// The name that a formula is referred to by elsewhere shows nothing. KaTeX does not know the command.
const LABEL = { "\\label": { tokens: [], numArgs: 1 } };

const LONGEST_MACRO = 100; // signs; 900 characters of a formula, with 300 in a macro, held the page for half a minute

/** Macros defined in a formula: short ones that use each argument once, which bounds their expansion. */
function macros() {
  return new Proxy({ ...LABEL }, {
    set(known, name, macro) {
      const signs = macro?.tokens ?? [];
      const places = signs.filter((_, at) => signs[at + 1]?.text === "#").map(({ text }) => text);  // in reverse
      if (signs.length > LONGEST_MACRO || new Set(places).size < places.length) throw new Error(`${name} is too much`);
      return Reflect.set(known, name, macro);
    },
  });
}

const settings = (displayMode) => ({ ...SETTINGS, displayMode, macros: macros() });

copyFormulasAsSource();

/** The formula as an element, or the error. */
export function formula(tex, display) {
  const place = document.createElement("span");
  try {
    katex.render(tex, place, settings(display));
    return { node: place.firstChild };
  } catch (error) {
    return { error: String(error.message).slice(0, 300) };
  }
}

/** The formula as MathML for a document without styles; null where it is none. */
export function mathml(tex, display) {
  try {
    return katex.renderToString(tex, { ...settings(display), output: "mathml" });
  } catch {
    return null;
  }
}
