"""Ids, owners, titles and tags in stored form: clean text of a limited length."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable

from backend.text import clean

OWNER, TITLE, TAG, TAGS = 200, 200, 40, 20  # characters of an owner, a title, a tag; tags of a conversation
_ID = re.compile(r"[0-9a-f]{32}")


def new_id() -> str:
    """The id of a new conversation: unguessable, and valid in a URL."""
    return uuid.uuid4().hex


def is_id(text: str) -> bool:
    """Whether the text has the form of an id: 32 hexadecimal digits."""
    return bool(_ID.fullmatch(text))


def stored_owner(owner: str) -> str:
    """An owner's name in stored form. Names that are not plain text are hashed: cleaning could make two equal."""
    if owner == clean(owner) and len(owner) <= OWNER:
        return owner
    return "sha256:" + hashlib.sha256(owner.encode("utf-8", "surrogatepass")).hexdigest()


def stored_title(title: str) -> str:
    """A title on one line, at most TITLE characters."""
    return " ".join(clean(title).split())[:TITLE]


def stored_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Each tag once, in order, without empty ones; at most TAGS of them."""
    tidy = (" ".join(clean(tag).split())[:TAG].strip() for tag in tags)
    return tuple(sorted({tag for tag in tidy if tag}))[:TAGS]
