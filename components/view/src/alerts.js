// `> [!NOTE]`, as GitHub and Obsidian draw it: a quote with a title.

const MARK = /^\[!([a-z]+)\][+-]?[ \t]*/i;
const KINDS = {
  note: "note", info: "note", abstract: "note", summary: "note", todo: "note", example: "note", question: "note",
  quote: "note", tip: "tip", hint: "tip", success: "tip", important: "important", warning: "warning",
  attention: "warning", caution: "bad", danger: "bad", error: "bad", bug: "bad", failure: "bad",
};

/** Adds the title to such quotes. Runs before adjacent text tokens are joined. */
export function alerts(state) {
  const { tokens } = state;
  for (let index = 2; index < tokens.length; index++) {
    const [quote, , inline] = tokens.slice(index - 2, index + 1);
    if (quote.type !== "blockquote_open" || inline.type !== "inline") continue;
    const found = MARK.exec(inline.content);
    const kind = found && Object.hasOwn(KINDS, found[1].toLowerCase()) && KINDS[found[1].toLowerCase()];
    if (!kind) continue;
    quote.attrJoin("class", `pg-alert pg-alert-${kind}`);
    titled(state, inline, found);
  }
}

function titled(state, { children }, [mark, word]) {
  for (let length = mark.length; length > 0 && children[0]?.type === "text";) {
    const { content } = children[0];
    children[0].content = content.slice(length);
    length -= content.length;
    if (!children[0].content) children.shift();
  }
  const text = (content) => Object.assign(new state.Token("text", "", 0), { content });
  const title = word[0].toUpperCase() + word.slice(1).toLowerCase();
  const [open, close] = [new state.Token("strong_open", "strong", 1), new state.Token("strong_close", "strong", -1)];
  children.unshift(open, text(title), close, text(" "));
}
