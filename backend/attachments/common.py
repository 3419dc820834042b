"""What all readers of attachments give and raise."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from backend.types import Media


class Unusable(ValueError):
    """A file that cannot be attached. Its words are for the visitor: what is wrong, what to do."""


@dataclass(frozen=True)
class Attachment:
    """What will be sent, and what should be known about it before: size, pages, what was changed, what it costs.

    `tokens` is an estimate of what it adds to the prompt; None where it is not known how models count it.
    """

    media: Media
    about: str
    tokens: int | None = None


def data_url(media_type: str, data: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def data_of(url: str) -> bytes | None:
    """The bytes in a data: URI; None for anything else. Look at what they are: the address may lie."""
    head, _, data = url.partition(",")
    if not head.startswith("data:") or not head.endswith(";base64"):
        return None
    try:
        return base64.b64decode(data)
    except (binascii.Error, ValueError):
        return None


def count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
