"""Whether this tab has been admitted through the gate of a shared app. Nothing is drawn here.

A page begins with the gate (components/guests/sign_in.py), a fragment or a callback with `Session.current()`, which
requires admission. Streamlit calls the callback of a click before the page, but only of a widget that it has
drawn in this very tab: a tab that was not admitted has none, and one that leaves is cleared with its callbacks and
uploads.
"""

from __future__ import annotations

from typing import Literal

import streamlit as st

from backend.guests import access
from backend.guests.access import Throttle
from components.session import tab, visitor, words
from components.session.services import configured
from components.session.visitor import Visitor

_ANEW = "visit.anew"  # the browser has to reload the page, to get a cookie of its own

Door = Literal["guests", "owner"]


def _throttles(free: int, longest: float) -> dict[Door, Throttle]:
    """One for each password: otherwise whoever knows the guests' could begin anew with guessing the owner's."""
    return {"guests": Throttle(free, longest), "owner": Throttle(free, longest)}


_EVERYBODY = _throttles(free=10, longest=30.0)  # for all tabs of this process


class Admission:
    """One per tab: `Admission.current()`."""

    def __init__(self) -> None:
        self.opened_with = ""  # the hash of the password: if the settings change, admission ends
        self.owner_with = ""
        self.throttles = _throttles(free=3, longest=60.0)
        self.problem = ""

    @staticmethod
    def current() -> Admission:
        return tab.one(Admission)

    def wait(self, door: Door) -> float:
        """Seconds until the next attempt."""
        return max(self.throttles[door].wait, _EVERYBODY[door].wait)

    def try_password(self, typed: str, stored: str, door: Door) -> bool:
        """Check a password. `problem` says why it is wrong, and how long to wait."""
        self.problem = ""
        tab_throttle, all_tabs = self.throttles[door], _EVERYBODY[door]
        if self.wait(door) or not (tab_throttle.begin() and all_tabs.begin()):
            self.problem = words.TOO_MANY_TRIES.format(time=_seconds(self.wait(door)))
            return False
        if access.matches(typed, stored):
            tab_throttle.right()
            all_tabs.right()
            return True
        wait = self.wait(door)
        self.problem = words.NOT_THE_ONE_WAIT.format(time=_seconds(wait)) if wait else words.NOT_THE_ONE
        return False

    def enter(self, widget: str) -> None:
        """Take the guests' password out of its widget."""
        typed = str(tab.value(widget) or "")
        tab.put(widget, "")
        if typed and self.try_password(typed, configured().access.password, "guests"):
            self.opened_with = configured().access.password
            Visitor.current().admit(self.opened_with)

    def enter_as_owner(self, widget: str) -> None:
        """Take the owner's password out of its widget."""
        typed = str(tab.value(widget) or "")
        tab.put(widget, "")
        if typed and self.try_password(typed, configured().access.owner, "owner"):
            self.owner_with = configured().access.owner


def is_open() -> bool:
    """Whether this tab may see the app."""
    policy = configured().access
    if policy.problem:
        return False
    if policy.kind == "oidc":
        return access.is_allowed(access.address(tab.login()), policy.allowed)
    if not configured().shared:
        return True
    known, guest = visitor.standing(), Visitor.current()
    if guest.is_over(known):
        return False
    if policy.kind == "none" or Admission.current().opened_with == policy.password:
        return True
    return guest.came_in_with(known, policy.password)


def require() -> None:
    """In a fragment or a callback: without admission nothing happens, and the sign-in form is drawn instead."""
    if not is_open():
        st.rerun()


def owner_is_in() -> bool:
    """Whether the owner has signed in, in this tab."""
    stored = configured().access.owner
    return access.is_hash(stored) and Admission.current().owner_with == stored


def guest() -> str:
    """The name under which data of this tab's visitor is stored."""
    return Visitor.current().owner if configured().shared else "local"


def payer() -> str:
    """The budget that pays for this tab. It outlives "Leave": otherwise leaving would give a new one."""
    return Visitor.current().budget if configured().shared else "local"


def arrive() -> None:
    """Begin a page. A tab whose visit has ended, or that another browser took over, is cleared."""
    if configured().shared and Visitor.current().is_over(visitor.standing()):
        _begin_anew()


def leave() -> None:
    """End this browser's visit: its data is deleted, and its tabs lose access."""
    Visitor.current().end()
    _begin_anew()


def _begin_anew() -> None:
    tab.forget_tab()
    tab.put(_ANEW, True)


def needs_reload() -> bool:
    """Whether the browser has to reload the page, once."""
    return bool(tab.value(_ANEW))


def _seconds(seconds: float) -> str:
    count = max(1, round(seconds + 0.5))
    return (words.SECOND if count == 1 else words.SECONDS).format(count=count)
