// Embedded pictures are shown. Any other becomes a link: fetching it would tell its server
// about the conversation, a known way to exfiltrate data.

import { isPicture } from "./addresses.js";

const INSIDE = /!\[([^\]\n]{0,1000})\]\((data:[\w/+.;=-]{1,80},)([\w+/=%-]*)(\s*(?:"[^"\n]{0,200}")?\s*\))?/y;

function dataRule(state, silent) {
  if (!state.src.startsWith("![", state.pos)) return false;
  INSIDE.lastIndex = state.pos;
  const found = INSIDE.exec(state.src);
  if (!found || INSIDE.lastIndex > state.posMax) return false;
  if (!silent) addPicture(state, found);
  state.pos += found[0].length;
  return true;
}

function addPicture(state, [, words, head, data, end]) {
  const address = head + data;
  if (end && isPicture(address)) {
    const token = state.push("picture", "img", 0);
    token.content = words;
    token.attrSet("src", address);
  } else {
    // A page of letters is no reading.
    state.push("text", "", 0).content = `![${words}](${head}${data.slice(0, 40)}${data.length > 40 ? "..." : ""})`;
  }
}

/** The rules for markdown-it. */
export function pictures(md) {
  const { escapeHtml } = md.utils;
  md.inline.ruler.before("image", "picture", dataRule);
  md.renderer.rules.picture = (tokens, index) => {
    const { content, attrs } = tokens[index];
    return `<img class="pg-picture" alt="${escapeHtml(content)}" src="${escapeHtml(attrs[0][1])}">`;
  };
  md.renderer.rules.image = (tokens, index, options, env, renderer) => {
    const words = renderer.renderInlineAsText(tokens[index].children, options, env).trim();
    const address = tokens[index].attrGet("src");
    const shown = escapeHtml(words || address);
    if (env.inLink) return `<span class="pg-remote">${shown}</span>`;
    return `<a class="pg-remote" href="${escapeHtml(address)}" ${md.linkAttributes}>${shown}</a>`;
  };
}
