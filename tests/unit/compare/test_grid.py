"""A grid is typed as text: what is no value, or too many of them, is said in words before anything is asked."""

from __future__ import annotations

import pytest

from backend.compare import grid as grids
from backend.compare.grid import Axis, BadGrid, Grid, axis
from backend.types import JSON


@pytest.mark.parametrize(
    ("name", "typed", "values"),
    [
        ("temperature", "0, 0.7; 1.5", (0.0, 0.7, 1.5)),
        ("temperature", "0..1 step 0.25", (0.0, 0.25, 0.5, 0.75, 1.0)),
        ("max_tokens", "5..7", (5, 6, 7)),
        ("max_tokens", "unset, 50", (None, 50)),
        ("seed", "3..5", (3, 4, 5)),
        ("reasoning_effort", "low\nhigh", ("low", "high")),
        ("stop", "one, two\nthree", (["one, two"], ["three"])),
        ("logit_bias", '{"5": -100}\n7: 3', ({"5": -100.0}, {"7": 3.0})),
    ],
)
def test_values_are_read_as_the_parameter_takes_them(name: str, typed: str, values: tuple[JSON, ...]) -> None:
    assert axis(name, typed) == Axis(name, values)


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("temperature", "0, hot", "“hot” does not fit"),
        ("temperature", "0, 9", "“9” does not fit. Temperature must be between"),
        ("temperature", "", "no value yet"),
        ("temperature", "1, 1.0", "there twice"),
        ("temperature", "2..1", "a range goes up"),
        ("temperature", "0..1 step 0", "a range goes up"),
        ("temperature", "1..2..3", "a range looks like 0..1 step 0.25"),
        ("temperature", "0..2 step 0.000001", "2,000,001 values; at most 100"),
        ("max_tokens", ", ".join(map(str, range(1, 102))), "at most 100 values"),
        ("max_tokens", "1.5", "whole number"),
        ("reasoning_effort", "enormous", "must be one of"),
        ("no_such", "1", "There is no parameter"),
        ("stop", "x" * 30_000, "at most 20,000 characters"),
    ],
)
def test_a_value_that_cannot_be_read_is_named_with_its_parameter(name: str, typed: str, words: str) -> None:
    with pytest.raises(BadGrid, match=words.replace(".", r"\.")):
        axis(name, typed)


def test_a_grid_of_ten_thousand_requests_is_refused_in_words() -> None:
    down, across = axis("top_k", "1..100"), axis("max_tokens", "1..100")
    with pytest.raises(BadGrid, match="100 values × 100 values are 10,000 requests: there is room for 400"):
        Grid((down, across)).check(400)
    with pytest.raises(BadGrid, match=r"100 values × 5 runs are 500 requests"):
        Grid((down,), 5).check(400)
    with pytest.raises(BadGrid, match="1 request × 401 runs"):
        Grid((), 401).check(400)
    with pytest.raises(BadGrid, match="two different"):
        Grid((down, down)).check(400)
    with pytest.raises(BadGrid, match="at least once"):
        Grid((down,), 0).check(400)
    Grid((down,), 4).check(400)


def test_cells_go_row_by_row_and_a_grid_without_axes_is_one_cell() -> None:
    grid = Grid((axis("temperature", "0, 1"), axis("top_p", "0.5, 1")))
    assert [tuple(cell.values()) for cell in grid.cells()] == [(0, 0.5), (0, 1), (1, 0.5), (1, 1)]
    assert list(Grid(runs=5).cells()) == [{}]
    assert grids.read(grids.as_json(grid)) == grid


@pytest.mark.parametrize(
    "kept", [{}, {"axes": [{}], "runs": 1}, {"runs": True}, {"axes": [{"name": "a", "values": []}]}]
)
def test_a_file_that_says_nothing_of_its_grid_is_refused(kept: dict[str, JSON]) -> None:
    with pytest.raises(BadGrid, match="does not say"):
        grids.read(kept)
