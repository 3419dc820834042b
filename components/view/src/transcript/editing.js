// Focus for the editor of a message, which is Streamlit's: it moves there when the editor opens, and back to the message
// afterwards. The keys are those of every editor (components/elements/page_keys.js).

const EDITOR = '[class*="st-key-editor-"] textarea';
const SOON = 5000;  // ms until a page has drawn an editor that was asked for
const FILLED = 500;  // ms until its text is in it: Streamlit puts it there a moment later, over what was typed by then

/** An editor was requested: the focus moves into it when it appears. */
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
