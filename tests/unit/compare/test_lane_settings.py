"""What lanes share, and what each has of its own, as data."""

from __future__ import annotations

import pytest

from backend.compare.lane_settings import LaneSettings, Overrides, in_common, prompt_difference, read
from backend.types import JSON

SHARED = LaneSettings("configured", "fake/alpha", {"temperature": 0.7, "max_tokens": 60}, "Be kind.")


def test_a_lane_takes_over_what_it_has_no_value_for() -> None:
    assert Overrides().over(SHARED) == SHARED
    assert Overrides().differences(SHARED) == []
    assert Overrides(model="fake/alpha", parameters={"temperature": 0.7}).differences(SHARED) == []


def test_differences_of_a_lane_are_names_and_values() -> None:
    own = Overrides(model="fake/beta", system_prompt="Be brief.", parameters={"temperature": 1.2, "top_p": 0.5})
    assert own.differences(SHARED) == [
        ("model", "fake/beta"),
        ("system_prompt", "Be brief."),
        ("temperature", 1.2),
        ("top_p", 0.5),
    ]


def test_a_lane_may_leave_out_what_the_others_send() -> None:
    own = Overrides(parameters={"temperature": None})
    assert "temperature" not in own.over(SHARED).parameters
    assert own.differences(SHARED) == [("temperature", None)]


@pytest.mark.parametrize(
    "changes",
    [
        Overrides(),
        Overrides("local", "", {"temperature": 0.0, "seed": None}, ""),
        Overrides(model="a", parameters={"stop": ["\n"]}, system_prompt="Be\nbrief."),
    ],
)
def test_saved_lane_settings_are_read_back(changes: Overrides) -> None:
    assert read(changes.as_json()) == changes


@pytest.mark.parametrize(
    "kept",
    [None, 5, [], {"model": 5}, {"parameters": {"temperature": "hot", "api_key": "sk-x", "__class__": 1}}],
)
def test_malformed_lane_settings_are_left_out(kept: JSON) -> None:
    assert read(kept) == Overrides()


def test_two_prompts_are_compared_line_by_line() -> None:
    lines = prompt_difference("Be kind.\nBe short.", "Be kind.\nBe long.")
    assert lines == [(" ", "Be kind."), ("-", "Be short."), ("+", "Be long.")]


def test_settings_common_to_all_lanes_are_listed_once() -> None:
    hot, cold = (
        Overrides(parameters={"temperature": value, "top_k": 0}).differences(SHARED) for value in (1.5, 0.0)
    )
    assert in_common([hot, cold]) == [("top_k", 0)] and in_common([]) == []
