// The actions of buttons inside a text. One listener per text, as its elements are replaced.

import { WORDS } from "./words.js";

export const HEADINGS = ".pg-h1, .pg-h2, .pg-h3, .pg-h4, .pg-h5, .pg-h6";
const DONE_MS = 1_500;

/** Listens to clicks in `element`; returns a function that stops. */
export function listen(element) {
  const heard = (event) => {
    const found = event.target.closest?.(".pg-copy, .pg-wrap, .pg-back, .pg-noteref, .pg-anchor");
    if (!found || !element.contains(found)) return;
    if (found.matches(".pg-copy")) copy(found);
    if (found.matches(".pg-wrap")) wrap(found);
    if (found.matches(".pg-back")) goTo(element.querySelector(`a[href="#${found.closest("li").id}"]`));
    if (!found.matches(".pg-noteref, .pg-anchor")) return;
    event.preventDefault(); // the address of the app is not ours to change
    const place = found.getAttribute("href");
    if (found.matches(".pg-noteref")) goTo(element.querySelector(place));
    else goTo(element.querySelectorAll(HEADINGS)[place.split("-").at(-1)]);
  };
  element.addEventListener("click", heard);
  return () => element.removeEventListener("click", heard);
}

function wrap(button) {
  const on = button.closest(".pg-code").classList.toggle("pg-wrapped");
  button.setAttribute("aria-pressed", String(on));
}

function goTo(target) {
  if (!target) return;
  if (target.localName !== "a") target.tabIndex = -1;
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "center" });
}

async function copy(button) {
  const table = button.closest(".pg-table")?.querySelector("table");
  const flavours = table ? tableFlavours(table) : { "text/plain": codeText(button.closest(".pg-code")) };
  button.textContent = (await toClipboard(flavours)) ? WORDS.copied : WORDS.notCopied;
  setTimeout(() => { button.textContent = WORDS.copy; }, DONE_MS);
}

/** Without a final line end: in a terminal that would run the command. */
function codeText(place) {
  return place.querySelector("code").textContent.replace(/\n+$/, "");
}

async function toClipboard(flavours) {
  try {
    const blobs = Object.entries(flavours).map(([type, text]) => [type, new Blob([text], { type })]);
    await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
    return true;
  } catch {
    return copyEvent(flavours); // navigator.clipboard exists on https and localhost only
  }
}

function copyEvent(flavours) {
  const fill = (event) => {
    for (const [type, text] of Object.entries(flavours)) event.clipboardData.setData(type, text);
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.addEventListener("copy", fill, { capture: true, once: true });
  const done = document.execCommand("copy");
  document.removeEventListener("copy", fill, { capture: true });
  return done;
}

/** A table for a spreadsheet, and for a document; formulas as their source. */
function tableFlavours(table) {
  const bare = table.cloneNode(true);
  for (const math of bare.querySelectorAll(".pg-math")) math.replaceWith(math.dataset.tex);
  for (const line of bare.querySelectorAll("br")) line.replaceWith(" ");
  const rows = [...bare.rows].map((row) => [...row.cells].map((cell) => cell.textContent.replace(/\s+/g, " ").trim()));
  return { "text/plain": rows.map((cells) => cells.join("\t")).join("\n"), "text/html": bare.outerHTML };
}
