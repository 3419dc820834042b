// What a screen reader is told: that an answer is being written, that it has come, that it failed.

import { make } from "./dom.js";

let region;

/** Say it once, politely: after what is being read. */
export function announce(words) {
  if (!region?.isConnected) {
    region = make("div", { class: "pg-unseen", role: "status", "aria-live": "polite" });
    document.body.append(region);
  }
  region.textContent = words;
}
