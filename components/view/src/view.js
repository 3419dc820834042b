// The entry point: conversations (transcript/segment.js), single texts (body.js), texts for a file (export.js).
import { addStyle } from "./style.js";

export { Body } from "./body.js";
export { renderToHTML } from "./export.js";
export { segment } from "./transcript/segment.js";

/** Resolves when the view can draw in its final form. */
export const ready = addStyle();

ready.then(() => import("./copying.js"));
