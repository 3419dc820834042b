// Brings an element in line with a newer one of the same kind and keeps what is alike: what a reader has selected in the
// paragraph that grows stays selected, and a formula in it is not drawn again.

/** Whether `old` is now like `fresh`, whose nodes it may have taken; else it was left as it was. */
export function patch(old, fresh) {
  if (old.nodeType === Node.TEXT_NODE && fresh.nodeType === Node.TEXT_NODE) {
    patchText(old, fresh.data);
    return true;
  }
  if (old.nodeName !== fresh.nodeName || !old.classList) return false;
  if (isAsDrawn(old, fresh)) return true;
  if (old.matches(".pg-math, .pg-code, details") || !haveSameAttributes(old, fresh)) return false;
  const nodes = [...fresh.childNodes];
  while (old.childNodes.length > nodes.length) old.lastChild.remove();
  nodes.forEach((node, at) => {
    const before = old.childNodes[at];
    if (!before) old.append(node);
    else if (!patch(before, node)) before.replaceWith(node);
  });
  return true;
}

function patchText(node, data) {
  if (data.startsWith(node.data)) node.appendData(data.slice(node.data.length));
  else node.data = data;
}

/** A formula or code that only got its drawing or colours since. */
function isAsDrawn(old, fresh) {
  if (old.matches(".pg-math")) {
    return old.dataset.tex === fresh.dataset.tex && old.matches(".pg-display") === fresh.matches(".pg-display");
  }
  return old.matches(".pg-code") && old.textContent === fresh.textContent;
}

function haveSameAttributes(old, fresh) {
  const [before, after] = [old.attributes, fresh.attributes];
  return before.length === after.length && [...after].every(({ name, value }) => old.getAttribute(name) === value);
}
