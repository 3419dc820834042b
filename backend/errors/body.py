"""The body of an error reply: whether it is one, the provider's own sentence in it, the id that support asks for.

Every field is a stranger's: it may have any type and any depth, and a wrong one reads as "not said".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from backend.types import JSON


def error_in(chunk: Mapping[str, JSON]) -> JSON:
    """The error object of a stream event or of a 200 reply, None when the chunk is not an error."""
    error = chunk.get("error")
    if error:
        return error
    if chunk.get("choices") or chunk.get("usage") or chunk.get("meta"):
        return None
    if chunk.get("object") == "error" or chunk.get("type") == "error":
        return dict(chunk)
    status = status_code(chunk.get("statusCode") or chunk.get("status_code"))
    if status and status >= 400:
        return dict(chunk)
    return dict(chunk) if "detail" in chunk and "object" not in chunk else None


def message_in(body: object, depth: int = 8) -> str:
    """The provider's own sentence in an error body: the first text in `message`, `error.message`, `error` as text,
    `errors`, `detail`, `msg`, `title`, with the `issues`; of a body that is text, the text itself.

    Shapes: the reference of AI/ML API errors, and recorded bodies of a dozen other providers.
    """
    if isinstance(body, str):
        return _plain(body)
    if isinstance(body, list) and depth:
        return "; ".join(filter(None, (message_in(item, depth - 1) for item in body[:5])))
    if not isinstance(body, dict) or not depth:
        return ""
    keys = ("message", "error", "errors", "detail", "msg", "title")
    message = next((text for key in keys if (text := message_in(body.get(key), depth - 1))), "")
    field = _field(body)
    message = f"{field}: {message}" if message and field not in message else message
    metadata = body.get("metadata")
    if isinstance(metadata, dict) and isinstance(metadata.get("raw"), str):
        message = f"{message}: {metadata['raw']}" if message else metadata["raw"]
    issues = _issues(body.get("issues") or body.get("meta"))
    return "\n".join(filter(None, (message, issues)))


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
    """Text as it is; of a whole HTML page from a gateway, its title."""
    if re.match(r"\s*<(!doctype|html|head|body)", text, re.I):
        title = re.search(r"<title[^>]*>(.*?)</title>", text[:20_000], re.I | re.S)
        return f"(an HTML page: {' '.join(title[1].split())})" if title else "(an HTML page)"
    return text.strip()


def codes_in(body: object, depth: int = 4) -> str:
    """`code` and `type` of an error object: machine words that sort errors better than sentences do."""
    if not isinstance(body, dict):
        return ""
    inner = body.get("error") if depth else None
    own = " ".join(str(body[key]) for key in ("code", "type", "status") if isinstance(body.get(key), str))
    return f"{own} {codes_in(inner, depth - 1)}" if isinstance(inner, dict) else own


def request_id_in(body: object, depth: int = 4) -> str:
    """The id that support asks for, wherever the body has it."""
    if not isinstance(body, dict):
        return ""
    for key in ("request_id", "requestId", "requestID", "inference_id"):
        if isinstance(body.get(key), str):
            return cast(str, body[key])[:128]
    return request_id_in(body.get("error"), depth - 1) if depth else ""


def status_code(value: object) -> int | None:
    """The HTTP status that a field of a body holds, as a number or as text; None when it holds none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = int(value)
    except (ValueError, OverflowError):
        return None
    return number if 100 <= number < 600 else None
