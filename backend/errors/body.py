"""Parses the body of an error reply: whether it is an error, the provider's own message, the request id for
support.

Every field is untrusted: it may have any type and any depth, and an invalid one reads as absent.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice

from backend.types import JSON
from backend.untrusted import object_list

_MOST = 500  # entries of a body that are read
_DEEPEST = 8
_PACKED = 20_000  # characters of a text that is searched for an embedded object
# Fields that repeat the request: their text is not the server's.
_ECHOES = ("input", "messages", "ctx", "failed_generation", "flagged_input")
_SENTENCES = (
    *("message", "error", "errors", "detail", "msg", "status_msg", "base_resp", "error_msg", "error_description"),
    *("Message", "title", "errorMessage", "error_message", "errorMsg", "err_msg", "err"),
    "description",
)
# Fields that mark a reply without an answer as an error (AWS Lambda, gateways in Java and Go).
_TELLING = ("errorMessage", "error_message", "errorMsg", "err_msg", "err")
_CODES = ("code", "type", "status", "reason", "error", "errortype", "errorcode", "blockreason", "quotaid")


def error_in(chunk: Mapping[str, JSON]) -> JSON:
    """The error object in a stream event or in a 200 reply; None if the chunk is not an error."""
    groq = chunk.get("x_groq")
    error = chunk.get("error") or (groq.get("error") if isinstance(groq, dict) else None)
    if error := error or _in_choice(chunk):
        return error
    if _minimax(chunk):  # sent beside `choices` when the output was blocked
        return dict(chunk)
    if chunk.get("choices") or chunk.get("usage") or chunk.get("meta"):
        return None
    if chunk.get("object") == "error" or chunk.get("type") == "error" or _failed(chunk):
        return dict(chunk)
    status = status_code(chunk.get("statusCode") or chunk.get("status_code") or chunk.get("status"))
    if status and status >= 400:
        return dict(chunk)
    return dict(chunk) if "detail" in chunk and "object" not in chunk else None


def _in_choice(chunk: Mapping[str, JSON]) -> JSON:
    """The error that OpenRouter puts into a choice when its upstream failed."""
    return next(
        (error for choice in object_list(chunk.get("choices"), _MOST) if (error := choice.get("error"))), None
    )


def _minimax(chunk: Mapping[str, JSON]) -> bool:
    """Whether MiniMax's base_resp reports an error."""
    base = chunk.get("base_resp")
    return isinstance(base, dict) and bool(base.get("status_code"))


def _failed(chunk: Mapping[str, JSON]) -> bool:
    """Whether a field marks the reply as failed: `code` beside a message (SiliconFlow, Zhipu, DashScope),
    `success: false` (Cloudflare), a blocked prompt (Google).
    """
    feedback = chunk.get("promptFeedback")
    if isinstance(feedback, dict) and feedback.get("blockReason"):
        return True
    if chunk.get("success") is False or (chunk.get("errors") and isinstance(chunk["errors"], list)):
        return True
    if any(isinstance(chunk.get(name), str) and chunk[name] for name in _TELLING):
        return True
    code = chunk.get("code") or chunk.get("error_code")
    told = any(isinstance(chunk.get(name), str) and chunk.get(name) for name in ("msg", "message", "error_msg"))
    return told and bool(code) and str(code) not in ("0", "200", "success", "Success", "OK", "ok")


def message_in(body: object, depth: int = 8) -> str:
    """The provider's own message in an error body: the first text in `message`, `error.message`, `error` as text,
    `errors`, `detail`, `msg`, `title`, with the `issues`; of a body that is text, the text itself. An error of
    another server that is packed into a text is taken out of it.

    Shapes: the reference of AI/ML API errors, and recorded bodies of a dozen other providers.
    """
    if isinstance(body, str):
        return (message_in(unpacked(body), depth - 1) if depth else "") or _plain(body)
    if isinstance(body, list | tuple) and depth:
        return "; ".join(filter(None, (message_in(item, depth - 1) for item in body[:5])))
    if not isinstance(body, dict) or not depth:
        return ""
    message = next((text for key in _SENTENCES if (text := message_in(body.get(key), depth - 1))), _by_field(body))
    field = _field(body)
    message = f"{field}: {message}" if message and field not in message else message
    metadata, wrote = body.get("metadata"), body.get("failed_generation")
    if isinstance(metadata, dict) and (raw := message_in(metadata.get("raw"), depth - 1)):
        message = f"{message}: {raw}" if message else raw
    issues = _issues(body.get("issues") or body.get("meta"))
    written = f"The model wrote: {wrote}" if isinstance(wrote, str) and wrote.strip() else ""
    return "\n".join(filter(None, (message, issues, written)))


def unpacked(text: str) -> object:
    """The error object in a text that contains one as JSON or as Python's repr ("400 {...}", "Error code: 400 -
    {'error': ...}", "[{'type': ..., 'loc': ('body', ...)}]"); None if there is none.
    """
    starts = [start for mark in ("{", "[{") if (start := text[:_PACKED].find(mark)) >= 0]
    if not starts or len(text) > _PACKED:
        return None
    start = min(starts)
    whole = text[start : text.rfind("]" if text[start] == "[" else "}") + 1]
    for read in (json.loads, ast.literal_eval):  # the second parses literals only, and runs nothing
        try:
            value: object = read(whole)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
        if isinstance(value, dict | list) and message_in(value, 3):
            return value
    return None


def entries(body: object) -> Iterator[tuple[str, object]]:
    """Every field in a body by its name, at any depth, except what repeats the request."""
    return islice(_entries(body, _DEEPEST), _MOST)


def _entries(value: object, depth: int) -> Iterator[tuple[str, object]]:
    if isinstance(value, str):
        value = unpacked(value)
    if not depth:
        return
    if isinstance(value, list):
        for item in value[:20]:
            yield from _entries(item, depth - 1)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield str(name), item
            if name not in _ECHOES:
                yield from _entries(item, depth - 1)


def _field(body: Mapping[object, object]) -> str:
    """The request field that an error is about: FastAPI's `loc`, OpenAI's `param`."""
    loc = body.get("loc")
    loc = list(loc) if isinstance(loc, tuple) else loc
    steps = loc[loc[:1] == ["body"] :] if isinstance(loc, list) else body.get("param")
    path = _path(steps)[:200]
    return "" if path in ("None", "null") else path  # LiteLLM writes "None"


def _issues(issues: object) -> str:
    """Validation issues ("path: message"), a shape AI/ML API uses without documenting it."""
    if isinstance(issues, dict):
        issues = issues.get("issues") or [issues]
    if not isinstance(issues, list):
        return ""
    rows = [item for item in issues[:10] if isinstance(item, dict) and isinstance(item.get("message"), str)]
    return "\n".join(f"{_path(row.get('path'))}: {row['message']}".removeprefix(": ") for row in rows)


def _by_field(body: Mapping[object, object]) -> str:
    """The messages of an error keyed by field (Django, Rails, Laravel): {"temperature": ["Too high."]}."""
    told = ((name, texts) for name, texts in body.items() if isinstance(texts, list) and texts)
    lines = (f"{name}: {texts[0]}" for name, texts in told if all(isinstance(text, str) for text in texts))
    return "; ".join(islice(lines, 5))


def _path(path: object) -> str:
    steps = path if isinstance(path, list) else [path]
    return ".".join(str(step) for step in steps if isinstance(step, str | int))


def _plain(text: str) -> str:
    """A text unchanged; of an HTML page from a gateway, its title."""
    if re.match(r"\s*<(!doctype|html|head|body)", text, re.I):
        title = re.search(r"<title[^>]*>(.*?)</title>", text[:20_000], re.I | re.S)
        return f"(an HTML page: {' '.join(title[1].split())})" if title else "(an HTML page)"
    return text.strip()


def codes_in(body: object) -> list[str]:
    """The machine-readable codes of an error: they classify it better than its message does. MiniMax's numbers
    carry the name of their object, because others use the same ones; a key whose presence is the code counts too.
    """
    codes: list[str] = []
    for name, value in entries(body):
        plain = name.lower().replace("_", "")
        if plain == "baseresp" and isinstance(value, dict):
            codes.append(f"base_resp:{value.get('status_code')}")
        elif plain == "flaggedinput":
            codes.append("flagged_input")
        elif plain in _CODES and isinstance(value, str | int) and not isinstance(value, bool):
            code = str(value)[:200]
            codes += [code] if " " not in code.strip() else []
    return codes


def filter_rules(body: object) -> list[str]:
    """The rules by which a filter blocked something, as the provider names them: Azure's verdicts, OpenRouter's
    reasons, Google's blockReason.
    """
    rules: list[str] = []
    for name, value in entries(body):
        if name in ("reasons", "categories") and isinstance(value, list):
            rules += [item for item in value if isinstance(item, str)]
        elif name == "blockReason" and isinstance(value, str):
            rules.append(value)
        elif isinstance(value, dict) and (value.get("filtered") is True or value.get("detected") is True):
            rules.append(name)
    return list(dict.fromkeys(rule[:60].replace("_", " ").lower() for rule in rules))[:5]


def fields_in(body: object) -> list[str]:
    """The request paths that an error names in fields of its own: OpenAI's `param`, FastAPI's `loc`, the `path` of
    an issue. With dots, and unchanged.
    """
    paths: list[str] = []
    for name, value in entries(body):
        if name in ("param", "loc", "path", "field") and isinstance(value, str | list | tuple):
            steps = list(value) if not isinstance(value, str) else [value]
            path = _path(steps[steps[:1] == ["body"] :]).removeprefix("body.")
            paths += [path[:200]] if path and not path.startswith("/") else []
    return paths


def request_id_in(body: object, depth: int = 4) -> str:
    """The request id for support, wherever the body has it."""
    if not isinstance(body, dict):
        return ""
    for key in ("request_id", "requestId", "requestID", "inference_id", "trace_id", "traceId", "ray_id"):
        if isinstance(id_ := body.get(key), str):
            return id_[:128]
    return request_id_in(body.get("error"), depth - 1) if depth else ""


def status_code(value: object) -> int | None:
    """The HTTP status in a field of a body, as a number or as text; None if there is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = int(value)
    except (ValueError, OverflowError):
        return None
    return number if 100 <= number < 600 else None
