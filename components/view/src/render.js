// Tokens -> HTML. Every top-level block becomes exactly one element.

import { isAddress } from "./addresses.js";
import { slug } from "./headings.js";
import { WORDS } from "./words.js";

const LINK = 'target="_blank" rel="noopener noreferrer nofollow" referrerpolicy="no-referrer"';
const PLAIN_PIECE = 8_000; // characters: a browser takes seconds for one line of a megabyte

const ORDERING = /[\u202a-\u202e\u2066-\u2069]/;
const EACH_ORDERING = new RegExp(ORDERING, "g");

/** Whether code holds marks by which a reader would see other code than a machine does ("Trojan Source"). */
export function isReordered(code) {
  return ORDERING.test(code);
}

/** The HTML of code, with such marks in sight and without their effect. */
function written(md, content) {
  return md.utils.escapeHtml(content).replace(EACH_ORDERING, '<span class="pg-mark">$&</span>');
}

/** What stands behind a fence: `python`, `{.python}`, `{r echo=FALSE}`, `ts:src/app.ts`, `12:20:src/app.py`. */
function languageOf(info) {
  const [name] = info.trim().replace(/^\{\s*\.?/, "").replace(/^\d+:\d+:/, "").split(/[\s{},]/);
  return name.split(":")[0].slice(0, 40);
}

function code(md, content, info, sources = "") {
  const shown = md.utils.escapeHtml(languageOf(md.utils.unescapeAll(info)));
  const label = shown ? WORDS.codeIn + shown : WORDS.code;
  return `<div class="pg-code" dir="ltr" translate="no"><div class="pg-bar">`
    + `<span class="pg-language">${shown}</span>${isReordered(content) ? `<span>${WORDS.reordered}</span>` : ""}`
    + `<button type="button" class="pg-wrap" aria-pressed="false">${WORDS.wrap}</button>`
    + `<button type="button" class="pg-copy" aria-label="${WORDS.copyCode}">${WORDS.copy}</button></div>`
    + `<pre tabindex="0" role="region" aria-label="${label}"><code>${written(md, content)}</code></pre>${sources}</div>\n`;
}

function formula(md, token, tag) {
  const { escapeHtml } = md.utils;
  const display = token.meta.display ? " pg-display" : "";
  const place = token.block ? `tabindex="0" role="region" aria-label="${WORDS.formula}" ` : "";
  return `<${tag} class="pg-math${display}" dir="ltr" translate="no" ${place}data-tex="${escapeHtml(token.content)}">`
    + `${escapeHtml(token.meta.source)}</${tag}>`;
}

function plain(md, content, tag = "div") {
  const pieces = [];
  for (let from = 0; from < content.length;) {
    let end = Math.min(from + PLAIN_PIECE, content.length);
    if (/[\ud800-\udbff]/.test(content[end - 1])) end++;
    pieces.push(`<span>${md.utils.escapeHtml(content.slice(from, end))}</span>`);
    from = end;
  }
  return `<${tag} class="pg-plain" dir="auto">${pieces.join("")}</${tag}>`;
}

function tables(rules) {
  rules.table_open = (tokens, index, options, env, self) =>
    `<div class="pg-table"><div class="pg-scroll" dir="${tokens[index].attrGet("dir")}" tabindex="0" role="region" `
    + `aria-label="${WORDS.table}">`
    + `<table${self.renderAttrs(tokens[index])}>\n`;
  rules.table_close = () => `</table></div><div class="pg-bar">`
    + `<button type="button" class="pg-copy" aria-label="${WORDS.copyTable}">${WORDS.copy}</button></div></div>\n`;
}

/** Headings one level down, as the page has its own title. The style follows the written level. */
function headings(rules) {
  const level = (token) => Math.min(6, Number(token.tag[1]) + 1);
  rules.heading_open = (tokens, index, options, env, self) =>
    `<h${level(tokens[index])} class="pg-${tokens[index].tag}"${self.renderAttrs(tokens[index])}>`;
  rules.heading_close = (tokens, index) => `</h${level(tokens[index])}>\n`;
}

function links(md, rules) {
  const { escapeHtml } = md.utils;
  rules.link_open = (tokens, index, options, env) => {
    env.inLink = true;
    const [address, title] = [tokens[index].attrGet("href"), tokens[index].attrGet("title")];
    const heading = env.headings?.get(slug(address));
    if (heading !== undefined) return `<a class="pg-anchor" href="#${env.id}-heading-${heading}">`;
    if (!isAddress(address)) return "<a>";
    // A link without words shows where it leads.
    const words = tokens[index + 1].type === "link_close" ? escapeHtml(address) : "";
    return `<a href="${escapeHtml(address)}"${title ? ` title="${escapeHtml(title)}"` : ""} ${LINK}>${words}`;
  };
  rules.link_close = (tokens, index, options, env) => {
    env.inLink = false;
    return "</a>";
  };
  rules.citation = (tokens, index) => {
    const { content, meta } = tokens[index];
    return `<a class="pg-cite" href="${escapeHtml(meta.address)}" ${LINK}>${content}</a>`;
  };
}

/** The rules for markdown-it's renderer. */
export function renderRules(md) {
  const { rules } = md.renderer;
  rules.fence = (tokens, index, options, env) => {
    const { content, info, meta } = tokens[index];
    return code(md, content, info, meta?.sources && `<p>${md.renderInline(meta.sources, env)}</p>`);
  };
  rules.code_block = (tokens, index) => code(md, tokens[index].content, "");
  rules.code_inline = (tokens, index) => `<code dir="ltr" translate="no">${written(md, tokens[index].content)}</code>`;
  rules.formula = (tokens, index) => formula(md, tokens[index], "span");
  rules.formula_block = (tokens, index) => `${formula(md, tokens[index], "div")}\n`;
  rules.plain = (tokens, index) => plain(md, tokens[index].content, tokens[index].block ? "div" : "span");
  rules.own_html = (tokens, index) => tokens[index].content;
  rules.task = (tokens, index) => {
    const { done } = tokens[index].meta;
    return `<input type="checkbox" disabled${done ? " checked" : ""} aria-label="${done ? WORDS.done : WORDS.toDo}"> `;
  };
  tables(rules);
  headings(rules);
  links(md, rules);
  md.linkAttributes = LINK;
}
