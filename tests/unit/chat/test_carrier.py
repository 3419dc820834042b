"""What a tab knows to be in its browser: what the browser told, and nothing once that was wrong."""

from __future__ import annotations

from components.chat.carrier import HELD, Carrier


def test_a_text_reported_by_the_browser_is_known_until_the_browser_lacks_it() -> None:
    carrier = Carrier()
    carrier.note_held({"1": "a.1"})
    carrier.note_held({"1": "b.2", "2": "c.3"})
    assert carrier.held == {"1": "b.2", "2": "c.3"}
    carrier.note_missing()
    carrier.note_held({"3": "d.4"})
    assert carrier.held == {}, "from now on it is sent everything"


def test_no_more_is_known_than_there_is_room_for() -> None:
    carrier = Carrier()
    for number in range(HELD + 5):
        carrier.note_held({str(number): "a.1"})
    assert list(carrier.held) == [str(number) for number in range(5, HELD + 5)]
