"""The wordings of providers' errors: backend/data/errors.toml, read once.

    sign = sign_of(404, "The model `x` does not exist", ("model_not_found",))
    sign.error  # "ModelNotFound"

The head of that file explains its tables. Codes count before messages, messages before generic codes.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parents[1] / "data" / "errors.toml"
_GAP = 150  # characters that "*" may match
_LONGEST = 4_000  # characters of a text that are searched
_SPACE = re.compile(r"\s+")
_QUOTES = str.maketrans(dict.fromkeys('"`“”‘’´', "'"))


@dataclass(frozen=True)
class Sign:
    """One meaning of a reply (see the head of errors.toml)."""

    name: str
    error: str
    status: frozenset[int] = frozenset()
    remedy: str = ""
    fields: tuple[str, ...] = ()
    title: str = ""
    hint: str = ""
    finish: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    words: tuple[re.Pattern[str], ...] = ()

    def counts_with(self, status: int | None) -> bool:
        """Whether its wording counts with this status; None: the reply has no status."""
        return status is None or (status in self.status if self.status else status != 401)

    def matches(self, text: str) -> bool:
        """Whether its wording occurs in a text that has been `flattened`."""
        return any(phrase.search(text) for phrase in self.words)


def sign_of(status: int | None, text: str, codes: Iterable[str]) -> Sign | None:
    """The meaning of a reply by its codes and message; None if only its status can tell."""
    said = {plain_code(code) for code in codes}
    with_status = {f"{status}:{code}" for code in said}
    for sign in signs():
        if (said | with_status) & sign.codes:
            return sign
    if status == 401:
        return None
    flat = flattened(text)
    believed = [sign for sign in signs() if sign.counts_with(status)]
    by_words = next((sign for sign in believed if sign.matches(flat)), None)
    return by_words or next((sign for sign in believed if said & sign.types), None)


def said_in(text: str) -> Iterator[Sign]:
    """Every sign whose wording occurs in a text."""
    flat = flattened(text)
    return (sign for sign in signs() if sign.matches(flat))


def is_filter(finish_reason: str) -> bool:
    """Whether this finish reason means that the provider's filter stopped the answer."""
    reasons = {plain_code(part) for part in finish_reason[:200].replace(",", ":").split(":")}
    return any(sign.finish & reasons for sign in signs())


@cache
def signs() -> tuple[Sign, ...]:
    """All signs; the first match counts."""
    return tuple(_sign(name, table) for name, table in tables().items())


def tables() -> dict[str, dict[str, object]]:
    """The parsed file."""
    return tomllib.loads(_FILE.read_text("utf-8"))


def _sign(name: str, table: Mapping[str, object]) -> Sign:
    def texts(key: str) -> list[str]:
        held = table.get(key, ())
        return [str(item) for item in held] if isinstance(held, dict | list) else []

    return Sign(
        name,
        str(table["error"]),
        frozenset(map(int, texts("status"))),
        str(table.get("remedy", "")),
        tuple(texts("fields")),
        str(table.get("title", "")),
        str(table.get("hint", "")),
        frozenset(map(plain_code, texts("finish"))),
        frozenset(map(plain_code, texts("codes"))),
        frozenset(map(plain_code, texts("types"))),
        tuple(map(_phrase, texts("words"))),
    )


def _phrase(written: str) -> re.Pattern[str]:
    """A wording as a regular expression: "*" up to _GAP characters, "+" one word, "^" the beginning."""
    body = flattened(written.removeprefix("^"))
    start = r"\A" if written.startswith("^") else r"\b" if body[:1].isalnum() else ""
    return re.compile(start + re.escape(body).replace(r"\*", f".{{0,{_GAP}}}?").replace(r"\+", r"\S+"))


def flattened(text: str) -> str:
    """A text in lower case on one line, with one kind of quotation mark."""
    return _SPACE.sub(" ", text[:_LONGEST].lower().translate(_QUOTES)).strip()


def plain_code(code: str) -> str:
    """A code in normal form: "ModelNotFound" is "model_not_found"."""
    return re.sub(r"[^a-z0-9:]", "", code[:200].lower())
