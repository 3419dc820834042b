"""The identity of this tab's visitor in a shared app: a login, a browser known by its cookie, or the tab alone.

components/guests/cookie.py sets the cookie before the page is loaded. Streamlit gives a tab back to
whoever names its id; so a tab's state belongs to the browser whose cookie came with the connection,
which is checked each time.
"""

from __future__ import annotations

import uuid

from backend.guests import access
from backend.guests.visits import Standing, proof
from components.session import services, tab
from components.session.services import configured


class Visitor:
    """One per tab: `Visitor.current()`. `owner` is the name under which data is stored, `budget` who pays."""

    def __init__(self) -> None:
        if configured().shared:
            services.keeping().tidy_soon()
        known = standing()
        visit = known.visit if known else None
        self.cookie = visit.guest if visit and known and not known.ended else ""
        self.owner = self.cookie or _login() or f"guest-{uuid.uuid4().hex}"
        # A browser that has left and returned before it has its new cookie keeps its budget.
        self.budget = visit.budget if visit else self.owner
        self.has_link = False

    @staticmethod
    def current() -> Visitor:
        return tab.one(Visitor)

    @property
    def comes_again(self) -> bool:
        """Whether a reload recognises this guest: by a cookie or by a login."""
        return bool(self.cookie or _login())

    def is_over(self, now: Standing | None) -> bool:
        """Whether the browser is another one than the one that began here, or has left, in this or another tab."""
        if not self.cookie or now is None:  # nothing to compare, or unknown
            return False
        return now.ended or now.visit is None or now.visit.guest != self.cookie

    def came_in_with(self, now: Standing | None, password_hash: str) -> bool:
        """Whether this browser typed that password before."""
        return bool(self.cookie and now and now.admitted == proof(password_hash))

    def admit(self, password_hash: str) -> None:
        """Remember that this browser typed the password."""
        if self.cookie:
            services.visits().admit(self.cookie, self.budget, password_hash)

    def take(self, owner: str, budget: str) -> None:
        """Continue as the guest of a private link."""
        self.owner, self.budget, self.has_link = owner, budget, True

    def end(self) -> None:
        """Leave: running answers are stopped, stored data is deleted, and no cookie or link leads to it any
        more.
        """
        if _login():
            return
        services.visits().end(self.owner, self.budget)
        if self.cookie and self.cookie != self.owner:
            services.visits().end(self.cookie, self.budget)
        services.keeping().remove(self.owner)
        services.shelf(self.owner).clear()


def standing() -> Standing | None:
    """What is known of this tab's browser now. None: unknown."""
    settings = configured()
    if not settings.shared or settings.access.kind == "oidc":
        return Standing()
    return services.visits().standing(tab.cookies())


def _login() -> str:
    if configured().access.kind == "oidc" and (claims := tab.login()):
        return access.identity(claims)
    return ""
