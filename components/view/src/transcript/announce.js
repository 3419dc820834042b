// Announcements for screen readers: an answer is being written, has ended, or has failed.

import { make } from "./dom.js";

// Present from the beginning: the content of a new live region is not announced.
const region = make("div", { class: "pg-unseen", role: "status", "aria-live": "polite" });
document.body.append(region);

/** Announce it once, politely: after the current speech. Repeated texts are announced again. */
export function announce(words) {
  region.replaceChildren(make("span", {}, words));
}
