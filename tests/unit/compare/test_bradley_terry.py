"""Strengths against published results, and what a few votes must not claim."""

from __future__ import annotations

import numpy as np
import pytest

from backend.compare.bradley_terry import strengths, table, together

# Wins over each other: American League, 1987 (Agresti, Categorical Data Analysis, table 10.10).
BASEBALL = [
    [0, 7, 9, 7, 7, 9, 11],  # Milwaukee
    [6, 0, 7, 5, 11, 9, 9],  # Detroit
    [4, 6, 0, 7, 7, 8, 12],  # Toronto
    [6, 8, 6, 0, 6, 7, 10],  # New York
    [6, 2, 6, 7, 0, 7, 12],  # Boston
    [4, 4, 5, 6, 6, 0, 6],  # Cleveland
    [2, 4, 1, 3, 1, 7, 0],  # Baltimore
]
BASEBALL_STRENGTHS = [1.581, 1.436, 1.294, 1.248, 1.108, 0.684, 0.0]
# Citations between four journals of statistics (Stigler 1994), as the R package BradleyTerry2 publishes them.
CITATIONS = [[0, 730, 498, 221], [33, 0, 68, 17], [320, 813, 0, 142], [284, 276, 325, 0]]
CITATIONS_STRENGTHS = [0.0, -2.94907, -0.47957, 0.26895]


@pytest.mark.parametrize(
    ("wins", "published", "digits"),
    [(BASEBALL, BASEBALL_STRENGTHS, 3), (CITATIONS, CITATIONS_STRENGTHS, 5)],
    ids=["baseball", "citations"],
)
def test_strengths_are_the_published_ones(wins: list[list[int]], published: list[float], digits: int) -> None:
    found = strengths(np.array(wins, dtype=np.float64), alpha=0.0)
    there = published.index(0.0)
    assert (found - found[there]).tolist() == pytest.approx(published, abs=0.51 * 10**-digits)


def test_a_model_that_won_every_time_is_strong_and_not_infinitely_so() -> None:
    found = strengths(np.array([[0.0, 5.0], [0.0, 0.0]]))
    odds = np.exp(found)
    weights = 2 * odds / odds.sum()  # where choix's MM algorithm stays: p = (wins + alpha) / (sum + alpha)
    alone = (np.array([5.0, 0.0]) + 0.01) / (5.0 / weights.sum() + 0.01)
    assert weights.tolist() == pytest.approx(alone.tolist())
    assert 3 < found[0] < 12


def test_intervals_are_the_same_each_time_and_narrow_with_more_votes() -> None:
    def votes(times: int) -> dict[tuple[tuple[int, int, float], ...], int]:
        return {((0, 1, 1.0),): 6 * times, ((1, 0, 1.0),): 3 * times, ((0, 1, 0.5), (1, 0, 0.5)): times}

    few, again, many = table(votes(1), 2), table(votes(1), 2), table(votes(50), 2)
    assert [part.tolist() for part in few] == [part.tolist() for part in again]
    assert few[1][0] < 0 < few[0][0] < few[2][0], "of ten votes nothing is sure"
    assert many[1][0] > 0 and many[2][0] - many[1][0] < 0.3 * (few[2][0] - few[1][0])


@pytest.mark.parametrize(("agreeing", "sure"), [(1, False), (3, False), (5, False), (10, True)])
def test_a_few_votes_that_agree_are_no_certainty(agreeing: int, sure: bool) -> None:
    _, low, high = table({((0, 1, 1.0),): agreeing}, 2)
    assert (low[0] > high[1]) == sure


def test_models_never_compared_are_in_separate_groups() -> None:
    assert together([("a", "b"), ("c", "d"), ("b", "e")]) == [["a", "b", "e"], ["c", "d"]]
