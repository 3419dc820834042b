// The view of texts: what the page imports. See body.js and export.js.
export { Body } from "./body.js";
export { renderToHTML } from "./export.js";
