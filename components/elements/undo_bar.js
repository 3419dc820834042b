// The bar with Undo: above the message box, or at the lower edge of a page without one.

const bars = new WeakMap();  // the element that Streamlit gave -> what belongs to it
const COMPOSER = ".st-key-composer textarea";

export default function ({ data, parentElement, setTriggerValue }) {
  const bar = bars.get(parentElement) ?? begin(parentElement);
  bar.button.onclick = () => {
    setTriggerValue("undo", bar.id);
    hide(bar);
  };
  if (bar.id === data.id) return;
  bar.id = data.id;
  clearTimeout(bar.timer);
  if (!data.id) return hide(bar);
  bar.text.textContent = data.text;
  bar.text.title = data.text;
  bar.button.textContent = data.undo;
  bar.button.hidden = !data.undo;
  bar.box.classList.add("shown");
  place(bar);
  bar.timer = setTimeout(hide, data.left * 1000, bar);
  if (data.undo) focus(bar, 10);
}

function begin(parent) {
  const box = parent.querySelector(".bar");
  const bar = { box, text: box.querySelector(".text"), button: box.querySelector("button"), id: "" };
  bars.set(parent, bar);
  addEventListener("resize", () => place(bar));
  return bar;
}

/** Centred beside the sidebar, above the message box if there is one. */
function place({ box }) {
  const area = document.querySelector(COMPOSER)?.closest(".st-key-composer")?.getBoundingClientRect();
  const middle = area ? area.left + area.width / 2 : innerWidth / 2;
  box.style.bottom = `${area ? Math.max(16, innerHeight - area.top + 12) : 24}px`;
  box.style.left = `${Math.max(16, Math.min(middle - box.offsetWidth / 2, innerWidth - box.offsetWidth - 16))}px`;
}

/** The focus moves to Undo, unless the visitor is typing: the clicked element has vanished, or is about to. */
function focus(bar, tries) {
  if (!bar.box.classList.contains("shown") || bar.box.contains(active(bar))) return;
  const at = document.activeElement;
  if (at?.matches?.("textarea, input, [contenteditable]")) return;
  bar.button.focus({ preventScroll: true });
  if (tries) setTimeout(focus, 100, bar, tries - 1);
}

function active(bar) {
  return bar.box.getRootNode().activeElement;
}

function hide(bar) {
  clearTimeout(bar.timer);
  const focused = bar.box.contains(active(bar));
  bar.box.classList.remove("shown");
  bar.text.textContent = "";
  if (focused) away();
}

/** The focus never falls to the body: it moves to the message box, otherwise to the title of the page. */
function away() {
  const next = document.querySelector(COMPOSER) ?? document.querySelector("h1");
  if (next?.tagName === "H1") next.tabIndex = -1;
  next?.focus({ preventScroll: true });
}
