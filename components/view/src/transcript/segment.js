// A segment: consecutive messages without Streamlit elements between them, as one element of the page.

import "./chosen.js";  // from the beginning: what tells of files is loaded later
import { composer, focusComposer, heard } from "./message_box.js";
import { make } from "./dom.js";
import { silence } from "./echo.js";
import { focusEditor } from "./editing.js";
import { learnTerms } from "./figures.js";
import { editing, grown, lookAt, opened, questionSent, questionTaken, watch } from "./follow.js";
import { filled } from "./item.js";
import { holds, whole } from "./kept.js";
import { Message } from "./message.js";
import { expect } from "./stream.js";

const segments = new WeakMap();  // the element that Streamlit gave -> its segment
const known = new Set();  // messages that were drawn before, on this page
let conversation;  // the one in view
let lookedAt;  // the hit of a search that was scrolled to last
const early = new Map();  // answers that run already, before the page has drawn them
let words;  // around messages: they come once
let table;  // by which tokens are counted: the same
const waiting = [];  // what is to be drawn when they have come
const ASKED_FOR = 2000;  // ms until a text that is lacking is asked for once more
let bell;  // by which the view asks for the page anew: a click never has to wait behind it

/**
 * Called by Streamlit for each run of the page, with the same element as long as the segment exists.
 * `data`: JSON as bytes, made by components/chat/transcript.py.
 */
export function segment({ data, parentElement, setTriggerValue }) {
  const json = new TextDecoder().decode(data);
  if (json.startsWith('{"terms"')) {
    learn(JSON.parse(json));
    return;
  }
  if (json.startsWith('{"relay"')) {
    hang(JSON.parse(json), parentElement, setTriggerValue);
    return;
  }
  let found = segments.get(parentElement);
  if (!found) {
    found = new Segment(parentElement);
    segments.set(parentElement, found);
  }
  found.act = (action, message) => {
    setTriggerValue("act", { action, message });
    if (action === "edit") {
      editing();
      focusEditor();
    }
  };
  const draw = () => {
    found.show(json);
    grown();
    composer();
  };
  if (words || json.startsWith('{"still"')) draw();
  else waiting.push(draw);
}

/** The elements beside the messages (components.view.component.shared_texts and load). */
function learn({ terms, words: around, table: counts }) {
  learnTerms(terms);
  words = around;
  table = counts;
  for (const draw of waiting.splice(0)) draw();
}

function hang({ relay, ahead: next }, parentElement, setTriggerValue) {
  bell = setTriggerValue;
  import("./ahead.js").then(({ ahead }) => ahead({ ...next, table }));  // nobody types in the first moment
  if (!parentElement.querySelector(".pg-list")) parentElement.append(make("div", { class: "pg-segment" }, make("div", { class: "pg-list" })));
  if (relay) expect(relay, (id, place) => begin(id, { id: relay, place }), () => ring("lost", "0"));
  composer();
}

/** An answer of which the page does not know yet: shown at the end, until its segment takes it. */
function begin(id, stream) {
  // One that was drawn has ended meanwhile, and its chat may have been left: a new stream tells of it once more.
  if (!words || known.has(id) || document.querySelector(`.pg-message[data-message="${id}"]`)) return;
  const lists = document.querySelectorAll(".pg-list");
  const message = new Message({ words, act: () => undefined, ring });
  early.set(id, message);
  lists[lists.length - 1].append(message.element);
  message.show(filled({ id, role: "assistant", running: true, stream }));
  grown();
  setTimeout(() => {
    if (early.get(id) !== message) return;
    early.delete(id);
    message.element.remove();  // the page shows another conversation by now
  }, 8000);
}

function taken(id, page) {
  const message = early.get(id);
  early.delete(id);
  if (message) message.page = page;
  return message;
}

const LEAVING = 1500;  // ms in which a page that was chosen is there
let left = -Infinity;  // when another page was chosen last
document.addEventListener("click", (event) => {
  if (event.target.closest?.('.st-key-menu a')) left = performance.now();
}, { capture: true, passive: true });

let rung = 0;  // when the page was asked for last

// While its socket is away Streamlit drops what it is to send, and when it is back it asks for nothing. The stream of an
// answer is often back before it: the page would show the answer as running for ever.
const away = () => !["CONNECTED", undefined].includes(document.querySelector('[data-testid="stApp"]')?.dataset.testConnectionState);

/** Request a rerun of the page: an answer has ended, or has to be sent in another way. */
function ring(why, message) {
  if (why !== "lost" && !document.querySelector(`.pg-message[data-message="${message}"]`)) return;  // on no page in view
  if (performance.now() - left < LEAVING || away()) {
    setTimeout(ring, LEAVING / 5, why, message);  // the visitor goes to another page, and is not called back
    return;
  }
  if (why === "again" && performance.now() - rung < 1000) return;
  rung = performance.now();
  bell?.("act", { action: why, message, holds: holds() });
}

class Segment {
  constructor(parent) {
    this.messages = new Map();
    this.root = make("div", { class: "pg-segment" });
    this.list = make("div", { class: "pg-list" });
    this.root.append(this.list);
    this.root.addEventListener("keydown", walk);
    for (const plain of parent.querySelectorAll(".pg-plain")) plain.remove();  // of stub.js
    parent.append(this.root);
  }

  show(json) {
    if (json === this.shown) return;
    this.shown = json;
    const { words: own = words, items: told, arrived, hit, still, conversation: shown } = JSON.parse(json);
    this.root.classList.toggle("pg-still", Boolean(still));
    if (!still) {
      watch(this.root, own);
      if (shown !== conversation) opened();
      conversation = shown;
    }
    const page = { words: own, act: (...what) => this.act(...what), ring };
    const before = this.messages;
    const items = told.map((item) => filled(whole(item) ?? { ...item, text: before.get(item.id)?.item.text ?? "" }));
    this.messages = new Map(items.map((item) => [item.id, before.get(item.id) ?? taken(item.id, page) ?? new Message(page)]));
    for (const [id, message] of before) if (!this.messages.has(id)) message.leave();
    const focused = this.focused();
    this.place([...this.messages.values()].map((message) => message.element));
    for (const item of items) this.messages.get(item.id).show(item);
    const lacking = told.find((item) => !whole(item));
    if (lacking) this.lacks(json, lacking.id);
    if (focused && document.activeElement === document.body) this.refocus(focused);
    if (still) return;
    this.follow(items, arrived);
    this.mark(hit);
  }

  /** A text is missing here, although it was reported. Request until the page has sent every text. */
  lacks(json, id) {
    if (this.shown !== json || !this.root.isConnected) return;
    ring("lacks", id);
    setTimeout(() => this.lacks(json, id), ASKED_FOR);
  }

  /** Marks the search hit, and scrolls to it once. */
  mark(hit = "") {
    const found = this.messages.get(hit.split(".")[0]);
    for (const message of this.messages.values()) message.element.classList.toggle("pg-hit", message === found);
    if (!found || hit === lookedAt) return;
    lookedAt = hit;
    lookAt(found.element);
  }

  /** The focused element: the index of its message, and the name of the button. */
  focused() {
    const at = [...this.list.children].findIndex((element) => element.contains(document.activeElement));
    return at < 0 ? null : { at, action: document.activeElement.dataset.action };
  }

  /** The message that had the focus is gone: another answer stands in its place. */
  refocus({ at, action }) {
    const element = this.list.children[Math.min(at, this.list.children.length - 1)];
    const target = (action && element?.querySelector(`[data-action="${action}"]`)) || element;
    target?.focus({ preventScroll: true });
  }

  /** Sort the messages, moving only misplaced ones: a moved one loses its focus. */
  place(elements) {
    for (const child of [...this.list.children]) if (!elements.includes(child)) child.remove();
    elements.forEach((element, at) => {
      if (this.list.children[at] !== element) this.list.insertBefore(element, this.list.children[at] ?? null);
    });
  }

  /** A question that is new on this page was sent just now; the others were opened with the page. */
  follow(items, arrived) {
    const fresh = items.filter((item) => !known.has(item.id));
    for (const item of fresh) known.add(item.id);
    const echoed = fresh.length && silence();
    const asked = fresh.filter((item) => item.role === "user");
    heard(asked.map((item) => item.text.trim()), arrived);
    if (arrived && asked.length) (echoed ? questionTaken : questionSent)();
    grown();
  }
}

/** Arrow keys move between messages if a message itself has the focus; after the last one to the box. */
function walk(event) {
  const here = event.target;
  if (!here.classList?.contains("pg-message")) return;
  const all = [...document.querySelectorAll(".pg-message")];
  const at = all.indexOf(here);
  if (event.key === "ArrowDown" && at === all.length - 1) {
    event.preventDefault();
    focusComposer();
    return;
  }
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined || !all[to]) return;
  event.preventDefault();
  all[to].focus({ preventScroll: true });
  all[to].scrollIntoView({ block: "nearest" });
}
