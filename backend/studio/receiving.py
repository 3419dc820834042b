"""Reads the reply to one request of the studio by its type: JSON, text, an event stream, or the bytes of a file."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

import requests

from backend import errors
from backend.attachments import sounds
from backend.protocol.body import decode
from backend.studio import fetching, media_types, replies
from backend.studio.exchange import JSON_MOST, bill
from backend.studio.families import Family
from backend.studio.file_sources import FileSource
from backend.studio.replies import Reply
from backend.studio.shelf import MB, KeptFile, Shelf
from backend.transport import sse
from backend.transport.body_bytes import read_chunks, read_whole
from backend.transport.call import Call
from backend.transport.client import ChatClient
from backend.transport.reply import excerpt
from backend.types import JSON
from backend.untrusted import Object, fields, string

TEXT_MOST = 2 * MB
HERE = "shelf:"  # the scheme of a file that is the reply itself
_NO_WORD = ("", "application/octet-stream", "binary/octet-stream")  # types that say nothing
_JSON = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*["}]|\[\s*[\[{"\]])')
# Raw samples: RFC 3551 and servers' names. Their rate is a parameter; that of OpenAI is known.
_SAMPLES = ("audio/pcm", "audio/l16", "audio/x-pcm", "audio/raw", "audio/x-raw")
_RATE = re.compile(r"(?:rate|sample_rate)=(\d{4,6})")


def read_reply(
    client: ChatClient, shelf: Shelf, response: requests.Response, call: Call, family: Family, mark: str = ""
) -> Reply:
    """The reply of a server. `mark`: the id for the file, if one arrives. Raises APIError, Stopped."""
    header = response.headers.get("Content-Type", "").lower()
    kind = header.partition(";")[0].strip()
    usd = bill(client, response)
    pieces: Iterator[bytes] = iter(read_chunks(response, call))
    if kind in _NO_WORD:
        first = next(pieces, b"")
        kind, pieces = "application/json" if _JSON.match(first) else kind, chain((first,), pieces)
    of_json = kind.endswith(("/json", "+json"))
    if kind == "text/event-stream":
        reply = _read_json(_assemble(read_whole(pieces, JSON_MOST)), client, family)
    elif family.gives == "files" and not of_json and not kind.startswith("text/"):
        kept = _file(shelf, pieces, header, mark)
        reply = Reply("done", files=(FileSource(url=f"{HERE}{kept.id}"),))
    else:
        most = JSON_MOST if of_json or family.gives != "files" else TEXT_MOST
        reply = _read(read_whole(pieces, most).decode("utf-8", "replace"), kind, client, family)
    return replace(reply, usd=reply.usd if reply.usd is not None else usd)


def _file(shelf: Shelf, pieces: Iterator[bytes], header: str, mark: str) -> KeptFile:
    """Store the bytes as a file. Raw samples get the header that a player needs."""
    if header.partition(";")[0].strip() in _SAMPLES:
        samples, rate = read_whole(pieces, JSON_MOST), _RATE.search(header)
        if media_types.of(samples[: media_types.NEEDED]) == media_types.UNKNOWN:
            samples = sounds.with_header(samples, int(rate[1]) if rate else sounds.RATE)
        pieces = iter((samples,))
    with shelf.new(id_=mark) as file:
        for piece in pieces:
            file.write(piece)
        return fetching.keep_media(file)


def _read(text: str, kind: str, client: ChatClient, family: Family) -> Reply:
    """The parsed JSON. Raises NotAnAnswer for anything else, unless text was requested."""
    wants_words = family.gives == "transcript"
    try:
        body = decode(text)
    except ValueError as error:
        if wants_words and text.strip() and not media_types.is_page(text[:99].encode()):
            return Reply("done", result=client.redactor.redact(text))
        raise errors.NotAnAnswer(excerpt(errors.message_in(text), client.redactor)) from error
    if wants_words and isinstance(body, str):  # the text as a JSON string
        return Reply("done", result=client.redactor.redact(body))
    if wants_words and kind.startswith("text/") and not isinstance(body, dict):
        return Reply("done", result=client.redactor.redact(text))  # valid JSON, too: the transcript is a number
    return _read_json(body, client, family)


def _read_json(body: JSON, client: ChatClient, family: Family) -> Reply:
    return replies.read(client.redactor.redact_json(body), family, aimlapi=client.endpoint.is_aimlapi)


def _assemble(whole: bytes) -> JSON:
    """The reply assembled from events: complete pictures, the pieces of a sound, the text at the end (OpenAI's
    reference: `stream` of images, speech and transcriptions); otherwise the last event.

    Raises AnswerTooLarge.
    """
    pictures, sound, last = list[JSON](), list[bytes](), dict[str, JSON]()
    try:
        for event in sse.events((whole,), JSON_MOST):
            data = _object(event.data)
            kind = string(data.get("type")) or event.event
            if not data or kind.endswith((".partial_image", "transcript.text.delta")):
                continue
            if kind == "speech.audio.delta":
                sound.append(_decoded(string(data.get("audio"))))
            elif string(data.get("b64_json")):
                pictures.append(dict(data))
            else:
                last = {**data}
    except sse.EventTooLarge:
        raise errors.AnswerTooLarge from None
    if pictures:
        return {"data": pictures}
    return {**last, "audio": f"data:;base64,{base64.b64encode(b''.join(sound)).decode()}"} if sound else last


def _decoded(piece: str) -> bytes:
    """The bytes of a sound: each piece is Base64 by itself, and may end within a group of three bytes."""
    try:
        return base64.b64decode(piece)
    except (binascii.Error, ValueError):
        return b""


def _object(data: str) -> Object:
    """The object; {} for anything else, "[DONE]" included."""
    try:
        return fields(json.loads(data))
    except (ValueError, RecursionError):
        return {}
