"""What is open in one conversation does not stay open in the next."""

from __future__ import annotations

from components.session.view import RECENT, TranscriptView


def test_another_conversation_begins_with_nothing_open() -> None:
    view = TranscriptView()
    view.show_more()
    view.edit(1)
    view.add_below(2)
    view.raw.add(3)
    view.leave()
    assert (view.shown, view.editing, view.adding, view.raw) == (RECENT, None, None, set())


def test_an_editor_is_closed_by_opening_none() -> None:
    view = TranscriptView()
    view.edit(1)
    view.edit(None)
    assert view.editing is None
