"""Downloads the file behind a result's link at once, as links expire in minutes. Through the gate to the public
web,
without the API key, streamed to the disk, limited in size and time, and kept only if its content is a media file.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable

from requests.adapters import HTTPAdapter

from backend import errors
from backend.errors import APIError
from backend.keys.endpoint import Endpoint
from backend.studio import media_types
from backend.studio.shelf import LARGEST, Growing, KeptFile, Shelf
from backend.transport import public_web
from backend.transport.body_bytes import read_chunks
from backend.transport.call import Call

SECONDS = 600.0  # for one file
_REDIRECTS = 3
_PIECE = 1_048_572  # characters of base64 at once, a multiple of four
_DATA = re.compile(r"data:[\w.+-]*/?[\w.+-]*(?:;[\w=.+-]+)*;base64,", re.IGNORECASE)

# The transport for a link: tests replace the public web's.
Adapter = Callable[[], HTTPAdapter]


class NoFile(errors.NotAnAnswer):
    """A link led to something that is no picture, sound or clip."""

    title = "The link of the result does not lead to a file."
    hint = "Nothing of it was kept. The provider may give the result again: run it once more."


def fetch(
    url: str,
    shelf: Shelf,
    call: Call,
    near: Endpoint | None = None,
    adapter: Adapter | None = None,
    most: int = LARGEST,
    seconds: float = SECONDS,
) -> KeptFile:
    """Download a link into a file of at most `most` bytes. `near`: a server in the private network, whose own links
    may be fetched too.

    Raises APIError: Blocked, NoFile, NoRoom, AnswerTooLarge, TimedOut, ConnectionFailed ...
    """
    call.limit(seconds)
    own = near is not None and url.startswith(f"{near.origin}/")
    if not own:
        url = re.sub(r"(?i)\Ahttp://", "https://", url)  # some providers write it so, and serve both
    transport = None if own else (adapter or public_web.adapter)()
    with shelf.new(most) as file:
        with public_web.getting(url, call, seconds, transport, 0 if own else _REDIRECTS) as response:
            if response.is_redirect and not own:
                raise NoFile(title="The link of the result leads from one place to the next, and to no file.")
            if response.status_code != 200:
                raise errors.from_response(response.status_code, "", response.headers)
            for piece in read_chunks(response, call):
                file.write(piece)
        return keep_media(file)


def decode(text: str, shelf: Shelf) -> KeptFile:
    """A file in Base64, or as a data URI. Raises NoFile, NoRoom."""
    start = match.end() if (match := _DATA.match(text)) else 0
    rest = ""  # the rest of a group of four: some servers break their Base64 into lines
    with shelf.new() as file:
        try:
            for at in range(start, len(text), _PIECE):
                letters = rest + "".join(text[at : at + _PIECE].split())
                whole = len(letters) // 4 * 4
                file.write(base64.b64decode(letters[:whole], validate=True))
                rest = letters[whole:]
            file.write(base64.b64decode(f"{rest}==" if rest else "", validate=False))
        except (binascii.Error, ValueError):
            raise NoFile(title="The result came as Base64, and is damaged.") from None
        return keep_media(file)


def keep_media(file: Growing) -> KeptFile:
    """Keep the download if it is a media file. Raises NoFile."""
    if not file.bytes:
        raise NoFile(title="The result is an empty file.")
    if media_types.is_page(file.beginning):
        raise NoFile(title="The link of the result leads to a web page, not to a file.")
    if media_types.of(file.beginning) == media_types.UNKNOWN and media_types.is_text(file.beginning):
        raise NoFile(title="The result is text, in the place of a file.")
    return file.keep()


def in_words(error: APIError) -> str:
    return f"{error.title} {error.hint}".strip()
