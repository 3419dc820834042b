// One text on the screen. When it grows, only what differs is redrawn.

import { drawUnits } from "./drawing.js";
import { listen } from "./buttons.js";
import { Filling } from "./filling.js";
import { fenced } from "./json.js";
import { later } from "./later.js";
import { environment, normalized, read } from "./reading.js";
import { addStyle } from "./style.js";

const SLICE = 40; // ms of the first task, while there is more to draw
const LATER = 100; // ms of those after it: each makes the browser lay out all that is there again
const SHORT = 4_096; // characters of unfinished text that are drawn again at once
const SHARE = 8; // times as long as a drawing took, until the next one of a long unfinished text
const GROWN = 16; // or when a sixteenth of it is new: then the cost stays in proportion to the text
const UNDECIDED = /(?:^|\n)[ \t>\u200b-\u200f\ufeff]*(?:(?:[-+*][ \t]+){0,2}(?:[-=+*_]{1,2}|`{1,2}|~{1,2}|#{1,6}|\d{1,9}[.)]?|\|)[ \t]*)?$/;

const HALF = /[\r\ud800-\udbff]/; // of a line end or of a character: its other half may come

let bodies = 0;

export class Body {
  /**
   * @param {HTMLElement} element is emptied and drawn into
   * @param {object} options
   * @param {string} [options.id] unique on the page: anchors of footnotes begin with it
   * @param {"assistant"|"user"} [options.role] a user's text is shown as typed
   * @param {string[]} [options.citations] addresses of the sources that `[1]`, `[2]` ... stand for
   */
  constructor(element, { id = "", role = "assistant", citations = [] } = {}) {
    addStyle();
    this.element = element;
    this.role = role;
    this.options = { id: String(id || ++bodies).replace(/[^\w-]/g, "-"), citations };
    element.classList.add("pg-body");
    element.replaceChildren();
    this.units = [];
    this.filling = new Filling();
    this.stopListening = listen(element);
    this.start();
    this.whenDone = Promise.resolve();
  }

  /** Resets: the text is parsed from its beginning. */
  start() {
    this.raw = this.text = this.whole = "";
    this.settled = { at: 0, units: 0, references: {} };
    this.drawn = 0;
  }

  /**
   * Shows the whole `text`. Usually it begins with the previous text; then only its end is parsed.
   * @param {string} text
   * @param {{final?: boolean}} [options] final: nothing follows, so everything is parsed once more
   */
  update(text, { final = false } = {}) {
    this.cancel?.();
    this.plain?.remove();
    this.take(String(text), final);
    clearTimeout(this.timer);
    this.timer = undefined;
    this.done ??= new Promise((resolve) => { this.resolve = resolve; });
    this.whenDone = this.done;
    const wait = final ? 0 : this.pause();
    if (wait) this.timer = setTimeout(() => this.draw(false), wait);
    else this.draw(final);
  }

  /** A finished text outside of the view: shown raw, so that it can be searched, and rendered when there is time. */
  updateLater(text) {
    this.plain = Object.assign(document.createElement("div"), { className: "pg-plain", dir: "auto", textContent: text });
    this.element.replaceChildren(this.plain);
    this.cancel = later(() => this.update(text, { final: true }));
  }

  /** Checks only the new part: checking everything for each token would be slow for a long text. */
  take(text, final) {
    if (text.slice(0, this.raw.length) !== this.raw) this.start();
    const half = !final && HALF.test(text.slice(-1));
    const added = text.slice(this.raw.length, half ? -1 : undefined);
    this.raw += added;
    this.whole += normalized(added);
  }

  /** Milliseconds until the text is drawn. */
  pause() {
    const unfinished = this.whole.length - this.settled.at;
    const added = this.whole.length - this.drawn;
    if (unfinished < SHORT || added * GROWN >= unfinished) return 0;
    return Math.max(0, this.ended + SHARE * this.took - performance.now());
  }

  /** Stops whatever is still going on. The element keeps what it shows. */
  destroy() {
    this.cancel?.();
    clearTimeout(this.timer);
    clearTimeout(this.slice);
    this.filling.stop();
    this.stopListening();
    this.resolve?.();
  }

  draw(final) {
    clearTimeout(this.slice);
    const began = performance.now();
    this.text = this.role === "assistant" ? fenced(this.whole) : this.whole;
    if (this.role === "user") this.element.textContent = this.text;
    else this.steps = this.plan(final);
    this.drawn = this.whole.length;
    this.go(final, SLICE);
    this.ended = performance.now();
    this.took = this.ended - began;
  }

  /** Parses the text and begins to draw it. */
  plan(final) {
    if (final) this.settled = { at: 0, units: 0, references: {} };
    const { at, units, references } = this.settled;
    const env = environment({ ...this.options, growing: !final }, references);
    const rest = this.text.slice(at);
    const found = read(final ? rest : rest.replace(UNDECIDED, "\n"), env);
    this.pending = final ? null : () => this.settle(found, env);
    return drawUnits(this.element, this.units, units, found, env, (nodes, open) => this.filling.add(nodes, open && !final));
  }

  /** Draws for one time slice, and the rest after yielding to the browser. */
  go(final, slice) {
    const stop = performance.now() + slice;
    while (this.steps) {
      if (this.steps.next().done) this.steps = null;
      else if (performance.now() > stop) {
        this.slice = setTimeout(() => this.go(final, LATER), 0);
        return;
      }
    }
    if (final) this.filling.release();
    this.pending?.();
    this.pending = null;
    const { resolve } = this;
    this.filling.run(stop).then(() => {
      if (this.resolve !== resolve || this.steps || this.timer || this.filling.running) return;
      this.done = this.resolve = undefined;
      resolve?.();
    });
  }

  /** All blocks except the last two are final: `2` after a list may become its second item. */
  settle(found, env) {
    if (found.length < 3) return;
    const last = found.at(-2);
    const references = Object.entries(env.references).filter(([, { line }]) => line < last.line);
    this.settled = {
      at: this.settled.at + last.start,
      units: this.settled.units + found.length - 2,
      references: Object.fromEntries(references.map(([label, target]) => [label, { ...target, line: -1 }])),
    };
  }
}
