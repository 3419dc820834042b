"""Finds the files in a reply, as links or in Base64: places and names differ between servers.

Documented places are searched first. Further known ones are searched when the reply is
complete, so that an echoed request is not taken for its result.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from backend.studio import media_types
from backend.types import JSON
from backend.untrusted import Object, string, text

FILES = 20  # files of one reply
_LONG = 4_000  # characters of a text that is shown
_DOCUMENTED = ("data", "images", "video", "videos", "audio", "audio_file", "model_mesh", "segmented_mesh")
_PART = re.compile(r"mask_\d_mesh")
_LINK = re.compile(r"(?:https?:|data:)", re.IGNORECASE)
_PATH = re.compile(r"/[^/\s]\S*\.\w{2,5}\Z")  # the path of a file at the server itself
# Other servers: keys that may contain a file or a list of them (Replicate, DashScope, Kling, Stability, Cloudflare,
# MiniMax, self-hosted servers), and the keys of a link or a file itself there.
_ELSEWHERE = (
    *("output", "outputs", "result", "results", "task_result", "task", "content", "artifacts", "response"),
    *("generated_images", "generated_videos", "predictions", "image", "file", "files", *_DOCUMENTED),
)
_LINKS = ("url", "video_url", "image_url", "audio_url", "output_url", "download_url", "uri")
_INLINE = ("b64_json", "base64", "b64", "image_base64", "audio_base64", "audioContent", "bytesBase64Encoded")
_DEPTH = 6
_SMALLEST = 64  # minimum of characters of a file in Base64


@dataclass(frozen=True)
class FileSource:
    """The source of a file: a link, or the file itself in Base64."""

    url: str = ""
    base64: str = ""
    about: str = ""  # the prompt that was actually used, if the model rewrote it


def sources(body: Object, *, complete: bool) -> Iterator[FileSource]:
    """The files of a reply: of several places with the same file, the first. `complete`: the result is complete."""
    for name in _DOCUMENTED:
        found = list(_in(body.get(name)))
        if found:
            used = text(body.get("prompt"), _LONG)  # for all of them: older models send it once
            yield from (replace(source, about=source.about or used) for source in found)
            if name == "segmented_mesh":  # its parts are included
                yield from (part for key in sorted(body) if _PART.fullmatch(key) for part in _in(body[key]))
            return
    if complete:
        yield from _anywhere(dict(body), _DEPTH)


def _in(value: JSON) -> Iterator[FileSource]:
    """One file, or a list, as an object or a plain link; the object may contain the list."""
    if isinstance(value, str):
        yield from _source(value)
    elif isinstance(value, list):
        for item in value[:FILES]:
            yield from _in(item)
    elif isinstance(value, dict):
        prompt = text(value.get("revised_prompt") or value.get("prompt"), _LONG)
        url, inline = string(value.get("url")), string(value.get("b64_json"))
        found = list(_source(url)) or ([FileSource(base64=inline)] if inline else [])
        yield from (replace(source, about=prompt) for source in found)


def _anywhere(value: JSON, depth: int) -> Iterator[FileSource]:
    """The files in the first place that contains any."""
    if isinstance(value, str):
        yield from _source(value)
    elif isinstance(value, list) and depth:
        for item in value[:FILES]:
            yield from _anywhere(item, depth - 1)
    elif isinstance(value, dict) and depth:
        own = [source for name in _LINKS for source in _link(value.get(name))][:1]
        own = own or [FileSource(base64=held) for name in _INLINE if _is_file(held := string(value.get(name)))][:1]
        places = (list(_anywhere(value.get(name), depth - 1)) for name in _ELSEWHERE)
        yield from own or next(filter(None, places), [])


def _link(value: JSON) -> Iterator[FileSource]:
    """A link by its key; some servers put it into an object, as a request does."""
    address = value.get("url") if isinstance(value, dict) else value
    if _LINK.match(string(address)):
        yield from _source(string(address))


def _source(value: str) -> Iterator[FileSource]:
    if value[:5].lower() == "data:" or _is_file(value):
        yield FileSource(base64=value)
    elif _LINK.match(value) or _PATH.match(value):
        yield FileSource(url=value[:8_000])


def _is_file(value: str) -> bool:
    """Whether a text is a file in Base64, by its beginning."""
    if len(value) < _SMALLEST:
        return False
    begins = "".join(value[: 2 * _SMALLEST].split())
    try:
        start = base64.b64decode(begins[: len(begins) // 4 * 4], validate=True)
    except (binascii.Error, ValueError):
        return False
    return media_types.of(start) != media_types.UNKNOWN
