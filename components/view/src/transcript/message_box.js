// Additions to Streamlit's message box: it stores a draft, supports input methods, pastes spreadsheet cells as
// text, and gets the focus when a page opens. It is found by its key (components/session/widgets.py: COMPOSER).

import { echo, isHeld, LONGEST as HEARD, silence } from "./echo.js";

const DRAFT = "playground.draft.";
const BOX = ".st-key-composer textarea";
const places = document.getElementsByClassName("st-key-composer");  // a selector would search all messages for it
const SEND = '.st-key-composer button[aria-label="Send message"]';
const LONGEST = 200_000;  // characters of a draft that are kept
const GLASS = matchMedia("(hover: none) and (pointer: coarse)");

const box = () => places[0]?.querySelector("textarea");
/** A draft belongs to a conversation: its id is in the address. */
const name = () => `${DRAFT}${location.pathname}.${new URLSearchParams(location.search).get("c") ?? ""}`;
let kept = {};  // the draft that was kept last: its name, and the box that it was written in
let opened = false;
let looking;
let leaving = false;  // a message was sent and is not on its way yet: until then Streamlit holds one, the newest
let waiting = false;  // what is in the box follows it
let unheard;  // what was sent last, until the app shows that it has heard it: its words, and the draft's name
let given;  // what was put into the box again
let touched = false;  // the visitor does something already: the focus is not taken away, a popover would close
for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, () => { touched = true; }, { capture: true, once: true });

/** Drafts are in the browser's storage: if that is disabled or full, there are none. */
function drafts(act) {
  try {
    return act(sessionStorage);
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}

const forget = (one) => drafts((all) => all.removeItem(one));

/** Called whenever a page was drawn. */
export function composer() {
  if (box()?.value) silence();  // what was sent was given back
  look(20);
}

/** The box may come a moment after the page, and the address of the conversation later still. */
function look(tries) {
  clearTimeout(looking);
  if (tries) looking = setTimeout(look, 150, tries - 1);
  const area = box();
  if (!area) return;
  const draft = drafts((all) => all.getItem(name()));
  if (draft && !area.value) write(area, draft);
  if (area.value && kept.box !== area) keep({ target: area });  // typed before this was loaded
  const busy = touched || document.activeElement !== document.body || document.querySelector('.st-key-toolbar [aria-expanded="true"]');
  if (!opened && !busy && matchMedia("(hover: hover)").matches) area.focus({ preventScroll: true });
  opened = true;
}

/** As if it were typed: React has its own value and notices this one only by the event. */
function write(area, text) {
  const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set;
  set.call(area, text);
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

function keep(event) {
  if (!event.target.matches?.(BOX)) return;
  const text = event.target.value;
  if (kept.box === event.target) forget(kept.name);  // its conversation may have an address by now
  kept = { name: name(), box: event.target };
  if (text && text.length <= LONGEST) drafts((all) => all.setItem(kept.name, text));
  else forget(kept.name);
}

function pressed(event) {
  if (!event.target.matches?.(BOX)) return;
  if (event.key === "ArrowUp" && !event.target.value) toMessages(event);
  if (event.key !== "Enter" || event.shiftKey) return;
  // Enter that ends a word of an input method sends nothing; Safari says so by the code alone. On a keyboard of glass
  // there is no other way to a new line.
  const types = event.isComposing || event.keyCode === 229 || (GLASS.matches && !event.ctrlKey && !event.metaKey);
  if (types) event.stopImmediatePropagation();
  else if (leaving || event.ctrlKey || event.metaKey) follow(event);
  else sent(event.target.value);
}

/** Sends what is in the box: now, or behind a message that is still leaving. */
function follow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
  if (leaving) waiting = true;
  else document.querySelector(SEND)?.click();
}

/** Arrow key from the empty box to the last message; segment.js continues from there, and back. */
function toMessages(event) {
  const last = [...document.querySelectorAll(".pg-message")].at(-1);
  if (!last) return;
  event.preventDefault();
  last.focus({ preventScroll: true });
  last.scrollIntoView({ block: "nearest" });
}

export const focusComposer = () => box()?.focus({ preventScroll: true });

function sent(text) {
  const button = document.querySelector(SEND);
  if (!button || button.disabled) return;  // a file is still on its way to the app
  for (const one of [name(), kept.box === box() && kept.name]) forget(one);
  kept = { name: name(), box: box() };  // what is still in it is no draft any more
  leaving = true;
  setTimeout(setTimeout, 0, left, 0, text);  // after Streamlit's own: the question leaves first
}

function left(text) {
  leaving = false;  // first: whatever becomes of the echo, the box goes on sending
  echo(text);
  clearTimeout(unheard?.timer);
  unheard = { text, name: name(), timer: setTimeout(giveBack, HEARD) };
  if (waiting) document.querySelector(SEND)?.click();
  waiting = false;
}

/** A dead connection silently loses what is sent: the text is put back into the box, and stored. */
function giveBack() {
  const { text, name: sentIn } = unheard;
  const area = box(), queued = document.querySelectorAll(".st-key-stop_row p").length > 1;
  unheard = undefined;
  if (!text.trim() || !area || area.value || sentIn !== name() || isHeld() || queued) return;
  given = text;
  write(area, text);
}

/** The app shows messages that were not there, `running`: they are asked now. One that it has heard late is in the box
 *  no more. */
export function heard(texts, running) {
  if (unheard && texts.length && (running || texts.includes(unheard.text.trim()))) {
    clearTimeout(unheard.timer);
    unheard = undefined;
  }
  if (!given || !texts.includes(given.trim())) return;
  const area = box();
  if (area?.value === given) write(area, "");
  given = undefined;
}

/** Spreadsheet cells are pasted as text, HTML and a picture: use the text. */
function pasted(event) {
  const types = event.clipboardData?.types ?? [];
  if (event.target.matches?.(BOX) && types.includes("text/plain") && types.includes("text/html")) {
    event.stopImmediatePropagation();
  }
}

/** The visitor leaves: delete the drafts. */
function forgetAll() {
  drafts((all) => { for (const key of Object.keys(all)) if (key.startsWith(DRAFT)) all.removeItem(key); });
}

function clicked(event) {
  if (event.target.closest?.(".st-key-gate-leave")) forgetAll();
  if (event.target.closest?.(SEND)) leaving ? follow(event) : sent(box().value);
}

document.addEventListener("input", keep, { capture: true, passive: true });
document.addEventListener("keydown", pressed, { capture: true });
document.addEventListener("paste", pasted, { capture: true });
document.addEventListener("click", clicked, { capture: true });
