// The page follows the newest question and answer, unless the reader has scrolled up; a button leads back to the end.
// Nothing of that is left to Streamlit: its own hook lost the answer in 13 of 36 fresh tabs (measured).

import { button } from "./dom.js";

const NEAR = 48;  // pixels from the end that still count as the end
const SETTLING = 1500;  // ms after a question in which the page may be laid out anew by others

const FOLLOWED = ".pg-segment:not(.pg-still) .pg-message";  // the others stand on a page that is no conversation
const place = Object.getOwnPropertyDescriptor(Element.prototype, "scrollTop");

let scroller;  // what scrolls: Streamlit's main section
let following = true;
let back;  // the button
let watched;  // its words
let asked = 0;  // when the last question was sent
let observer;
let sought;  // the message that was looked for, and since when
let soughtAt = 0;

/** Watch the page that contains `element`. Idempotent. */
export function watch(element, words) {
  const found = scrollerOf(element);
  if (found === scroller && back?.isConnected) return;
  // Else messages were drawn anew, and the reader is where they were. One who scrolls up as the greeting goes stays too.
  if (found !== scroller && performance.now() - upward > LATE) following = true;
  scroller = found;
  watched = words;
  keepOthersOut(scroller);
  scroller.addEventListener("scroll", scrolled, { passive: true });
  for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) scroller.addEventListener(kind, reader, { passive: true });
  observer?.disconnect();
  observer = new ResizeObserver(grown);
  for (const child of scroller.children) observer.observe(child);
  observer.observe(scroller);
  back?.remove();
  back = button("end", words.end, toTheEnd);
  back.classList.add("pg-to-end");
  back.hidden = true;
  element.append(back);  // the theme's colours are known there
}

/**
 * Streamlit has a hook that scrolls to the end, and takes a page that became shorter for a reader who is there: it went
 * on against one who had scrolled up (in 1 of 8 tries on a busy machine). While there are messages the page is scrolled
 * by its reader and from here; what other scripts set counts for nothing.
 */
function keepOthersOut(element) {
  Object.defineProperty(element, "scrollTop", {
    configurable: true,
    get() { return place.get.call(this); },
    set(pixels) { if (!document.querySelector(FOLLOWED)) place.set.call(this, pixels); },
  });
}

/** Another conversation came into view: scroll to its end. */
export function opened() {
  following = true;
}

/** A message was looked for: the page is seen from there, also when what is above it grows at first. */
export function lookAt(message) {
  sought = message;
  soughtAt = performance.now();
  following = false;
  grown();
}

/** A message is being edited: do not scroll away from it, even if the page was following the end. */
export function editing() {
  following = false;
}

/** A question was sent: scroll it and its answer into view, wherever the reader was. */
export function questionSent() {
  asked = performance.now();
  following = true;
  grown();
}

/** The app's own message took the place of what was shown since it was sent: who has scrolled up meanwhile stays there. */
export function questionTaken() {
  asked = performance.now();
  grown();
}

/** The content has grown. */
export function grown() {
  const message = document.querySelector(FOLLOWED);
  if (!message) {
    back?.remove();  // another page, which nobody follows
    return;
  }
  if (!scroller) return;
  // With the greeting gone another part of the page scrolls (components/empty.css).
  if (!scroller.isConnected || !scrolls(scroller)) watch(message.closest(".pg-segment"), watched);
  if (following) place.set.call(scroller, scroller.scrollHeight);
  else if (sought?.isConnected && performance.now() - soughtAt < SETTLING && touched < soughtAt) sought.scrollIntoView({ block: "start" });
  showButton();
}

let due = 0;

/** An answer grew. To see how far the page reaches it has to be laid out: once for all that a frame brings (for each
 *  piece of six answers at 100 tokens/s that was three of five seconds of the page's work in thirteen, measured). */
export function growing() {
  due ||= requestAnimationFrame(() => {
    due = 0;
    grown();
  });
}

function toTheEnd() {
  following = true;
  grown();
}

const left = () => scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop;

const LATE = 3000;  // ms by which a busy page may scroll after the wheel was turned
let touched = -Infinity;  // when the reader last did something that scrolls
let upward = -Infinity;  // when the wheel was last turned up, and nothing else done since

function reader(event) {
  touched = performance.now();
  const up = event.type === "wheel" && event.deltaY < 0 && scroller.scrollHeight > scroller.clientHeight;
  upward = up ? touched : -Infinity;
  if (up || opens(event)) following = false;
}

/** The reader opens a fold, to read on there: do not scroll away from it to the end. */
function opens(event) {
  const pressed = event.type === "pointerdown" || event.key === "Enter" || event.key === " ";
  return pressed && event.target.closest?.("summary") && !document.querySelector(".pg-running");
}

let before = 0;  // where the page was scrolled to

/** Only the reader's own scrolling stops the following: a page that becomes shorter scrolls as well, to its end. */
function scrolled() {
  const now = performance.now();
  const up = scroller.scrollTop < before;
  const late = now - upward < LATE;  // what is heard now may be of the page's own scrolling before
  if (!up && left() <= NEAR && !late) following = true;
  else if (up && left() >= 1 && (late || now - touched < 1000) && now - asked > SETTLING / 3) following = false;
  before = scroller.scrollTop;
  showButton();
}

function showButton() {
  back.hidden = following || left() <= NEAR;
  if (!back.hidden) {
    const box = scroller.getBoundingClientRect();
    back.style.left = `${box.left + box.width / 2}px`;
    back.style.bottom = `${innerHeight - Math.min(composerTop() ?? box.bottom, box.bottom) + 8}px`;
  }
}

/** The upper edge of the fixed part of the page, by the row under the composer. */
function composerTop() {
  let element = document.querySelector(".st-key-toolbar");
  while (element && element !== scroller) {
    if (getComputedStyle(element).position === "sticky") return element.getBoundingClientRect().top;
    element = element.parentElement;
  }
  return undefined;
}

const scrolls = (element) => element === document.scrollingElement || /auto|scroll/.test(getComputedStyle(element).overflowY);

function scrollerOf(element) {
  for (let at = element.parentElement; at; at = at.parentElement) {
    if (scrolls(at) && at.tagName !== "BODY") return at;
  }
  return document.scrollingElement;
}
