"""The meaning of technical words in plain English: backend/data/glossary.toml, read once.

    named("temperature").means      # "How adventurous the next word may be. ..."

It knows words only: which parameters exist, and their values, is in backend/parameters.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

Section = Literal["basics", "answer", "settings"]
SECTIONS: tuple[Section, ...] = get_args(Section)
_FILE = Path(__file__).parent / "data" / "glossary.toml"


@dataclass(frozen=True)
class Term:
    """One word. `word` is "" for a parameter, which has its label in backend/parameters. `plain` is a simpler
    wording, "" if the word itself is simple. `api`: its name in a request, "" for none.
    """

    id: str
    section: Section
    means: str
    word: str = ""
    plain: str = ""
    api: str = ""


@cache
def terms() -> dict[str, Term]:
    """Every word by its id, in display order."""
    document = tomllib.loads(_FILE.read_text("utf-8"))
    return {id_: Term(id_, section, **row) for section in SECTIONS for id_, row in document[section].items()}


def term_of(id_: str) -> Term:
    """The word with this id. Raises KeyError."""
    return terms()[id_]
