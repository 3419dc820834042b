"""Finds the characters of a text that nobody sees: models read them, and with some a text looks like another one.

hidden("calc\\u200bulator")         # ["U+200B"]
visible_text("calc\\u200bulator")   # "calc[U+200B]ulator"
hidden_words(text)                 # what tags and selectors spell in it
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from backend.text import clean, has_controls

# Letters and marks without a form of their own: joiners, fillers, and selectors, each of which can carry a byte.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_TAGS = re.compile("[\U000e0020-\U000e007e]")  # ASCII once more, which models read
# The flags of England, Scotland and Wales: a black flag, and the letters of the country in tags.
_FLAGS = re.compile(
    "\U0001f3f4\U000e0067\U000e0062"
    "(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074|\U000e0077\U000e006c\U000e0073)\U000e007f"
)
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")  # behind an emoji: one for each byte
_WORDS = 120  # characters of hidden words that are given


def hidden_words(written: str) -> str:
    """What is written in characters that nobody sees, "" for nothing: its beginning on one line."""
    if written.isascii():
        return ""
    if tags := _TAGS.findall(_FLAGS.sub("", written)):
        return "".join(chr(ord(letter) - 0xE0000) for letter in tags[:_WORDS])
    return _of_selectors(selectors[0]) if (selectors := _SELECTORS.search(written)) else ""


def _of_selectors(selectors: str) -> str:
    """The words that variation selectors stand for, 1 to 256 for a byte each."""
    codes = (ord(letter) for letter in selectors[:_WORDS])
    written = bytes(code - 0xFE00 if code < 0xFE10 else code - 0xE0100 + 16 for code in codes)
    return " ".join(clean(written.decode("utf-8", "replace")).split())


def hidden(written: str) -> list[str]:
    """The invisible characters of a text, as U+200B: some carry instructions for the model alone. Joiners between
    emoji are none.
    """
    if written.isascii() and not has_controls(written):
        return []
    return list(dict.fromkeys(_code_point(letter) for letter, unseen in _letters(written) if unseen))[:20]


def visible_text(written: str) -> str:
    """A text with invisible characters spelled out: some reverse text, or make two texts look the same. Joiners
    between emoji stay.
    """
    if written.isascii() and written.isprintable():
        return written
    return "".join(f"[{_code_point(letter)}]" if unseen else letter for letter, unseen in _letters(written))


def _letters(written: str) -> Iterator[tuple[str, bool]]:
    """Each character, and whether nobody sees it."""
    for letter, before in zip(written, " " + written, strict=False):
        yield letter, _is_invisible(letter) and not _is_joiner(letter, before)


def _code_point(letter: str) -> str:
    return f"U+{ord(letter):04X}"


def _is_joiner(letter: str, before: str) -> bool:
    """Whether it joins emoji, or letters as in Persian and Hindi, or chooses how the sign before it is drawn."""
    kind = unicodedata.category(before)
    if letter in "\u200c\u200d" and "\u0600" <= before <= "\u0dff":
        return True
    if letter in "\ufe0e\ufe0f":
        return kind in ("So", "Sk", "Sm", "Po", "Nd")
    return letter == "\u200d" and (kind in ("So", "Sk") or before == "\ufe0f")


def _is_invisible(letter: str) -> bool:
    if letter in "\n\r\t":
        return False
    return unicodedata.category(letter) in ("Cf", "Cc", "Co", "Cn") or bool(_BLANK.match(letter))
