// The keys of the stage, including a presenter's remote, which sends Page Down and Page Up. Runs once in a browser tab.
//
// - Page Down, Page Up: Next and Back, also out of a field. Arrow right and left: outside of fields, and in an empty message box.
//   The space bar, where nothing has the focus: Next. Before there is a script, Next opens the first one.
// - P outside of fields, and Escape twice: the recording replaces the answer. The first Escape stops it, as elsewhere.
// - In a dialog and an open menu these keys keep their usual function.
// - Start over empties the message box here as well: a busy server would do it too late.
// - The message box gets the focus only by the presenter's action: otherwise P would be typed into it.

const FIELD = 'input:not([type="checkbox"], [type="radio"], [type="button"], [type="range"]), textarea, select, [contenteditable="true"], [role="textbox"]';
const OWN_ARROWS = '[role="radio"], [role="slider"], [role="tab"], [role="menuitem"], [role="option"], [role="combobox"], input, .pg-message';
const OVER = '[role="dialog"], [role="listbox"], [role="menu"], [data-testid="stPopoverBody"]';
const TWICE = 1200;  // ms between two presses of Escape
const TURNS = { PageDown: "next", PageUp: "back", ArrowRight: "next", ArrowLeft: "back" };

const FIRST = ".st-key-script-tour button";

const MEANT = 1000;  // ms after a click or Tab in which the focus goes where it was sent
const FRAME = ".st-key-composer, .pg-skip", BOX = ".st-key-composer textarea";

let escaped = -Infinity;
let sent = -Infinity;

export default function () {
  if (window.playgroundStage) return;
  window.playgroundStage = true;
  document.addEventListener("keydown", pressed, { capture: true });
  document.addEventListener("pointerdown", ({ target, timeStamp }) => { if (target.closest?.(FRAME)) sent = timeStamp; }, { capture: true });
  document.addEventListener("focusin", (event) => keepOut(event.target, event.timeStamp));
  document.addEventListener("click", ({ target }) => target.closest?.(".st-key-stage-over") && empty(document.querySelector(BOX)), { capture: true });
  keepOut(document.activeElement, performance.now());
}

function keepOut(field, now) {
  if (button("leave") && field?.matches?.(BOX) && !field.value && now - sent > MEANT) field.blur();
}

/** Simulates deletion by hand: React notices nothing else. */
function empty(box) {
  if (!box?.value) return;
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(box, "");
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

const button = (name) => document.querySelector(`.st-key-stage-${name} button`);

function pressed(event) {
  if (event.key === "Tab" || event.target.closest?.(".pg-skip")) sent = event.timeStamp;
  else if (event.key === "Enter") sent = -Infinity;  // on a button: where the focus goes from there, nobody sent it
  if (!button("leave") || event.ctrlKey || event.metaKey || event.altKey || document.querySelector(OVER)) return;
  const wanted = meant(event);
  if (!wanted) return;
  event.preventDefault();
  event.stopImmediatePropagation();  // also Escape, the second time: it has stopped the answer, and stops no recording
  const found = button(wanted) ?? (wanted === "next" ? document.querySelector(FIRST) : null), field = document.activeElement;
  if (field?.matches(BOX) && !field.value) field.blur();
  if (!event.repeat && found && !found.disabled) found.click();
}

function meant(event) {
  const target = event.target instanceof Element ? event.target : document.body;
  if (event.key === "PageDown" || event.key === "PageUp") return TURNS[event.key];
  if (event.key === "Escape") {
    const again = event.timeStamp - escaped < TWICE && !event.repeat;
    if (!event.repeat) escaped = again ? -Infinity : event.timeStamp;
    return again ? "panic" : "";
  }
  if (event.shiftKey) return "";
  if (target.matches(BOX) && !target.value) return TURNS[event.key] ?? "";  // there is nothing in it to walk through
  if (target.closest(FIELD)) return "";
  if (event.key === " ") return target === document.body ? "next" : "";
  if (event.key === "p" || event.key === "P") return "panic";
  return target.closest(OWN_ARROWS) ? "" : TURNS[event.key] ?? "";
}
