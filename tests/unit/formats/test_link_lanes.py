"""A race in a link: its lanes come back as they were, and a stranger's are refused or made harmless."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from backend.formats import link_lanes, links, share
from backend.formats.link_lanes import Lane
from backend.formats.share import Shared
from backend.types import JSON, Message
from backend.untrusted import Unreadable

LANES: tuple[Lane, ...] = (
    {"model": "a/one", "parameters": {"temperature": 0.0, "top_p": None}},
    {"connection": "local", "system_prompt": "Be brief."},
    {},
)


def test_the_lanes_of_a_race_go_and_come_back_with_the_question() -> None:
    race = Shared("m", lanes=LANES, blind=True, messages=(Message("user", "Why?"),))
    assert share.decode(share.encode(race)) == race
    assert "3 lanes" in share.summary(race)
    assert "lanes" not in share.payload(Shared("m")) and "blind" not in share.payload(Shared("m"))


def test_the_address_of_a_server_never_goes() -> None:
    kept: Mapping[str, JSON] = {"connection": "http://10.0.0.7:11434/v1", "model": "x", "first": [1]}
    assert link_lanes.lanes_for_link([kept, {"connection": "configured"}]) == (
        {"model": "x"},
        {"connection": "configured"},
    )


@pytest.mark.parametrize(
    "lane",
    [
        {"system_prompt": "key sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD"},
        {"parameters": {"stop": ["sk-own-1234"]}},
    ],
    ids=["system prompt", "parameters"],
)
def test_a_key_in_a_lane_is_found(lane: Lane) -> None:
    found = share.secrets_in(Shared(lanes=({}, lane)), ["sk-own-1234"])
    assert found and found[0].startswith("lane 2:")


@pytest.mark.parametrize(
    "lanes",
    [
        {},
        [{}],
        [{}] * 7,
        [{}, 5],
        [{}, {"model": 7}],
        [{}, {"model": "a\u202eb"}],
        [{}, {"model": "x" * 5_000}],
        [{}, {"connection": "http://evil.example/v1"}],
        [{}, {"system_prompt": ["x"]}],
        [{}, {"parameters": "x"}],
    ],
)
def test_lanes_that_no_race_has_are_refused(lanes: JSON) -> None:
    with pytest.raises(Unreadable):
        share.decode(links.pack({"model": "m", "lanes": lanes}))


def test_settings_a_lane_cannot_use_are_left_out() -> None:
    lanes: JSON = [
        {"parameters": {"temperature": 99, "top_p": 0.5, "evil": 1}, "base_url": "http://x", "first": [1]},
        {},
    ]
    assert share.decode(links.pack({"lanes": lanes})).lanes == ({"parameters": {"top_p": 0.5}}, {})
