// What every page has for keys, touch screens and screen readers. Runs once in a browser's tab.
//
// - The first Tab stop leads over menu and settings to the message box, where there is one.
// - "?" opens the list of keys, outside of text fields.
// - The focus never falls to the body: what had it is gone, and its successor or the message box takes it.
// - On a narrow screen the sidebar lies over the page: it is closed at first, and after every choice in the menu.
// - The menu of attachments has the buttons of the message box in it.

const NARROW = "(max-width: 767.98px)";  // where Streamlit puts the sidebar over the page
const BOX = ".st-key-composer textarea";
const TEXT = 'input:not([type="checkbox"], [type="radio"], [type="button"], [type="range"]), textarea, select, [contenteditable="true"], [role="textbox"]';
const MENU = ".st-key-menu a, .st-key-latest button";
// Streamlit's own HTML: no key reaches these.
const CLOSE_SIDEBAR = '[data-testid="stSidebar"][data-collapsed="false"] [data-testid="stSidebarCollapseButton"] button';
const DIALOG = '[role="dialog"]';
const FORWARDED = {
  ".st-key-attach_files button": '.st-key-composer [data-testid="stChatInputFileUploadButton"] button',
  ".st-key-attach_recording button": '.st-key-composer [data-testid="stChatInputMicButton"]',
};

let touched = false;  // the visitor does something already: what is open by now was opened on purpose

export default function ({ data }) {
  const link = document.querySelector(".pg-skip") ?? skipLink();
  link.textContent = data.skip;
  if (window.playgroundKeys) return;
  window.playgroundKeys = true;
  document.addEventListener("keydown", pressed);
  document.addEventListener("click", clicked, { capture: true });
  document.addEventListener("focusin", ({ target }) => remember(target));
  setInterval(keepFocus, 250);
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

function pressed(event) {
  if (event.key === "Tab") document.querySelector(".pg-skip").hidden = !document.querySelector(BOX);
  if (event.key !== "?" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest?.(TEXT) || document.querySelector(DIALOG)) return;
  document.querySelector(".st-key-shortcuts button")?.click();
}

function clicked(event) {
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

function closeSidebar() {
  if (matchMedia(NARROW).matches) document.querySelector(CLOSE_SIDEBAR)?.click();
}

// ---- the focus ------------------------------------------------------------------------------------------------

const IN_MESSAGE = '.pg-message, [class*="st-key-message-"]';
const TURN = 2500;  // ms in which the view finds the successor of what was in a message: its message is drawn again first

let last;  // what had the focus last
let outside;  // and what had it before a dialog was opened
let key = "";  // the name of the part of the page that it is in: its successor has the same
let inMessage = false;  // the view cares for it first (components/view/src/transcript/focus.js)
let missed = 0;  // since when it is gone

function remember(element) {
  last = element;
  if (element.closest?.(DIALOG)) return;
  outside = element;
  key = nameOf(element);
  inMessage = Boolean(element.closest?.(IN_MESSAGE));
  missed = 0;
}

const nameOf = (element) => [...(element.closest?.('[class*="st-key-"]')?.classList ?? [])].find((name) => name.startsWith("st-key-")) ?? "";

/** Only what is gone is replaced: who clicks beside everything has the focus nowhere, and means it. */
function keepFocus() {
  const active = document.activeElement;
  if ((active && active !== document.body) || !last || usable(last) || document.querySelector(DIALOG)) return;
  missed ||= performance.now();
  if (inMessage && performance.now() - missed < TURN) return;
  last = undefined;
  const named = key && document.querySelector(`.${CSS.escape(key)} :is(button, a, input, textarea)`);
  const target = [usable(outside) && outside, usable(named) && named].find(Boolean) || fallback();
  target?.focus({ preventScroll: true });
}

const usable = (element) => Boolean(element?.isConnected && !element.disabled && element.getClientRects().length);

/** With a keyboard the message box; on a touch screen the title, as a keyboard would come up over the page. */
function fallback() {
  const box = document.querySelector(BOX);
  return box && matchMedia("(hover: hover)").matches ? box : heading();
}
