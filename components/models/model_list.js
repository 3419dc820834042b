// A text field above a list of models that is searched here: typing sends nothing. Every name is untrusted and is set by
// textContent or value. The app gets the chosen id, from the list or as typed.

const CHUNK = 60;  // rows drawn at once; more when they are scrolled or walked to
const PAGE = 8;  // rows that Page Up and Page Down go

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".picker");
  root.picker ??= new Picker(root);
  root.picker.update(data, (choice) => setTriggerValue("choose", choice));
}

/** Letters and digits only: "claude-opus-4-1" finds "Claude Opus 4.1". */
const fold = (text) => text.toLowerCase().normalize("NFKD").replace(/[^\p{L}\p{N}]+/gu, "");

const element = (tag, className, text = "") =>
  Object.assign(document.createElement(tag), { className, textContent: text });

class Picker {
  constructor(root) {
    this.field = root.querySelector("input[role=combobox]");
    this.popup = root.querySelector(".popup");
    this.list = root.querySelector("[role=listbox]");
    this.foot = root.querySelector(".foot");
    this.retired = root.querySelector("input[type=checkbox]");
    this.isOpen = false;
    this.field.addEventListener("input", () => this.search(this.field.value.trim()));
    this.field.addEventListener("click", () => this.open());
    root.querySelector(".arrow").addEventListener("mousedown", (event) => this.toggle(event));
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("focusout", ({ relatedTarget }) => { if (!root.contains(relatedTarget)) this.close(); });
    this.retired.addEventListener("change", () => this.search(this.sought));
    this.popup.addEventListener("mousedown", (event) => event.preventDefault());  // the focus stays where it is
    this.list.addEventListener("click", (event) => this.clicked(event));
    this.list.addEventListener("scroll", () => { if (this.nearEnd()) this.drawMore(); });
    const place = () => { if (this.isOpen) this.place(); };
    for (const moved of ["scroll", "resize"]) addEventListener(moved, place, { capture: true, passive: true });
  }

  /** `data`: a line of JSON, and the rows as JSON. The rows are parsed once, when the list is opened. */
  update(data, send) {
    const end = data.indexOf(10);
    const head = JSON.parse(new TextDecoder().decode(data.subarray(0, end)));
    if (head.number < this.number) return;  // it was overtaken
    Object.assign(this, head);
    this.send = send;
    if (this.read !== this.version) this.rows = undefined;
    this.unread = data.subarray(end + 1);
    this.field.setAttribute("aria-label", this.words.label);
    this.list.setAttribute("aria-label", this.words.label);
    this.field.placeholder = this.words.placeholder;
    this.field.title = this.tooltip;
    if (this.isOpen && !this.rows) this.search(this.sought);
    if (!this.isOpen) this.field.value = this.name;
  }

  all() {
    if (this.rows) return this.rows;
    const rows = JSON.parse(new TextDecoder().decode(this.unread));
    this.rows = rows.map(([id, name, head, facts, more, retired], at) => ({ id, name, head, facts, more, retired, at }));
    this.read = this.version;
    return this.rows;
  }

  // ---- what is in the list -------------------------------------------------------------------------------

  /** How well a row matches: 0 an exact name, 1 the beginning of a name, 2 any part; undefined: no match. */
  fit(row, whole, terms) {
    row.names ??= [row.id, row.id.slice(row.id.lastIndexOf("/") + 1), row.name, ...row.more].map(fold);
    row.text ??= [...row.names, fold(row.head), row.id.toLowerCase()].join(" ");
    if (!terms.every((term) => row.text.includes(fold(term) || term))) return undefined;
    if (whole && row.names.includes(whole)) return 0;
    return whole && row.names.some((name) => name.startsWith(whole)) ? 1 : 2;
  }

  /** The matching rows, the best developer first; filtered and retired ones are left out. */
  matches(query) {
    const [whole, terms] = [fold(query), query.toLowerCase().split(/\s+/).filter(Boolean)];
    this.hidden = 0;
    const found = [];
    for (const row of this.all()) {
      const fit = this.fit(row, whole, terms);
      if (fit === undefined) continue;
      const named = query && fit === 0;
      if (row.retired) this.hidden += 1;
      if (!row.retired || this.retired.checked || named || row.id === this.chosen) found.push({ row, fit });
    }
    const best = new Map();
    for (const { row, fit } of found) best.set(row.head, Math.min(fit, best.get(row.head) ?? 9));
    const first = new Map([...best.keys()].map((head, at) => [head, at]));
    return found.sort((a, b) => best.get(a.row.head) - best.get(b.row.head) ||
      first.get(a.row.head) - first.get(b.row.head) || a.fit - b.fit || a.row.at - b.row.at).map(({ row }) => row);
  }

  /** Without a search: the last used ones, then all. Otherwise the matches, followed by the typed text itself. */
  items(query) {
    const rows = this.matches(query);
    const items = [];
    if (!query) {
      const known = new Map(rows.map((row) => [row.id, row]));
      const own = this.chosen && !known.has(this.chosen) ? [{ id: this.chosen, name: this.name, facts: "" }] : [];
      const last = [...own, ...this.recent.map((id) => known.get(id)).filter(Boolean)];
      items.push(...last.map((row) => ({ row, head: this.words.recent })));
      const shown = new Set(last.map((row) => row.id));
      items.push(...rows.filter((row) => !shown.has(row.id)).map((row) => ({ row, head: row.head || this.words.others })));
      return items;
    }
    items.push(...rows.map((row) => ({ row, head: row.head })));
    if (this.any && !rows.some((row) => row.id === query)) items.push({ typed: query });
    return items;
  }

  // ---- drawing -------------------------------------------------------------------------------------------

  search(query) {
    this.sought = query;
    if (!this.isOpen) this.show();
    this.shown = this.items(query);
    this.drawn = 0;
    this.active = query ? 0 : Math.max(0, this.shown.findIndex(({ row }) => row?.id === this.chosen));
    this.list.replaceChildren();
    if (!this.shown.length) this.list.append(element("div", "none", this.words.none));
    this.drawMore();
    this.mark();
    const count = this.shown.filter(({ row }) => row).length;
    this.foot.querySelector(".count").textContent = this.words.count.replace("{count}", () => count);
    this.foot.querySelector(".retired").hidden = !this.hidden;
    this.foot.querySelector(".name").textContent = this.words.retired.replace("{count}", () => this.hidden);
  }

  drawMore(upTo = this.drawn + CHUNK) {
    const end = Math.min(this.shown.length, upTo);
    for (; this.drawn < end; this.drawn += 1) {
      const { row, head, typed } = this.shown[this.drawn];
      const before = this.shown[this.drawn - 1]?.head;
      if (head && head !== before) {
        const title = element("div", "head", head);
        title.setAttribute("role", "presentation");
        this.list.append(title);
      }
      this.list.append(row ? this.option(row, this.drawn) : this.asTyped(typed, this.drawn));
    }
  }

  option(row, at) {
    const facts = [row.id === row.name ? "" : row.id, row.facts].filter(Boolean).join(" · ");
    const option = this.row(at, row.name, facts);
    option.setAttribute("aria-selected", String(row.id === this.chosen));
    option.title = [row.id, row.facts].filter(Boolean).join("\n");
    return option;
  }

  asTyped(typed, at) {
    const option = this.row(at, this.words.typed.replace("{typed}", () => typed), this.words.typedHint);
    option.setAttribute("aria-selected", "false");
    option.classList.add("typed");
    return option;
  }

  row(at, name, facts) {
    const option = element("div", "option");
    option.id = `option-${at}`;
    option.dataset.at = at;
    option.setAttribute("role", "option");
    option.setAttribute("aria-setsize", this.shown.length);
    option.setAttribute("aria-posinset", at + 1);
    option.append(element("bdi", "name", name), ...(facts ? [" ", element("bdi", "facts", facts)] : []));
    return option;
  }

  /** Highlights the row that Enter chooses. */
  mark() {
    if (this.active >= this.drawn) this.drawMore(this.active + PAGE);
    this.list.querySelector(".active")?.classList.remove("active");
    const option = this.list.querySelector(`#option-${this.active}`);
    option?.classList.add("active");
    if (option) this.field.setAttribute("aria-activedescendant", option.id);
    else this.field.removeAttribute("aria-activedescendant");
    if (this.active === 0) this.list.scrollTop = 0;  // with the head above it
    else option?.scrollIntoView({ block: "nearest" });
  }

  nearEnd() {
    return this.list.scrollTop + this.list.clientHeight > this.list.scrollHeight - 200;
  }

  // ---- opening and closing -------------------------------------------------------------------------------

  open() {
    if (this.isOpen) return;
    this.field.select();
    this.search("");
  }

  show() {
    this.isOpen = true;
    this.popup.hidden = false;
    this.popup.showPopover?.();  // over everything; where a browser has none it is fixed in its place
    this.field.setAttribute("aria-expanded", "true");
    this.place();
  }

  place() {
    const box = this.field.getBoundingClientRect();
    const width = Math.max(box.width, Math.min(512, innerWidth - 32));
    const [below, above] = [innerHeight - box.bottom - 12, box.top - 12];
    const up = below < 240 && above > below;
    Object.assign(this.popup.style, {
      width: `${width}px`,
      left: `${Math.max(16, Math.min(box.left, innerWidth - width - 16))}px`,
      top: up ? "auto" : `${box.bottom + 4}px`,
      bottom: up ? `${innerHeight - box.top + 4}px` : "auto",
      maxHeight: `${Math.min(520, up ? above : below)}px`,
    });
  }

  close() {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.popup.hidePopover?.();
    this.popup.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
    this.list.replaceChildren();
    this.field.value = this.name;
  }

  toggle(event) {
    event.preventDefault();
    this.field.focus();
    if (this.isOpen) this.close();
    else this.open();
  }

  clicked(event) {
    const option = event.target.closest(".option");
    if (option) this.choose(Number(option.dataset.at));
  }

  choose(at) {
    const { row, typed } = this.shown[at] ?? {};
    const model = row ? row.id : typed;
    const changed = model !== undefined && model !== this.chosen;
    if (changed) [this.chosen, this.name] = [model, row ? row.name : typed];  // shown at once; the app confirms it
    this.close();
    if (changed) this.send({ model, typed: !row });
  }

  key(event) {
    event.stopPropagation();  // the page has shortcuts of one letter, and Escape stops an answer
    if (event.isComposing || event.keyCode === 229) return;
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE };
    if (event.target === this.field && event.key in steps) {
      event.preventDefault();
      if (this.isOpen) this.walk(steps[event.key]);
      else this.open();
    } else if (event.key === "Enter" && event.target === this.field && this.isOpen) {
      event.preventDefault();
      this.choose(this.active);
    } else if (event.key === "Escape" && this.isOpen) {
      event.preventDefault();
      this.field.focus();
      this.close();
    }
  }

  walk(step) {
    const last = this.shown.length - 1;
    const single = Math.abs(step) === 1;
    const next = this.active + step;
    this.active = next > last ? (single ? 0 : last) : next < 0 ? (single ? last : 0) : next;
    this.mark();
  }
}
