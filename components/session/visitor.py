"""Who has this tab of a shared app: a login, a browser that its cookie makes known, or the tab alone.

The cookie is set by components/guests/cookie.py before the page is there. Streamlit gives a tab back to
whoever names its id; so what a tab has belongs to the browser whose cookie came with the connection,
which is looked at each time.
"""

from __future__ import annotations

import uuid

from backend.guests import access
from backend.guests.visits import Standing, proof
from components.session import services, tab
from components.session.services import configured


class Visitor:
    """One per tab: `Visitor.current()`. `owner` is the name under which things are kept, `budget` who pays."""

    def __init__(self) -> None:
        if configured().shared:
            services.keeping().tidy_soon()
        known = standing()
        visit = known.visit if known else None
        self.cookie = visit.guest if visit and known and not known.ended else ""
        self.owner = self.cookie or _login() or f"guest-{uuid.uuid4().hex}"
        # A browser that has left and came back before it has its new cookie is paid for as before.
        self.budget = visit.budget if visit else self.owner
        self.has_link = False

    @staticmethod
    def current() -> Visitor:
        return tab.one(Visitor)

    @property
    def comes_again(self) -> bool:
        """A reload finds this guest: by a cookie or by a login."""
        return bool(self.cookie or _login())

    def is_over(self, now: Standing | None) -> bool:
        """The browser is another one than that which began here, or it has left, in this tab or in another."""
        if not self.cookie or now is None:  # nothing to compare, or nobody can say
            return False
        return now.ended or now.visit is None or now.visit.guest != self.cookie

    def came_in_with(self, now: Standing | None, password_hash: str) -> bool:
        """This browser typed that password before."""
        return bool(self.cookie and now and now.admitted == proof(password_hash))

    def admit(self, password_hash: str) -> None:
        """Remember that this browser typed the password."""
        if self.cookie:
            services.visits().admit(self.cookie, self.budget, password_hash)

    def take(self, owner: str, budget: str) -> None:
        """Go on as the guest of a private link."""
        self.owner, self.budget, self.has_link = owner, budget, True

    def end(self) -> None:
        """Leave: what answers is stopped, what is kept is deleted, and no cookie or link leads to it any more."""
        if _login():
            return
        services.visits().end(self.owner, self.budget)
        if self.cookie and self.cookie != self.owner:
            services.visits().end(self.cookie, self.budget)
        services.keeping().remove(self.owner)
        services.shelf(self.owner).clear()


def standing() -> Standing | None:
    """What is known of the browser of this tab now. None: nobody can say."""
    settings = configured()
    if not settings.shared or settings.access.kind == "oidc":
        return Standing()
    return services.visits().standing(tab.cookies())


def _login() -> str:
    if configured().access.kind == "oidc" and (claims := tab.login()):
        return access.identity(claims)
    return ""
