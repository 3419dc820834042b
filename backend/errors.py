"""What can go wrong, one class per thing the reader can do about it.

An `APIError` is words first: `title` says what happened to somebody who has never written code, `hint` what
to do next, `detail` holds the provider's own words (hostile text: show it as plain text), `request_id` is
what support asks for. No text in here ever holds a key: `redact` runs over everything that came from outside.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Literal, cast

from backend.keys import scanner
from backend.types import JSON, Failure

Side = Literal["you", "provider", "network", "here"]
DETAIL_LIMIT = 2_000  # characters of the provider's own words that are kept


class APIError(Exception):
    """A request that did not become a whole answer. Subclasses set the words and whether to retry."""

    title = "The answer could not be fetched."
    hint = "Try again."
    side: Side = "provider"
    retryable = False

    def __init__(
        self,
        detail: str = "",
        *,
        title: str = "",
        hint: str = "",
        status: int | None = None,
        request_id: str = "",
        retry_after: float | None = None,
        retryable: bool | None = None,
        body: str = "",
    ) -> None:
        super().__init__(title or self.title)
        self.title = title or self.title
        self.hint = hint or self.hint
        self.detail = detail[:DETAIL_LIMIT]
        self.body = body[:DETAIL_LIMIT]
        self.status = status
        self.request_id = request_id
        self.retry_after = retry_after
        self.retryable = self.retryable if retryable is None else retryable

    def failure(self) -> Failure:
        """The error as words to keep beside a message."""
        kind = type(self).__name__
        return Failure(self.title, self.hint, self.detail, self.request_id, kind, self.body, self.retry_after)


class KeyMissing(APIError):
    title = "This connection needs an API key."
    hint = "Paste your key under Connection, or choose the model that runs here: it needs none."
    side = "you"


class KeyRefused(APIError):
    title = "The server did not accept the API key."
    hint = "Check that the key is complete and belongs to this server, then paste it again under Connection."
    side = "you"


class OutOfCredit(APIError):
    title = "The account behind this key has no credit left."
    hint = "Top up at the provider, use another key, or choose the model that runs here."
    side = "you"


class Forbidden(APIError):
    title = "This key is not allowed to do that."
    hint = "The key may be limited to some models. Try another model or another key."
    side = "you"


class ModelNotFound(APIError):
    title = "The server does not know this model."
    hint = "It may be retired or misspelt. Choose another model in the sidebar."
    side = "you"


class AddressNotFound(APIError):
    title = "There is no chat service at this address."
    hint = "Check the base URL under Connection: it usually ends in /v1."
    side = "you"


class BadRequest(APIError):
    title = "The server refused the request as it was."
    hint = "A setting or a message does not suit this model. Reset the settings, or try another model."
    side = "you"


class ContextTooLong(APIError):
    title = "The conversation is too long for this model."
    hint = "Start a new chat, shorten the prompt, or choose a model with a larger context."
    side = "you"


class TooLarge(APIError):
    title = "The request is too large for the server."
    hint = "Shorten the prompt or remove attachments."
    side = "you"


class RateLimited(APIError):
    title = "Too many requests: the provider asks to slow down."
    hint = "Wait a moment, then try again."
    retryable = True


class ServerTrouble(APIError):
    title = "The provider has trouble answering."
    hint = "This is on the provider's side. Try again, or try another model."
    retryable = True


class ConnectionFailed(APIError):
    title = "The server could not be reached."
    hint = "Check the internet connection and the address under Connection, then try again."
    side = "network"
    retryable = True


class CertificateRefused(APIError):
    title = "The server's certificate could not be trusted."
    hint = "Nothing was sent. Check the address; a proxy or a self-signed certificate may be in the way."
    side = "network"


class TimedOut(APIError):
    title = "The server took too long."
    hint = "Try again; a smaller prompt or another model may answer sooner."
    side = "provider"


class CutOff(APIError):
    title = "The answer was cut off before it was complete."
    hint = "Try again, or go on from here."
    side = "network"


class NotAnAnswer(APIError):
    """200 with HTML, with nothing, with something that is not a chat completion."""

    title = "The server sent something that is not an answer."
    hint = "Check the base URL under Connection: it may point to a web page instead of an API."


class AnswerTooLarge(APIError):
    title = "The answer grew past the limit and was stopped."
    hint = "Set max tokens to ask for less."


class Redirected(APIError):
    title = "The server tried to send the request somewhere else."
    hint = "Redirects are not followed, because the key would go along. Use the final address as base URL."
    side = "you"


class BadInput(APIError):
    title = "The request cannot be sent like this."
    side = "you"


class LocalModelFailed(APIError):
    title = "The model on this machine could not start."
    hint = "Try again, or connect AI/ML API with a key."
    side = "here"


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
    status: int, body: object, headers: Mapping[str, str], *, secret: str = "", request_id: str = ""
) -> APIError:
    """The error that a reply outside 2xx means. `body` is parsed JSON, or text."""
    detail = redact(words(body), secret)
    request_id = request_id_in(body) or request_id
    cls = _class_for(status, detail, body)
    return cls(
        detail,
        status=status,
        request_id=redact(request_id, secret),
        retry_after=retry_after(headers.get("Retry-After")),
        body=_raw(body, secret),
    )


def from_stream(error: object, *, secret: str = "", request_id: str = "") -> APIError:
    """The error that an `error` object in the middle of a stream means. Never retried: text may be out."""
    code = (
        _number(error.get("status_code") or error.get("code") or error.get("statusCode"))
        if isinstance(error, dict)
        else None
    )
    detail = redact(words(error), secret)
    cls = _class_for(code or 500, detail, error)
    request_id = redact(request_id_in(error) or request_id, secret)
    return cls(detail, status=code, request_id=request_id, retryable=False, body=_raw(error, secret))


def _raw(body: object, secret: str) -> str:
    """A reply as it came, without the key."""
    try:
        return redact(body if isinstance(body, str) else json.dumps(body, ensure_ascii=False), secret)
    except RecursionError:  # nested as deeply as a parser just takes
        return ""


def side(kind: str) -> Side | None:
    """On whose side an error of this class lies; None for a class that nobody knows."""
    return next((known.side for known in _known(APIError) if known.__name__ == kind), None)


def _known(cls: type[APIError]) -> list[type[APIError]]:
    return [cls, *(known for sub in cls.__subclasses__() for known in _known(sub))]


def _class_for(status: int, detail: str, body: object) -> type[APIError]:
    """Text decides before the number does: AI/ML API says "no credit" with 403, others with 429 or 402."""
    says = f"{detail} {_codes(body)}"
    if status == 401:
        return KeyRefused
    if status in (402, 403, 429) and _OUT_OF_CREDIT.search(says):
        return OutOfCredit
    if status in (400, 404, 410, 422) and _MODEL.search(says):
        return ModelNotFound
    if status in (400, 413, 422) and _CONTEXT.search(says):
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


def words(body: object, depth: int = 8) -> str:
    """The provider's own sentence out of any error body seen so far: the first text found in `message`,
    `error.message`, `error` as text, `errors`, `detail`, `title`, `issues`; else the body itself as text.

    Shapes: the reference of AI/ML API errors, and recorded bodies of a dozen other providers.
    """
    if isinstance(body, str):
        return _plain(body)
    if isinstance(body, list) and depth:
        return "; ".join(filter(None, (words(item, depth - 1) for item in body[:5])))
    if not isinstance(body, dict) or not depth:
        return ""
    keys = ("message", "error", "errors", "detail", "msg", "title")
    found = next((text for key in keys if (text := words(body.get(key), depth - 1))), "")
    place = _field(body)
    found = f"{place}: {found}" if found and place not in found else found
    metadata = body.get("metadata")
    if isinstance(metadata, dict) and isinstance(metadata.get("raw"), str):
        found = f"{found}: {metadata['raw']}" if found else metadata["raw"]
    issues = _issues(body.get("issues") or body.get("meta"))
    return "\n".join(filter(None, (found, issues)))


def _field(body: Mapping[object, object]) -> str:
    """The field of the request that an error is about: FastAPI's `loc`, OpenAI's `param`."""
    loc = body.get("loc")
    steps = loc[loc[:1] == ["body"] :] if isinstance(loc, list) else body.get("param")
    return _path(steps)[:200]


def _issues(issues: object) -> str:
    """Validation issues ("path: message"), a shape AI/ML API uses without documenting it."""
    if isinstance(issues, dict):
        issues = issues.get("issues") or [issues]
    if not isinstance(issues, list):
        return ""
    rows = [item for item in issues[:10] if isinstance(item, dict) and isinstance(item.get("message"), str)]
    return "\n".join(f"{_path(row.get('path'))}: {row['message']}".removeprefix(": ") for row in rows)


def _path(path: object) -> str:
    steps = path if isinstance(path, list) else [path]
    return ".".join(str(step) for step in steps if isinstance(step, str | int))


def _plain(text: str) -> str:
    """A sentence out of text that may be a whole HTML page from a gateway."""
    if re.match(r"\s*<(!doctype|html|head|body)", text, re.I):
        title = re.search(r"<title[^>]*>(.*?)</title>", text[:20_000], re.I | re.S)
        return f"(an HTML page: {' '.join(title[1].split())})" if title else "(an HTML page)"
    return text.strip()


def _codes(body: object, depth: int = 4) -> str:
    """`code` and `type` of an error object: machine words that sort errors better than sentences do."""
    if not isinstance(body, dict):
        return ""
    inner = body.get("error") if depth else None
    own = " ".join(str(body[key]) for key in ("code", "type", "status") if isinstance(body.get(key), str))
    return f"{own} {_codes(inner, depth - 1)}" if isinstance(inner, dict) else own


def request_id_in(body: object, depth: int = 4) -> str:
    """The id that support asks for, wherever the body has it."""
    if not isinstance(body, dict):
        return ""
    for key in ("request_id", "requestId", "requestID", "inference_id"):
        if isinstance(body.get(key), str):
            return cast(str, body[key])[:128]
    return request_id_in(body.get("error"), depth - 1) if depth else ""


def retry_after(value: str | None, *, now: float | None = None) -> float | None:
    """Seconds asked for by a Retry-After header: a number or an HTTP date; None when it is neither."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        import email.utils
        import time

        try:
            at = email.utils.parsedate_to_datetime(value).timestamp()
        except (TypeError, ValueError):
            return None
        seconds = at - (time.time() if now is None else now)
    if seconds != seconds:  # NaN
        return None
    return max(0.0, seconds)


def redact(text: str, secret: str) -> str:
    """`text` without `secret`, in whichever way a server may have written it, or either half of it."""
    if len(secret) < scanner.SHORTEST_KNOWN:
        return text.replace(secret, "[key]") if secret else text
    for form in sorted(scanner.forms(secret), key=len, reverse=True):
        text = text.replace(form, "[key]")
    return text


def error_in(chunk: Mapping[str, JSON]) -> JSON:
    """The error object of a stream event or of a 200 reply, None when the chunk is not an error."""
    error = chunk.get("error")
    if error:
        return error
    if chunk.get("choices") or chunk.get("usage") or chunk.get("meta"):
        return None
    if chunk.get("object") == "error" or chunk.get("type") == "error":
        return dict(chunk)
    status = _number(chunk.get("statusCode") or chunk.get("status_code"))
    if status and status >= 400:
        return dict(chunk)
    return dict(chunk) if "detail" in chunk and "object" not in chunk else None


def _number(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = int(value)
    except (ValueError, OverflowError):
        return None
    return number if 100 <= number < 600 else None
