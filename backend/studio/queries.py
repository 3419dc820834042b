"""Builds a search query from a question and filters: a site, an exact phrase, excluded
words. Only the operators in the provider's documentation are used (`site:`, quotes, a minus).

    narrowed("moon landing", {"site": "nasa.gov", "without": "hoax"})     # 'moon landing site:nasa.gov -hoax'
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from backend.studio.models import Schema
from backend.types import JSON
from backend.untrusted import string

LONGEST = 20_000  # characters of a query
SITE, PHRASE, WITHOUT = "site", "phrase", "without"
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
# Form fields that become part of the query instead of being sent by name.
FIELDS: Mapping[str, Schema] = {
    SITE: {"type": "string", "examples": ["example.com"]},
    PHRASE: {"type": "string", "examples": ["side by side"]},
    WITHOUT: {"type": "string", "examples": ["these words"]},
}


class NoSite(ValueError):
    """A site is invalid; `str()` says so."""


def narrowed(question: str, given: Mapping[str, JSON]) -> str:
    """The query to send. Raises NoSite, and ValueError if it is too long."""
    phrase = " ".join(string(given.get(PHRASE)).replace('"', " ").split())
    site = _site(string(given.get(SITE)))
    words = [word.strip("-,\"'") for word in string(given.get(WITHOUT)).split()]
    parts = [
        question.strip(),
        f'"{phrase}"' if phrase else "",
        f"site:{site}" if site else "",
        *(f"-{word}" for word in words if word),
    ]
    query = " ".join(filter(None, parts))
    if len(query) > LONGEST:
        raise ValueError(f"The question has {len(query):,} characters, with all that narrows it: {LONGEST:,} go.")
    return query


def _site(typed: str) -> str:
    """A host name, also from a pasted address; "" for none. Raises NoSite."""
    typed = typed.strip()
    if not typed:
        return ""
    host = re.split(r"[/?#]", typed.lower().partition("://")[2] or typed.lower())[0].removeprefix("site:")
    if not _HOST.fullmatch(host):
        raise NoSite(f"“{typed[:60]}” is no site: give one, such as example.com.")
    return host
