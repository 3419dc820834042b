"""Headers of one's own, which a company's gateway asks for. Each may be a key, so each is kept like one.

A header is taken as it is typed, `Name: value`. It does NOT decide where they may go: they belong to an Endpoint,
as its key does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

MOST = 20  # headers of one server
LONGEST = 8_000  # characters of a value
SHORTEST_REDACTED = 8  # characters: a shorter value ("true") is a word, and is hidden by its name alone
_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")  # fewer than HTTP allows: names stand in code for a shell
_VALUE = re.compile(r"[!-~](?:[ -~]*[!-~])?")
# What the connection and this app say themselves: another word for them breaks the request, or smuggles another.
_OURS = frozenset(
    """
    accept accept-encoding connection content-encoding content-length content-type expect host http2-settings
    if-none-match keep-alive te trailer transfer-encoding upgrade x-client-request-id
    """.split()  # noqa: SIM905
)
# What these say is about the app and its request, and well known.
_NO_KEYS = frozenset(
    """
    accept-language anthropic-beta anthropic-version http-referer openai-beta openai-organization openai-project
    origin referer user-agent x-title
    """.split()  # noqa: SIM905
)
_KEY_NAME = re.compile(r"authorization|credential|key|passw|secret|token", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][\w-]{0,30} +(?=\S+$)")  # "Bearer ": what one word stands behind
_OURS_BEGIN = ("proxy-", "sec-")


class UnusableHeader(ValueError):
    """It is no header that can be sent; in words."""


def read(typed: str) -> tuple[str, str]:
    """The name and the value of `Name: value`. Raises UnusableHeader; its words hold nothing of the value."""
    name, colon, value = (part.strip(" \t") for part in typed.strip().partition(":"))
    if not colon or not _NAME.fullmatch(name):
        raise UnusableHeader("A header looks like this: X-Gateway-Key: value")
    if name.lower() in _OURS or name.lower().startswith(_OURS_BEGIN):
        raise UnusableHeader(f"{name} is sent by this app itself and cannot be changed.")
    if len(value) > LONGEST or not _VALUE.fullmatch(value):
        raise UnusableHeader(f"The value of {name} is empty, too long, or has characters that no header has.")
    return name, value


def added(headers: Mapping[str, str], name: str, value: str) -> dict[str, str]:
    """These headers with one more; one of the same name, in any spelling, goes.

    Raises UnusableHeader for too many.
    """
    others = {known: kept for known, kept in headers.items() if known.lower() != name.lower()}
    if len(others) >= MOST:
        raise UnusableHeader(f"At most {MOST} headers go with a request.")
    return {**others, name: value}


def merged(ours: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Our headers with those of one's own over them, whatever the spelling."""
    names = {name.lower() for name in own}
    return {**{name: value for name, value in ours.items() if name.lower() not in names}, **own}


def secrets(headers: Mapping[str, str]) -> list[str]:
    """The values, without their scheme, that can be a key and are long enough to be taken out of any text. An
    address, a sentence or the name of an app is none: those are words, and an answer may say them."""
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
    """Somewhere letters and digits are mixed in one run, as they are in no word, version or date."""
    runs = (run for run in re.split("[^A-Za-z0-9]", word) if len(run) >= SHORTEST_REDACTED)
    return any(not run.isalpha() and not run.isdigit() for run in runs)
