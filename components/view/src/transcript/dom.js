// Helpers that create elements. Text is always set as text: nothing here parses HTML.

import { ICONS } from "./icons.js";

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes, and children that are elements or plain text. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null && child !== ""));
  return element;
}

/** An icon hidden from screen readers: its text is beside it, or in the button's name. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "pg-icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name] ?? "");
  svg.append(path);
  return svg;
}

/** A button with an icon; its label is hidden by style if there is no room, never from screen readers. */
export function button(name, label, onclick, picture = name) {
  const element = make("button", { type: "button", class: "pg-button", "data-action": name, title: label }, icon(picture), make("span", {}, label));
  element.addEventListener("click", onclick);
  return element;
}

/**
 * Copy a text to the clipboard, even if the page is neither https nor localhost.
 * @param {() => Promise<Blob>} [html] gives the same for documents with styles, where the browser can hold both
 */
export async function copy(text, html) {
  try {
    if (!html) return await navigator.clipboard.writeText(text);
    const plain = new Blob([text], { type: "text/plain" });
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": plain, "text/html": html() })]);
  } catch {
    const area = make("textarea", { style: "position: fixed; opacity: 0" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

/** A time as an element; undefined if it is unknown. */
export function time(milliseconds) {
  if (!milliseconds) return undefined;
  return make("time", { datetime: new Date(milliseconds).toISOString() }, moment(milliseconds));
}

/** The time today, the day and time otherwise, as the visitor's own browser writes them. */
function moment(milliseconds) {
  const at = new Date(milliseconds);
  const today = at.toDateString() === new Date().toDateString();
  return at.toLocaleString([], today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" });
}
