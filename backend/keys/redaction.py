"""Redacts a key from everything a server sends: some servers repeat in an answer what they were sent.

    redactor = Redactor(endpoint.api_key)          # once per client: it computes the forms of the key
    redactor.redact("no such key: sk-...")         # "no such key: [key]"

A server knows its key and can encode it in unforeseeable ways. This covers servers that repeat it (plain, in
an address, base64, JSON, hex, by halves; also split into small pieces); it does NOT stop one that hides it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NoReturn

from backend.keys import scanner
from backend.keys.replacing import PLACEHOLDER, bare, redacted_json, without_forms
from backend.keys.stream_redaction import StreamRedactor
from backend.types import JSON

__all__ = ["NO_KEY", "PLACEHOLDER", "Redactor", "StreamRedactor"]

# characters; local servers use words as keys ("lm-studio"), and an answer may contain words
SHORTEST_IN_ANSWER = 16


class Redactor:
    """Redacts a key, and other secrets that belong to it, from everything that is shown or stored. Like the key
    (endpoint.SecretStr) it is not printed, not pickled, and its forms are not found in a dump of the session state.

    Texts about the connection (`redact`: errors, headers, addresses) never contain the key, however short. Output
    of a
    model (`redact_answer`, `redact_json`, `stream`) may contain a short one: it is a word. Halves are redacted for
    the
    key alone: halves of another secret, which a person may have chosen, may be words too.
    """

    __slots__ = ("_answer_forms", "_forms")

    def __init__(self, key: str, *others: str) -> None:
        forms = {secret: _forms(secret, halves=secret == key) for secret in (key, *others)}
        every = _longest_first(form for spelt in forms.values() for form in spelt)
        answer_forms = _longest_first(
            form for secret, spelt in forms.items() if len(secret) >= SHORTEST_IN_ANSWER for form in spelt
        )
        self._forms: Callable[[], tuple[str, ...]] = lambda: every
        self._answer_forms: Callable[[], tuple[str, ...]] = lambda: answer_forms

    def redact(self, text: str) -> str:
        """A text about the connection without the key, in any form, and without either half of it."""
        return bare(text, self._forms())

    def redact_raw(self, text: str) -> str:
        """A raw chunk of an answer without the key."""
        return bare(text, self._answer_forms())

    def redact_answer(self, text: str) -> str:
        """A text of the model without the key."""
        return without_forms(text, self._answer_forms())

    def redact_json(self, value: JSON) -> JSON:
        """JSON without the key in its texts and names. Raises ValueError if it is nested almost too deeply for
        the parser.
        """
        forms = self._answer_forms()
        return redacted_json(value, forms) if forms else value

    def stream(self) -> StreamRedactor:
        """A redactor for the chunks of one streamed answer."""
        return StreamRedactor(self._answer_forms())

    def __repr__(self) -> str:
        return "Redactor([key])" if self._forms() else "Redactor([no key])"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not written down")


def _forms(key: str, *, halves: bool) -> tuple[str, ...]:
    """The texts that reveal a key, the longest first; for a very short key, the key alone."""
    if len(key) < scanner.SHORTEST_KNOWN:
        return (key,) if key else ()
    return _longest_first(scanner.forms(key, halves=halves))


def _longest_first(forms: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(dict.fromkeys(forms), key=len, reverse=True))


NO_KEY = Redactor("")
