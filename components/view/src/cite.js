// Citations: `[2]`, `[2][5]` become links to the second and fifth source, except in code, formulas and links.

import { isWebAddress } from "./addresses.js";

const MARKS = /(?<![!\]])(?:\[\d{1,3}\])+(?![([:])/g;

/** Replaces text tokens by text and links. Runs before markdown-it joins `\[` (escaped) with what is around it. */
export function cite(state) {
  const { citations } = state.env;
  if (!citations?.length) return;
  for (const token of state.tokens) {
    if (token.type === "inline" && token.content.includes("[")) token.children = cited(state, token.children);
  }
}

function cited(state, children) {
  let links = 0;
  return children.flatMap((token) => {
    if (token.type === "link_open") links++;
    if (token.type === "link_close") links--;
    return token.type === "text" && !links ? pieces(state, token) : [token];
  });
}

function pieces(state, token) {
  const found = [];
  let from = 0;
  for (const run of token.content.matchAll(MARKS)) {
    found.push(text(state, token.content.slice(from, run.index)));
    for (const [mark, number] of run[0].matchAll(/\[(\d+)\]/g)) found.push(link(state, mark, Number(number)));
    from = run.index + run[0].length;
  }
  return from ? [...found, text(state, token.content.slice(from))] : [token];
}

function text(state, content) {
  const token = new state.Token("text", "", 0);
  token.content = content;
  return token;
}

function link(state, mark, number) {
  const address = state.env.citations[number - 1] ?? "";
  if (!isWebAddress(address)) return text(state, mark);
  const token = new state.Token("citation", "", 0);
  token.content = mark;
  token.meta = { address };
  return token;
}
