// Repairs malformed code fences of models: nested in a ```markdown fence, in a list without indentation, and with the
// sources of the code behind the closing one.

import { lookedInVain, mayLook } from "./lookahead.js";

const OPENS = /^(`{3,}(?=[^`]*$)|~{3,})\s*([^`\s]*)/;
// Behind a closing fence: `[1][2]`, `[^1]`, `([a.example](https://a.example/))` and the brackets of OpenAI's assistants.
const SOURCES = /^(?:`{3,}|~{3,})[ \t]*((?:\s*(?:\[\^?\w{1,20}\]|\(?\[[^[\]]{1,200}\]\([^()\s]{1,500}\)\)?|\u3010[^\u3010\u3011]{1,80}\u3011))+)[.\s]*$/;

/**
 * Within markdown-it's fence rule: a Markdown fence ends where as many fences have closed as have opened, one in a list
 * where it is closed, though its code may stand further left than the list, and any at a fence with sources behind it.
 */
export function looseFences(md) {
  const fence = md.block.ruler.__rules__.find((rule) => rule.name === "fence").fn;
  md.block.ruler.at("fence", (state, start, last, silent) => {
    const end = silent || !mayLook(state) ? null : endOf(state, start, last);
    if (end === null) return fence(state, start, last, silent);
    addFence(state, start, end, last);
    return true;
  }, { alt: ["paragraph", "reference", "blockquote", "list"] });
}

function endOf(state, start, last) {
  return nestedEnd(state, start, last) ?? outdentedEnd(state, start, last) ?? sourcedEnd(state, start, last);
}

/** The line of a closing fence with sources behind it; null where an ordinary one comes first. */
function sourcedEnd(state, start, last) {
  const opened = OPENS.exec(lineText(state, start));
  for (let line = start + 1; opened && line < last; line++) {
    if (!state.isEmpty(line) && state.sCount[line] < state.blkIndent) return null;
    const text = lineText(state, line);
    if (!text.startsWith(opened[1])) continue;
    if (SOURCES.test(text)) return line;
    if (OPENS.exec(text)?.[2] === "") return null;
  }
  return null;
}

function lineText(state, line) {
  if (state.sCount[line] - state.blkIndent >= 4) return "";
  return wholeText(state, line);
}

function wholeText(state, line) {
  return state.src.slice(state.bMarks[line] + state.tShift[line], state.eMarks[line]).trimEnd();
}

/** The line of the closing fence, `last` if it has not arrived yet; null if the ordinary rule is right. */
function nestedEnd(state, start, last) {
  const outer = OPENS.exec(lineText(state, start));
  if (!outer || !/^(?:md|markdown|mdx)$/i.test(outer[2])) return null;
  const open = [outer[1]];
  let line = start + 1;
  for (; line < last; line++) {
    if (!state.isEmpty(line) && state.sCount[line] < state.blkIndent) break;
    const mark = OPENS.exec(lineText(state, line));
    if (!mark) continue;
    if (mark[2]) open.push(mark[1]);
    else if (mark[1][0] === open.at(-1)[0] && mark[1].length >= open.at(-1).length) open.pop();
    if (!open.length) return line;
  }
  // A closing fence is missing: then the first one is the end, as in the ordinary rule.
  if (line === last && state.env.growing) return last;
  lookedInVain(state, line - start);
  return null;
}

/** The same for a fence in a list, of which some lines stand left of the list's text; null where none does. */
function outdentedEnd(state, start, last) {
  const opened = state.blkIndent > 0 && OPENS.exec(lineText(state, start));
  if (!opened) return null;
  let left = false, line = start + 1;
  for (; line < last; line++) {
    left ||= !state.isEmpty(line) && state.sCount[line] < state.blkIndent;
    const mark = OPENS.exec(wholeText(state, line));
    if (mark?.[1][0] !== opened[1][0] || mark[1].length < opened[1].length) continue;
    if (left && !mark[2]) return line;
    break; // the ordinary rule is right, or another fence opens: nobody closed this one
  }
  if (line === last && left && state.env.growing) return last;
  lookedInVain(state, line - start);
  return null;
}

function addFence(state, start, end, last) {
  const [, markup] = OPENS.exec(lineText(state, start));
  const token = state.push("fence", "code", 0);
  token.info = lineText(state, start).slice(markup.length);
  let indent = state.sCount[start];
  for (let line = start + 1; line < end; line++) if (!state.isEmpty(line)) indent = Math.min(indent, state.sCount[line]);
  token.content = state.getLines(start + 1, end, indent, true);
  token.markup = markup;
  token.meta = { sources: end < last ? SOURCES.exec(lineText(state, end))?.[1] : undefined };
  state.line = Math.min(end + 1, last);
  token.map = [start, state.line];
}
