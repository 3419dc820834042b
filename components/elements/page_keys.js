// Keyboard, touch and screen reader support of every page. Runs once in a browser tab.
//
// - The first Tab stop is a link that skips menu and settings and leads to the message box, if there is one.
// - "?" opens the list of shortcuts, outside of text fields.
// - The focus never falls to the body: if the focused element vanishes, its successor or the message box gets it.
// - On a narrow screen the sidebar covers the page: it is closed at first, and after every choice in the menu.
// - Enter that ends the composition of an input method does nothing else; a phone's keyboard makes the page shorter.
// - Ctrl+Enter and Escape in every editor (components/elements/editing.py); the focus moves into one that opens, and
//   back to what opened it.
// - The space bar plays the next part of a recording (components/demos/player_bar.py).
// - The menu of attachments contains the buttons of the message box.
// - A list that is opened right after scrolling stays open.
// - Tab moves from a button into the popover it has opened, and back: Streamlit draws that at the end of the page.

const NARROW = "(max-width: 768px)";  // where Streamlit puts the sidebar over the page
const BOX = ".st-key-composer textarea";
const CODE = '[data-testid="stCode"]';
const SCROLLS = { ArrowDown: 40, ArrowUp: -40, PageDown: 200, PageUp: -200 };  // px
const TEXT = 'input:not([type="checkbox"], [type="radio"], [type="button"], [type="range"]), textarea, select, [contenteditable="true"], [role="textbox"]';
const EDITOR = '[class*="st-key-editing-"]';
const CHOICES = '[class*="st-key-editing_choices-"] button';
const FIELD = 'textarea, input[type="text"]';
const CHATS = ".st-key-latest button";
const MENU = `.st-key-menu a, ${CHATS}`;
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

// Whether the visitor has interacted, possibly before this was loaded: what is open by now was opened on purpose.
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
  document.addEventListener("pointerover", tellWhole);
  for (const kind of ["pointerdown", "focusin", "click"]) document.addEventListener(kind, notePlaces, { capture: true });
  addEventListener("scroll", toldLate, { capture: true });  // before that of any list: those come when they are opened
  setInterval(keepFocus, 100);
  for (const look of [enterEditor, enterNext, keepAsWritten]) setInterval(look, 250);
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, () => { touched = true; }, { capture: true, once: true });
  for (const wait of [0, 300, 1000]) setTimeout(() => touched || closeSidebar(), wait);
}

// ---- the way to the message box -------------------------------------------------------------------------------

function skipLink() {
  const link = Object.assign(document.createElement("a"), { className: "pg-skip", href: "#" });
  link.onclick = () => { document.querySelector(BOX)?.focus(); return false; };
  document.body.prepend(link);
  return link;
}

function heading() {
  const title = document.querySelector(".st-key-bar h1") ?? document.querySelector("h1");
  title?.setAttribute("tabindex", "-1");
  return title;
}

// ---- keys and clicks ------------------------------------------------------------------------------------------

/** Safari tells only by the key code, after the word: Streamlit's fields would submit what was typed so far. */
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

/** The focused element is around the overflowing text: no browser would scroll that. */
function scroll(event) {
  const text = event.target.querySelector("pre"), before = text.scrollTop;
  text.scrollTop += SCROLLS[event.key];
  if (text.scrollTop !== before) event.preventDefault();
}

/** Tab cycles between the button of a popover and its content, and Escape closes it; leaving a menu closes it. */
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

/** While the focus is elsewhere, Streamlit removes a popover's content from the Tab order, and stores its tabindex. */
const stopsIn = (place) => [...place.querySelectorAll("*")].flatMap((one) => one.shadowRoot ? stopsIn(one.shadowRoot)
  : one.matches(STOP) && usable(one) && (one.dataset.tabindex ?? one.tabIndex) >= 0 ? [one] : []);

const inFocus = (one) => one?.shadowRoot?.activeElement ? inFocus(one.shadowRoot.activeElement) : one;

/** Of a group of radio buttons only one is a Tab stop. */
const sameChoice = (one, other) => one.type === "radio" ? one.name === other.name : one.matches('[role="radio"]') && one.parentElement === other.parentElement;

/** The field keeps the focus: if its value is invalid, the visitor can correct it. */
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

/** A button that is disabled until the text is processed is pressed once it is enabled. */
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

/** Forwards a click to another button at once: a browser opens its file dialog only within the same click. */
function forward(event, to) {
  event.preventDefault();
  event.stopImmediatePropagation();
  document.querySelector(to)?.click();
  document.querySelector('.st-key-attach button[aria-expanded="true"]')?.click();
}

// A browser that translates the page replaces React's text nodes: a changed title or sum would keep its old text.
const changing = ["page_title-ltr", "page_title-rtl", "toolbar"].map((name) => document.getElementsByClassName(`st-key-${name}`));
const keepAsWritten = () => { for (const [one] of changing) if (one?.translate) one.translate = false; };

const closeSidebar = () => matchMedia(NARROW).matches && document.querySelector(CLOSE_SIDEBAR)?.click();

/** Shows the whole title of a truncated chat of the list under the mouse. */
function tellWhole({ target }) {
  const button = target.closest?.(CHATS), line = button?.querySelector("p");
  if (line) button.title = line.scrollWidth > line.clientWidth ? line.textContent : "";
}

// ---- lists ----------------------------------------------------------------------------------------------------

const places = new WeakMap();  // how far what is around a press had been scrolled by then

function notePlaces({ target }) {
  for (let one = target; one instanceof Element; one = one.parentElement) places.set(one, one.scrollTop);
}

/** Streamlit's lists close when the page is scrolled. A browser reports a scroll with its next frame, on a busy machine
 *  after the next click: such a scroll must not close the list that this click has opened. */
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
/** A button that replaces another, such as one that opens what that one has closed. */
function only(name) {
  const all = name ? [...document.querySelectorAll(`.${CSS.escape(name)} :is(button, a, input, textarea)`)] : [];
  const [one, ...more] = all.filter(usable);
  return more.length ? undefined : one;
}

const nameOf = (element) => [...(element.closest?.('[class*="st-key-"]')?.classList ?? [])].find((name) => name.startsWith("st-key-")) ?? "";

/** Messages and their editors replace each other, and the element of a message has no key of its own. */
function placeOf(element) {
  const message = element.closest?.(".pg-message");
  if (message) return [...messages].indexOf(message);
  if (!element.closest?.('[class*="st-key-message-"]')) return -1;
  return [...messages].filter((one) => one.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING).length;
}

/** Only a vanished element is replaced: a click on the background removes the focus on purpose. */
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
  // During a run an old message may exist beside its successor, and the focused element is then redrawn as another one.
  if (place >= 0 && !late && !document.querySelector(AT_REST)) return;
  const target = (place < 0 || key) && [outside, named(key), only(around)].find(usable) || (place >= 0 ? messageAt(place, late) : undefined);
  if (!target && !late && (place >= 0 || last.closest(EDITOR))) return;  // what takes its place is drawn soon
  last = undefined;
  (target || fallback())?.focus({ preventScroll: true });
}

/** The message at an index, by its edit button; null while it is still being drawn. */
function messageAt(at, late) {
  // The editor replaces the message, on a busy machine a moment after that has vanished: do not take the next message.
  if (!late && messages.length < count && last.matches('[data-action="edit"]')) return null;
  const message = messages[late ? Math.min(at, messages.length - 1) : at];
  return message?.querySelector('[data-action="edit"]') || (late && message) || null;
}

const entered = new WeakSet();
const players = document.getElementsByClassName("st-key-play-next");  // looked for often, in a page that may be long

/** The button for the next part of a recording gets the focus when it appears, so that the space bar presses it. */
function enterNext() {
  const button = players[0]?.querySelector("button");
  if (!usable(button) || entered.has(button)) return;
  entered.add(button);
  if (!document.querySelector(BOX)?.value) button.focus({ preventScroll: true });
}

/** The focus moves into an editor that has opened, but not out of another one, and not in a popover with other content. */
function enterEditor() {
  for (const editor of document.querySelectorAll(EDITOR)) {
    const field = editor.querySelector(FIELD);
    if (entered.has(editor) || !usable(field)) continue;
    entered.add(editor);
    if (document.activeElement?.closest?.(EDITOR) || editor.closest(POPOVER)) continue;
    field.focus({ preventScroll: true });
  }
}

/** When a click closes the editor, the focus returns to what opened it, if that still exists. */
function comeBack(editor, until) {
  if (performance.now() > until) return;
  if (editor.isConnected) return requestAnimationFrame(() => comeBack(editor, until));
  if (document.activeElement !== document.body || document.querySelector(DIALOG)) return;
  [outside, named(key)].find(usable)?.focus({ preventScroll: true });  // of a message: keepFocus
}

const usable = (element) => Boolean(element?.isConnected && !element.disabled && element.getClientRects().length);

/** The message box; on a touch screen the title, as the on-screen keyboard would cover the page. */
function fallback() {
  const box = document.querySelector(BOX);
  return box && matchMedia("(hover: hover)").matches ? box : heading();
}
