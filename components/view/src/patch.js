// Updates an element to a newer version and keeps equal nodes: a selection in the growing paragraph stays, and formulas in
// it are not rendered again.

/** Updates `old` to `fresh`, taking over its nodes; false, without a change, if they differ in kind. */
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

/** Whether a formula or code block differs only by its rendering or colours. */
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
