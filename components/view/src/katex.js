// Loaded with the first formula.

import katex from "katex";
import "katex/contrib/mhchem";

import "./copying.js";
import { COMMANDS, definitions, MENDS, readable, withOperatorName } from "./tex.js";

// Restrictions for untrusted formulas: no links, no pictures, no classes; limited macros and size.
const SETTINGS = { trust: false, strict: "ignore", throwOnError: true, maxExpand: 300, maxSize: 20 };
// The name that a formula is referred to by elsewhere shows nothing. KaTeX does not know the command.
const LABEL = { "\\label": { tokens: [], numArgs: 1 } };
const TAG = { "\\tag@literal": "\\quad\\text{#1}" }; // has its own place beside a display only

const LONGEST_MENDED = 1_000; // characters: each mend is one more try
const MOST_NAMES = 4; // unknown ones in a formula, the same
const MOST_SIGNS = 4_000; // that macros make; each is asked for a few times. 27,000 took 24 s
const LONGEST_CHEMISTRY = 1_000; // characters of a formula with `\ce` or `\pu`: 4,800 of `\pu{a/a/a...` took 9 s
const LONGEST_MACRO = 100; // signs; 900 characters of a formula, with 300 in a macro, held the page for half a minute

/** Macros defined in a formula: short ones that use each argument once, with a bounded total expansion. */
function macros(apart) {
  const sizes = new Map();
  let made = 0;
  return new Proxy({ ...COMMANDS, ...LABEL, ...(apart ? {} : TAG) }, {
    set(known, name, macro) {
      const signs = macro?.tokens ?? [];
      const places = signs.filter((_, at) => signs[at + 1]?.text === "#").map(({ text }) => text);  // in reverse
      if (signs.length > LONGEST_MACRO || new Set(places).size < places.length) throw new Error(`${name} is too much`);
      sizes.set(name, signs.length);
      return Reflect.set(known, name, macro);
    },
    get(known, name) {
      made += sizes.get(name) ?? 0;
      if (made > MOST_SIGNS) throw new Error(`${String(name)} is too much`);
      return Reflect.get(known, name);
    },
  });
}

const settings = (displayMode, apart = displayMode) => ({ ...SETTINGS, displayMode, macros: macros(apart) });

/**
 * The formula as an element, or the error.
 * @param {() => string[]} before gives the sources of the formulas before it, which may have defined its commands
 */
export function formula(tex, display, before) {
  const place = document.createElement("span");
  try {
    attempt(tex, display, before, (source, how) => katex.render(source, place, how));
    return { node: place.firstChild };
  } catch (error) {
    return { error: String(error.message).slice(0, 300) };
  }
}

/** The formula as MathML for a document without styles; null where it is none. */
export function mathml(tex, display, before) {
  try {
    // Browsers lay a number over a formula that is wider than the page.
    const draw = (source) => katex.renderToString(source, { ...settings(display, false), output: "mathml" });
    return attempt(tex, display, before, draw);
  } catch {
    return null;
  }
}

/** The result of `draw` for the source, or for the source with small mistakes repaired. Throws the original error. */
function attempt(tex, display, before, draw) {
  const source = readable(tex);
  if (source.length > LONGEST_CHEMISTRY && /\\(?:ce|pu)(?![a-z])/i.test(source)) throw new Error("Too long for a formula of chemistry");
  try {
    return draw(source, settings(display));
  } catch (error) {
    if (source.length > LONGEST_MENDED) throw error;
    let [now, fault] = [source, error];
    for (const mend of [(same) => definitions(before()) + same, ...MENDS, ...Array(MOST_NAMES).fill(withOperatorName)]) {
      const next = mend(now, fault.message);
      if (next === now) continue;
      now = next;
      try {
        return draw(now, settings(display));
      } catch (again) {
        fault = again; // the next repair may help
      }
    }
    throw error;
  }
}
