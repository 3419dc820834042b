"""Text of models and visitors -> Markdown that Streamlit shows as meant, and that fetches nothing by itself.

- Pictures from other servers are not loaded: `![](https://...)` would tell that server about the
  conversation (the exfiltration channel of DESIGN.md section 6). They become links.
- Dollar amounts stay dollar amounts; `\\( \\)` and `\\[ \\]` become the LaTeX Streamlit knows.

Where text inside code is left alone, code means a fence or an inline span that nothing before it can make
ambiguous: in doubt a picture is defused, at worst with a backslash or words too many. It is NOT a parser of
Markdown: it only knows when it is sure.
"""

from __future__ import annotations

import itertools
import re
import textwrap
from collections.abc import Callable

_LINE_END = re.compile(r"\r\n?")
_FENCE = re.compile(r"^( *)(`{3,}(?=[^`]*$)|~{3,})")
# What may stand before a block that is inside another: list markers, quote marks.
_INSIDE = r"(?:[\s>*+-]|\d{1,9}[.)])*"
# A fence that is not alone on its line, and blocks in which, or at whose end, a fence is none.
_HIDES_FENCES = re.compile(
    _INSIDE + r"(?:`{3,}[^`]*$|~{3,}|:{3,}|<(?:pre|script|style|textarea)\b|<[!?]|\[\^)", re.IGNORECASE
)
_HTML = re.compile(_INSIDE + r"</?[a-z]", re.IGNORECASE)  # ends with the next blank line
_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
# Outside of code spans: what could swallow a backtick (HTML, links, math, directives) or end a span (a table).
_AMBIGUOUS = re.compile(r"[`<>\\|$\[\]{}]|:[\w/]|www\.", re.IGNORECASE)
_DISPLAY_MARK = re.compile(r"\${2,}")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_DISPLAY = re.compile(r"^(\s*)(?:\\\[(.+)\\\]|\$\$([^$]+)\$\$)\s*$")
_OPENS = re.compile(r"^(\s*)(?:\\\[|\$\$)\s*((?:(?!\\\])[^$])*\S)\s*$")
_ENDS = re.compile(r"^(\s*)([^$]*[^$\s])\s*(?:\\\]|\$\$)\s*$")
_DOLLAR = re.compile(r"(?<!\\)\$(?!\$)")


def prepare(text: str) -> str:
    """Markdown ready for st.markdown."""
    # Indentation and what stands first decide what a fence is: looked at as st.markdown will draw it.
    lines = textwrap.dedent(_LINE_END.sub("\n", text)).lstrip().split("\n")
    fence: re.Match[str] | None = None
    sure = True  # that fences begin and end where they seem to; once in doubt, always in doubt
    in_html = doubtful = False
    in_math = ""  # "block" until it is closed, "words" until the paragraph ends
    for number, line in enumerate(lines):
        mark = _FENCE.match(line)
        if fence or (mark and not in_math):
            closes = _ends(line, fence) if fence else False
            sure = sure and not in_html and closes is not None
            fence = fence or mark
            deep = fence is not None and len(fence[1]) > 3  # a fence only inside a list
            if deep or not sure:
                lines[number] = _escape(line)
            if closes:
                fence, doubtful = None, deep
        else:
            blank = not line.strip(" \t")
            in_html = not blank and (in_html or bool(_HTML.match(line)))
            line = _latex(line, bool(in_math))
            marks = _DISPLAY_MARK.findall(_SPAN.sub(" ", line))
            sure = sure and not _hides_fences(line, marks, bool(in_math))
            lines[number] = _defuse(line) if in_math or marks else _outside_code(line, doubtful)
            if len(marks) % 2:
                in_math = "" if in_math else "block" if line.lstrip().startswith("$$") else "words"
            elif blank and in_math == "words":
                in_math = ""
            doubtful = not blank and (doubtful or _ambiguous(line))  # nothing inline goes beyond a blank line
    return "\n".join(lines)


def keep_lines(text: str) -> str:
    """Text that a person typed: every line end is one, as it was in the text box, but in code blocks."""
    kept, fence = [], ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if mark and (not fence or mark[2].startswith(fence)):
            fence = "" if fence else mark[2]
        kept.append(f"{line}  " if line.strip() and not mark and not fence else line)
    return "\n".join(kept)


def _ends(line: str, fence: re.Match[str]) -> bool | None:
    """Does this line close the fence? None where that depends on a list around it, which may have ended."""
    content = line.strip(" \t")
    expanded = line.expandtabs(4)
    depth, begun = len(expanded) - len(expanded.lstrip(" ")), len(fence[1])
    if content.startswith(fence[2]) and not content.strip(fence[2][0]):
        if depth == begun or begun < depth <= 3:
            return True
        return False if begun == 0 else None
    return None if content and depth < begun else False


def _hides_fences(line: str, marks: list[str], in_math: bool) -> bool:
    """After this line, what looks like a fence may be none: it is math, HTML, or the other end of a fence."""
    if any(len(mark) > 2 for mark in marks) or (in_math and len(marks) == 2):
        return True
    parts = line.split("\n")
    return any(map(_HIDES_FENCES.match, parts)) or (len(marks) == 1 and "$$" not in parts)


def plain(text: str) -> str:
    """`text` on one line with nothing in it that Markdown or Streamlit would read as a command."""
    return _PUNCTUATION.sub(r"\\\g<0>", " ".join(text.split()))


def _ambiguous(line: str) -> bool:
    return bool(_AMBIGUOUS.search(_SPAN.sub(" ", line)))


def _outside_code(line: str, doubtful: bool) -> str:
    """Inline code is left alone, the rest is made safe; pictures also in code that may turn out to be none."""
    in_code = _escape if doubtful or _ambiguous(line) else str
    return _by_code(line, in_code, lambda text: _dollars(_defuse(text)))


def _by_code(line: str, in_code: Callable[[str], str], outside: Callable[[str], str]) -> str:
    """The line with its code spans and what stands between them changed, each in its way."""
    pieces, position = [], 0
    for span in _SPAN.finditer(line):
        pieces += [outside(line[position : span.start()]), in_code(span[0])]
        position = span.end()
    return "".join([*pieces, outside(line[position:])])


def _defuse(text: str) -> str:
    """A picture becomes a link with a small picture before it."""
    return text.replace("![", ":material/image: [")


def _escape(text: str) -> str:
    """A picture, if it is one, becomes the text it was written as; code, if it is that, gets a backslash."""
    return text.replace("![", "!\\[")


def _latex(line: str, in_math: bool) -> str:
    """`\\(x\\)` -> `$x$`, `\\[x\\]` -> `$$x$$`: the delimiters models use and Streamlit does not know.

    A formula alone on its line, or over several, is displayed between marks on lines of their own: otherwise
    Streamlit loses its first line and does not find its end.
    """
    if alone := _DISPLAY.match(line):
        return f"{alone[1]}$$\n{alone[1]}{alone[2] or alone[3]}\n{alone[1]}$$"
    if not in_math and (opens := _OPENS.match(line)):
        return f"{opens[1]}$$\n{opens[1]}{opens[2]}"
    if in_math and (ends := _ENDS.match(line)):
        return f"{ends[1]}{ends[2]}\n{ends[1]}$$"
    return _by_code(line, str, _marks)


def _marks(text: str) -> str:
    for ours, theirs in (("\\(", "$"), ("\\)", "$"), ("\\[", "$$"), ("\\]", "$$")):
        text = text.replace(ours, theirs)
    return text


def _dollars(text: str) -> str:
    """Escape dollars that cannot be math by Pandoc's rule: "$5 and $10" is money.

    An opening dollar touches what follows, a closing one touches what precedes and no digit follows it; no
    dollar stands between them.
    """
    marks = [match.start() for match in _DOLLAR.finditer(text) if text[match.start() - 1 : match.start()] != "$"]
    keep: set[int] = set()
    for start, end in itertools.pairwise(marks):
        if start not in keep and _opens(text, start) and _closes(text, start, end):
            keep |= {start, end}
    money = set(marks) - keep
    return "".join("\\$" if at in money else char for at, char in enumerate(text)) if money else text


def _opens(text: str, mark: int) -> bool:
    return not text[mark + 1 : mark + 2].isspace() and mark + 1 < len(text)


def _closes(text: str, start: int, mark: int) -> bool:
    return mark > start + 1 and not text[mark - 1].isspace() and not text[mark + 1 : mark + 2].isdigit()
