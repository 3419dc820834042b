// The menu of a message, and its tooltip (figures.js). They are in the browser's top layer, so
// nothing around them clips them. Loaded when the first one is opened.

import { make } from "./dom.js";

let open;  // at most one on the page
/** Open a menu under `opener`; `entries` are [label, what to do]. Escape and a click elsewhere close it. */
export function openMenu(opener, entries) {
  const menu = make("div", { class: "pg-menu", role: "menu", popover: "auto" });
  for (const [label, act] of entries) menu.append(entry(label, act));
  menu.addEventListener("keydown", walk);
  show(menu, opener);
  menu.firstElementChild?.focus();
}

/** Lines of text under a button; Escape and a click elsewhere close them, and `opener` does when it is pressed again. */
export function openNote(opener, text) {
  const note = make("div", { class: "pg-menu pg-note", role: "note", tabindex: "-1", popover: "auto" }, ...text);
  note.addEventListener("keydown", (event) => { if (event.key === "Tab") close(); });
  show(note, opener);
  note.focus();
}

function show(menu, opener) {
  close();
  menu.addEventListener("toggle", (event) => { if (event.newState === "closed") remove(menu, opener); });
  opener.closest(".pg-segment").append(menu);  // the theme's colours are known there
  open = menu;
  opener.setAttribute("aria-expanded", "true");
  menu.showPopover();
  place(menu, opener.getBoundingClientRect());
}

function entry(label, act) {
  const element = make("button", { type: "button", role: "menuitem", tabindex: "-1" }, label);
  element.addEventListener("click", () => {
    close();
    act();
  });
  return element;
}

function close() {
  if (open?.isConnected) open.hidePopover();
}

function remove(menu, opener) {
  const focused = menu.contains(document.activeElement);
  menu.remove();
  if (open === menu) open = undefined;
  opener.setAttribute("aria-expanded", "false");
  if (focused && opener.isConnected) opener.focus();
}

/** Below the button where there is room, else above it; never beyond an edge. */
function place(menu, at) {
  const { width, height } = menu.getBoundingClientRect();
  const below = at.bottom + height + 8 <= innerHeight;
  menu.style.top = `${below ? at.bottom + 4 : Math.max(8, at.top - height - 4)}px`;
  menu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
}

function walk(event) {
  const entries = [...event.currentTarget.children];
  const at = entries.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (event.key === "Tab") close();
  if (to === undefined) return;
  event.preventDefault();
  entries.at(to % entries.length)?.focus();
}
