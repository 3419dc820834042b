// The tooltip with the figures of a message, and the explanation of the terms in it.

import { make } from "./dom.js";

let meanings = {};  // of the words in figures, by their ids: they come once for all messages
let menus;  // menu.js, once it is loaded

/** Open something of menu.js: from the second time on synchronously, so that the next key press goes to it. */
export function withMenus(open) {
  if (menus) open(menus);
  else import("./menu.js").then((loaded) => open(menus = loaded));
}

/** The explanations of terms: [word, meaning] by id. */
export function learnTerms(terms) {
  meanings = terms;
}

/** The tooltip with the figures, and the explanation of its terms. */
export function explained({ details, terms }) {
  const known = terms.map((id) => meanings[id]).filter(Boolean);
  return [details, ...known.map(([word, means]) => make("p", { class: "pg-term" }, make("b", {}, word), ` ${means}`))];
}

/** Lines of text under a button: it opens them and closes them again. `text` gives what is in it. */
export function note(opener, text) {
  let open = false;  // as it was when the button was touched: the browser closes the note before the click
  opener.addEventListener("pointerdown", () => { open = opener.getAttribute("aria-expanded") === "true"; });
  opener.addEventListener("click", () => {
    if (!open) withMenus(({ openNote }) => openNote(opener, text()));
    open = false;
  });
}
