// What the message that is being typed will cost, told in the row below the box while there is something in it: in
// place of what the page says there of a message without words (components/chat/spending.py).
//
// Where it is more than the model takes, that is told instead. Dollars and counts are written as backend/answer/cost.py
// and components/elements/model_words.py do it.

import { hearOfFiles } from "./chosen.js";
import { make } from "./dom.js";
import { tokens as tokensOf } from "./tokens.js";

const BYTES_PER_TOKEN = 4;  // of a file, of which only the size is known here
const CHARACTERS = 400_000;  // of a text file that are sent (backend/attachments/documents.py)
const LARGEST = 20 * 1024 ** 2;  // bytes of a file that goes along (backend/attachments)
const A_MESSAGE = 4;  // tokens around each
const PAUSE = 150;  // ms: a keystroke starts a clock and does no more
const MOST_FILES = 64;
const TRIES = 100;  // pauses in which a file that was chosen has to be shown
const TEXT = /\.(txt|md|csv|tsv|json|jsonl|ya?ml|toml|xml|html?|css|log|py|js|ts|sql|sh|c|h|cpp|java|go|rs|rb|tex)$/i;
const boxes = document.getElementsByClassName("st-key-composer");
const rows = document.getElementsByClassName("st-key-toolbar");

let known;  // components.view.component.Ahead
let files = [];  // that were chosen, dropped or pasted here: which of them wait still, the box shows by their names
let clock;

/** Called after the page was drawn, with what is sent besides the typed text. */
export function ahead(next) {
  known = next;
  later();
}

function later() {
  clock ??= setTimeout(() => {
    clock = undefined;
    tell();
  }, PAUSE);
}

function tell() {
  const row = rows[0];
  if (!row || !known) return;
  const place = row.querySelector(":scope > .pg-ahead") ?? row.appendChild(make("p", { class: "pg-ahead" }));
  const { said, over } = words();
  place.classList.toggle("pg-over", Boolean(over));
  if (place.textContent !== said) place.textContent = place.title = said;
}

function words() {
  const box = boxes[0];
  const area = box?.querySelector("textarea");
  const typed = area?.value.trim() ?? "";
  const shown = box?.textContent.replace(area?.textContent ?? "", "") ?? "";
  look(shown);
  const waiting = files.filter((file) => file.seen);
  const { room } = known;
  const large = waiting.find((file) => file.large);
  if (large && known.large) return { said: filled(known.large, { name: large.name }), over: true };
  if (!typed && !waiting.length && !(room < 0)) return { said: "" };
  const counted = waiting.reduce((sum, file) => sum + (file.tokens ?? 0), 0);
  const added = typed || waiting.length ? A_MESSAGE + tokensOf(typed, known.table) + counted : 0;
  if (room !== null && added > room) return { said: filled(known.over, { tokens: short(known.limit - room + added) }), over: true };
  const tokens = known.tokens + known.copies * added;
  const usd = known.usd + added * known.price / 1e6;
  const next = filled(usd ? known.priced : known.unpriced, { tokens: short(tokens), amount: dollars(usd) });
  const others = waiting.filter((file) => file.tokens === undefined).length;
  const all = others ? filled(others === 1 ? known.file : known.files, { next, count: others }) : next;
  return { said: known.spent ? `${known.spent} · ${all}` : all };
}

/** A file is shown some time after it was chosen; one that was shown and is not any more was taken away, or sent. */
function look(shown) {
  files = files.filter((file) => {
    const here = ends(file.name).every((end) => shown.includes(end));
    const gone = file.seen ? !here : !file.tries--;
    file.seen ||= here;
    return !gone;
  });
  if (files.some((file) => !file.seen)) later();
}

/** Streamlit shows only the beginning and the end of a long name. */
const ends = (name) => (name.length > 12 ? [name.slice(0, 6), name.slice(-6)] : [name]);

const filled = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** 128000 -> 128K, 1048576 -> 1M. */
function short(count) {
  if (count < 1_000) return String(count);
  if (count < 999_500) return `${(count / 1_000).toFixed(0)}K`;
  return `${(count / 1e6).toFixed(1).replace(/\.0$/, "")}M`;
}

/** $12.35, $0.0124, $0.000031: two decimals, or three digits of what is small. */
function dollars(usd) {
  if (usd === 0 || usd >= 1) return `$${usd.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  let digits = 2;
  while (usd * 10 ** digits < 100 && digits < 9) digits += 1;
  return `$${usd.toFixed(digits).replace(/0+$/, "").padEnd(4, "0")}`;
}

const isText = (name, type) => type.startsWith("text/") || TEXT.test(name);

/** The tokens of a text file can be estimated by its size. */
hearOfFiles((more) => {
  const entries = more.map(({ name, size, type }) => ({ name, tries: TRIES, large: size > LARGEST, tokens: isText(name, type) ? Math.ceil(Math.min(size, CHARACTERS) / BYTES_PER_TOKEN) : undefined }));
  files = [...files, ...entries].slice(-MOST_FILES);
  later();
});

function changed(event) {
  if (event.target.closest?.(".st-key-composer")) later();
}

for (const kind of ["input", "click"]) document.addEventListener(kind, changed, { capture: true, passive: true });
document.addEventListener("keyup", (event) => { if (event.key === "Enter") changed(event); }, { capture: true, passive: true });
