// Copying a selection. A rendered formula is in the page twice, visibly and for screen readers, each in pieces:
// copied unchanged, `x^2` would be six lines of letters.

const DRAWN = ".pg-math:has(.katex)";
const NOT_TEXT = ".pg-bar, .pg-back";

/** Copy selections with the source of formulas instead of their rendering. */
export function copyFormulasAsSource() {
  document.addEventListener("copy", (event) => {
    const selection = getSelection();
    if (selection.isCollapsed || !event.clipboardData || event.target.closest?.("input, textarea")) return;
    const copied = withSource(wholeFormulas(selection.getRangeAt(0)).cloneContents());
    if (!copied) return;
    event.clipboardData.setData("text/plain", textOf(copied));
    event.clipboardData.setData("text/html", copied.innerHTML);
    event.preventDefault();
  });
}

/** The range, extended so that it neither begins nor ends inside a formula. */
function wholeFormulas(selected) {
  const range = selected.cloneRange();
  const [first, last] = [range.startContainer, range.endContainer].map((node) => (node.closest ? node : node.parentElement)?.closest(DRAWN));
  if (first) range.setStartBefore(first);
  if (last) range.setEndAfter(last);
  return range;
}

/** The copied nodes in an element, null if they contain no formula. */
function withSource(nodes) {
  const formulas = nodes.querySelectorAll(DRAWN);
  if (!formulas.length) return null;
  for (const math of formulas) {
    const mark = math.classList.contains("pg-display") ? "$$" : "$";
    math.replaceChildren(mark + math.dataset.tex + mark);
  }
  for (const control of nodes.querySelectorAll(NOT_TEXT)) control.remove();
  const place = document.createElement("div");
  place.append(nodes);
  return place;
}

/** The words with line ends between blocks, which only an element in the page has. */
function textOf(place) {
  place.className = "pg-body";
  place.style.cssText = "position: fixed; left: -100vw";
  document.body.append(place);
  const text = place.innerText;
  place.remove();
  return text;
}
