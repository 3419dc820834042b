// One message: its text, its footer, and its actions.

import { isWebAddress } from "../addresses.js";
import { Body } from "../body.js";
import { announce } from "./announce.js";
import { copyMessage } from "./copied.js";
import { button, icon, make, time } from "./dom.js";
import { forget, listen } from "./feed.js";
import { explained, note, withMenus } from "./figures.js";
import { growing } from "./follow.js";
import { keep } from "./kept.js";
import { read } from "./stream.js";

const running = new Set();  // answers that were seen while they ran, by whichever element showed them
const FOLDED = 4000;  // characters of a question from which on it is folded
const FOLDED_LINES = 40;

/** `page`: {words, act(action, message, more)}. `show(item)` may be called again with other data. */
export class Message {
  constructor(page) {
    this.page = page;
    this.parts = {};  // by name: the element and what it shows
    this.raw = false;
    this.element = make("article", { class: "pg-message", tabindex: "-1" });
    this.content = make("div", { class: "pg-content" });
    this.element.append(this.content);
  }

  show(item) {
    const before = this.item;
    if (before?.running && item.running) keepLonger(item, before);
    this.item = item;
    Object.assign(this.element.dataset, { role: item.role, message: item.id, part: item.part });
    this.element.setAttribute("aria-label", item.label);
    this.element.classList.toggle("pg-running", Boolean(item.running));
    this.draw();
    if (item.running && !(before?.running && before.stream?.id === item.stream?.id)) this.begin();
    if (!item.running && running.has(item.id)) this.end();
  }

  draw() {
    const { item } = this;
    const head = item.part !== "foot";
    this.part("by", head && item.by, (element) => element.replaceChildren(item.by), "p");
    this.part("reasoning", head && item.reasoning, () => this.drawReasoning(), "details");
    this.part("fold", head && item.fold, () => this.drawFold(), "details");
    this.part("text", head && item.text.trim() && !item.fold, () => this.drawText(), "div");
    this.part("calls", item.running && item.calls, (element) => this.drawCalls(element), "div");
    this.part("state", head && item.running && !item.text.trim() && !item.calls && item.state, (element) => element.replaceChildren(item.state), "p");
    const foot = item.part !== "head";
    this.part("notices", foot && item.notices.length, (element) => element.replaceChildren(...item.notices.map(notice)), "div");
    this.part("sources", foot && item.sources.length, (element) => this.drawSources(element), "div");
    this.part("footer", item.footer && !item.running, (element) => this.drawFooter(element), "footer");
  }

  /** Draw a part, skip it if nothing has changed, or remove it. Parts keep their order. */
  part(name, wanted, draw, tag) {
    const known = this.parts[name];
    if (!wanted) {
      known?.element.remove();
      known?.body?.destroy();
      delete this.parts[name];
      return;
    }
    const part = known ?? (this.parts[name] = { element: make(tag, { class: `pg-${name}` }) });
    if (!known) this.content.insertBefore(part.element, this.following(name));
    draw(part.element);
  }

  following(name) {
    const order = ["by", "reasoning", "fold", "text", "calls", "state", "notices", "sources", "footer"];
    const later = order.slice(order.indexOf(name) + 1).find((other) => this.parts[other]);
    return later ? this.parts[later].element : null;
  }

  // ---- words -------------------------------------------------------------------------------------------

  drawText() {
    const { item, parts } = this;
    const part = parts.text;
    const drawing = this.raw ? "raw" : item.role === "assistant" ? "markdown" : "typed";
    const way = `${drawing} ${item.sources.map((source) => source.url).join(" ")}`;  // marks of sources are links
    if (part.way !== way) {
      part.body?.destroy();
      part.body = undefined;
      part.element.replaceChildren();
      part.way = way;
      part.shown = undefined;
    }
    const final = !item.running;
    if (part.shown === item.text && part.final === final) return;
    Object.assign(part, { shown: item.text, final });
    if (drawing === "markdown") {
      const fresh = !part.body;
      part.body ??= new Body(part.element, { id: item.id, role: item.role, citations: item.sources.map((source) => source.url) });
      write(part.body, item.text, final, fresh);
    } else {
      this.drawTyped(part.element, drawing);
    }
  }

  /** As typed: a visitor's text is not parsed as Markdown. A long one is folded, but stays in the page. */
  drawTyped(element, way) {
    const { text } = this.item;
    element.replaceChildren(make(way === "raw" ? "pre" : "div", { class: `pg-${way}`, dir: "auto" }, text));
    const long = way === "typed" && (text.length > FOLDED || text.split("\n").length > FOLDED_LINES);
    element.classList.toggle("pg-folded", long);
    if (!long) return;
    const more = make("button", { type: "button", class: "pg-more", "aria-expanded": "false" }, this.page.words.showAll);
    more.addEventListener("click", () => {
      const folded = element.classList.toggle("pg-folded");
      more.setAttribute("aria-expanded", String(!folded));
      more.replaceChildren(folded ? this.page.words.showAll : this.page.words.showLess);
    });
    element.append(more);
  }

  drawReasoning() {
    const { item, parts, page } = this;
    const part = parts.reasoning;
    const thinks = Boolean(item.running) && !item.text.trim();
    const fresh = !part.body;
    if (fresh) {
      const inner = make("div", {});
      part.summary = make("summary", {});
      part.element.append(part.summary, inner);
      part.body = new Body(inner, { id: `${item.id}r`, role: "reasoning" });
    }
    if (part.thinks !== thinks) {
      part.thinks = thinks;
      part.element.open = thinks;
      part.summary.replaceChildren(thinks ? page.words.reasoningArrives : page.words.reasoning);
    }
    const final = !thinks;
    if (part.shown === item.reasoning && part.final === final) return;
    Object.assign(part, { shown: item.reasoning, final });
    write(part.body, item.reasoning, final, fresh);
  }

  /** A text with a title of its own, such as the result of a tool. */
  drawFold() {
    const { item, parts } = this;
    if (parts.fold.shown === item.text) return;
    parts.fold.shown = item.text;
    parts.fold.element.replaceChildren(
      make("summary", {}, icon("tool"), item.fold),
      make("pre", { class: "pg-raw", tabindex: "0", translate: "no" }, item.text),
    );
  }

  /** Tool calls as the model writes them; their outcomes are not shown here. */
  drawCalls(element) {
    const calls = JSON.parse(this.item.calls);
    calls.forEach(([name, given], at) => {
      const row = element.children[at] ?? element.appendChild(make("div", { class: "pg-call" }, make("p", {}), make("pre", { class: "pg-raw", translate: "no" })));
      row.firstChild.replaceChildren(icon("tool"), ` ${name || this.page.words.tool} `, make("span", {}, this.page.words.arriving));
      row.lastChild.textContent = given;
    });
  }

  drawSources(element) {
    const list = make("ol", {});
    for (const { title, url } of this.item.sources) {
      const link = make("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow", referrerpolicy: "no-referrer" }, title);
      list.append(make("li", { dir: "auto" }, isWebAddress(url) ? link : title));
    }
    element.replaceChildren(make("span", {}, this.page.words.sources), list);
  }

  // ---- what can be done --------------------------------------------------------------------------------

  drawFooter(element) {
    const { item } = this;
    const { footer } = item;
    const now = JSON.stringify([footer, this.raw]);
    if (element.pgShown === now) return;
    element.pgShown = now;
    const focused = element.contains(document.activeElement) && document.activeElement.dataset.action;
    element.replaceChildren(
      ...footer.actions.map((action) => this.action(action)),
      ...this.branches(),
      this.more(),
      this.quiet(),
    );
    if (focused) element.querySelector(`[data-action="${focused}"]`)?.focus();
  }

  /** The figures line; if there are more figures, it opens them, also by keyboard or touch. */
  quiet() {
    const { quiet, when, details } = this.item.footer;
    const line = [quiet, quiet && when && " · ", time(when)];
    if (!details) return make("span", { class: "pg-quiet" }, ...line);
    const attributes = { class: "pg-quiet", type: "button", title: details, "data-action": "details", "aria-expanded": "false" };
    const element = make("button", attributes, ...line);
    note(element, () => explained(this.item.footer));
    return element;
  }

  action(action) {
    const { page, item } = this;
    if (action !== "copy") {
      // Ignore the second click of a double click: it would stop the answer that the first has requested.
      return button(action, page.words.actions[action], ({ detail }) => detail > 1 || page.act(action, item.id));
    }
    const element = button("copy", page.words.actions.copy, async () => {
      await copyMessage(item);
      element.replaceChildren(icon("copied"), make("span", {}, page.words.copied));
      announce(page.words.copied);
      setTimeout(() => element.replaceChildren(icon("copy"), make("span", {}, page.words.actions.copy)), 1500);
    });
    return element;
  }

  branches() {
    const { branch } = this.item.footer;
    if (!branch) return [];
    const { words, act } = this.page;
    return [
      button("previous", words.previous, () => act("choose", branch.previous)),
      make("span", { class: "pg-branch" }, branch.label),
      button("next", words.next, () => act("choose", branch.next)),
    ];
  }

  more() {
    const { words, act } = this.page;
    const { menu } = this.item.footer;
    const element = button("more", words.more, () => withMenus(({ openMenu }) => openMenu(element, [
      ...(this.item.part === "whole" ? [[this.raw ? words.rendered : words.raw, () => this.turn()]] : []),
      ...menu.map((action) => [words.actions[action], () => act(action, this.item.id)]),
    ])));
    element.setAttribute("aria-haspopup", "menu");
    element.setAttribute("aria-expanded", "false");
    return element;
  }

  /** Show the raw text of the model, or the rendered one. */
  turn() {
    this.raw = !this.raw;
    this.draw();
  }

  // ---- while it arrives --------------------------------------------------------------------------------

  begin() {
    const { page, item } = this;
    running.add(item.id);
    announce(page.words.answering);
    Object.assign(item, listen(item.id, item, (part, value) => this.take(part, value), () => page.ring("again", item.id)));
    this.draw();
    if (item.stream) read(item.stream, item.id, (why) => this.over(why));
  }

  take(part, value) {
    if (!this.item.running) return;
    if (part === "said") Object.assign(this.item, { text: value, turned: true });
    else if (part !== "text" || !this.item.turned) this.item[part] = value;
    this.draw();
    growing();
  }

  /** The stream has ended; `why` is passed to the page. */
  over(why) {
    const { id, text, reasoning } = this.item;
    if (why === "over") keep(id, text, reasoning);
    this.page.ring(why, id);
  }

  end() {
    running.delete(this.item.id);
    forget(this.item.id);
    announce(this.item.ending ?? this.page.words.answered);
  }

  leave() {
    for (const part of Object.values(this.parts)) part.body?.destroy();
  }
}

/** The stream may have more text than the page had when it was drawn. */
function keepLonger(item, before) {
  const parts = ["reasoning", "calls", ...(item.turned && !before.turned ? [] : ["text"])];
  const turned = before.turned && !item.turned;
  for (const part of parts) if (before[part].length > item[part].length || (turned && part === "text")) item[part] = before[part];
  item.turned ||= before.turned;
}

/** What came with the page can wait until there is time; what was seen growing, or is turned over, cannot. */
function write(body, text, final, fresh) {
  if (final && fresh) body.updateLater(text);
  else body.update(text, { final });
}

function notice({ kind, text }) {
  const words = make("div", {});
  new Body(words, { id: "notice", role: "notice" }).update(text, { final: true });
  return make("div", { class: `pg-notice pg-${kind}` }, icon(kind === "bad" ? "warning" : kind), words);
}
