// Keeps the numbers of lists as written: Markdown counts on from the first one, so a countdown would count up.

/** Sets the value of items where counting differs from what was written; `1.` for every item means to count. */
export function numbersAsWritten(tokens) {
  const lists = [];
  for (const token of tokens) {
    if (token.type.endsWith("list_open")) lists.push([]);
    else if (token.type.endsWith("list_close")) lists.pop();
    else if (token.type === "list_item_open" && token.info) number(token, lists.at(-1));
  }
}

function number(token, written) {
  const value = Number(token.info);
  const last = written.at(-1);
  written.push(value);
  if (last !== undefined && value !== last + 1 && written[0] !== written[1]) token.attrSet("value", String(value));
}
