// Copying a selection. Browsers copy computed colours: white text from a dark page into a mail. And a rendered formula is
// in the page twice, visibly and for screen readers, each in pieces.

const DRAWN = ".pg-math:has(.katex)";
const NOT_TEXT = ".pg-bar, .pg-back, .pg-footer, .pg-more, .pg-to-end";
const FRAMES = "ul, ol, table, tbody, thead, tr, pre, blockquote"; // without which their contents are something else
const KEPT = new Set(["href", "start", "value"]);

document.addEventListener("copy", (event) => {
  const selection = getSelection();
  if (selection.isCollapsed || !event.clipboardData || event.target.closest?.("input, textarea")) return;
  const range = wholeFormulas(selection.getRangeAt(0));
  const around = elementOf(range.commonAncestorContainer);
  const nodes = range.cloneContents();
  if (!around.closest(".pg-body") && !nodes.querySelector(".pg-body")) return;
  const hadFormulas = withSource(nodes);
  event.clipboardData.setData("text/plain", hadFormulas ? textOf(nodes.cloneNode(true)) : selection.toString());
  event.clipboardData.setData("text/html", documentHTML(framed(nodes, around)));
  event.preventDefault();
});

const elementOf = (node) => (node.closest ? node : node.parentElement);

/** The range, extended so that it neither begins nor ends inside a formula. */
function wholeFormulas(selected) {
  const range = selected.cloneRange();
  const [first, last] = [range.startContainer, range.endContainer].map((node) => elementOf(node)?.closest(DRAWN));
  if (first) range.setStartBefore(first);
  if (last) range.setEndAfter(last);
  return range;
}

/** Replaces formulas by their source and removes controls; returns whether there were formulas. */
function withSource(nodes) {
  const formulas = nodes.querySelectorAll(DRAWN);
  for (const math of formulas) {
    const mark = math.classList.contains("pg-display") ? "$$" : "$";
    math.replaceChildren(mark + math.dataset.tex + mark);
  }
  for (const control of nodes.querySelectorAll(NOT_TEXT)) control.remove();
  return formulas.length > 0;
}

/** The words with line ends between blocks, which only an element in the page has. */
function textOf(nodes) {
  const place = Object.assign(document.createElement("div"), { className: "pg-body" });
  place.style.cssText = "position: fixed; left: -100vw";
  place.append(nodes);
  document.body.append(place);
  const text = place.innerText;
  place.remove();
  return text;
}

/** The nodes, wrapped in the list, table or code block they were selected in. */
function framed(nodes, around) {
  const place = document.createElement("div");
  place.append(nodes);
  for (let at = around; at && !at.matches(".pg-body"); at = at.parentElement) {
    if (!at.matches(FRAMES)) continue;
    const frame = at.cloneNode(false);
    frame.append(...place.childNodes);
    place.append(frame);
  }
  return place;
}

/** HTML of a drawn text, whose formulas stay as they were written, for another document. */
export function documentOf(place) {
  for (const control of place.querySelectorAll(NOT_TEXT)) control.remove();
  return documentHTML(place);
}

/** HTML for another document: semantic elements without styles. */
function documentHTML(place) {
  for (const heading of place.querySelectorAll("h2, h3, h4, h5, h6")) {
    const level = /pg-(h[1-6])/.exec(heading.className)?.[1];
    if (level) rename(heading, level);
  }
  for (const box of place.querySelectorAll("input")) box.replaceWith(box.checked ? "\u2611 " : "\u2610 ");
  for (const typed of place.querySelectorAll(".pg-typed, .pg-plain")) {
    const lines = typed.textContent.split("\n");
    typed.replaceChildren(...lines.flatMap((line, at) => (at ? [document.createElement("br"), line] : [line])));
  }
  for (const element of place.querySelectorAll("*")) {
    const { textAlign } = element.style;
    const isRight = element.getAttribute("dir") === "rtl";
    for (const { name } of [...element.attributes]) if (!KEPT.has(name)) element.removeAttribute(name);
    if (isRight) element.setAttribute("dir", "rtl");
    if (element.getAttribute("href")?.startsWith("#")) element.removeAttribute("href"); // leads nowhere there
    if (textAlign) element.style.textAlign = textAlign;
    if (element.localName === "table") element.setAttribute("border", "1");
  }
  return place.innerHTML;
}

function rename(element, name) {
  const other = document.createElement(name);
  other.append(...element.childNodes);
  element.replaceWith(other);
}
