// Adds formulas and syntax colours to what is already on the page, once their libraries are loaded.

import { addSheet } from "./style.js";

const SLICE = 30; // ms of one task
const LONGEST_CODE = 50_000; // characters; longer code stays in one colour
const LONGEST_FORMULA = 10_000;
const WIDE = 40; // characters; a shorter one fits into a line
const KEPT = 400; // drawn formulas: a growing paragraph shows the same ones many times

const nextTask = () => new Promise((resolve) => { setTimeout(resolve, 0); });
const formulas = new Map();
let katex;
let highlight;

async function needKatex() {
  const [library] = await Promise.all([import("./katex.js"), addSheet("katex.css")]);
  katex = library;
}

async function needHighlight() {
  highlight = await import("./highlight.js");
}

/** The elements of one body that wait to be filled. */
export class Filling {
  constructor() {
    this.queue = [];
    this.held = [];
    this.running = null;
  }

  /** `open`: text may still be added to these, so their code is not coloured yet. */
  add(nodes, open) {
    this.queue.push(...this.held.filter((node) => !nodes.includes(node)));
    this.held = open ? nodes : [];
    for (const node of nodes) {
      const math = [...node.querySelectorAll(".pg-math")];
      if (node.matches(".pg-math")) math.push(node);
      for (const place of math) if (!place.childElementCount && !(katex && drawKept(place))) this.queue.push(place);
    }
    if (!open) this.queue.push(...nodes.filter((node) => node.querySelector("code")));
  }

  /** The text has ended. */
  release() {
    this.queue.push(...this.held.splice(0));
  }

  stop() {
    this.queue = [];
    this.held = [];
  }

  /** Fills everything, in time slices; the first one ends at `stop`. */
  run(stop) {
    if (this.queue.length) this.running ??= this.work(stop);
    return this.running ?? Promise.resolve();
  }

  async work(stop) {
    await null; // so that the end comes after `running` was set
    while (this.queue.length) {
      const node = this.queue.shift();
      if (!node.isConnected) continue;
      try {
        await this.fill(node);
      } catch {
        continue; // a library could not be had: the source stays
      }
      if (performance.now() < stop) continue;
      await nextTask();
      stop = performance.now() + SLICE;
    }
    this.running = null; // at once: what is added from now on needs a new run
  }

  async fill(node) {
    if (node.matches(".pg-math")) {
      if (!katex) await needKatex();
      drawFormula(node);
      return;
    }
    const codes = [...node.querySelectorAll(".pg-code code")].filter(isColoured);
    if (!codes.length) return;
    if (!highlight) await needHighlight();
    for (const code of codes) {
      highlight.colour(code, languageOf(code));
      await nextTask();
    }
  }
}

const languageOf = (code) => code.closest(".pg-code").querySelector(".pg-language").textContent;

function isColoured(code) {
  return languageOf(code) !== "" && code.childElementCount === 0 && code.textContent.length <= LONGEST_CODE;
}

function formulaKey(place) {
  return `${place.classList.contains("pg-display")} ${place.dataset.tex}`;
}

function drawKept(place) {
  const kept = formulas.get(formulaKey(place));
  if (!kept) return false;
  place.replaceChildren(kept.cloneNode(true));
  fit(place);
  return true;
}

function drawFormula(place) {
  if (place.dataset.tex.length > LONGEST_FORMULA || place.childElementCount || drawKept(place)) return;
  let alone = true; // what leans on others looks different elsewhere
  const drawn = katex.formula(place.dataset.tex, place.classList.contains("pg-display"), () => {
    alone = false;
    return sourcesBefore(place);
  });
  if (drawn.error) {
    place.title = drawn.error;
    place.classList.add("pg-wrong");
    return;
  }
  if (alone) {
    if (formulas.size >= KEPT) formulas.delete(formulas.keys().next().value);
    formulas.set(formulaKey(place), drawn.node.cloneNode(true));
  }
  place.replaceChildren(drawn.node);
  fit(place);
}

/** A part of a formula in a line that is wider than the line scrolls in its own place. */
function fit(place) {
  if (place.dataset.tex.length < WIDE || place.matches(".pg-display")) return;
  const room = place.parentElement.clientWidth || place.closest(".pg-body").clientWidth;
  const isWide = [...place.querySelectorAll(".base")].some((part) => part.offsetWidth > room);
  place.classList.toggle("pg-wide", isWide);
}

/** The sources of the formulas before one in its text. */
function sourcesBefore(place) {
  const all = [...place.closest(".pg-body").querySelectorAll(".pg-math")];
  return all.slice(0, all.indexOf(place)).map((each) => each.dataset.tex);
}
