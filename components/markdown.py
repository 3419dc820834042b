"""Text of models and visitors -> Markdown that Streamlit shows as meant, and that fetches nothing by itself.

- Pictures from other servers are not loaded: `![](https://...)` would tell that server about the
  conversation (the exfiltration channel of DESIGN.md section 6). They become links.
- Dollar amounts stay dollar amounts; `\\( \\)` and `\\[ \\]` become the LaTeX Streamlit knows.

Where text inside code is left alone, code means a fence or an inline span on a line that nothing else on that
line can make ambiguous: in doubt a picture is defused, at worst with words too many.
"""

from __future__ import annotations

import re

_FENCE = re.compile(r"^( *)(`{3,}|~{3,})([^`]*)$")
_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_AMBIGUOUS = re.compile(r"[<>\\|$]")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_DISPLAY = re.compile(r"^(\s*)(?:\\\[(.+)\\\]|\$\$([^$]+)\$\$)\s*$")
_DOLLAR = re.compile(r"(?<!\\)\$(?!\$)")


def prepare(text: str, *, keep_lines: bool = False) -> str:
    """Markdown ready for st.markdown. With `keep_lines` every line end is one, as in a text box."""
    lines = text.split("\n")
    fence = ""
    trusted = in_math = False
    for number, line in enumerate(lines):
        mark = _FENCE.match(line)
        if fence:
            if not trusted:
                lines[number] = _defuse(line)
            if mark and mark[2].startswith(fence) and not mark[3].strip():
                fence = ""
        elif mark and not in_math:
            # Deeper than three spaces it is a fence only inside a list: left as it is, but for pictures.
            fence, trusted = mark[2], len(mark[1]) <= 3
        else:
            line = _latex(line)
            in_math ^= bool(line.count("$$") % 2)
            plain_text = not in_math and "$$" not in line
            lines[number] = _outside_code(line) if plain_text else _defuse(line)
            if keep_lines and plain_text and line.strip():
                lines[number] += "  "  # Markdown's own line break
    return "\n".join(lines)


def plain(text: str) -> str:
    """`text` on one line with nothing in it that Markdown or Streamlit would read as a command."""
    return _PUNCTUATION.sub(r"\\\g<0>", " ".join(text.split()))


def _outside_code(line: str) -> str:
    """Inline code is left alone, the rest is made safe; pictures also in code that may turn out to be none."""
    doubtful = bool(_AMBIGUOUS.search(_SPAN.sub("", line)))
    pieces, position = [], 0
    for span in _SPAN.finditer(line):
        pieces += [_dollars(_defuse(line[position : span.start()])), _defuse(span[0]) if doubtful else span[0]]
        position = span.end()
    return "".join([*pieces, _dollars(_defuse(line[position:]))])


def _defuse(text: str) -> str:
    """A picture becomes a link with a small picture before it."""
    return text.replace("![", ":material/image: [")


def _latex(line: str) -> str:
    """`\\(x\\)` -> `$x$`, `\\[x\\]` -> `$$x$$`: the delimiters models use and Streamlit does not know.

    A formula alone on its line is displayed on lines of its own, as it was meant.
    """
    if alone := _DISPLAY.match(line):
        return f"{alone[1]}$$\n{alone[1]}{alone[2] or alone[3]}\n{alone[1]}$$"
    if "\\(" in line or "\\)" in line:
        line = line.replace("\\(", "$").replace("\\)", "$")
    if "\\[" in line or "\\]" in line:
        line = line.replace("\\[", "$$").replace("\\]", "$$")
    return line


def _dollars(text: str) -> str:
    """Escape dollars that cannot be math by Pandoc's rule: "$5 and $10" is money.

    An opening dollar touches what follows, a closing one touches what precedes and no digit follows it.
    """
    if text.count("$") < 1:
        return text
    marks = [match.start() for match in _DOLLAR.finditer(text) if text[match.start() - 1 : match.start()] != "$"]
    keep: set[int] = set()
    position = 0
    while position < len(marks):
        start = marks[position]
        end = next((mark for mark in marks[position + 1 :] if _closes(text, start, mark)), None)
        if _opens(text, start) and end is not None:
            keep |= {start, end}
            position = marks.index(end)
        position += 1
    return "".join("\\$" if at in set(marks) - keep else char for at, char in enumerate(text))


def _opens(text: str, mark: int) -> bool:
    return not text[mark + 1 : mark + 2].isspace() and mark + 1 < len(text)


def _closes(text: str, start: int, mark: int) -> bool:
    return mark > start + 1 and not text[mark - 1].isspace() and not text[mark + 1 : mark + 2].isdigit()
