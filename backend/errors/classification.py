"""Classifies a reply as an error: by its codes, then by its message (backend/errors/signs.py), then by its
status.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from backend.errors.body import codes_in, filter_rules, message_in, request_id_in, status_code
from backend.errors.kinds import (
    AddressNotFound,
    APIError,
    BadRequest,
    ConnectionFailed,
    ContentFiltered,
    Forbidden,
    KeyRefused,
    LimitUsedUp,
    ModelNotFound,
    OutOfCredit,
    RateLimited,
    Redirected,
    ServerTrouble,
    TooLarge,
    by_name,
)
from backend.errors.signs import sign_of
from backend.errors.waits import wait_in, wait_in_header
from backend.keys.redaction import NO_KEY, Redactor

PATIENCE = 10.0  # seconds; a longer wait without a Retry-After header is the visitor's decision


def from_response(
    status: int, body: object, headers: Mapping[str, str], *, redactor: Redactor = NO_KEY, request_id: str = ""
) -> APIError:
    """The error for a reply outside 2xx. `body` is parsed JSON, or text."""
    return _error(status, status, body, headers, redactor, request_id)


def from_stream(error: object, *, redactor: Redactor = NO_KEY, request_id: str = "") -> APIError:
    """The error for an `error` object in the middle of a stream. Never retried: text may have been shown."""
    fields = error if isinstance(error, dict) else {}
    codes = (fields.get(name) for name in ("status_code", "code", "statusCode", "status"))
    status = next(filter(None, map(status_code, codes)), None)
    meant = _error(status, status or 500, error, {}, redactor, request_id)
    meant.retryable = False
    return meant


def _error(
    said: int | None, status: int, body: object, headers: Mapping[str, str], redactor: Redactor, request_id: str
) -> APIError:
    """`said` is the status from the server, None if it gave none; `status` decides if nothing else does."""
    message = message_in(body) or _in_a_header(headers)
    codes = [*codes_in(body), *_codes_in(headers)]
    sign = sign_of(said, f"{message} {' '.join(codes)}", codes)
    cls = by_name(sign.error) if sign else _by_status(status)
    title, hint = (sign.title, sign.hint) if sign else _IN_WORDS.get(status, ("", ""))
    if cls is AddressNotFound and not sign and isinstance(body, dict | list) and message:
        title, hint = AddressNotFound.OR_MODEL
    wait = None if cls is LimitUsedUp and _of_the_day(codes) else wait_in(said, body, message, headers)
    return cls(
        redactor.redact(message),
        title=title,
        hint=redactor.redact(hint or _rules(cls, body)),
        status=said,
        request_id=redactor.redact(request_id_in(body) or request_id),
        retry_after=wait,
        retryable=False if _is_in_vain(cls, status, wait, headers) else None,
        body=_raw(body, redactor),
    )


def _codes_in(headers: Mapping[str, str]) -> list[str]:
    """Error codes that AWS and Azure send in a header."""
    told = (value for name, value in headers.items() if name.lower() in ("x-amzn-errortype", "x-ms-error-code"))
    return [value.partition(":")[0][:200] for value in told]


def _in_a_header(headers: Mapping[str, str]) -> str:
    """The error_description of a WWW-Authenticate header (RFC 6750), "" if there is none."""
    asked = next((value for name, value in headers.items() if name.lower() == "www-authenticate"), "")
    told = re.search(r'error_description="([^"]*)"', asked[:2_000])
    return told[1] if told else ""


def _is_in_vain(cls: type[APIError], status: int, wait: float | None, headers: Mapping[str, str]) -> bool:
    """Whether an automatic retry is useless. OpenAI and Anthropic say so with `x-should-retry: false`."""
    told = any(name.lower() == "x-should-retry" and value == "false" for name, value in headers.items())
    turned_away = cls is ConnectionFailed and status < 500  # by a proxy or firewall
    return told or turned_away or status in _LOGINS or _long(wait, headers)


def _long(wait: float | None, headers: Mapping[str, str]) -> bool:
    """Whether a wait is too long to be made without asking the visitor."""
    return bool(wait and wait > PATIENCE and wait_in_header(headers) is None)


def _rules(cls: type[APIError], body: object) -> str:
    """The filter rule that applied, as a prefix of the hint; "" if unknown."""
    rules = filter_rules(body) if cls is ContentFiltered else []
    return f"Its rule: {', '.join(rules)}. {cls.hint}" if rules else ""


def _of_the_day(codes: list[str]) -> bool:
    """Whether this is a daily limit: Google sends a wait of seconds even then."""
    return any("perday" in code.lower() for code in codes)


def _raw(body: object, redactor: Redactor) -> str:
    """The reply as received, without the key."""
    try:
        return redactor.redact(body if isinstance(body, str) else json.dumps(body, ensure_ascii=False))
    except RecursionError:  # nested almost too deeply for the parser
        return ""


def _by_status(status: int) -> type[APIError]:
    if 300 <= status < 400:
        return Redirected
    return _BY_STATUS.get(status, BadRequest if 400 <= status < 500 else ServerTrouble)


_BY_STATUS: dict[int, type[APIError]] = {
    401: KeyRefused,
    402: OutOfCredit,
    403: Forbidden,
    404: AddressNotFound,
    405: AddressNotFound,
    408: ServerTrouble,
    409: ServerTrouble,
    410: ModelNotFound,
    413: TooLarge,
    414: TooLarge,
    421: AddressNotFound,  # misdirected request (RFC 9110, 15.5.20)
    424: ServerTrouble,  # Hugging Face: its upstream failed
    425: ServerTrouble,
    429: RateLimited,
    431: TooLarge,
    407: ConnectionFailed,
    451: Forbidden,
    498: ServerTrouble,  # Groq: no capacity
    499: ServerTrouble,  # nginx: the client closed the request
    501: AddressNotFound,  # a server of files, or one of models that has no chat: it knows no such method
    511: ConnectionFailed,
}
_PROXY = (
    "The network on the way to the server wants a login first.",
    "It comes from a proxy or a hotspot, not from the provider. Log in there, or write name and password into "
    "HTTP_PROXY or HTTPS_PROXY and start this app again.",
)
_LOGINS = (407, 511)
_IN_WORDS = {  # title and hint, where those of the class do not fit
    407: _PROXY,
    451: (
        "The server may not answer this, for legal reasons.",
        "Often a country or a region is not served. Try another model or another server.",
    ),
    511: _PROXY,
}
