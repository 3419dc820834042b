// The editor of a message is Streamlit's. Here it gets the focus when it opens, and its keys: Escape closes it,
// Ctrl+Enter does what its first button does. The focus goes back to the message afterwards.

const EDITOR = '[class*="st-key-editor-"] textarea';
const SOON = 5000;  // ms until a page has drawn an editor that was asked for
const FILLED = 500;  // ms until its text is in it: Streamlit puts it there a moment later, over what was typed by then

/** An editor was asked for: the focus goes into it when it is there. */
export function focusEditor() {
  const until = performance.now() + SOON;
  let there;
  const look = () => {
    const area = document.querySelector(EDITOR);
    const now = performance.now();
    if (area) there ??= now;
    if (area && (area.value || now > there + FILLED)) area.focus();
    else if (now < until) requestAnimationFrame(look);
  };
  look();
}

function press(area, buttons) {
  const first = area.closest('[class*="st-key-message-"]')?.querySelector(buttons);
  area.blur();  // Streamlit takes the text when the focus leaves it
  first?.click();
}

document.addEventListener("keydown", (event) => {
  const area = event.target;
  if (!area.matches?.(EDITOR)) return;
  const send = event.key === "Enter" && (event.ctrlKey || event.metaKey);
  if (!send && event.key !== "Escape") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  press(area, send ? '[class*="st-key-send-"] button, [class*="st-key-save-"] button' : '[class*="st-key-cancel-"] button');
}, { capture: true });
