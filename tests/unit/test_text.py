"""A line of preview shows what a reader sees of Markdown, not how it is written."""

from __future__ import annotations

import pytest

from backend.text import without_marks


@pytest.mark.parametrize(
    ("markdown", "seen"),
    [
        ("| a | b |\n|--|--|\n| 1 | 2 |", "a b 1 2"),
        ("a | b\n-|:-:\n1 | 2", "a b 1 2"),
        ("| one |\n|-|\n| 1 |", "one 1"),
        ("Title\n=====\nText\n----\n***\nMore", "Title Text More"),
        ("## Tides\n> *why*\n- [x] `moon`\n```python\nprint()\n```", "Tides why moon print()"),
        ("[a page](https://example.com) and ![a picture](x.png)", "a page and a picture"),
        ("2 - 1 | x, snake_case_name and 3 * 4 * 5", "2 - 1 x, snake_case_name and 3 * 4 * 5"),
    ],
)
def test_a_preview_is_without_marks(markdown: str, seen: str) -> None:
    assert " ".join(without_marks(markdown).split()) == seen
