"""What is open in one conversation does not stay open in the next."""

from __future__ import annotations

from components.session.view import TranscriptView


def test_another_conversation_begins_with_nothing_open() -> None:
    view = TranscriptView()
    view.edit(1)
    view.add_below(2)
    view.leave()
    assert (view.editing, view.adding) == (None, None)


def test_an_editor_is_closed_by_opening_none() -> None:
    view = TranscriptView()
    view.edit(1)
    view.edit(None)
    assert view.editing is None
