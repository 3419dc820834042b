// Footnotes: `[^1]` in the text and `[^1]: words` anywhere in it. Drawn after the text, whatever order they came in, once it has
// ended.

const MARK = /\[\^([^\s[\]]{1,80})\]/y;
const DEFINITION = /^\[\^([^\s[\]]{1,80})\]:[ \t]*/;
const LABEL = /^\d{1,3}$/; // of a note that is drawn before its words have come; `[^a-z]` is more often part of a pattern
const MOST = 500;

function definitionRule(state, start, last, silent) {
  const { env } = state;
  const note = state.level === 0 && !env.inNote ? definitionAt(state, start, last) : null;
  if (!note || Math.max(env.notes.size, env.drawnNotes ?? 0) >= MOST) return false;
  if (silent) return true;
  if (env.growing) return growingNotes(state, start, last);
  if (!env.notes.has(note.label)) env.notes.set(note.label, note.source);
  state.line = note.end;
  return true;
}

/** The definition that begins on a line, and the line behind it; null where none does. */
function definitionAt(state, line, last) {
  if (state.sCount[line] - state.blkIndent >= 4) return null;
  const from = state.bMarks[line] + state.tShift[line];
  const found = DEFINITION.exec(state.src.slice(from, state.eMarks[line]));
  if (!found) return null;
  const end = definitionEnd(state, line, last);
  const first = state.src.slice(from + found[0].length, state.eMarks[line]);
  const rest = end > line + 1 ? `\n${state.getLines(line + 1, end, 4, false)}` : "";
  return { label: found[1], source: first + rest, end };
}

/** While a text grows, notes are a list in their place: all of them are known only at its end. */
function growingNotes(state, start, last) {
  const list = state.push("ordered_list_open", "ol", 1);
  list.attrSet("class", "pg-notes");
  let line = start;
  state.env.drawnNotes ??= 0;
  for (let note = definitionAt(state, line, last); note && state.env.drawnNotes < MOST; state.env.drawnNotes++) {
    const item = state.push("list_item_open", "li", 1);
    item.info = LABEL.test(note.label) ? note.label : "";
    if (line === start && item.info) list.attrSet("start", item.info);
    item.map = [line, note.end];
    state.md.block.parse(note.source, state.md, { ...state.env, inNote: true }, state.tokens);
    state.push("list_item_close", "li", -1);
    line = note.end;
    while (line < last && state.isEmpty(line)) line++;
    note = line < last ? definitionAt(state, line, last) : null;
  }
  state.push("ordered_list_close", "ol", -1);
  list.map = [start, line];
  state.line = line;
  return true;
}

/** A note goes on over lines that follow at once, and over indented ones after a blank line. */
function definitionEnd(state, start, last) {
  let end = start + 1;
  for (let line = start + 1; line < last; line++) {
    if (state.isEmpty(line)) continue;
    const begins = DEFINITION.test(state.src.slice(state.bMarks[line] + state.tShift[line], state.eMarks[line]));
    const goesOn = line === end ? !begins && !/^[#>|`~$\\-]/.test(state.src[state.bMarks[line]]) : false;
    if (!goesOn && state.sCount[line] < 4) break;
    end = line + 1;
  }
  return end;
}

function markRule(state, silent) {
  const { growing, noteNumbers } = state.env;
  if (state.src[state.pos] !== "[" || !(growing || noteNumbers?.size)) return false;
  MARK.lastIndex = state.pos;
  const found = MARK.exec(state.src);
  // While a text grows, its note may come: until then the number is as it was written.
  const number = found && (growing && LABEL.test(found[1]) ? found[1] : noteNumbers?.get(found[1]));
  if (!number || MARK.lastIndex > state.posMax || state.linkLevel > 0) return false;
  if (!silent) state.push("note_mark", "", 0).meta = { number };
  state.pos += found[0].length;
  return true;
}

/** Label -> number, in order of first use. */
export function numbered(notes, text) {
  const places = [...notes.keys()].map((label) => [text.indexOf(`[^${label}]`), label]);
  return new Map(places.sort(([a], [b]) => a - b).map(([, label], index) => [label, index + 1]));
}

/** Whether a growing text has marks that may have to become text again. */
export function hasMarks(text) {
  return /\[\^\d{1,3}\]/.test(text);
}

/** The rules for markdown-it; `env.notes` is a Map of what was defined, `env.noteNumbers` comes from `numbered`. */
export function notes(md) {
  md.block.ruler.before("reference", "note", definitionRule, { alt: ["paragraph", "reference"] });
  md.inline.ruler.before("link", "note", markRule);
  md.renderer.rules.note_mark = (tokens, index, options, env) => {
    const { number } = tokens[index].meta;
    const place = env.growing ? "" : ` href="#${env.id}-note-${number}"`;
    return `<sup><a class="pg-noteref"${place} aria-label="Note ${number}">${number}</a></sup>`;
  };
}
