"""The result of a call as an outcome: the text for the model, and the parts for a person.

A model gets text only: a line stands for each picture or sound.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from backend.keys.redaction import Redactor
from backend.protocol.body import decode
from backend.tools.calls import CallOutcome, capped
from backend.tools.result_parts import ResultPart
from backend.types import JSON
from backend.untrusted import Object, clean_json, fields, line, objects, string, text

PARTS = 50  # parts of one result
MEDIA = 4_000_000  # characters of base64 in one result that are kept
_ADDRESS = 2_000  # characters
_TEXT = 200_000  # characters of a part
_BASE64 = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\n\r")


def outcome(result: Object, misfits: Sequence[str] = (), redactor: Redactor | None = None) -> CallOutcome:
    """The outcome of a `tools/call`. `misfits`: why its structured content does not match the tool's output
    schema.
    """
    parts = list(_bounded(_parts(result)))
    if redactor:
        parts = [_without_keys(part, redactor) for part in parts]
    failed = result.get("isError") is True
    content = "\n\n".join(filter(None, map(_part_text, parts)))
    if misfits:
        content += f"\n\n[its structured content does not fit the tool's own schema: {' '.join(misfits)[:500]}]"
    if failed and not content.startswith("Error:"):
        content = f"Error: {content or 'the tool failed and did not say why.'}"
    return replace(capped(content, ok=not failed), parts=tuple(parts) if _worth_drawing(parts) else ())


def _worth_drawing(parts: list[ResultPart]) -> bool:
    """Whether the parts need more than the usual drawing of a single text."""
    return [part.kind for part in parts] not in ([], ["text"])


def _part_text(part: ResultPart) -> str:
    size = f"{len(part.data) * 3 // 4 / 1000:.0f} kB"
    match part.kind:
        case "text":
            return part.text
        case "picture" | "audio":
            kind = f"{part.kind}, {part.media_type}"
            return f"[{kind}, {size}: shown to the user]" if part.data else f"[{kind}: too large to be shown]"
        case "link":
            return f"[link: {part.address}]{f' {part.text}' if part.text else ''}"
        case "file":
            return (
                f"[file: {part.address}]\n{part.text}"
                if part.text
                else f"[file: {part.address}, {part.media_type}]"
            )
        case "structured":
            return json.dumps(part.value, ensure_ascii=False)


def _parts(result: Object) -> Iterator[ResultPart]:
    for block in objects(result.get("content"), PARTS):
        yield _part(block)
    structured = clean_json(result.get("structuredContent"))
    if structured is not None and not _repeats(structured, objects(result.get("content"), PARTS)):
        yield ResultPart("structured", value=structured)


def _repeats(structured: JSON, blocks: list[Object]) -> bool:
    """Whether the structured content repeats the text: servers do so, and SDKs wrap a value as {"result": ...}
    with a text for each list item. What is in no text is added for the model.
    """
    texts = [string(block.get("text")) for block in blocks]
    if not all(texts) or sum(map(len, texts)) > _TEXT:
        return False
    inner = fields(structured)
    value = inner["result"] if inner.keys() == {"result"} else structured
    if len(texts) == 1 and (texts[0] == value or _read(texts[0]) in (structured, value)):
        return True
    listed = value if isinstance(value, list) else []
    return len(listed) == len(texts) > 0 and all(
        one in (words, _read(words)) for one, words in zip(listed, texts, strict=True)
    )


def _read(words: str) -> JSON:
    """A text as parsed JSON, or unchanged."""
    try:
        return decode(words)
    except ValueError:
        return words


def _part(block: Object) -> ResultPart:
    media_type = line(block.get("mimeType"), 100)
    match block.get("type"):
        case "text":
            return ResultPart("text", text(block.get("text"), _TEXT))
        case "image" | "audio" as kind:
            return ResultPart(
                "picture" if kind == "image" else "audio", media_type=media_type, data=_base64(block.get("data"))
            )
        case "resource_link":
            words = " ".join(
                filter(None, (line(block.get(name), 300) for name in ("title", "name", "description")))
            )
            return ResultPart("link", words, media_type, address=line(block.get("uri"), _ADDRESS))
        case "resource":
            return _resource(fields(block.get("resource")))
        case other:
            return ResultPart(
                "text", f"[something of the kind {line(other, 40) or '?'}, which this app does not know]"
            )


def _base64(data: JSON) -> str:
    """The base64 data; some servers send a whole data: URL instead."""
    given = string(data)
    return given.partition(",")[2] if given.startswith("data:") else given


def _resource(resource: Object) -> ResultPart:
    address, media_type = line(resource.get("uri"), _ADDRESS), line(resource.get("mimeType"), 100)
    data = _base64(resource.get("blob"))
    kind = media_type.partition("/")[0]
    if data and kind in ("image", "audio"):
        return ResultPart(
            "picture" if kind == "image" else "audio", media_type=media_type, data=data, address=address
        )
    return ResultPart("file", text(resource.get("text"), _TEXT), media_type, address=address)


def _bounded(parts: Iterator[ResultPart]) -> Iterator[ResultPart]:
    """Media as data: URLs, up to the limit."""
    room = MEDIA
    for part in parts:
        if not part.data:
            yield part
            continue
        room -= len(part.data)
        fine = room >= 0 and set(part.data) <= _BASE64
        yield replace(part, data=f"data:{part.media_type};base64,{part.data}" if fine else "")


def _without_keys(part: ResultPart, redactor: Redactor) -> ResultPart:
    try:
        value: JSON = redactor.redact_json(part.value)
    except ValueError:
        value = None
    return replace(part, text=redactor.redact_answer(part.text), address=redactor.redact(part.address), value=value)
