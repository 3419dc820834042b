"""A line of preview shows what a reader sees of Markdown; options are told apart by their labels."""

from __future__ import annotations

import pytest

from backend.text import distinct, harmless_cell, without_marks


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


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
@pytest.mark.parametrize("before", ["", " ", "\n", "\t", "\r\n ", "\u00a0", "\u3000", "\ufeff", "\u200b", "\u2028"])
def test_a_cell_that_a_spreadsheet_would_evaluate_is_a_text(before: str, sign: str) -> None:
    cell = f"{before}{sign}HYPERLINK(A1)"
    assert harmless_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "a=1", "  words", "\nwords", "1-2", "'=1", "<=", "(-1)"])
def test_any_other_cell_stays_as_it_is(cell: str) -> None:
    assert harmless_cell(cell) == cell


@pytest.mark.timeout(20)  # it took a minute, in which nobody else's page was drawn
@pytest.mark.parametrize("mark", ["*", "**", "_", "`", "~~"])
def test_marks_that_open_and_never_close_are_passed_over_quickly(mark: str) -> None:
    text = f"{mark}a " * 100_000
    assert without_marks(text) == text


@pytest.mark.parametrize(
    ("markdown", "seen"),
    [
        ("**bold *it* x** and `a*b*c`", "bold *it* x and a*b*c"),
        ("char *p, **kwargs and __init", "char *p, **kwargs and __init"),
        ("__a_b__ ***x*** *a*b", "a_b x ab"),
    ],
)
def test_a_pair_of_marks_is_taken_away_and_what_is_inside_stays(markdown: str, seen: str) -> None:
    assert without_marks(markdown) == seen


def test_options_with_one_label_are_told_apart_by_their_ids() -> None:
    """A list of choices knows an option by its label: the second of two was never chosen."""
    labels = {"acme/max": "Max", "other/max": "Max", "acme/mini": "Mini"}
    assert distinct(labels) == {
        "acme/max": "Max · acme/max",
        "other/max": "Max · other/max",
        "acme/mini": "Mini",
    }
