"""A recording as the text of a link, if it is short enough; backend/formats/links.py packs it."""

from __future__ import annotations

from backend.demos import document
from backend.demos.recording import Recording
from backend.formats import links
from backend.untrusted import Unreadable, fields

ADDRESS = "play"  # the query parameter


def encode(recording: Recording) -> str:
    """The text of a link. Whether it fits is told by backend.formats.share.fits."""
    return links.pack(document.document(recording))


def decode(text: str) -> Recording:
    """The recording in a link. Raises Unreadable with a message for the visitor."""
    item = links.unpack(text)
    if not isinstance(item, dict):
        raise Unreadable(links.ODD)
    return document.recording(fields(item))
