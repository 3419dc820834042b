"""One dialog is open at a time, and a tab knows which."""

from __future__ import annotations

from components.session.dialogs import Dialogs


def test_no_dialog_is_open_at_first() -> None:
    assert not Dialogs().any


def test_opening_a_dialog_closes_the_one_before() -> None:
    dialogs = Dialogs()
    dialogs.open("share")
    dialogs.open("inspector")
    assert dialogs.is_open("inspector") and not dialogs.is_open("share")


def test_a_late_click_that_closes_a_dialog_leaves_another_one_open() -> None:
    dialogs = Dialogs()
    dialogs.open("inspector")
    dialogs.close("share")
    assert dialogs.any
    dialogs.close("inspector")
    assert not dialogs.any


def test_a_change_of_page_closes_all_but_the_prompts() -> None:
    dialogs = Dialogs()
    for name in ("share", "inspector", "tool editor"):
        dialogs.open(name)  # type: ignore[arg-type]
        dialogs.leave_page()
        assert not dialogs.any, name
    dialogs.open("prompts")
    dialogs.leave_page()
    assert dialogs.is_open("prompts")
