"""The set-up of an opened link: filled in when the Compare page is drawn. Nothing is sent."""

from __future__ import annotations

from functools import partial

from backend.compare.grid_setup import SetUp
from components.compare import grid_form
from components.session import tab
from components.session.session import Session
from components.session.suites import SuiteDesk


def take_in(session: Session) -> str:
    """Fill it in, once; returns the id of the mode that shows it, "" if there is none. Call before the mode is
    drawn.
    """
    opened = session.opened
    if not opened.waits or opened.setup is None:
        return ""
    opened.waits = False
    session.experiments.show("")
    if isinstance(opened.setup, SetUp):
        opened.put_back = partial(grid_form.put, grid_form.field_values())
        grid_form.put(grid_form.fields_of(opened.setup, opened.shared.tools if opened.shared else ()))
        return "explorer"
    desk = tab.one(SuiteDesk)
    before, run = desk.suite, desk.run
    desk.take(opened.setup)
    desk.run = ""
    opened.put_back = partial(desk.bring_back, before, run)
    return "suite"
