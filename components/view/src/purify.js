// The second line of defence (DOMPurify): only these elements and attributes get into the page.

import createPurify from "dompurify";

import { isAddress, isPicture } from "./addresses.js";

const TAGS = [
  "a", "b", "blockquote", "br", "button", "code", "del", "details", "div", "em", "h2", "h3", "h4", "h5", "h6", "hr",
  "i", "img", "input", "ins", "kbd", "li", "mark", "ol", "p", "pre", "rb", "rp", "rt", "ruby", "s", "section", "small", "span", "strong", "sub",
  "summary", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
];
const ATTRIBUTES = [
  "alt", "aria-label", "aria-pressed", "checked", "class", "data-tex", "dir", "disabled", "href", "id", "open",
  "referrerpolicy", "rel", "role", "src", "start", "style", "tabindex", "target", "title", "translate", "type", "value",
];
const ALIGNED = /^text-align:(?:left|right|center)$/;
const OWN = /^#pg-[\w-]+-(?:note|heading)-\d+$/;
const CHECKS = {
  href: (value) => OWN.test(value) || isAddress(value),
  src: isPicture,
  style: (value) => ALIGNED.test(value),
  value: (value) => /^\d+$/.test(value),
  type: (value, element) => value === (element.localName === "input" ? "checkbox" : "button"),
  class: (value) => value.split(/\s+/).every((name) => name.startsWith("pg-")),
  id: (value) => OWN.test(`#${value}`),
};

const purify = createPurify(window);

purify.addHook("uponSanitizeAttribute", (element, data) => {
  // The source of a formula is an address of nothing, though it be `f:A\to B`, nor the end of a comment: `a[1]>0`.
  if (data.attrName === "data-tex") Object.assign(data, { attrValue: "", forceKeepAttr: true });
  const check = CHECKS[data.attrName];
  if (check && !check(data.attrValue, element)) data.keepAttr = false;
  else if (data.attrName === "src" || data.attrName === "href") data.forceKeepAttr = true;
});
purify.addHook("afterSanitizeAttributes", (element) => {
  if (element.localName === "input" && element.type !== "checkbox") element.remove();
});

/** The elements of an HTML text. */
export function purified(html) {
  return purify.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOW_ARIA_ATTR: false,
    ALLOW_DATA_ATTR: false,
    SANITIZE_DOM: false, // no name but "pg-..." passes as an id
    RETURN_DOM_FRAGMENT: true,
  });
}
