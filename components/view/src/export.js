// Renders a text for a document outside of the app: no scripts, no buttons, formulas as MathML.

import { HEADINGS } from "./buttons.js";
import { insideElement } from "./drawing.js";
import { fenced } from "./json.js";
import { purified } from "./purify.js";
import { environment, html, normalized, read } from "./reading.js";

const WIDE = 60; // characters of a formula, which does not break there

/**
 * @param {string} text
 * @param {{id?: string, citations?: string[]}} [options] as for Body
 * @returns {Promise<string>} HTML; a promise, because the library for formulas is loaded when there is one
 */
export async function renderToHTML(text, options = {}) {
  const place = elementOf(text, options);
  for (const code of place.querySelectorAll(".pg-code")) {
    const language = code.querySelector(".pg-language").textContent;
    if (language) code.querySelector("code").dataset.language = language;
  }
  for (const cell of place.querySelectorAll("[style]")) {
    cell.className = cell.style.textAlign; // the policy of the page allows no style but its own
    cell.removeAttribute("style");
  }
  for (const link of place.querySelectorAll(".pg-anchor")) {
    const heading = place.querySelectorAll(HEADINGS)[link.hash.split("-").at(-1)];
    if (heading) heading.id = link.hash.slice(1);
  }
  for (const control of place.querySelectorAll("button, .pg-bar")) control.remove();
  for (const scroller of place.querySelectorAll("[tabindex]")) scroller.removeAttribute("tabindex");
  await drawFormulas(place);
  return place.innerHTML;
}

/** The text as an element of a document of its own: with the controls, and with formulas as they were written. */
export function elementOf(text, { id = "export", citations = [] } = {}) {
  const env = environment({ id: String(id).replace(/[^\w-]/g, "-"), citations });
  const place = document.implementation.createHTMLDocument("").createElement("div");
  for (const unit of read(fenced(normalized(String(text))), env)) {
    const element = purified(html([unit], env)).firstElementChild;
    if (!element) continue;
    place.append(element);
    for (const item of unit.items ?? []) append(insideElement(element, unit.type), item, env);
  }
  return place;
}

function append(element, item, env) {
  const fragment = purified(html([item], env));
  const from = item.type === "tr_open" ? fragment.querySelector("tbody") : fragment.firstElementChild;
  element.append(...from.children);
}

async function drawFormulas(place) {
  const found = [...place.querySelectorAll(".pg-math")];
  if (!found.length) return;
  const { mathml } = await import("./katex.js");
  const sources = found.map((math) => math.dataset.tex);
  for (const [at, math] of found.entries()) {
    const drawn = mathml(sources[at], math.classList.contains("pg-display"), () => sources.slice(0, at));
    math.removeAttribute("data-tex");
    math.classList.toggle("pg-wide", sources[at].length > WIDE);
    if (drawn) math.innerHTML = drawn;
  }
}
