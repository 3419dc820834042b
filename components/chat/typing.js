// Inserts text into the message box as if it were typed, after its current content: nothing typed is lost. Once per id:
// the element is drawn again with every run of the page.

const BOX = ".st-key-composer textarea";
const typed = new Set();

export default function ({ data: { id, text } }) {
  if (typed.has(id)) return;
  type(id, text, 20);
}

function type(id, text, tries) {
  const box = document.querySelector(BOX);
  if (!box || box.disabled) {
    if (tries) setTimeout(type, 100, id, text, tries - 1);
    return;
  }
  if (typed.has(id)) return;
  typed.add(id);
  const before = box.value;
  const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set;  // React listens to it
  set.call(box, `${before && !/\s$/.test(before) ? `${before} ` : before}${text} `);
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
}
