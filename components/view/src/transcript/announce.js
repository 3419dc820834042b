// Announcements for screen readers: an answer is being written, has ended, or has failed.

import { make } from "./dom.js";

// There from the beginning: what a region says in the moment in which it comes is not read.
const region = make("div", { class: "pg-unseen", role: "status", "aria-live": "polite" });
document.body.append(region);

/** Say it once, politely: after what is being read. The same words again are read again. */
export function announce(words) {
  region.replaceChildren(make("span", {}, words));
}
