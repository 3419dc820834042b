"""What technical words mean, in plain English: backend/data/glossary.toml, read once.

    named("temperature").means      # "How adventurous the next word may be. ..."

It knows words only: which parameters there are, and what they take, is in backend/parameters.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast

Section = Literal["basics", "answer", "settings"]
_FILE = Path(__file__).parent / "data" / "glossary.toml"


@dataclass(frozen=True)
class Term:
    """One word. `word` is "" for a parameter, which has its label in backend/parameters. `plain` says the same in
    simple words, "" where the word itself is simple. `api`: what it is called in a request, "" for nothing.
    """

    id: str
    section: Section
    means: str
    word: str = ""
    plain: str = ""
    api: str = ""


@cache
def terms() -> dict[str, Term]:
    """Every word by its id, in the order in which they are shown."""
    read = cast("dict[Section, dict[str, dict[str, str]]]", tomllib.loads(_FILE.read_text("utf-8")))
    return {id_: Term(id_, section, **row) for section, rows in read.items() for id_, row in rows.items()}


def named(id_: str) -> Term:
    """The word with this id. Raises KeyError."""
    return terms()[id_]
