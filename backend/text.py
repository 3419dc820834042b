"""Makes untrusted text safe for a protobuf, an SQLite or PostgreSQL text column and a JSON body; and strips
Markdown
and invisible characters.

Does NOT make text safe to render: that is components/view and components/elements/markdown.py.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping

# C0 controls except tab, newline and carriage return; PostgreSQL rejects NUL, terminals obey the rest.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FORMULA = re.compile(
    "[\\s\\x00-\\x1f\u00ad\u200b-\u200f\u2060-\u2064\ufeff]*[=+@\uff1d\uff0b\uff0d\uff20-]|[\t\r]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """`text` without control characters, surrogate pairs joined and lone surrogates replaced by U+FFFD.

    JSON may legally carry lone surrogates ("\\ud83d"); protobuf and SQLite raise on them.
    """
    if not text.isascii() and _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return without_controls(text)


def without_controls(text: str) -> str:
    """`text` without control characters, except tab, newline and carriage return."""
    return _CONTROLS.sub("", text)


def has_controls(text: str) -> bool:
    """Whether `without_controls` would take something out."""
    return not text.isprintable() and bool(_CONTROLS.search(text))


def visible(text: str) -> str:
    """The text on one line, without invisible characters such as zero-width spaces and byte order marks."""
    letters = (letter for letter in text if unicodedata.category(letter) not in ("Cf", "Co", "Cn"))
    spaced = (" " if unicodedata.category(letter)[0] in "ZC" else letter for letter in letters)
    return "".join(spaced).strip()


def fenced(text: str, language: str = "") -> str:
    """Text in a Markdown code fence that nothing in it can close."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    mark = "`" * max(3, longest + 1)
    return f"{mark}{language}\n{text}\n{mark}"


def trailing_high_surrogate(text: str) -> bool:
    """Whether the text ends in a high surrogate whose other half may come with the next delta."""
    return bool(text) and "\ud800" <= text[-1] <= "\udbff"


def without_marks(text: str) -> str:
    """Markdown as plain text, for a line of preview: without marks of code, headings, lists, links, tables.

    It does NOT parse Markdown: what only looks like a mark in the middle of a word stays. Linear in time.
    """
    for marks, words in _MARKS:
        text = marks.sub(words, text)
    return _PIPE.sub(" ", "\n".join(map(_without_pairs, text.split("\n"))))


_MARKS = (
    (re.compile(r"^[ \t]*(?:`{3,}|~{3,}).*$", re.MULTILINE), ""),  # around code
    (re.compile(r"^[ \t]*(?:-{3,}|\*{3,}|_{3,}|={2,})[ \t]*$", re.MULTILINE), ""),  # rules; under a heading
    (re.compile(r"^(?=[^\n]*\|)[ \t|:]*-[ \t|:-]*$", re.MULTILINE), ""),  # under a table's head
    (re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE), ""),
    (re.compile(r"^[ \t]*(?:#{1,6}|[-*+])[ \t]+", re.MULTILINE), ""),
    (re.compile(r"^\[[ xX]\][ \t]+", re.MULTILINE), ""),
    (re.compile(r"!?\[([^\[\]\n]{0,500})\]\([^()\s]{0,2000}\)"), r"\1"),
)
_PAIRED = re.compile(r"\*{1,3}|~~|`{1,2}|_{1,3}")
_PIPE = re.compile(r"[ \t]*\|[ \t]*")


def _without_pairs(line: str) -> str:
    """A line without marks around words: from the first that may open to the next one alike that may close."""
    opened: dict[str, int] = {}
    pairs: list[tuple[int, int, int]] = []  # where both marks of a pair begin, and their length
    for found in _PAIRED.finditer(line):
        mark, start, end = found[0], found.start(), found.end()
        before, after = line[start - 1 : start] if start else " ", line[end : end + 1] or " "
        inside = mark[0] == "_" and _is_word(before) and _is_word(after)
        if mark in opened and not before.isspace() and not inside and not (mark[0] == "_" and _is_word(after)):
            begun = opened.pop(mark)
            while pairs and pairs[-1][0] > begun:  # marks inside of others stay
                pairs.pop()
            opened = {other: at for other, at in opened.items() if at < begun}
            pairs.append((begun, start, len(mark)))
        elif not after.isspace() and not inside and not (mark[0] == "_" and _is_word(before)):
            opened.setdefault(mark, start)
    cuts = sorted((at, at + length) for first, second, length in pairs for at in (first, second))
    kept, at = [], 0
    for start, end in cuts:
        kept.append(line[at:start])
        at = end
    return "".join([*kept, line[at:]])


def _is_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would evaluate a cell of a table: some pass over spaces and invisible characters before
    the sign, some read one of full width (https://owasp.org/www-community/attacks/CSV_Injection).
    """
    return bool(_FORMULA.match(cell))


def harmless_cell(cell: str) -> str:
    """A text for a table: one that a spreadsheet would evaluate as a formula, with a quote before it."""
    return f"'{cell}" if is_formula(cell) else cell


def distinct(labels: Mapping[str, str]) -> dict[str, str]:
    """Labels of options by their ids, with the id behind those that several have: Streamlit knows an option by its
    label alone, and would take another one of the same.
    """
    count = Counter(labels.values())
    return {id_: label if count[label] == 1 else f"{label} · {id_}" for id_, label in labels.items()}
