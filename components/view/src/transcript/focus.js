// What has the focus may be gone after a click: an editor closes, an example was sent, a new chat begins. The focus
// then goes to the message at the same place, else to the message box; it never falls to the page's body.

const LONG = 6000;  // ms until the page has drawn what a click has done
const DRAWN = 1500;  // ms in which a message that was in an editor is there again
const COMPOSER = ".st-key-composer textarea";
const messages = document.getElementsByClassName("pg-message");
const editors = '[class*="st-key-message-"]';
let watching;

/** Something was clicked, or pressed with a key: look after the focus until the page has been drawn. */
function used(from) {
  if (!from?.matches?.("button, a, textarea, input, [role=menuitem]")) return;
  const at = from.closest(`.pg-message, ${editors}`) ? before(from) : -1;
  clearTimeout(watching);
  look({ from, at, until: performance.now() + LONG });
}

/** How many messages are in front of this element, the one that it is in not counted. */
function before(element) {
  const inside = element.closest(".pg-message");
  const all = [...messages];
  if (inside) return all.indexOf(inside);
  return all.filter((message) => message.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING).length;
}

function look(used) {
  if (performance.now() > used.until) return;
  if (!used.from.isConnected && document.activeElement === document.body) {
    used.lost ??= performance.now();
    next(used.at, performance.now() - used.lost > DRAWN)?.focus({ preventScroll: true });
  }
  watching = setTimeout(look, 100, used);
}

/** What gets the focus; nothing while the message is still being drawn. */
function next(at, late) {
  const message = at < 0 ? undefined : messages[late ? Math.min(at, messages.length - 1) : at];
  const edit = message?.querySelector('[data-action="edit"]');
  if (edit) return edit;
  if (at >= 0 && !late) return null;
  if (message) return message;
  const box = document.querySelector(COMPOSER);
  if (box && matchMedia("(hover: hover)").matches) return box;  // on a telephone the keyboard would come up
  const title = document.querySelector("h1");
  title?.setAttribute("tabindex", "-1");
  return title ?? box;
}

document.addEventListener("click", (event) => used(event.target.closest?.("button, a, [role=menuitem]")), { capture: true, passive: true });
document.addEventListener("keydown", (event) => {
  if (["Enter", "Escape"].includes(event.key)) used(document.activeElement);
}, { capture: true, passive: true });
