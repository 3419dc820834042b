"""How a visitor gets into a shared app: with a password, or an email address confirmed by a login service.

Only the scrypt hash of a password is stored: `python -m backend.guests.access` prints one. Wrong attempts make
everybody wait, longer each time, per tab and for all tabs together. components/session/admission.py decides for a
tab
and remembers the result.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import threading
import time
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_N, _R, _P = 2**14, 8, 1  # 16 MB and about 50 ms: OWASP's recommendation for interactive logins with a rate limit
_MOST_N = 2**17
_HASH = re.compile(
    r"scrypt:(\d{4,6}):(\d{1,2}):(\d{1,2}):([A-Za-z0-9_-]{16,64}={0,2}):([A-Za-z0-9_-]{32,128}={0,2})"
)
LONGEST = 1_024  # characters of a password that are read
_TRUE = (True, 1, "true", "True", "1")
_LOGIN = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
_one_at_a_time = threading.Lock()  # each check takes 16 MB: a hundred parallel attempts must not take 1.6 GB


@dataclass(frozen=True)
class AccessPolicy:
    """How visitors get in. `kind` is none, password or oidc; with any other configured value nobody gets in."""

    kind: str = "none"
    password: str = ""  # a hash
    allowed: tuple[str, ...] = ()
    owner: str = ""  # the hash of the owner's own password, for the owner's page
    broken: str = ""  # why a configuration file cannot be read: the rules for access may be in it

    @property
    def problem(self) -> str:
        """Why nobody can get in with this configuration, for the owner; "" if it is valid."""
        if self.broken:
            return self.broken
        if self.kind not in ("none", "password", "oidc"):
            return "PLAYGROUND_GATE is none, password or oidc."
        if self.kind == "password" and not is_hash(self.password):
            return "PLAYGROUND_GATE_PASSWORD needs the hash of a password."
        if self.kind == "oidc" and not self.allowed:
            return "PLAYGROUND_GATE_ALLOWED needs the addresses or domains that may come in."
        return ""


def access_policy(setting: Callable[[str], str]) -> AccessPolicy:
    """The configured access policy."""
    entries = re.split(r"[\s,;\[\]'\"]+", setting("PLAYGROUND_GATE_ALLOWED"))
    return AccessPolicy(
        setting("PLAYGROUND_GATE").lower() or "none",
        setting("PLAYGROUND_GATE_PASSWORD"),
        tuple(entry.lower() for entry in entries if entry),
        setting("PLAYGROUND_OWNER_PASSWORD"),
    )


# ---- passwords ------------------------------------------------------------------------------------------


def hashed(password: str) -> str:
    """The hash of a password. Different each time: the salt is new."""
    salt = os.urandom(16)
    return f"scrypt:{_N}:{_R}:{_P}:{_text(salt)}:{_text(_derive(plain(password), salt, _N, _R, _P))}"


def plain(password: str) -> str:
    """The password without white space around it (phones and copied lines add it), in Unicode's NFC."""
    return unicodedata.normalize("NFC", password.strip())


def is_hash(stored: str) -> bool:
    return _parts(stored) is not None


def matches(password: str, stored: str) -> bool:
    """Whether the password has this hash. The time it takes does not depend on the hash."""
    parts = _parts(stored)
    if parts is None or not password or len(password) > LONGEST:
        return False
    n, r, p, salt, key = parts
    meant = dict.fromkeys(
        (plain(password), password)
    )  # also as typed: the hash may have been made before `plain` existed
    return any(hmac.compare_digest(_derive(one, salt, n, r, p, len(key)), key) for one in meant)


def _derive(password: str, salt: bytes, n: int, r: int, p: int, length: int = 32) -> bytes:
    with _one_at_a_time:
        return hashlib.scrypt(
            password.encode("utf-8", "replace"), salt=salt, n=n, r=r, p=p, maxmem=256 * n * r, dklen=length
        )


def _parts(stored: str) -> tuple[int, int, int, bytes, bytes] | None:
    match = _HASH.fullmatch(stored.strip())
    if match is None:
        return None
    n, r, p = (int(match[place]) for place in (1, 2, 3))
    if n & (n - 1) or not 1024 <= n <= _MOST_N or not 1 <= r <= 16 or not 1 <= p <= 4:
        return None
    try:
        return n, r, p, base64.urlsafe_b64decode(match[4]), base64.urlsafe_b64decode(match[5])
    except ValueError:
        return None


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


# ---- wrong attempts-------------------------------------------------------------------------------------


class Throttle:
    """Seconds to wait after wrong attempts: none at first, then doubling up to a limit. Thread-safe.

    One per tab, and one for all tabs of the process: a new tab for each attempt does not avoid the second.
    """

    def __init__(
        self, free: int, longest: float, forget: float = 900.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._free = free
        self._longest = longest
        self._forget = forget
        self._clock = clock
        self._wrong = 0
        self._last = 0.0
        self._until = 0.0
        self._lock = threading.Lock()

    @property
    def wait(self) -> float:
        """Seconds until the next attempt is allowed."""
        with self._lock:
            return max(0.0, self._until - self._clock())

    def begin(self) -> bool:
        """Begin an attempt; it counts as wrong until `right` is called, so that a hundred parallel ones are a
        hundred.

        False if it is too early; then nothing is counted.
        """
        with self._lock:
            now = self._clock()
            if now < self._until:
                return False
            self._wrong = 1 if now - self._last > self._forget else self._wrong + 1
            self._last = now
            if self._wrong >= self._free:
                self._until = now + min(self._longest, 2.0 ** min(30, self._wrong - self._free))
            return True

    def right(self) -> None:
        with self._lock:
            self._wrong, self._until = 0, 0.0


# ---- login services ---------------------------------------------------------------------------------------


def address(claims: Mapping[str, object]) -> str:
    """The email address that the login service has verified, in lower case; "" for none.

    An unverified address does not count: with some services a person can write any address into a profile.
    """
    email = claims.get("email")
    verified = claims.get("email_verified") in _TRUE or claims.get("xms_edov") in _TRUE
    if not isinstance(email, str) or not verified or email.count("@") != 1:
        return ""
    small = email.strip().lower()
    return small if small.isascii() == email.isascii() else ""  # the Kelvin sign would become a k


def is_allowed(email: str, listed: tuple[str, ...]) -> bool:
    """Whether the address is on the list: `anna@example.com` is one person, `@example.com` or `example.com`
    everybody there.
    """
    domain = email.rpartition("@")[2]
    return bool(email) and any(
        entry == email if "@" in entry.lstrip("@") else entry.lstrip("@") == domain for entry in listed
    )


def login_lacks(block: object) -> tuple[str, ...]:
    """The keys that are missing or invalid in the secrets' [auth], without which nobody can log in."""
    given = block if isinstance(block, Mapping) else {}
    lacks = [name for name in _LOGIN if not isinstance(given.get(name), str) or not given[name].strip()]
    ending = "/oauth2callback"  # the path at which Streamlit handles the redirect
    if "redirect_uri" not in lacks and not given["redirect_uri"].strip().endswith(ending):
        lacks.append(f"redirect_uri = ...{ending}")
    return tuple(lacks)


def identity(claims: Mapping[str, object]) -> str:
    """An id for the person who is logged in: the same in every tab, and not reversible."""
    person = f"{claims.get('iss')}|{claims.get('sub') or claims.get('email')}"
    return f"login-{hashlib.sha256(person.encode('utf-8', 'replace')).hexdigest()[:32]}"


if __name__ == "__main__":
    from getpass import getpass

    typed = getpass("Password: ")
    if not plain(typed) or typed != getpass("Once more: "):
        raise SystemExit("Nothing typed, or not the same twice. Try again.")
    print(hashed(typed))
