"""How long a server asks to wait, wherever it says so: in headers, fields of the body, or its message.

In seconds; None if the server does not say.
"""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Iterator, Mapping
from datetime import datetime

from backend.errors.body import entries

# "34.07s", "7m12s", "1h2m3.5s", "120ms", "20 seconds": in headers and sentences of OpenAI and Groq, in RetryInfo.
_SPAN = re.compile(
    r"(\d+(?:\.\d+)?)\s*(ms|milliseconds?|s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)(?![a-z])", re.I
)
_SENTENCE = re.compile(
    r"(?:try again|retry|available again|resets?|please wait|wait)(?: after| in| for|:)?\s+"
    r"((?:\d+(?:\.\d+)?\s*(?:ms|milliseconds?|s|sec|seconds?|m|min|minutes?|h|hours?)(?![a-z])[\s,and]{0,5})+)",
    re.I,
)
_UNITS = {"ms": 0.001, "mi": 60.0, "m": 60.0, "s": 1.0, "h": 3600.0, "d": 86400.0}
# Google's RetryInfo; gateways; ChatGPT plans; Hugging Face while it loads a model.
_FIELDS = ("retrydelay", "retryafter", "retryafterseconds", "retryafterms", "resetsinseconds", "estimatedtime")
# x-ratelimit-reset, ratelimit-reset, ratelimitbysize-reset (Mistral), anthropic-ratelimit-tokens-reset; some have a
# suffix for what is limited (-requests, -tokens-minute).
_RESET = re.compile(r"(?:x-|anthropic-)?ratelimit[a-z-]*-reset(?:-[a-z-]+)?")
_LEFT_AND_RESET = re.compile(r"\b(?:reset|t)=(\d+)")  # the RateLimit header of IETF drafts 7 and later


def wait_in(status: int | None, body: object, message: str, headers: Mapping[str, str]) -> float | None:
    """Seconds to wait before the same request can be accepted. The most exact source takes precedence."""
    if (seconds := wait_in_header(headers)) is not None:
        return seconds
    said = next(_in_body(body), None)
    if said is None and (sentence := _SENTENCE.search(message[:4_000])):
        said = span(sentence[1])
    return _reset(_by_name(headers)) if said is None and status == 429 else said


def wait_in_header(headers: Mapping[str, str]) -> float | None:
    """The wait in a Retry-After header: meant for programs, so it is followed without asking the visitor."""
    by_name = _by_name(headers)
    if (milliseconds := _number(by_name.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    return retry_after(by_name.get("retry-after") or by_name.get("x-retry-after"), now=_servers_time(by_name))


def _servers_time(headers: Mapping[str, str]) -> float:
    """The current time from the Date header, as the clock of this machine may be wrong; else the local time."""
    try:
        return email.utils.parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (TypeError, ValueError):
        return time.time()


def _by_name(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def retry_after(value: str | None, *, now: float | None = None) -> float | None:
    """The seconds in a Retry-After header: a number, an HTTP date, or "90s" as some servers write; None if it is
    none of these.
    """
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            at = email.utils.parsedate_to_datetime(value).timestamp()
        except (TypeError, ValueError):
            return span(value.partition(",")[0])  # "5, 7": a gateway added its own
        seconds = at - (time.time() if now is None else now)
    if seconds != seconds:  # NaN
        return None
    return max(0.0, seconds)


def span(text: str) -> float | None:
    """ "7m12s" in seconds; a plain number is seconds."""
    parts = [(number, unit.lower()) for number, unit in _SPAN.findall(text[:100])]
    if parts:
        return sum(float(number) * (_UNITS.get(unit[:2]) or _UNITS[unit[0]]) for number, unit in parts)
    return _number(text)


def _in_body(body: object) -> Iterator[float]:
    """Google's RetryInfo, `retry_after` in seconds or milliseconds, the headers that OpenRouter forwards."""
    for name, value in entries(body):
        plain = name.lower().replace("_", "").replace("-", "")
        if plain in _FIELDS and isinstance(value, str | int | float) and not isinstance(value, bool):
            seconds = span(str(value))
            if seconds is not None:
                yield seconds / 1000 if plain.endswith("ms") else seconds
        elif plain == "xratelimitreset" and isinstance(value, str | int | float):
            seconds = _until(str(value), time.time())
            if seconds is not None:
                yield seconds


def _reset(headers: Mapping[str, str]) -> float | None:
    """When the exhausted limit is reset; of several the last one."""
    now = _servers_time(headers)
    resets = {name: _until(value, now) for name, value in headers.items() if _RESET.fullmatch(name)}
    if both := _LEFT_AND_RESET.search(headers.get("ratelimit", "")):
        resets["ratelimit"] = float(both[1])
    used_up = [name for name in resets if _number(headers.get(name.replace("reset", "remaining"))) == 0]
    soon = [name for name in resets if not name.endswith("-day")]  # a daily limit counts only when it is exhausted
    waits = [seconds for name in used_up or soon if (seconds := resets[name]) is not None]
    return max(waits, default=None)


def _until(value: str, now: float) -> float | None:
    """Seconds until a time, given as a duration, a number of seconds, a Unix time (also in ms) or a date (RFC
    3339).
    """
    number = _number(value)
    if number is not None and number > 5e8:
        return max(0.0, number / (1000 if number > 5e11 else 1) - now)
    if number is not None:
        return number
    try:
        return max(0.0, datetime.fromisoformat(value.strip()).timestamp() - now)
    except (ValueError, OverflowError):
        return span(value)


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
