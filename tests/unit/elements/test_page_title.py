"""The title of a page runs in the direction of its first letter that has one, as dir=auto would have it."""

from __future__ import annotations

import pytest

from components.elements.page_title import runs_to_the_left


@pytest.mark.parametrize("text", ["שלום", "**שלום** hello", "123 مرحبا", "«سلام» world"])
def test_a_title_whose_first_letter_is_hebrew_or_arabic_runs_to_the_left(text: str) -> None:
    assert runs_to_the_left(text)


@pytest.mark.parametrize("text", ["", "123 ...", "Hello שלום", "你好", "<b>مرحبا</b>", "Привет"])
def test_every_other_title_runs_to_the_right(text: str) -> None:
    assert not runs_to_the_left(text)
