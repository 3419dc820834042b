"""Keeps a key out of what a server says: some repeat in an answer what they were sent, and others read that answer.

A server knows its key and can write it in ways that nobody foresees. This is for the ones that repeat it (raw, in
an address, base64, JSON, hex, by halves; also cut in small pieces); it does NOT hold against one that hides it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from backend.keys import scanner
from backend.types import JSON, AudioDelta, Event, Finished, ReasoningDelta, RefusalDelta, TextDelta, ToolCallDelta

SHOWN = "[key]"
SHORTEST = 16  # characters; local servers take words for a key ("lm-studio"), and an answer may say words
HEAD = 6  # characters of a key that may pass before they are taken for its beginning
LEFT_OUT = "(left out: a part of the key stands in it)"
_ESCAPED = re.compile(r"\\[u/]")  # in JSON a key can be written in ways that only reading undoes
_Piece = TextDelta | ReasoningDelta | RefusalDelta | AudioDelta | ToolCallDelta
_Place = tuple[str, int, int | None]


def forms(key: str) -> tuple[str, ...]:
    """What may not be said of a key, the longest first; nothing for what is too short to be one."""
    return tuple(sorted(scanner.forms(key), key=len, reverse=True)) if len(key) >= SHORTEST else ()


def without(text: str, key: str) -> str:
    """`text` without the key."""
    for form in forms(key):
        text = text.replace(form, SHOWN)
    return text


def hidden(found: JSON, key: str) -> JSON:
    """JSON without the key in its texts. Raises ValueError where it is nested as deeply as a parser just takes."""
    ways = forms(key)
    try:
        return _hidden(found, ways) if ways else found
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _hidden(found: JSON, ways: tuple[str, ...]) -> JSON:
    if isinstance(found, str):
        for form in ways:
            found = found.replace(form, SHOWN)
        return found
    if isinstance(found, dict):
        return {str(_hidden(name, ways)): _hidden(item, ways) for name, item in found.items()}
    return [_hidden(item, ways) for item in found] if isinstance(found, list) else found


class _Text:
    """One growing text. What may be the beginning of a key waits until the next piece tells."""

    def __init__(self, hidden: tuple[str, ...]) -> None:
        self._hidden = hidden
        self._heads = {form[:HEAD] for form in hidden}
        self._pattern = re.compile("|".join(map(re.escape, hidden)))
        self._out = ""  # the last characters that have passed
        self.held = ""

    def take(self, piece: str) -> tuple[str, bool]:
        """What may pass now; and whether a part of a key is in this piece."""
        text = self._out + self.held + piece
        end = self._begins(text)
        waited = bool(self.held)
        shown, hid = self._pass(text, end)
        return shown, bool(waited or hid or end < len(text))

    def rest(self) -> str:
        """What waited, at the end of the text."""
        text = self._out + self.held
        return self._pass(text, len(text))[0]

    def _pass(self, text: str, end: int) -> tuple[str, bool]:
        """What is new of `text` up to `end`, where a key may begin; and whether there was one before."""
        position = len(self._out)
        found = [match.span() for match in self._pattern.finditer(text) if match.start() < end]
        shown: list[str] = []
        for start, stop in found:
            shown += [text[position:start], SHOWN]
            position = stop
        end = max(end, position)  # the first characters of a key may be out
        shown.append(text[position:end])
        self._out, self.held = text[max(0, end - HEAD + 1) : end], text[end:]
        return "".join(shown), bool(found)

    def _begins(self, text: str) -> int:
        """Where a key may have begun that goes on in the next piece; the length of the text for nowhere."""
        longest = len(self._hidden[0])
        near = max(0, len(text) - longest + 1)
        if not any(head in text[near:] for head in self._heads):
            return len(text)
        starts = range(near, len(text) - HEAD + 1)
        return next((at for at in starts if self._may_begin(text[at:])), len(text))

    def _may_begin(self, tail: str) -> bool:
        return any(len(tail) < len(form) and form.startswith(tail) for form in self._hidden)


class StreamRedactor:
    """The texts of one answer."""

    def __init__(self, key: str) -> None:
        self._hidden = forms(key)
        self._texts: dict[_Place, tuple[_Text, _Piece]] = {}
        self._touched = False

    def read(self, raw: str, found: JSON) -> JSON:
        """`found`, which was decoded from `raw`, without the key. Looked through only where there may be one: this
        is done for every chunk. Raises ValueError as `hidden` does.
        """
        if not self._hidden or not (_ESCAPED.search(raw) or any(form in raw for form in self._hidden)):
            return found
        try:
            return _hidden(found, self._hidden)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error

    def over(self, events: Iterator[Event]) -> list[Event]:
        """The events of one chunk as they may be known."""
        self._touched = False
        return [shown for event in events for shown in self._shown(event)] if self._hidden else list(events)

    def chunk(self, raw: str) -> str:
        """The chunk itself, after its events: with pieces of a key in it nothing of it is shown."""
        return LEFT_OUT if self._touched else self.without(raw)

    def without(self, raw: str) -> str:
        """The text of a chunk that was not understood."""
        for form in self._hidden:
            raw = raw.replace(form, SHOWN)
        return raw

    def to_the_end(self, events: Iterator[Event]) -> Iterator[Event]:
        """The events of the answer and what waited at its end, whichever way it ends."""
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
        text = self._texts[place][0] if place in self._texts else _Text(self._hidden)
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
