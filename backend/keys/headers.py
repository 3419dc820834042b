"""Custom headers, which a company's gateway may require. Each may be a secret, so each is treated like a key.

A header is typed as `Name: value`. This does NOT decide where it is sent: it belongs to an Endpoint,
as its key does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

MOST = 20  # headers of one server
LONGEST = 8_000  # characters of a value
# characters: a shorter value ("true") is an ordinary word, and is only hidden with its header
SHORTEST_REDACTED = 8
_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")  # fewer than HTTP allows: names are used in shell code
_VALUE = re.compile(r"[!-~](?:[ -~]*[!-~])?")
# Headers that the connection and this app set: overriding them breaks the request, or smuggles another.
_OURS = frozenset(
    """
    accept accept-encoding connection content-encoding content-length content-type expect host http2-settings
    if-none-match keep-alive te trailer transfer-encoding upgrade x-client-request-id
    """.split()  # noqa: SIM905
)
# Headers whose values describe the app and its request, and are no secrets.
_NO_KEYS = frozenset(
    """
    accept-language anthropic-beta anthropic-version http-referer openai-beta openai-organization openai-project
    origin referer user-agent x-title
    """.split()  # noqa: SIM905
)
_KEY_NAME = re.compile(r"authorization|credential|key|passw|secret|token", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][\w-]{0,30} +(?=\S+$)")  # "Bearer ": a scheme before a single token
_OURS_BEGIN = ("proxy-", "sec-")


class UnusableHeader(ValueError):
    """A header that cannot be sent; `str()` says why."""


def read(typed: str) -> tuple[str, str]:
    """The name and the value of `Name: value`. Raises UnusableHeader, whose message does not contain the value."""
    name, colon, value = (part.strip(" \t") for part in typed.strip().partition(":"))
    if not colon or not _NAME.fullmatch(name):
        raise UnusableHeader("A header looks like this: X-Gateway-Key: value")
    if name.lower() in _OURS or name.lower().startswith(_OURS_BEGIN):
        raise UnusableHeader(f"{name} is sent by this app itself and cannot be changed.")
    if len(value) > LONGEST or not _VALUE.fullmatch(value):
        raise UnusableHeader(f"The value of {name} is empty, too long, or has characters that no header has.")
    return name, value


def with_header(headers: Mapping[str, str], name: str, value: str) -> dict[str, str]:
    """These headers with one more, replacing one of the same name in any case.

    Raises UnusableHeader if there are too many.
    """
    others = {known: kept for known, kept in headers.items() if known.lower() != name.lower()}
    if len(others) >= MOST:
        raise UnusableHeader(f"At most {MOST} headers go with a request.")
    return {**others, name: value}


def merged(ours: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """The app's headers overridden by the visitor's, ignoring case."""
    names = {name.lower() for name in own}
    return {**{name: value for name, value in ours.items() if name.lower() not in names}, **own}


def secrets(headers: Mapping[str, str]) -> list[str]:
    """The values, without their scheme, that may be secrets and are long enough to be redacted in any text. An
    address, a sentence or the name of an app is not: an answer may contain those words.
    """
    words = (word for name, value in headers.items() if name.lower() not in _NO_KEYS for word in _keys(name, value))
    return list(dict.fromkeys(word for word in words if len(word) >= SHORTEST_REDACTED))


def _keys(name: str, value: str) -> list[str]:
    if name.lower() == "cookie":
        words = [pair.partition("=")[2].strip() for pair in value.split(";")]
        return [word for word in words if _random(word)]
    word = _SCHEME.sub("", value)
    if " " in word or "://" in word:
        return []
    return [word] if _KEY_NAME.search(name) or _random(word) else []


def _random(word: str) -> bool:
    """Whether letters and digits are mixed in one run, as in no word, version or date."""
    runs = (run for run in re.split("[^A-Za-z0-9]", word) if len(run) >= SHORTEST_REDACTED)
    return any(not run.isalpha() and not run.isdigit() for run in runs)
