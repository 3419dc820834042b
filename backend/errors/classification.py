"""Which error a reply means: by its words first, by its status then."""

from __future__ import annotations

import email.utils
import json
import re
import time
from collections.abc import Mapping

from backend.errors.body import codes_in, message_in, request_id_in, status_code
from backend.errors.kinds import (
    AddressNotFound,
    APIError,
    BadRequest,
    ContextTooLong,
    Forbidden,
    KeyRefused,
    ModelNotFound,
    OutOfCredit,
    RateLimited,
    Redirected,
    ServerTrouble,
    TooLarge,
)
from backend.keys.redaction import NO_KEY, Redactor

_OUT_OF_CREDIT = re.compile(
    r"insufficient[ _](quota|balance|credit|funds)|out of credits?|exceeded your current quota"
    r"|exhausted the available|free.tier limit|billing|payment required|\btop.?up",
    re.I,
)
_CONTEXT = re.compile(
    r"context.{0,20}(length|window|size)|exceed_context_size|maximum context|too many tokens|prompt is too long",
    re.I,
)
# "max_tokens is not supported with this model" is about a setting: the model must come before what ails it.
_MODEL = re.compile(
    r"model_not_found|no such model|unknown model|invalid model\b|not a valid model|no endpoints found for"
    r"|\b(models?|deployment)\b.{0,150}?(not[ _](found|exist)|does not exist|not available|retired|deprecated)"
    r"|^(the )?(requested )?model \S+ is not supported",
    re.I | re.S,
)


def from_response(
    status: int, body: object, headers: Mapping[str, str], *, redactor: Redactor = NO_KEY, request_id: str = ""
) -> APIError:
    """The error that a reply outside 2xx means. `body` is parsed JSON, or text."""
    detail = redactor.redact(message_in(body))
    request_id = request_id_in(body) or request_id
    cls = _class_for(status, detail, body)
    return cls(
        detail,
        status=status,
        request_id=redactor.redact(request_id),
        retry_after=retry_after(headers.get("Retry-After")),
        body=_raw(body, redactor),
    )


def from_stream(error: object, *, redactor: Redactor = NO_KEY, request_id: str = "") -> APIError:
    """The error that an `error` object in the middle of a stream means. Never retried: text may be out."""
    fields = error if isinstance(error, dict) else {}
    status = status_code(fields.get("status_code") or fields.get("code") or fields.get("statusCode"))
    detail = redactor.redact(message_in(error))
    cls = _class_for(status or 500, detail, error)
    request_id = redactor.redact(request_id_in(error) or request_id)
    return cls(detail, status=status, request_id=request_id, retryable=False, body=_raw(error, redactor))


def _raw(body: object, redactor: Redactor) -> str:
    """A reply as it came, without the key."""
    try:
        return redactor.redact(body if isinstance(body, str) else json.dumps(body, ensure_ascii=False))
    except RecursionError:  # nested as deeply as a parser just takes
        return ""


def _class_for(status: int, detail: str, body: object) -> type[APIError]:
    """Text decides before the number does: AI/ML API says "no credit" with 403, others with 429 or 402."""
    text = f"{detail} {codes_in(body)}"
    if status == 401:
        return KeyRefused
    if status in (402, 403, 429) and _OUT_OF_CREDIT.search(text):
        return OutOfCredit
    if status in (400, 404, 410, 422) and _MODEL.search(text):
        return ModelNotFound
    if status in (400, 413, 422) and _CONTEXT.search(text):
        return ContextTooLong
    if 300 <= status < 400:
        return Redirected
    if 400 <= status < 500:
        return _BY_STATUS.get(status, BadRequest)
    return ServerTrouble


_BY_STATUS: dict[int, type[APIError]] = {
    402: OutOfCredit,
    403: Forbidden,
    404: AddressNotFound,
    405: AddressNotFound,
    408: ServerTrouble,
    409: ServerTrouble,
    410: ModelNotFound,
    413: TooLarge,
    425: ServerTrouble,
    429: RateLimited,
}


def retry_after(value: str | None, *, now: float | None = None) -> float | None:
    """Seconds asked for by a Retry-After header: a number or an HTTP date; None when it is neither."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            at = email.utils.parsedate_to_datetime(value).timestamp()
        except (TypeError, ValueError):
            return None
        seconds = at - (time.time() if now is None else now)
    if seconds != seconds:  # NaN
        return None
    return max(0.0, seconds)
