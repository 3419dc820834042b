"""Text of models and visitors -> Markdown that Streamlit shows as meant, and that fetches nothing by itself.

- Links lead to web pages and mail addresses only.
- Pictures from other servers are not loaded: `![](https://...)` would tell that server about the
  conversation (a known channel for stealing what was said). They become links.
- Dollar amounts stay dollar amounts; `\\( \\)` and `\\[ \\]` become the LaTeX Streamlit knows.

Where text inside code is left alone, code means a fence or an inline span that nothing before it can make
ambiguous: in doubt a picture is defused, at worst with a backslash or words too many. It is NOT a parser of
Markdown: it only knows when it is sure.
"""

from __future__ import annotations

import itertools
import re
import textwrap
from collections.abc import Callable, Sequence
from html import unescape
from typing import Literal
from urllib.parse import quote, urlsplit

_LINE_END = re.compile(r"\r\n?")
_FENCE = re.compile(r"^( *)(`{3,}(?=[^`]*$)|~{3,})")
# What may come before a block that is inside another: list markers, quote marks.
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
# Of a text with sources: [2] or [2][5], and not the words or the label of a link.
_MARK = re.compile(r"\[(\d{1,3})\]")
_MARKS = re.compile(r"(?<![!\\\]])(?:\[\d{1,3}\])+(?![(\[:])")
_AUTOLINK = re.compile(r":(?=//)|www(?=\.)|@", re.IGNORECASE)
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_DISPLAY = re.compile(r"^(\s*)(?:\\\[(.+)\\\]|\$\$([^$]+)\$\$)\s*$")
_OPENS = re.compile(r"^(\s*)(?:\\\[|\$\$)\s*((?:(?!\\\])[^$])*\S)\s*$")
_ENDS = re.compile(r"^(\s*)([^$]*[^$\s])\s*(?:\\\]|\$\$)\s*$")
# What would begin an HTML tag or block, or a link to what is no page; <https://...> and <name@host> stay links.
_UNESCAPED = r"((?<!\\)(?:\\\\)*)"
_TAG = re.compile(
    _UNESCAPED + r"<(?=[a-z/!?])(?!(?:https?|mailto):[^\s<>]*>)(?![^\s<>@:]+@[^\s<>@]+>)", re.IGNORECASE
)
# The same where it may be code, such as `<std::string>`, or a formula: only what can be nothing but a link.
_ELSEWHERE = re.compile(
    _UNESCAPED + r"<(?!(?:https?|mailto):)(?=[a-z][a-z0-9+.-]{1,31}:(?!:)[^\s<>]*>)", re.IGNORECASE
)
# Where the address of a link begins: `](...`, or `]: ...` of a definition; `[^1]: ...` is a footnote and its text.
_ADDRESS = re.compile(r"\](?:\(|:)(?=[ \t]*(<[^>]{0,300}|[^\s)]{0,300}))")
_LABEL = 1_100  # characters; CommonMark allows 999
_FOOTNOTE = re.compile(r"\[\^[^\s\[\]]+$")
_DEFINES = re.compile(_INSIDE + r"\[[^\]]*$")
_SAFE = re.compile(r"(?:https?|mailto):|[^:]*$|[^:]*[/?#]", re.IGNORECASE)
_IN_BASE64 = re.compile(r"(?<=\]\()(data:[\w/+.;=-]{1,80},[\w+/=]{40})[\w+/=]+")
_DIRECTIVE = re.compile(r"(?<!\\):(?=[a-z]+(?:-[a-z]+)*\[|material/)", re.IGNORECASE)
_WEB = re.compile(r"https?://[^\s/?#@]+(?:[/?#]|$)", re.IGNORECASE)
_KEPT = "/:?#=&%+,;~@!*.-_"  # of an address in a link; anything else is written in hex
_DOLLAR = re.compile(r"(?<!\\)\$(?!\$)")


def prepare(text: str) -> str:
    """Markdown ready for st.markdown."""
    # Indentation and the first characters decide what a fence is: read as st.markdown will draw it.
    lines = textwrap.dedent(_LINE_END.sub("\n", text)).lstrip().split("\n")
    _close_math(lines)
    reader = Reader()
    doubtful = False
    for number, line in enumerate(lines):
        place, line = reader.read(line)
        if place == "text":
            lines[number] = _outside_code(line, doubtful)
        elif place != "code":
            lines[number] = _defuse(line) if place == "math" else _escape(line)
        # Nothing inline goes beyond a blank line or a fence.
        doubtful = place == "code?" or (place != "code" and not _blank(line) and (doubtful or _ambiguous(line)))
    return "\n".join(lines)


def _close_math(lines: list[str]) -> None:
    """A formula that begins and never ends would take the rest of the text with it: its mark becomes text."""
    reader = Reader()
    opened = None
    for number, line in enumerate(lines):
        before = reader.in_math
        reader.read(line)
        if reader.in_math == "block" and not before:
            opened = number
    if reader.in_math == "block" and opened is not None:
        lines[opened] = lines[opened].replace("$$", "\\$\\$").replace("\\[", "[")


class Reader:
    """Follows a text line by line: what is code, what a formula, as far as one can be sure.

    `sure` ends for ever at the first line that may be the other end of a fence, or hide one.
    """

    def __init__(self) -> None:
        self.sure = True
        self.in_math: Literal["", "block", "words"] = ""  # words: until the paragraph ends
        self._fence: re.Match[str] | None = None
        self._in_html = False

    def read(self, line: str) -> tuple[Literal["code", "code?", "math", "text"], str]:
        """What the next line is, and how Streamlit wants it written."""
        mark = _FENCE.match(line)
        if self._fence or (mark and not self.in_math):
            return "code" if self._in_fence(line, mark) else "code?", line
        self._in_html = not _blank(line) and (self._in_html or bool(_HTML.match(line)))
        line = _latex(line, bool(self.in_math))
        marks = _DISPLAY_MARK.findall(_SPAN.sub(" ", line))
        self.sure = self.sure and not _hides_fences(line, marks, bool(self.in_math))
        place: Literal["math", "text"] = "math" if self.in_math or marks else "text"
        if len(marks) % 2:
            self.in_math = "" if self.in_math else "block" if line.lstrip().startswith("$$") else "words"
        elif self.in_math == "words" and _blank(line):
            self.in_math = ""
        return place, line

    @property
    def between(self) -> bool:
        """The text could end here: no fence and no formula is open."""
        return self.sure and self._fence is None and not self.in_math

    def _in_fence(self, line: str, mark: re.Match[str] | None) -> bool:
        """Go on in a fence, or begin one. False when it may be none."""
        fence = self._fence or mark
        closes = _ends(line, self._fence) if self._fence else False
        self.sure = self.sure and not self._in_html and closes is not None
        self._fence = None if closes else fence
        # Deeper than three spaces it is a fence only inside a list.
        return self.sure and fence is not None and len(fence[1]) <= 3


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
    parts = [part.rstrip(" \t") for part in line.split("\n")]
    return any(map(_HIDES_FENCES.match, parts)) or (len(marks) == 1 and "$$" not in parts)


def _blank(line: str) -> bool:
    return not line.strip(" \t")


def plain(text: str) -> str:
    """`text` on one line with nothing in it that Markdown or Streamlit would read as a command.

    Addresses are kept from becoming links, and text from running backwards over what follows it.
    """
    text = _AUTOLINK.sub("\\g<0>\u2060", _BIDI.sub("", " ".join(text.split())))
    return _PUNCTUATION.sub(r"\\\g<0>", text)


def link(words: str, address: str) -> str:
    """A link to a web page, or only its words where the address is no web page's."""
    parts = urlsplit(address) if _WEB.match(address) else None
    if parts is None or not parts.hostname:
        return plain(words)
    return f"[{plain(words[:200])}]({quote(address, safe=_KEPT)})"


def cite(text: str, addresses: Sequence[str]) -> str:
    """Markdown whose marks, [2], are links to the second of these addresses; but in code and in formulas."""
    if not addresses or not _MARKS.search(text):
        return text

    def linked(mark: re.Match[str]) -> str:
        address = addresses[int(mark[1]) - 1] if 0 < int(mark[1]) <= len(addresses) else ""
        target = link(mark[1], address)
        return f"[{mark[0]}]{target[target.index(']') + 1 :]}" if target.startswith("[") else mark[0]

    reader, lines = Reader(), text.split("\n")
    for number, line in enumerate(lines):
        if reader.read(line)[0] == "text":
            lines[number] = _by_code(
                line, str, lambda piece: _MARKS.sub(lambda run: _MARK.sub(linked, run[0]), piece)
            )
    return "\n".join(lines)


def _ambiguous(line: str) -> bool:
    return bool(_AMBIGUOUS.search(_SPAN.sub(" ", line)))


def _outside_code(line: str, doubtful: bool) -> str:
    """Inline code is left alone, the rest is made safe; pictures also in code that may turn out to be none."""
    in_code = _escape if doubtful or _ambiguous(line) else str
    return _by_code(line, in_code, lambda text: _dollars(_defuse(_words(text))))


def _by_code(line: str, in_code: Callable[[str], str], outside: Callable[[str], str]) -> str:
    """The line with `in_code` applied to its code spans and `outside` to the rest."""
    pieces, position = [], 0
    for span in _SPAN.finditer(line):
        pieces += [outside(line[position : span.start()]), in_code(span[0])]
        position = span.end()
    return "".join([*pieces, outside(line[position:])])


def _words(text: str) -> str:
    """HTML is shown as it was written, and Streamlit's own commands (`:red[...]`) are words."""
    return _DIRECTIVE.sub(r"\\:", _TAG.sub(r"\1\\<", text))


def _defuse(text: str) -> str:
    """A picture becomes a link with a small picture before it; a link to what is neither page nor mail, words."""
    text = _IN_BASE64.sub("\\1...", text)  # a picture in base64 is no reading
    return _unlink(text.replace("![", ":material/image: ["))


def _escape(text: str) -> str:
    """A picture, if it is one, becomes the text it was written as; code, if it is that, gets a backslash."""
    return _unlink(text.replace("![", "!\\["))


def _unlink(text: str) -> str:
    return _ADDRESS.sub(_unlinked, _ELSEWHERE.sub(r"\1\\<", text))


def _unlinked(match: re.Match[str]) -> str:
    """Only http, https and mailto stay links, and what leads nowhere: code may say `f[T](x: int)`."""
    mark, address = match[0], unescape(match[1]).lstrip("<\\").strip()
    before = match.string[max(0, match.start() - _LABEL) : match.start()]
    if not address:  # on the next line, perhaps
        safe = mark == "]:" and not _DEFINES.match(before)
    else:
        safe = bool(_SAFE.match(address)) or address.endswith(":")
    if safe or (mark == "]:" and _FOOTNOTE.search(before)):
        return mark
    return f"]\\{mark[1]}"


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
    dollar is between them.
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
