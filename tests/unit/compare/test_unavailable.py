"""A lane whose model cannot open what is attached says so, and asks nobody."""

from __future__ import annotations

from basics import ask

from backend.answer.turn import Turn
from backend.compare.unavailable import Unable, not_taken


def test_a_parameter_that_the_model_does_not_take_is_named() -> None:
    turn = Turn(Unable(not_taken({"image", "audio"})), ask()).start().join(20)
    assert turn.state == "failed" and turn.error and not turn.call.exchanges
    assert turn.error.title == "This model does not take sound and pictures."
