// What every page has for keys, touch screens and screen readers. Runs once in a browser's tab.
//
// - The first Tab stop leads over menu and settings to the message box, where there is one.
// - "?" opens the list of keys, outside of text fields.
// - The focus never falls to the body: what had it is gone, and its successor or the message box takes it.
// - On a narrow screen the sidebar lies over the page: it is closed at first, and after every choice in the menu.
// - Enter that ends a word of an input method is for that word alone; a phone's keyboard makes the page shorter.
// - Ctrl+Enter and Escape in every editor (components/elements/editing.py); the focus goes into one that opens, and
//   back to what opened it.
// - The space bar plays the next part of a recording (components/demos/player_bar.py).
// - The menu of attachments has the buttons of the message box in it.
// - A list that is opened right after scrolling stays open.
// - Tab leads from a button into what it has opened, and back: Streamlit draws that at the end of the page.

const NARROW = "(max-width: 767.98px)";  // where Streamlit puts the sidebar over the page
const BOX = ".st-key-composer textarea";
const CODE = '[data-testid="stCode"]';
const SCROLLS = { ArrowDown: 40, ArrowUp: -40, PageDown: 200, PageUp: -200 };  // px
const TEXT = 'input:not([type="checkbox"], [type="radio"], [type="button"], [type="range"]), textarea, select, [contenteditable="true"], [role="textbox"]';
const EDITOR = '[class*="st-key-editing-"]';
const CHOICES = '[class*="st-key-editing_choices-"] button';
const FIELD = 'textarea, input[type="text"]';
const MENU = ".st-key-menu a, .st-key-latest button";
// Streamlit's own HTML: no key reaches these.
const CLOSE_SIDEBAR = '[data-testid="stSidebar"][data-collapsed="false"] [data-testid="stSidebarCollapseButton"] button';
const AT_REST = '[data-testid="stApp"][data-test-script-state="notRunning"]';
const POPOVER = '[data-testid="stPopoverBody"]';
const DIALOG = '[role="dialog"]';
const OPENER = '[data-testid="stPopoverButton"][aria-expanded="true"]';
const STOP = 'a[href], button:not(:disabled), input:not(:disabled), textarea:not(:disabled), summary, [tabindex="0"], [data-tabindex="0"]';
const FORWARDED = {
  ".st-key-attach_files button": '.st-key-composer [data-testid="stChatInputFileUploadButton"] button',
  ".st-key-attach_recording button": '.st-key-composer [data-testid="stChatInputMicButton"]',
};

const ENABLED = 3000;  // ms in which a text has been looked at
const CLOSED = 6000;  // ms in which an editor is gone after a click
const DRAWN = 4000;  // ms in which what takes the place of a button or an editor is there

// The visitor does something already, also before this was loaded: what is open by now was opened on purpose.
let touched = performance.getEntriesByType("first-input").length > 0;

export default function ({ data }) {
  const link = document.querySelector(".pg-skip") ?? skipLink();
  link.textContent = data.skip;
  if (window.playgroundKeys) return;
  window.playgroundKeys = true;
  for (const one of document.querySelectorAll('meta[name="viewport"]')) one.content += ", interactive-widget=resizes-content";
  document.addEventListener("keydown", pressed);
  addEventListener("keydown", composed, { capture: true });
  document.addEventListener("keydown", edited, { capture: true });
  document.addEventListener("keydown", tabbed, { capture: true });
  document.addEventListener("click", clicked, { capture: true });
  document.addEventListener("focusin", ({ target }) => remember(target));
  for (const kind of ["pointerdown", "focusin", "click"]) document.addEventListener(kind, notePlaces, { capture: true });
  addEventListener("scroll", toldLate, { capture: true });  // before that of any list: those come when they are opened
  setInterval(keepFocus, 100);
  for (const look of [enterEditor, enterNext, keepAsWritten]) setInterval(look, 250);
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, () => { touched = true; }, { capture: true, once: true });
  for (const wait of [0, 300, 1000]) setTimeout(() => touched || closeSidebar(), wait);
}

// ---- the way to the message box -------------------------------------------------------------------------------

function skipLink() {
  const link = document.createElement("a");
  link.className = "pg-skip";
  link.href = "#";
  link.addEventListener("click", (event) => {
    event.preventDefault();
    document.querySelector(BOX)?.focus();
  });
  document.body.prepend(link);
  return link;
}

function heading() {
  const title = document.querySelector(".st-key-bar h1") ?? document.querySelector("h1");
  title?.setAttribute("tabindex", "-1");
  return title;
}

// ---- keys and clicks ------------------------------------------------------------------------------------------

/** Safari says so by the code alone, after the word: Streamlit's fields would take what was typed so far. */
function composed(event) {
  if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopImmediatePropagation();
}

function pressed(event) {
  if (event.key === "Tab") document.querySelector(".pg-skip").hidden = !document.querySelector(BOX);
  const next = event.key === " " && event.target === document.body && players[0]?.querySelector("button");
  if (next) {
    event.preventDefault();
    return next.click();
  }
  if (SCROLLS[event.key] && event.target.matches?.(CODE)) return scroll(event);
  if (event.key !== "?" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest?.(TEXT) || document.querySelector(DIALOG)) return;
  document.querySelector(".st-key-shortcuts button")?.click();
}

/** What has the focus is around the text that is too long for its place: no browser would scroll that. */
function scroll(event) {
  const text = event.target.querySelector("pre"), before = text.scrollTop;
  text.scrollTop += SCROLLS[event.key];
  if (text.scrollTop !== before) event.preventDefault();
}

/** From the button of a popover to what is in it, round, and Escape closes it; a menu is left as by Escape. */
function tabbed(event) {
  if (event.key !== "Tab" || event.ctrlKey || event.altKey || event.metaKey) return;
  const { target } = event, popover = [...document.querySelectorAll(POPOVER)].pop();
  if (target.closest?.('[role="menu"]')) {
    event.preventDefault();
    return target.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }));
  }
  const opener = popover && document.querySelector(OPENER);
  const round = opener ? [opener, ...stopsIn(popover)] : [], at = round.indexOf(inFocus(target));
  if (at < 0 || round.length < 2 || (event.shiftKey ? at !== 1 : at > 0 && round.slice(at + 1).some((one) => !sameChoice(one, round[at])))) return;
  event.preventDefault();
  event.stopPropagation();
  round[event.shiftKey || at ? 0 : 1].focus();
}

/** While the focus is elsewhere, Streamlit takes what is in a popover out of the way of Tab, and notes what it had. */
const stopsIn = (place) => [...place.querySelectorAll("*")].flatMap((one) => one.shadowRoot ? stopsIn(one.shadowRoot)
  : one.matches(STOP) && usable(one) && (one.dataset.tabindex ?? one.tabIndex) >= 0 ? [one] : []);

const inFocus = (one) => one?.shadowRoot?.activeElement ? inFocus(one.shadowRoot.activeElement) : one;

/** Of radio buttons one is a stop. */
const sameChoice = (one, other) => one.type === "radio" && one.name === other.name;

/** The field keeps the focus: where something is wrong with what was typed, the visitor goes on with it. */
function edited(event) {
  const field = event.target, editor = field.closest?.(EDITOR);
  const saves = event.key === "Enter" && (event.ctrlKey || event.metaKey);
  if (!editor || !field.matches(FIELD) || event.isComposing) return;
  if (!saves && (event.key !== "Escape" || field.getAttribute("aria-expanded") === "true")) return;
  const buttons = [...editor.querySelectorAll(CHOICES)];
  const button = saves ? buttons[0] : buttons.slice(1).pop();
  if (!button) return;
  event.preventDefault();
  event.stopPropagation();
  field.blur();  // Streamlit takes the text when the focus leaves it
  field.focus({ preventScroll: true });
  press(button, performance.now() + ENABLED);
}

/** A button that waits for the text to be looked at is pressed when it can be. */
function press(button, until) {
  if (!button.disabled) button.click();
  else if (button.isConnected && performance.now() < until) setTimeout(press, 50, button, until);
}

function clicked(event) {
  const editor = event.target.closest?.(CHOICES)?.closest(EDITOR);
  if (editor) comeBack(editor, performance.now() + CLOSED);
  if (event.target.closest?.(MENU)) setTimeout(closeSidebar, 50);
  for (const [from, to] of Object.entries(FORWARDED)) if (event.target.closest?.(from)) forward(event, to);
}

/** The button does what another one does, in the same click: a browser opens its list of files for no later one. */
function forward(event, to) {
  event.preventDefault();
  event.stopImmediatePropagation();
  document.querySelector(to)?.click();
  document.querySelector('.st-key-attach button[aria-expanded="true"]')?.click();
}

// A browser that translates the page takes React's texts out of it: a title or a sum that changes would stay as it was.
const changing = ["page_title-ltr", "page_title-rtl", "toolbar"].map((name) => document.getElementsByClassName(`st-key-${name}`));
const keepAsWritten = () => { for (const [one] of changing) if (one?.translate) one.translate = false; };

function closeSidebar() {
  if (matchMedia(NARROW).matches) document.querySelector(CLOSE_SIDEBAR)?.click();
}

// ---- lists ----------------------------------------------------------------------------------------------------

const places = new WeakMap();  // how far what is around a press had been scrolled by then

function notePlaces({ target }) {
  for (let one = target; one instanceof Element; one = one.parentElement) places.set(one, one.scrollTop);
}

/** Streamlit's lists close when the page is scrolled. A browser tells of a scroll with its next frame, on a busy machine
 *  after the press that followed it: it is not about the list that this press has opened. */
function toldLate(event) {
  const before = places.get(event.target);
  places.delete(event.target);
  if (before === event.target.scrollTop && event.target.querySelector('[aria-expanded="true"]')) event.stopImmediatePropagation();
}

// ---- the focus ------------------------------------------------------------------------------------------------

const messages = document.getElementsByClassName("pg-message");
let last;  // what had the focus last
let outside;  // and what had it before a dialog or an editor was opened
let key = "";  // the name of the part of the page that it is in: its successor has the same
let around = "";  // the name of what is around that
let place = -1;  // the message that it is in, counted from the first; -1 for none
let count = 0;  // of the messages there were then
let lost;  // since when nothing has the focus, in ms

function remember(element) {
  last = element;
  lost = undefined;
  if (element.closest?.(`${DIALOG}, ${EDITOR}, [role="menu"]`)) return;
  outside = element;
  place = placeOf(element);
  key = element.closest?.(".pg-message") ? "" : nameOf(element);  // a message has buttons of one name
  around = key && nameOf(element.closest(`.${CSS.escape(key)}`).parentElement);
  count = messages.length;
}

const named = (name) => name && document.querySelector(`.${CSS.escape(name)} :is(button, a, input, textarea)`);
/** A button that takes the place of another, such as one that opens what that one has closed. */
function only(name) {
  const all = name ? [...document.querySelectorAll(`.${CSS.escape(name)} :is(button, a, input, textarea)`)] : [];
  const [one, ...more] = all.filter(usable);
  return more.length ? undefined : one;
}

const nameOf = (element) => [...(element.closest?.('[class*="st-key-"]')?.classList ?? [])].find((name) => name.startsWith("st-key-")) ?? "";

/** Messages and their editors take each other's place, and what a message is drawn from has no name of its own. */
function placeOf(element) {
  const message = element.closest?.(".pg-message");
  if (message) return [...messages].indexOf(message);
  if (!element.closest?.('[class*="st-key-message-"]')) return -1;
  return [...messages].filter((one) => one.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING).length;
}

/** Only what is gone is replaced: who clicks beside everything has the focus nowhere, and means it. */
function keepFocus() {
  const active = document.activeElement;
  if (active && active !== document.body) return;
  const dialog = document.querySelector(DIALOG);
  if (dialog) return dialog.focus({ preventScroll: true });  // else Escape would not close it, whatever opened it
  if (!last || usable(last)) return;
  enterEditor();  // what was pressed may be gone because it has opened one: it gets the focus back
  if (document.activeElement !== document.body) return;
  lost ??= performance.now();
  const late = performance.now() > lost + DRAWN;
  // In mid-run an old message may stand beside its successor, and what has the focus then is drawn anew as another.
  if (place >= 0 && !late && !document.querySelector(AT_REST)) return;
  const target = (place < 0 || key) && [outside, named(key), only(around)].find(usable) || (place >= 0 ? messageAt(place, late) : undefined);
  if (!target && !late && (place >= 0 || last.closest(EDITOR))) return;  // what takes its place is drawn soon
  last = undefined;
  (target || fallback())?.focus({ preventScroll: true });
}

/** The message at a place, by its button for editing; null while it is still being drawn. */
function messageAt(at, late) {
  // Its editor takes the place of a message, on a busy machine a moment after it is gone: the next one is not meant.
  if (!late && messages.length < count && last.matches('[data-action="edit"]')) return null;
  const message = messages[late ? Math.min(at, messages.length - 1) : at];
  return message?.querySelector('[data-action="edit"]') || (late && message) || null;
}

const entered = new WeakSet();

const players = document.getElementsByClassName("st-key-play-next");  // looked for often, in a page that may be long

/** The button for the next part of a recording takes the focus when it comes, so that the space bar presses it. */
function enterNext() {
  const button = players[0]?.querySelector("button");
  if (!usable(button) || entered.has(button)) return;
  entered.add(button);
  if (!document.querySelector(BOX)?.value) button.focus({ preventScroll: true });
}

/** The focus goes into an editor that has opened, but not out of one, and not in a popover that has more in it. */
function enterEditor() {
  for (const editor of document.querySelectorAll(EDITOR)) {
    const field = editor.querySelector(FIELD);
    if (entered.has(editor) || !usable(field)) continue;
    entered.add(editor);
    if (document.activeElement?.closest?.(EDITOR) || editor.closest(POPOVER)) continue;
    field.focus({ preventScroll: true });
  }
}

/** The editor is closed by a click: the focus goes back to what opened it, where that is still there. */
function comeBack(editor, until) {
  if (performance.now() > until) return;
  if (editor.isConnected) return requestAnimationFrame(() => comeBack(editor, until));
  if (document.activeElement !== document.body || document.querySelector(DIALOG)) return;
  [outside, named(key)].find(usable)?.focus({ preventScroll: true });  // of a message: keepFocus
}

const usable = (element) => Boolean(element?.isConnected && !element.disabled && element.getClientRects().length);

/** With a keyboard the message box; on a touch screen the title, as a keyboard would come up over the page. */
function fallback() {
  const box = document.querySelector(BOX);
  return box && matchMedia("(hover: hover)").matches ? box : heading();
}
