"""Who was best is said only where it is known."""

from __future__ import annotations

import pytest

from backend.compare.verdict import Best, verdict, word_count, words_per_second
from backend.types import Message, State, Timing


def answer(
    first: float | None, total: float | None, cost: float | None = None, words: int = 10, state: State = "done"
) -> Message:
    text = "word " * words
    return Message("assistant", text, timing=Timing(first, total), cost=cost, state=state)


def test_the_fastest_and_the_cheapest_are_named() -> None:
    found = verdict([answer(1.0, 3.0, 0.02), answer(0.5, 6.0, 0.01), answer(2.0, 3.0, 0.03)])
    assert found
    assert (found.first, found.speed, found.cost) == (Best((1,)), Best((2,)), Best((1,)))


def test_nearly_equal_results_are_tied() -> None:
    found = verdict([answer(1.0, 2.0, 0.01), answer(1.01, 2.01, 0.01), answer(3.0, 9.0, 0.02)])
    assert found and found.first == found.cost == found.speed == Best((0, 1), "tied")


def test_no_lane_is_cheapest_where_all_cost_the_same_or_one_price_is_unknown() -> None:
    found = verdict([answer(1.0, 2.0, 0.0), answer(2.0, 3.0, 0.0)])
    assert found and found.cost == Best(why="same")
    found = verdict([answer(1.0, 2.0, 0.01), answer(2.0, 3.0, None)])
    assert found and found.cost == Best(why="unknown") and found.first == Best((0,))


@pytest.mark.parametrize("state", ["failed", "stopped", "interrupted"])
def test_an_answer_that_is_not_complete_takes_no_part(state: State) -> None:
    found = verdict([answer(1.0, 2.0, 0.02), answer(0.1, 0.2, 0.0, state=state), answer(2.0, 3.0, 0.01)])
    assert found and found.first == Best((0,)) and found.cost == Best((2,))
    alone = verdict([answer(1.0, 2.0, 0.02), answer(0.1, 0.2, 0.0, state=state), None])
    assert alone and alone.first == Best(why="alone")


def test_nothing_is_said_before_the_last_has_ended_or_when_none_has_answered() -> None:
    assert verdict([answer(1.0, 2.0), answer(1.0, None, state="running")]) is None
    assert verdict([None, answer(None, 1.0, state="failed")]) is None


def test_words_are_counted_in_scripts_without_spaces_too() -> None:
    assert word_count("three words here") == 3
    assert word_count("") == 0
    assert 3 <= word_count("東京は日本の首都です") <= 8
    assert words_per_second(answer(1.0, 3.0)) == pytest.approx(5.0)
    assert words_per_second(answer(1.0, 1.0)) is None and words_per_second(answer(None, None)) is None


def test_nobody_is_fastest_where_one_computer_did_the_work_of_several() -> None:
    found = verdict([answer(1.0, 3.0, 0.02), answer(5.0, 9.0, 0.01)], shared=True)
    assert found and found.first == found.speed == Best(why="shared") and found.cost == Best((1,))
