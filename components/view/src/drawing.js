// Updates the page to the units of a text: elements with the same key stay unchanged.

import { patch } from "./patch.js";
import { purified } from "./purify.js";
import { html } from "./reading.js";
import { isReordered } from "./render.js";

const BATCH = 40; // units made ready at once
const BATCH_CHARACTERS = 6_000;

/**
 * A generator: each step draws a few units. `drawn` is the caller's record of what is on the page.
 * @param {(nodes: Element[], open: boolean) => void} added is called for new elements; open: the text may continue in them
 */
export function* drawUnits(parent, drawn, from, units, env, added) {
  for (let index = 0; index < units.length;) {
    const place = from + index;
    const unit = units[index];
    const isLast = index === units.length - 1;
    if (drawn[place]?.key === unit.key && !unit.items) index++;
    else if (drawn[place]?.key === unit.key) {
      yield* drawItems(drawn[place], unit, env, added, isLast);
      index++;
    } else if (grows(drawn[place], unit)) {
      extend(drawn[place], unit, added, isLast);
      index++;
    } else if (unit.items) {
      put(parent, drawn, place, unit, elements([unit], env)[0]);
      added([drawn[place].element], false);
      yield* drawItems(drawn[place], unit, env, added, isLast);
      index++;
    } else {
      const batch = batchOf(units, index, (one, at) => one.items || drawn[from + at]?.key === one.key);
      const made = elements(batch, env);
      batch.forEach((one, at) => { made[at] = put(parent, drawn, place + at, one, made[at]); });
      index += batch.length;
      const open = index === units.length ? made.slice(-1) : [];
      added(made.slice(0, made.length - open.length), false);
      added(open, true);
    }
    yield;
  }
  for (const { element } of drawn.splice(from + units.length)) element.remove();
}

function batchOf(units, start, stops) {
  let end = start + 1;
  let characters = units[start].source.length;
  while (end < units.length && end - start < BATCH && characters < BATCH_CHARACTERS && !stops(units[end], end)) {
    characters += units[end++].source.length;
  }
  return units.slice(start, end);
}

/** Gives the element that is on the page: the one that was there, where it could be brought in line. */
function put(parent, drawn, place, unit, element) {
  const before = drawn[place]?.element;
  const stays = before && !unit.items && patch(before, element);
  if (!before) parent.append(element);
  else if (!stays) before.replaceWith(element);
  drawn[place] = record(unit, stays ? before : element);
  return drawn[place].element;
}

function record(unit, element) {
  const items = unit.items && { items: [], inside: insideElement(element, unit.type) };
  return { key: unit.key, type: unit.type, info: unit.tokens[0].info, element, ...items };
}

/** The element that contains the items of a list. */
export function insideElement(element, type) {
  if (type === "table_open") return element.querySelector("tbody");
  return type === "notes" ? element.querySelector("ol") : element;
}

function* drawItems(shown, unit, env, added, isLast) {
  yield* drawUnits(shown.inside, shown.items, 0, unit.items, env, (nodes, open) => added(nodes, open && isLast));
}

/** Exactly one element per unit, whatever its HTML. */
function elements(units, env) {
  const made = insideOf(units, purified(html(units, env)));
  if (made.length === units.length) return made;
  if (units.length > 1) return units.flatMap((unit) => elements([unit], env));
  const place = document.createElement(units[0].before ? (made[0]?.localName ?? "li") : "div");
  place.className = "pg-plain";
  place.textContent = units[0].source;
  return [place];
}

function insideOf(units, fragment) {
  const rows = units[0].type === "tr_open";
  const inside = units[0].before ? (rows ? fragment.querySelector("tbody") : fragment.firstElementChild) : fragment;
  return inside ? [...inside.children] : [];
}

/** A fence or a plain text that has only grown: its text is extended, so that selection and scrolling stay. */
function grows(shown, unit) {
  const isSame = shown?.type === "fence" && unit.type === "fence" && shown.info === unit.tokens[0].info;
  const [{ content, meta }] = unit.tokens;
  return isSame && !isReordered(content) && !meta?.sources;
}

function extend(shown, unit, added, isLast) {
  const code = shown.element.querySelector("code");
  const content = unit.tokens[0].content;
  if (code.childNodes.length === 1 && content.startsWith(code.textContent)) {
    code.firstChild.appendData(content.slice(code.textContent.length));
  } else {
    code.textContent = content;
  }
  shown.key = unit.key;
  added([shown.element], isLast);
}
