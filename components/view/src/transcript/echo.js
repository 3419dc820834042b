// Shows a question as soon as Enter is pressed, before the app has received it: the app's own message replaces
// it. If the app holds it back (for a file that the model does not accept, for example), it is removed again.

import { make } from "./dom.js";
import { questionSent } from "./follow.js";

export const LONGEST = 8000;  // ms that it may take to be heard
const LOOK = 200;  // ms between two looks at whether it was held back

// By class, not by selector: a long conversation would be searched for it five times a second.
const HELD = ["st-key-held", "st-key-unsent"].map((name) => document.getElementsByClassName(name));  // components/chat/{attach,composer}.py
export const isHeld = () => HELD.some((held) => held[0]);

let shown;
let timer;

/** Show what was just sent. Not while an answer runs: then it is queued, and the app shows that above the message box. */
export function echo(text) {
  const lists = document.querySelectorAll(".pg-list");
  const running = document.querySelector(".pg-running, .st-key-stop");
  if (!text.trim() || running || !lists.length) return;
  silence();
  const typed = make("div", { class: "pg-text" }, make("div", { class: "pg-typed", dir: "auto" }, text));
  shown = make("article", { class: "pg-echo", "data-role": "user", "aria-hidden": "true" }, make("div", { class: "pg-content" }, typed));
  lists[lists.length - 1].append(shown);
  document.body.classList.toggle("pg-first", !document.querySelector(".pg-message"));
  const until = performance.now() + LONGEST;
  timer = setInterval(() => { if (performance.now() > until || isHeld()) silence(); }, LOOK);
  questionSent();
}

/** Remove the echo: the real message has arrived, or will not. Returns whether one was shown. */
export function silence() {
  const echoed = Boolean(shown);
  clearInterval(timer);
  shown?.remove();
  shown = undefined;
  document.body.classList.remove("pg-first");
  return echoed;
}
