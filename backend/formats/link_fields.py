"""Validates fields of a link, which is untrusted: each has the expected type, or the link is refused.

Of the unknown fields of answers only short ones go into a link.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from backend.catalog import ID_LIMIT
from backend.formats import links
from backend.protocol.unknown import FIELDS_LIMIT
from backend.text import clean
from backend.types import JSON
from backend.untrusted import Object, Unreadable, clean_json, fields

LONGEST = 500  # characters of JSON of one unknown field; a signature is longer


def object_of(value: object) -> Object:
    """The value if it is an object. Raises Unreadable otherwise."""
    if not isinstance(value, dict):
        raise Unreadable(links.ODD)
    return value


def list_of(value: object, most: int) -> Sequence[object]:
    """A list of at most this many items. Raises Unreadable otherwise."""
    if not isinstance(value, list) or len(value) > most:
        raise Unreadable(links.ODD)
    return value


def string_of(value: object) -> str:
    """The text, cleaned. Raises Unreadable if it is none."""
    if not isinstance(value, str):
        raise Unreadable(links.ODD)
    return clean(value)


def id_of(value: object) -> str:
    """An identifier that is compared and shown: an invisible character could make it look like another one."""
    text = string_of(value)
    if text != value or not text.isprintable() or len(text) > ID_LIMIT:
        raise Unreadable(links.ODD)
    return text


def short(extra: Object) -> dict[str, JSON]:
    """Unknown fields without the long ones: signatures and encrypted reasoning fill a link, and are useful only to
    the server that made them.
    """
    kept = {name: value for name, value in extra.items() if len(links.compact({name: value})) <= LONGEST}
    return dict(itertools.islice(kept.items(), FIELDS_LIMIT))


def unknown_fields(item: Object, known: tuple[str, ...]) -> dict[str, JSON]:
    """`extra` from an untrusted link: nothing that overrides the content of the message, nothing long."""
    extra = fields(clean_json(object_of(item.get("extra", {})))).items()
    return short({name: value for name, value in extra if name not in known})
