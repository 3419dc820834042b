"""Takes a key out of what a server says: some repeat in an answer what they were sent, and others read that answer.

    redactor = Redactor(endpoint.api_key)          # once per client: it works out the forms of the key
    redactor.redact("no such key: sk-...")         # "no such key: [key]"

A server knows its key and can write it in ways that nobody foresees. This is for the ones that repeat it (raw, in
an address, base64, JSON, hex, by halves; also cut in small pieces); it does NOT hold against one that hides it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import NoReturn

from backend.keys import scanner
from backend.types import JSON, AudioDelta, Event, Finished, ReasoningDelta, RefusalDelta, TextDelta, ToolCallDelta

PLACEHOLDER = "[key]"
SHORTEST_IN_ANSWER = 16  # characters; local servers take words for a key ("lm-studio"), and an answer may say words
HEAD = 6  # characters of a key that may pass before they are taken for its beginning
LEFT_OUT = "(left out: a part of the key stands in it)"
_ESCAPED = re.compile(r"\\[u/]")  # in JSON a key can be written in ways that only reading undoes
_Piece = TextDelta | ReasoningDelta | RefusalDelta | AudioDelta | ToolCallDelta
_Place = tuple[str, int, int | None]


class Redactor:
    """Takes a key, and other secrets that go with it, out of everything that is shown or kept. Like the key
    (endpoint.SecretStr) it is not printed, not pickled, and its forms are not found in a dump of what a tab
    remembers.

    What is about the connection (`redact`: errors, headers, addresses) never holds the key, however short. What a
    model says (`redact_answer`, `redact_json`, `stream`) may hold a short one: it is a word.
    """

    __slots__ = ("_answer_forms", "_forms")

    def __init__(self, key: str, *others: str) -> None:
        secrets = (key, *others)
        forms = _longest_first(form for secret in secrets for form in _forms(secret))
        answer_forms = _longest_first(
            form for secret in secrets if len(secret) >= SHORTEST_IN_ANSWER for form in _forms(secret)
        )
        self._forms: Callable[[], tuple[str, ...]] = lambda: forms
        self._answer_forms: Callable[[], tuple[str, ...]] = lambda: answer_forms

    def redact(self, text: str) -> str:
        """A text about the connection without the key, in whichever form, or either half of it."""
        return _replaced(text, self._forms())

    def redact_answer(self, text: str) -> str:
        """A text of the model without the key."""
        return _replaced(text, self._answer_forms())

    def redact_json(self, value: JSON) -> JSON:
        """JSON without the key in its texts and names. Raises ValueError where it is nested as deeply as a parser
        just takes."""
        forms = self._answer_forms()
        return _redacted_json(value, forms) if forms else value

    def stream(self) -> StreamRedactor:
        """A redactor for the pieces of one streamed answer."""
        return StreamRedactor(self._answer_forms())

    def __repr__(self) -> str:
        return "Redactor([key])" if self._forms() else "Redactor([no key])"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not written down")


def _forms(key: str) -> tuple[str, ...]:
    """The texts that give a key away, the longest first; of a very short key, the key alone."""
    if len(key) < scanner.SHORTEST_KNOWN:
        return (key,) if key else ()
    return _longest_first(scanner.forms(key))


def _longest_first(forms: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(dict.fromkeys(forms), key=len, reverse=True))


def _replaced(text: str, forms: tuple[str, ...]) -> str:
    for form in forms:
        text = text.replace(form, PLACEHOLDER)
    return text


def _redacted_json(value: JSON, forms: tuple[str, ...]) -> JSON:
    try:
        return _walked(value, forms)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _walked(value: JSON, forms: tuple[str, ...]) -> JSON:
    if isinstance(value, str):
        return _replaced(value, forms)
    if isinstance(value, dict):
        return {_replaced(name, forms): _walked(item, forms) for name, item in value.items()}
    return [_walked(item, forms) for item in value] if isinstance(value, list) else value


NO_KEY = Redactor("")


class _Text:
    """One growing text. What may be the beginning of a key waits until the next piece tells."""

    def __init__(self, forms: tuple[str, ...]) -> None:
        self._forms = forms
        self._heads = {form[:HEAD] for form in forms}
        self._pattern = re.compile("|".join(map(re.escape, forms)))
        self._out = ""  # the last characters that have passed
        self.held = ""

    def take(self, piece: str) -> tuple[str, bool]:
        """What may pass now; and whether a part of a key is in this piece."""
        text = self._out + self.held + piece
        end = self._begins(text)
        waited = bool(self.held)
        shown, replaced = self._pass(text, end)
        return shown, bool(waited or replaced or end < len(text))

    def rest(self) -> str:
        """What waited, at the end of the text."""
        text = self._out + self.held
        return self._pass(text, len(text))[0]

    def _pass(self, text: str, end: int) -> tuple[str, bool]:
        """What is new of `text` up to `end`, where a key may begin; and whether there was one before."""
        position = len(self._out)
        matches = [match.span() for match in self._pattern.finditer(text) if match.start() < end]
        shown: list[str] = []
        for start, stop in matches:
            shown += [text[position:start], PLACEHOLDER]
            position = stop
        end = max(end, position)  # the first characters of a key may be out
        shown.append(text[position:end])
        self._out, self.held = text[max(0, end - HEAD + 1) : end], text[end:]
        return "".join(shown), bool(matches)

    def _begins(self, text: str) -> int:
        """Where a key may have begun that goes on in the next piece; the length of the text for nowhere."""
        longest = len(self._forms[0])
        near = max(0, len(text) - longest + 1)
        if not any(head in text[near:] for head in self._heads):
            return len(text)
        starts = range(near, len(text) - HEAD + 1)
        return next((at for at in starts if self._may_begin(text[at:])), len(text))

    def _may_begin(self, tail: str) -> bool:
        return any(len(tail) < len(form) and form.startswith(tail) for form in self._forms)


class StreamRedactor:
    """Takes a key out of one answer that comes in pieces. `forms` are those of the key, the longest first."""

    def __init__(self, forms: tuple[str, ...]) -> None:
        self._forms = forms
        self._texts: dict[_Place, tuple[_Text, _Piece]] = {}
        self._touched = False

    def redact_json(self, raw: str, value: JSON) -> JSON:
        """`value`, which was decoded from `raw`, without the key. Looked through only where there may be one: this
        is done for every chunk. Raises ValueError as Redactor.redact_json does.
        """
        if not self._forms or not (_ESCAPED.search(raw) or any(form in raw for form in self._forms)):
            return value
        return _redacted_json(value, self._forms)

    def redact_events(self, events: Iterator[Event]) -> list[Event]:
        """The events of one chunk without the key. What may be the beginning of one waits for the next chunk."""
        self._touched = False
        return [shown for event in events for shown in self._shown(event)] if self._forms else list(events)

    def redact_chunk(self, raw: str) -> str:
        """The chunk itself, after its events: with pieces of a key in it nothing of it is shown."""
        return LEFT_OUT if self._touched else self.redact(raw)

    def redact(self, raw: str) -> str:
        """The text of a chunk that was not understood, without the key."""
        return _replaced(raw, self._forms)

    def to_the_end(self, events: Iterator[Event]) -> Iterator[Event]:
        """The events of the answer and then what still waited, also where the answer ends in an error."""
        try:
            yield from events
        except Exception:
            yield from self._rest()
            raise
        yield from self._rest()

    def _rest(self) -> list[Event]:
        return [event for place in list(self._texts) for event in self._end(place)]

    def _shown(self, event: Event) -> Iterator[Event]:
        if isinstance(event, Finished):
            for place in [place for place in self._texts if place[1] == event.choice]:
                yield from self._end(place)
        elif isinstance(event, TextDelta | ReasoningDelta | RefusalDelta | AudioDelta | ToolCallDelta):
            yield from self._piece(event)
            return
        yield event

    def _piece(self, event: _Piece) -> Iterator[Event]:
        place = (type(event).__name__, event.choice, event.index if isinstance(event, ToolCallDelta) else None)
        if isinstance(event, ToolCallDelta) and (event.id or event.name):
            yield from self._end(place)  # perhaps another call
        text = self._texts[place][0] if place in self._texts else _Text(self._forms)
        self._texts[place] = text, event
        shown, touched = text.take(event.arguments if isinstance(event, ToolCallDelta) else event.text)
        self._touched = self._touched or touched
        if shown or isinstance(event, ToolCallDelta | AudioDelta):
            yield _with(event, shown)

    def _end(self, place: _Place) -> Iterator[Event]:
        if place in self._texts:
            text, last = self._texts.pop(place)
            if held := text.rest():
                yield _with(last, held, whole=False)


def _with(event: _Piece, text: str, *, whole: bool = True) -> Event:
    """The event with another text; not `whole`: the text alone, of what it belongs to."""
    if isinstance(event, ToolCallDelta):
        return replace(event, name=event.name if whole else "", arguments=text)
    if isinstance(event, AudioDelta):
        return replace(event, data=event.data if whole else "", text=text)
    return replace(event, text=text)
