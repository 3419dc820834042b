"""What all readers of attachments give and raise."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import NamedTuple

from backend.types import Media


class UnusableFile(ValueError):
    """A file that cannot be attached. Its words are for the visitor: what is wrong, what to do."""


class UnreadableDocument(ValueError):
    """Why the reader of a document gives nothing: words that go on behind the name of the file."""


class Content(NamedTuple):
    """The text of a document, and what should be known about it: pages, sheets, what is left out."""

    text: str
    facts: list[str]


@dataclass(frozen=True)
class Guess:
    """A text file that does not tell its encoding: its bytes, as many as are sent, and the likely `choices`."""

    data: bytes = field(repr=False)
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Attachment:
    """What will be sent, and what should be known about it before: size, pages, what was changed, what it costs.

    `tokens` is an estimate of what it adds to the prompt; None where it is not known how models count it. With a
    `guess` the visitor may say that the text is to be read otherwise.
    """

    media: Media
    about: str
    tokens: int | None = None
    guess: Guess | None = None


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
