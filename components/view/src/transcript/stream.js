// The text of running answers, read from the app by a way of its own: backend/answer/relay.py says what comes.
//
// One stream carries all answers of a tab, and only while the tab is seen: a browser has six connections to a host,
// and eight tabs would wait for one another. A stream that breaks goes on where it was; one that never begins is lost,
// and the page feeds its answers from then on.

import { take } from "./feed.js";

const PATIENCE = 2000;  // ms without a byte, after which the route does not get through here
const PATH = "answers";  // components/view/route.py

const streams = new Map();  // by the id of the relay

/** Where the app is: this script lies in app/static/ below it. */
const address = (id) => new URL(`../../${PATH}?id=${encodeURIComponent(id)}`, import.meta.url);

/** Read answer `answer`, which is at `place` of a relay. `tell("over" | "lost")` is called once. */
export function read({ id, place }, answer, tell) {
  const stream = streams.get(id) ?? new Stream(id);
  streams.set(id, stream);
  stream.answers.set(place, { answer, tell });
}

/** Stop all answers that run, without waiting for the page. */
export function stopAll() {
  for (const id of streams.keys()) fetch(address(id), { method: "POST", keepalive: true }).catch(() => undefined);
}

class Stream {
  constructor(id) {
    this.id = id;
    this.answers = new Map();  // by place
    this.begun = false;
    this.seen = () => (document.hidden ? this.close() : this.open());
    document.addEventListener("visibilitychange", this.seen);
    if (!document.hidden) this.open();
  }

  open() {
    if (this.source) return;
    this.source = new EventSource(address(this.id));
    this.source.onmessage = (event) => this.heard(JSON.parse(event.data));
    this.source.onopen = () => { this.begun = true; };
    this.source.onerror = () => {
      if (this.source?.readyState === EventSource.CLOSED) this.leave(this.begun ? "over" : "lost");
    };
    this.timer = setTimeout(() => { if (!this.begun) this.leave("lost"); }, PATIENCE);
  }

  close() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = undefined;
  }

  heard([place, part, offset, text]) {
    const known = this.answers.get(place);
    if (!known) return;
    if (part !== "over") {
      take(known.answer, part, offset, text);
      return;
    }
    this.answers.delete(place);
    known.tell("over");
    if (!this.answers.size) this.leave();
  }

  /** Nothing comes here any more; whoever still waits is told why. */
  leave(why) {
    this.close();
    document.removeEventListener("visibilitychange", this.seen);
    streams.delete(this.id);
    for (const { tell } of this.answers.values()) tell(why);
    this.answers.clear();
  }
}

// Stop is a button of Streamlit's, with Esc as its key: what it does on the server takes a run of the page. The
// answers are stopped here at once, and the page finds them stopped.
document.addEventListener("click", (event) => {
  if (event.target.closest?.(".st-key-stop")) stopAll();
}, { capture: true, passive: true });
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.querySelector(".st-key-stop")) stopAll();
}, { capture: true, passive: true });
