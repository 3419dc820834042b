// Footnotes: `[^1]` in the text and `[^1]: words` anywhere in it. Drawn after the text, whatever order they came in.

const MARK = /\[\^([^\s[\]]{1,80})\]/y;
const DEFINITION = /^\[\^([^\s[\]]{1,80})\]:[ \t]*/;
const MOST = 500;

function definitionRule(state, start, last, silent) {
  // While a text grows, a note is a paragraph like others: it gets its place once all of them are known.
  if (state.env.growing || state.sCount[start] - state.blkIndent >= 4 || state.level > 0) return false;
  const from = state.bMarks[start] + state.tShift[start];
  const found = DEFINITION.exec(state.src.slice(from, state.eMarks[start]));
  if (!found || state.env.notes.size >= MOST) return false;
  if (silent) return true;
  const end = definitionEnd(state, start, last);
  const first = state.src.slice(from + found[0].length, state.eMarks[start]);
  const rest = end > start + 1 ? `\n${state.getLines(start + 1, end, 4, false)}` : "";
  if (!state.env.notes.has(found[1])) state.env.notes.set(found[1], first + rest);
  state.line = end;
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
  if (state.src[state.pos] !== "[" || !state.env.noteNumbers?.size) return false;
  MARK.lastIndex = state.pos;
  const found = MARK.exec(state.src);
  const number = found && state.env.noteNumbers.get(found[1]);
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

/** The rules for markdown-it; `env.notes` is a Map of what was defined, `env.noteNumbers` comes from `numbered`. */
export function notes(md) {
  md.block.ruler.before("reference", "note", definitionRule, { alt: ["paragraph", "reference"] });
  md.inline.ruler.before("link", "note", markRule);
  md.renderer.rules.note_mark = (tokens, index, options, env) => {
    const { number } = tokens[index].meta;
    return `<sup><a class="pg-noteref" href="#${env.id}-note-${number}" aria-label="Note ${number}">${number}</a></sup>`;
  };
}
