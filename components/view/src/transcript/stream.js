// Reads the text of running answers from a route of the app: backend/answer/relay.py defines the format.
//
// One stream carries all answers of a tab, and only while the tab is seen: a browser has six connections to a host,
// and eight windows would wait for one another. So at most four are open in a browser at once. A stream that breaks goes
// on where it was; until one begins, and where none does, the page feeds its answers (components/chat/page_feed.py).

import { stopIsWished, wishStop } from "./early_stop.js";
import { characters, take } from "./feed.js";

const PATIENCE = 2000;  // ms without a word, after which the route does not get through here
const PATH = "answers";  // components/view/route.py
const OVER = '[role="dialog"], [role="listbox"], [role="menu"], [class*="st-key-editing-"]';  // Escape is for these
const OPEN = 4;  // streams of one browser at once

const streams = new Map();  // by the id of the relay

/** The base address of the app: this script is in app/static/ below it. */
const address = (id) => new URL(`../../${PATH}?id=${encodeURIComponent(id)}`, import.meta.url);

/** Read answer `answer`, which is at `place` of a relay. `tell("over" | "lost" | "again")` is called once. */
export function read({ id, place }, answer, tell) {
  const stream = streams.get(id) ?? new Stream(id);
  streams.set(id, stream);
  stream.answers.set(place, { answer, tell });
  const early = stream.early.filter((event) => event[0] === place);
  stream.early = stream.early.filter((event) => event[0] !== place);
  for (const event of early) stream.heard(event);
}

/** Listen for an answer that is yet to come: `begun(message, place)` is called for each, `lost()` where none can come. */
export function expect(id, begun, lost) {
  const stream = streams.get(id) ?? new Stream(id);
  streams.set(id, stream);
  Object.assign(stream, { begun, lost });
}

/** Stop the running answers of this page, without waiting for a rerun. */
function stop() {
  for (const [id, { answers }] of streams) {
    for (const [place, { answer }] of answers) {
      if (document.querySelector(`.pg-running[data-message="${answer}"]`)) stopAt(id, place);
    }
  }
}

function stopAt(id, place) {
  const at = address(id);
  at.searchParams.set("place", place);
  fetch(at, { method: "POST", keepalive: true }).catch(() => undefined);
}

class Stream {
  constructor(id) {
    this.id = id;
    this.answers = new Map();  // by place
    this.early = [];  // events of answers that the page has yet to draw
    this.seen = () => (document.hidden ? this.close() : this.open());
    document.addEventListener("visibilitychange", this.seen);
    if (!document.hidden) this.open();
  }

  async open() {
    if (this.source || this.waits) return;
    this.waits = true;
    this.free = await permission();
    this.waits = false;
    if (!this.free) this.leave("again");  // the page feeds it
    else if (document.hidden || streams.get(this.id) !== this) this.close();
    else this.listen();
  }

  listen() {
    this.source = new EventSource(address(this.id));
    this.source.onmessage = (event) => {
      clearTimeout(this.timer);
      this.heard(this.whole(JSON.parse(event.data)));
    };
    this.source.onerror = () => { if (this.source?.readyState === EventSource.CLOSED) this.refused(); };
    this.timer = setTimeout(() => this.leave("lost"), PATIENCE);
  }

  close() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = undefined;
    this.free?.();
    this.free = undefined;
  }

  /** Whether the app reports that these answers have ended; a reply of anything else does not count. */
  async refused() {
    clearTimeout(this.timer);
    const reply = await fetch(address(this.id)).catch(() => undefined);
    this.leave(reply?.headers.has("x-answers") ? "over" : "lost");
  }

  /** An event in full form; one that is only text continues where the previous one ended. */
  whole(event) {
    const [place, part, offset, text] = typeof event === "string" ? [...this.ended, event] : event;
    this.ended = [place, part, offset + characters(text).length];
    return [place, part, offset, text];
  }

  heard([place, part, offset, text]) {
    const known = this.answers.get(place);
    if (part === "begin") {
      if (!known) this.begun?.(text, place);
      if (stopIsWished()) stopAt(this.id, place);
      return;
    }
    if (!known) {
      if (place >= 0) this.early.push([place, part, offset, text]);
      return;
    }
    if (part !== "over") {
      take(known.answer, part, offset, text);
      return;
    }
    this.answers.delete(place);
    known.tell("over");
    if (!this.answers.size) this.leave();
  }

  /** The stream has ended; listeners are told why. */
  leave(why) {
    this.close();
    document.removeEventListener("visibilitychange", this.seen);
    streams.delete(this.id);
    if (why === "lost" && !this.answers.size) this.lost?.();
    for (const { tell } of this.answers.values()) tell(why);
    this.answers.clear();
  }
}

/** A slot for another stream in this browser, as a function that releases it; null: all are taken. */
function permission() {
  if (!navigator.locks) return Promise.resolve(() => undefined);  // not on https: then nobody counts
  const ask = (number) => new Promise((decide) => {
    navigator.locks.request(`playground.stream.${number}`, { ifAvailable: true }, (lock) => {
      if (lock) return new Promise((giveBack) => decide(giveBack));
      decide(number + 1 < OPEN ? ask(number + 1) : null);
      return undefined;
    });
  });
  return ask(0);
}

// Stop is a button of Streamlit's, with Esc as its key: what it does on the server takes a run of the page. The
// answers are stopped here at once, and the page finds them stopped.
document.addEventListener("click", (event) => {
  if (event.target.closest?.(".st-key-stop")) stop();
}, { capture: true, passive: true });
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing || document.querySelector(OVER)) return;
  if (document.querySelector(".st-key-stop")) stop();
  wishStop();
}, { capture: true, passive: true });
