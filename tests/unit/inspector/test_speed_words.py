"""An answer beside what the provider measures for everybody: whose fault is it that it was slow?"""

from __future__ import annotations

import pytest
from fake_api import reply
from rich_api import RichAPI, speed, taken_for_it

from backend.catalog import Metrics, ModelInfo, Speed
from backend.keys.endpoint import Endpoint
from backend.types import Message, Timing
from components.inspector.overview import compared

USUAL = Speed(0.4, 1.2, 80, 120)


@pytest.mark.parametrize(
    ("first", "words"),
    [
        (0.3, "began as usual"),
        (0.4, "began as usual"),
        (1.1, "slow today, not you"),
        (3.0, "later than nine of ten"),
    ],
)
def test_a_slow_answer_is_told_apart_from_a_slow_provider(first: float, words: str) -> None:
    said = compared(Message("assistant", "Hi", timing=Timing(first, first + 1)), USUAL)
    assert words in said
    assert "0.40 s" in said and "1.20 s" in said and "80 tokens per second" in said


def test_without_a_first_token_only_the_providers_figures_are_said() -> None:
    said = compared(Message("assistant", "Hi"), USUAL)
    assert "0.40 s" in said
    assert "This answer" not in said


def test_a_figure_the_provider_does_not_give_is_a_dash() -> None:
    assert "- (nine of ten)" in compared(Message("assistant"), Speed(0.4, None, None, None))


def test_the_figures_come_from_the_providers_own_page(monkeypatch: pytest.MonkeyPatch) -> None:
    with RichAPI() as server:
        taken_for_it(server, monkeypatch)
        server.measured = reply({"models": [speed("acme/small", 400, 80)], "window_seconds": 300})
        found = Metrics(Endpoint(server.url))
        _ = found.speeds
        assert found.wait(10)
        assert found.speeds is not None
        usual = found.speeds.of(ModelInfo("acme/small"))
    assert usual is not None
    assert "0.40 s" in compared(Message("assistant"), usual)
