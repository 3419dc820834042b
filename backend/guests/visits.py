"""Identifies a guest without a login from one page load to the next: a browser with a signed cookie.

    visits = Visits(store, days=14)
    name, value = visits.cookie(begun())        # for the browser
    visits.standing({name: value}).visit        # the same visit, in every process on this database

The cookie holds a random key and names the budget. The database has only a hash of the key, so reading it yields
no cookie. A cookie is valid if it is signed with the current secret, is not older than `days`, and its
visit has not ended. This module does NOT check whether a request came from the app's own page.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, text

from backend.store import Store, StoreError

DAY = 86_400
RENEWED = DAY  # seconds after which a returning browser gets a new cookie: its life counts from the last visit
AHEAD = 600  # seconds that the clock of another replica may be ahead of ours
_COOKIE = re.compile(r"1\.([A-Za-z0-9_-]{32})\.(guest-[0-9a-f]{32})\.([0-9]{1,12})\.([0-9a-f]{64})")
_LINK = re.compile(r"[A-Za-z0-9_-]{32}")
_SECURE = ("__Host-", "__Secure-")  # prefixes that a browser accepts by https only, and from this very host


@dataclass(frozen=True)
class Visit:
    """One returning browser. `key` is known to its cookie alone; `issued` in seconds since 1970."""

    key: str = field(repr=False)
    budget: str
    issued: int = 0

    @property
    def guest(self) -> str:
        """The name under which its conversations are stored."""
        return _guest_name(self.key)


@dataclass(frozen=True)
class Standing:
    """What is known of a browser: `visit` is None for none. `admitted`: the password it came in with, see
    `proof`.
    """

    visit: Visit | None = None
    ended: bool = False
    admitted: str = ""


def new_visit(budget: str = "") -> Visit:
    """A new visit; it keeps the budget of the visit that has ended, if any."""
    return Visit(secrets.token_urlsafe(24), budget or _guest_name(secrets.token_urlsafe(24)))


def proof(password_hash: str) -> str:
    """A digest of the password that a guest came in with: it differs for another password."""
    return _hashed(password_hash)


def _guest_name(key: str) -> str:
    return f"guest-{hashlib.sha256(key.encode()).hexdigest()[:32]}"


class Visits:
    """The visits of one installation, in its database. `days` is how long a browser is known."""

    def __init__(self, store: Store, days: int, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._life = days * DAY
        self._clock = clock

    @property
    def life(self) -> int:
        """Seconds for which a cookie is valid."""
        return self._life

    def standing(self, cookies: Mapping[str, str], *, https_only: bool = False) -> Standing | None:
        """What is known of the browser with these cookies. None: the database cannot be read.

        `https_only`: accept only a cookie whose name proves that it was set by https, by this host.
        """
        return self._store.read(lambda connection: self._standing(connection, cookies, https_only), None)

    def _standing(self, connection: Connection, cookies: Mapping[str, str], https_only: bool) -> Standing:
        secret = connection.execute(_SECRET).scalar()
        if not isinstance(secret, str):
            return Standing()
        name = _name(secret)
        prefixes = _SECURE if https_only else (*_SECURE, "")
        value = next((cookies[prefix + name] for prefix in prefixes if prefix + name in cookies), "")
        visit = self._visit_of(value, secret)
        if visit is None:
            return Standing()
        row = connection.execute(_ROW, {"guest": visit.guest}).one_or_none()
        return Standing(visit, bool(row.ended), row.admitted) if row else Standing(visit)

    def _visit_of(self, value: str, secret: str) -> Visit | None:
        match = _COOKIE.fullmatch(value[:200])
        if match is None or len(value) > 200:
            return None
        key, budget, issued, seal = match.groups()
        visit = Visit(key, budget, int(issued))
        age = self._clock() - visit.issued
        known = hmac.compare_digest(seal, _seal(visit, secret)) and -AHEAD <= age < self._life
        return visit if known else None

    def cookie(self, visit: Visit, *, https: bool = False, root: bool = True) -> tuple[str, str] | None:
        """Name and value of a new cookie for this visit. None: nothing can be signed at the moment.

        `root`: it is for every path of the host, which browsers require for a __Host- name.
        """
        secret = self._secret()
        if not secret:
            return None
        issued = replace(visit, issued=int(self._clock()))
        prefix = _SECURE[0 if root else 1] if https else ""
        return prefix + _name(secret), f"1.{visit.key}.{visit.budget}.{issued.issued}.{_seal(issued, secret)}"

    def is_old(self, visit: Visit) -> bool:
        """Whether its cookie was issued long enough ago to be renewed."""
        return self._clock() - visit.issued > RENEWED

    def note_return(self, visit: Visit) -> None:
        """Record a return: what is known of the browser is kept as long as its new cookie."""
        self._edit(_SEEN, {"guest": visit.guest, "now": self._clock()})

    def _secret(self) -> str:
        """The secret shared by every process on this database, created if absent; "" if unavailable."""
        secret = self._read_secret()
        if not secret:
            self._edit(_MAKE_SECRET, {"secret": secrets.token_urlsafe(32)})
            secret = self._read_secret()
        return secret

    def _read_secret(self) -> str:
        return str(self._store.read(lambda connection: connection.execute(_SECRET).scalar(), None) or "")

    # ---- what becomes of a visit ------------------------------------------------------------------------------

    def admit(self, guest: str, budget: str, password_hash: str) -> None:
        """Record that this guest typed the password; valid until the password changes."""
        self._edit(_ADMIT, {**self._row(guest, budget), "admitted": proof(password_hash)})

    def end(self, guest: str, budget: str) -> None:
        """End this visit: no cookie and no link leads to the guest's data any more."""
        self._edit(_END, {**self._row(guest, budget), "admitted": ""})

    def end_all(self) -> None:
        """End all visits: new secret, no passwords, no links. Raises Unavailable."""

        def work(connection: Connection) -> None:
            connection.execute(_NEW_SECRET, {"secret": secrets.token_urlsafe(32)})
            connection.execute(_END_ALL)

        self._store.edit(work)

    def forget_old(self) -> None:
        """Delete visits whose last cookie has expired. Raises Unavailable."""
        self._store.edit(lambda connection: _run(connection, _FORGET, {"before": self._clock() - self._life - DAY}))

    def _row(self, guest: str, budget: str) -> dict[str, object]:
        return {"guest": guest, "budget": budget, "now": self._clock(), "link": ""}

    def _edit(self, statement: object, values: Mapping[str, object]) -> None:
        """Write if possible: while the database is in trouble a guest is known by the tab alone."""
        try:
            self._store.edit(lambda connection: _run(connection, statement, values))
        except StoreError:
            return

    # ---- a private link, where cookies are blocked ---------------------------------------------------------------

    def make_link(self, guest: str, budget: str) -> str:
        """The secret part of a new link to this guest's data; an earlier one ends. Raises Unavailable."""
        link = secrets.token_urlsafe(24)
        values = {**self._row(guest, budget), "admitted": "", "link": _hashed(link)}
        self._store.edit(lambda connection: _run(connection, _LINKED, values))
        return link

    def end_link(self, guest: str) -> None:
        """End the link. Raises Unavailable."""
        self._store.edit(lambda connection: _run(connection, _UNLINK, {"guest": guest}))

    def linked(self, link: str) -> tuple[str, str] | None:
        """The guest of this link, and the budget. None: there is no such link, or it has ended."""
        if not _LINK.fullmatch(link[:100]):
            return None
        values = {"link": _hashed(link), "after": self._clock() - self._life}
        row = self._store.read(lambda connection: connection.execute(_OF_LINK, values).one_or_none(), None)
        return (str(row.guest), str(row.budget)) if row else None


def _seal(visit: Visit, secret: str) -> str:
    signed = f"1.{visit.key}.{visit.budget}.{visit.issued}"
    return hmac.new(secret.encode(), signed.encode(), hashlib.sha256).hexdigest()


def _name(secret: str) -> str:
    """The name of the cookie: two apps on one host, at two ports for instance, share a browser's cookies, so
    each has its own.
    """
    return f"playground-guest-{_hashed(secret)[:8]}"


def _hashed(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def _run(connection: Connection, statement: object, values: Mapping[str, object]) -> None:
    connection.execute(statement, dict(values))  # type: ignore[call-overload]


_SECRET = text("SELECT secret FROM guest_house WHERE number = 1")
_MAKE_SECRET = text("UPDATE guest_house SET secret = :secret WHERE number = 1 AND secret IS NULL")
_NEW_SECRET = text("UPDATE guest_house SET secret = :secret WHERE number = 1")
_ROW = text("SELECT ended, admitted FROM guest_visits WHERE guest = :guest")
_INSERT = "INSERT INTO guest_visits (guest, budget, admitted, link, ended, seen)"
# A visit that has ended never begins again: later writes change nothing.
_ADMIT = text(f"""{_INSERT} VALUES (:guest, :budget, :admitted, :link, 0, :now)
    ON CONFLICT (guest) DO UPDATE SET admitted = :admitted, seen = :now WHERE guest_visits.ended = 0""")
_END = text(f"""{_INSERT} VALUES (:guest, :budget, :admitted, :link, 1, :now)
    ON CONFLICT (guest) DO UPDATE SET ended = 1, admitted = '', link = '', seen = :now""")
_LINKED = text(f"""{_INSERT} VALUES (:guest, :budget, :admitted, :link, 0, :now)
    ON CONFLICT (guest) DO UPDATE SET link = :link, seen = :now WHERE guest_visits.ended = 0""")
_UNLINK = text("UPDATE guest_visits SET link = '' WHERE guest = :guest")
_OF_LINK = text("""SELECT guest, budget FROM guest_visits
    WHERE link = :link AND link <> '' AND ended = 0 AND seen > :after""")
_SEEN = text("UPDATE guest_visits SET seen = :now WHERE guest = :guest AND ended = 0")
_END_ALL = text("UPDATE guest_visits SET ended = 1, admitted = '', link = ''")
_FORGET = text("DELETE FROM guest_visits WHERE seen < :before")
