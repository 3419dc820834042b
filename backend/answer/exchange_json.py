"""An ExchangeRecord as JSON and back, within limits: what is too much is left out, and the record says so.

    packed = pack(record)     # long texts of the body are apart from the rest, each once, by their hash
    record = unpack(packed.text, packed.large)

So a picture that is sent again with every question, or a long system prompt, is stored only once. Reading
is defensive, as a record may come from a file: a field of the wrong type reads as absent.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from backend.answer.exchange_record import MOMENT_KINDS, ExchangeRecord, Moment, Try
from backend.protocol.body import decode
from backend.types import JSON, STATES
from backend.untrusted import Object, Unreadable, fields, integer, items, number, objects, one_of, string

VERSION = 1
LARGE = 500  # characters from which a text is stored apart
BODY = 900_000  # bytes of a body with its long texts
RAW = 500_000  # bytes of chunks
HEADERS = 30_000  # bytes of the headers of one request, or of one reply
TRIES = 4
MOMENTS = 8_000  # the first and the last are kept; some between them are left out
NOT_KEPT = "({count:,} characters, too many to be kept)"
_URL = 2_000  # characters
_SURROGATE = re.compile("[\ud800-\udfff]")
_Path = list[JSON]


@dataclass(frozen=True)
class Packed:
    """A record as JSON; `large` holds its long texts by hash, as JSON too."""

    text: str
    large: Mapping[str, str]


def dump(value: JSON) -> str:
    """JSON that every database stores as text and that reads back unchanged, lone surrogates included."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def size(text: str) -> int:
    """The number of bytes in UTF-8."""
    return len(text.encode())


# ---- out ------------------------------------------------------------------------------------------------


def pack(record: ExchangeRecord) -> Packed:
    """The record as it is stored: about BODY + RAW bytes at most, plus its metadata."""
    body, apart, cut, large = _packed_body(record.body)
    value: dict[str, JSON] = {
        "version": VERSION,
        "body": body,
        "large": apart,
        "cut": cut,
        "tries": [_packed_try(one) for one in record.tries[-TRIES:]],
        "moments": [[round(one.at, 4), one.kind, one.text] for one in _fewer(record.moments)],
        **{name: getattr(record, name) for name in (*_TEXTS, *_NUMBERS, *_FLAGS)},
        "reasons": [reason[:_REASON] for reason in record.reasons[:_REASONS]],
        "left_behind": record.left_behind,
        "incomplete": record.cut or bool(cut) or (body is None and record.body is not None),
    }
    return Packed(dump(value), large)


def within(record: ExchangeRecord, room: int) -> str:
    """The record as JSON of at most this many bytes, without its body. The text of chunks is dropped first, then
    all times; "" if the rest is still too large.
    """
    bare = replace(record, body=None)
    quiet = (replace(moment, text="") if moment.kind == "chunk" else moment for moment in record.moments)
    for fewer in (bare, replace(bare, moments=tuple(quiet)), replace(bare, moments=())):
        text = pack(fewer).text
        if size(text) <= room:
            return text
    return ""


_TEXTS = ("state", "finish_reason", "error", "request_id", "client_request_id")
_NUMBERS = ("began", "elapsed", "cost", "estimate")
_FLAGS = ("by_hand",)
_REASONS = 50  # sentences
_REASON = 1_000  # characters of one


def _packed_body(body: Mapping[str, JSON] | None) -> tuple[JSON, list[JSON], list[JSON], dict[str, str]]:
    """(the body without its long texts, [path, hash] of each, [path, length] of those dropped, texts by hash)."""
    if body is None:
        return None, [], [], {}
    try:
        found: list[tuple[_Path, str]] = []
        rest = _without_large(dict(body), [], found)
        room = BODY - size(dump(rest))
    except RecursionError:
        return None, [], [], {}
    if room < 0:
        return None, [], [], {}
    kept: list[JSON] = []
    cut: list[JSON] = []
    large: dict[str, str] = {}
    for path, text in sorted(found, key=lambda one: len(one[1])):
        content = dump(text)
        hash_ = hashlib.sha256(content.encode()).hexdigest()
        if hash_ not in large and (room := room - size(content)) < 0:
            cut.append([path, len(text)])
        else:
            large[hash_] = content
            kept.append([path, hash_])
    return rest, kept, cut, large


def _without_large(value: JSON, path: _Path, found: list[tuple[_Path, str]]) -> JSON:
    """A copy of the value with "" in place of each long text."""
    if isinstance(value, str):
        if len(value) < LARGE:
            return value
        found.append((path, value))
        return ""
    if isinstance(value, dict):
        return {name: _without_large(item, [*path, name], found) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_large(item, [*path, place], found) for place, item in enumerate(value)]
    return value


def _packed_try(one: Try) -> JSON:
    return {
        "method": one.method,
        "url": one.url[:_URL],
        "headers": _fewer_headers(one.headers),
        "sent": one.sent,
        "status": one.status,
        "reply": _fewer_headers(one.reply),
        "replied": one.replied,
    }


def _fewer_headers(headers: Mapping[str, str]) -> dict[str, JSON]:
    """The headers that fit, followed by one entry that counts the rest."""
    kept: dict[str, JSON] = {}
    room = HEADERS
    for name, value in headers.items():
        room -= size(dump([name, value]))
        if room < 0:
            kept["..."] = f"{len(headers) - len(kept)} more headers were not kept"
            break
        kept[name] = value
    return kept


def _fewer(moments: Sequence[Moment]) -> Iterator[Moment]:
    """The moments within the limits: no text for chunks beyond RAW bytes; if there are too many, the middle is
    dropped.
    """
    half = MOMENTS // 2
    beginning, middle, end = moments, moments[:0], moments[:0]
    if len(moments) > MOMENTS:
        beginning, middle, end = moments[:half], moments[half:-half], moments[-half:]
    room = RAW
    for moment in (*beginning, *_left_out(middle), *end):
        if moment.kind == "chunk":
            room -= size(dump(moment.text))
            moment = moment if room >= 0 else Moment(moment.at, "chunk")
        yield moment


def _left_out(middle: Sequence[Moment]) -> Iterator[Moment]:
    """What remains of the dropped middle: its number of chunks, and the calls that began in it."""
    if middle:
        yield from [moment for moment in middle if moment.kind in ("tool call", "retry")][:100]
        count = sum(_chunks_in(moment) for moment in middle)
        yield Moment(middle[-1].at, "left out", str(count))


def _chunks_in(moment: Moment) -> int:
    if moment.kind == "left out":
        return count_of(moment)
    return int(moment.kind == "chunk")


def count_of(moment: Moment) -> int:
    """The number of chunks that a "left out" moment stands for."""
    return int(moment.text) if moment.text.isascii() and moment.text.isdigit() and len(moment.text) < 10 else 0


# ---- in -------------------------------------------------------------------------------------------------


def unpack(text: str, large: Mapping[str, str]) -> ExchangeRecord:
    """The record that `pack` made. Raises Unreadable for anything else, or one from a newer playground."""
    try:
        item = fields(decode(text))
    except ValueError:
        raise Unreadable("The exchange is not readable.") from None
    version = integer(item.get("version"))
    if version is None or not 1 <= version <= VERSION:
        raise Unreadable("The exchange comes from a newer playground.")
    body, whole = _unpacked_body(item, large)
    return ExchangeRecord(
        body=body,
        tries=tuple(_unpacked_try(one) for one in objects(item.get("tries"), TRIES)),
        moments=tuple(_unpacked_moments(item.get("moments"))),
        state=one_of(item.get("state"), STATES) or "interrupted",
        began=number(item.get("began")) or 0.0,
        elapsed=number(item.get("elapsed")) or 0.0,
        finish_reason=string(item.get("finish_reason")),
        error=string(item.get("error")),
        request_id=string(item.get("request_id")),
        client_request_id=string(item.get("client_request_id")),
        cost=number(item.get("cost")),
        estimate=number(item.get("estimate")),
        reasons=tuple(
            string(reason)[:_REASON] for reason in items(item.get("reasons"))[:_REASONS] if string(reason)
        ),
        left_behind=max(0, integer(item.get("left_behind")) or 0),
        by_hand=item.get("by_hand") is True,
        cut=not whole or item.get("incomplete") is True,
        kept=True,
    )


def _unpacked_body(item: Object, large: Mapping[str, str]) -> tuple[Mapping[str, JSON] | None, bool]:
    """The body, and whether it is complete."""
    body = item.get("body")
    if not isinstance(body, dict):
        return None, True
    whole = True
    for place in items(item.get("large")):
        path, hash_ = (*items(place), None, None)[:2]
        content = large.get(hash_) if isinstance(hash_, str) else None
        whole = whole and content is not None
        _put(body, items(path), string(_decoded(content)) if content is not None else NOT_KEPT.format(count=0))
    for place in items(item.get("cut")):
        path, count = (*items(place), None, None)[:2]
        _put(body, items(path), NOT_KEPT.format(count=integer(count) or 0))
    return body, whole


def _decoded(content: str) -> JSON:
    try:
        return decode(content)
    except ValueError:
        return None


def _put(body: JSON, path: Sequence[JSON], text: str) -> None:
    """Write a text at a path of names and indexes; a path that does not exist is ignored."""
    *before, last = path or [None]
    for step in before:
        body = _at(body, step)
    if not isinstance(_at(body, last), str):
        return
    if isinstance(body, dict):
        body[str(last)] = text
    elif isinstance(body, list):
        body[integer(last) or 0] = text


def _at(value: JSON, step: JSON) -> JSON:
    if isinstance(value, dict) and isinstance(step, str):
        return value.get(step)
    place = integer(step)
    if isinstance(value, list) and place is not None and 0 <= place < len(value):
        return value[place]
    return None


def _unpacked_try(one: Object) -> Try:
    return Try(
        string(one.get("method")),
        string(one.get("url")),
        {name: string(value) for name, value in fields(one.get("headers")).items()},
        number(one.get("sent")) or 0.0,
        integer(one.get("status")),
        {name: string(value) for name, value in fields(one.get("reply")).items()},
        number(one.get("replied")),
    )


def _unpacked_moments(value: JSON) -> Iterator[Moment]:
    for entry in items(value, 2 * MOMENTS):
        at, kind, text = (*items(entry), None, None, None)[:3]
        seconds, known = number(at), one_of(kind, MOMENT_KINDS)
        if seconds is not None and known:
            yield Moment(seconds, known, string(text))
