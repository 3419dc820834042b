"""The values that all readers of attachments return, and the errors that they raise."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import NamedTuple

from backend.types import Media


class UnusableFile(ValueError):
    """A file that cannot be attached. Its message tells the visitor what is wrong and what to do."""


class UnreadableDocument(ValueError):
    """The reader of a document found no text. Its message continues a sentence that begins with the file's name."""


class Content(NamedTuple):
    """The text of a document, and facts about it: pages, sheets, what is left out."""

    text: str
    facts: list[str]


@dataclass(frozen=True)
class Guess:
    """A text file that does not declare its encoding: its bytes, as many as are sent, and the likely `choices`."""

    data: bytes = field(repr=False)
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Attachment:
    """What will be sent, and facts to show before: size, pages, what was changed, the cost in tokens.

    `tokens` is an estimate of what it adds to the prompt; None if it is not known how models count it. With a
    `guess` the visitor may choose another encoding.
    """

    media: Media
    about: str
    tokens: int | None = None
    guess: Guess | None = None


def data_url(media_type: str, data: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def data_of(url: str) -> bytes | None:
    """The bytes in a data: URI; None for anything else. Check their content: the declared media type may be
    wrong.
    """
    head, _, data = url.partition(",")
    if not head.startswith("data:") or not head.endswith(";base64"):
        return None
    try:
        return base64.b64decode(data)
    except (binascii.Error, ValueError):
        return None


def count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
