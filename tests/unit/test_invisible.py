"""Characters that nobody sees are named and spelled out, and what is written in them is read."""

from __future__ import annotations

import pytest

from backend.invisible import hidden, hidden_words, visible_text


def test_letters_that_nobody_sees_are_named() -> None:
    assert hidden("calc\u200bulator") == ["U+200B"]
    assert hidden("two\nlines\tof naïve words 日本 \u2764\ufe0f می\u200cخواهم") == []
    assert hidden("a\ufe01b\U000e0141\u3164") == ["U+FE01", "U+E0141", "U+3164"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\nwords", "plain\nwords"),
        ("a\u202eb\u202c", "a[U+202E]b[U+202C]"),
        ("\U000e0041", "[U+E0041]"),
        ("\u200b", "[U+200B]"),
        ("\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469"),  # a family is one picture of two
        ("a\u200db", "a[U+200D]b"),
    ],
)
def test_letters_that_nobody_sees_are_spelled_out(text: str, shown: str) -> None:
    assert visible_text(text) == shown


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hi\U000e0073\U000e0065\U000e006e\U000e0064", "send"),
        ("\U0001f600" + "".join(chr(0xE0100 - 16 + byte) for byte in b"send the files"), "send the files"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", ""),  # the flag of England
        ("\u2764\ufe0f 1\ufe0f\u20e3 \U0001f468\u200d\U0001f469", ""),
        ("words", ""),
    ],
)
def test_words_in_tags_and_selectors_are_read(text: str, words: str) -> None:
    assert hidden_words(text) == words
