"""Redacts a key from a streamed answer, where the key may be split over several chunks (see redaction.py)."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from backend.keys.replacing import ESCAPED, LEFT_OUT, PLACEHOLDER, bare, redacted_json
from backend.text import has_controls
from backend.types import (
    JSON,
    AudioDelta,
    Event,
    Finished,
    Logprobs,
    ReasoningDelta,
    ReasoningDetail,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
)

HEAD = 6  # characters of a key that may pass before they count as its beginning
_OF_A_DETAIL = ("type", "index", "id", "format")  # fields that tell which detail a piece belongs to
_Written = TextDelta | ReasoningDelta | RefusalDelta | ToolCallDelta
_Piece = _Written | AudioDelta | ReasoningDetail | Logprobs
_Place = tuple[str, int, int | None]  # (kind of text, choice, call)


class _Text:
    """One growing text. A possible beginning of a key is held back until the next piece decides."""

    def __init__(self, forms: tuple[str, ...]) -> None:
        self._forms = forms
        self._head = re.compile("|".join({re.escape(form[:HEAD]) for form in forms}))
        self._pattern = re.compile("|".join(map(re.escape, forms)))
        self._out = ""  # the last characters that were released
        self.held = ""

    def take(self, piece: str) -> tuple[str, bool]:
        """The text to release now; and whether a part of a key is in this piece."""
        text = self._out + self.held + piece
        if not self._head.search(text):  # the usual case for every token: neither a key nor its beginning
            shown = text[len(self._out) :]
            self._out, self.held = text[max(0, len(text) - HEAD + 1) :], ""
            return shown, False
        end = self._key_start(text)
        waited = bool(self.held)
        shown, replaced = self._pass(text, end)
        return shown, bool(waited or replaced or end < len(text))

    def rest(self) -> str:
        """The text that was held back, at the end."""
        text = self._out + self.held
        return self._pass(text, len(text))[0]

    def _pass(self, text: str, end: int) -> tuple[str, bool]:
        """The new part of `text` up to `end`, where a key may begin; and whether there was one before."""
        position = len(self._out)
        matches = [match.span() for match in self._pattern.finditer(text) if match.start() < end]
        shown: list[str] = []
        for start, stop in matches:
            shown += [text[position:start], PLACEHOLDER]
            position = stop
        end = max(end, position)  # the first characters of a key may have been released
        shown.append(text[position:end])
        self._out, self.held = text[max(0, end - HEAD + 1) : end], text[end:]
        return "".join(shown), bool(matches)

    def _key_start(self, text: str) -> int:
        """The position where a key may begin that continues in the next piece; the length of the text for none."""
        longest = len(self._forms[0])
        near = max(0, len(text) - longest + 1)
        if not self._head.search(text, near):
            return len(text)
        starts = range(near, len(text) - HEAD + 1)
        return next((at for at in starts if self._may_begin(text[at:])), len(text))

    def _may_begin(self, tail: str) -> bool:
        return any(len(tail) < len(form) and form.startswith(tail) for form in self._forms)


class StreamRedactor:
    """Redacts a key from one streamed answer. `forms` are those of the key, the longest first."""

    def __init__(self, forms: tuple[str, ...]) -> None:
        self._forms = forms
        self._texts: dict[_Place, tuple[_Text, _Piece]] = {}
        self._touched = False
        self._bare: str | None = None  # the last chunk that was searched and does not contain the key

    def is_bare(self, raw: str) -> bool:
        """Whether this chunk, decoded or not, can contain no more than a piece of a key."""
        if ESCAPED.search(raw) or has_controls(raw) or any(form in raw for form in self._forms):
            return False
        self._bare = raw
        return True

    def redact_json(self, raw: str, value: JSON) -> JSON:
        """`value`, decoded from `raw`, without the key. Raises ValueError as Redactor.redact_json does."""
        return value if not self._forms or self.is_bare(raw) else redacted_json(value, self._forms)

    def redact_events(self, events: Iterable[Event]) -> list[Event]:
        """The events of one chunk without the key. A possible beginning of a key waits for the next chunk."""
        self._touched = False
        return [shown for event in events for shown in self._redact_event(event)] if self._forms else list(events)

    def redact_chunk(self, raw: str) -> str:
        """The raw chunk, called after its events: "" if it contains pieces of a key."""
        if self._touched:
            return LEFT_OUT
        return raw if raw is self._bare else bare(raw, self._forms)

    def to_the_end(self, events: Iterator[Event]) -> Iterator[Event]:
        """The events of the answer and then what was held back, even if the answer ends in an error."""
        try:
            yield from events
        except Exception:
            yield from self._rest()
            raise
        yield from self._rest()

    def _rest(self) -> list[Event]:
        return [event for place in list(self._texts) for event in self._end(place)]

    def _redact_event(self, event: Event) -> Iterator[Event]:
        if isinstance(event, Finished):
            for place in [place for place in self._texts if place[1] == event.choice]:
                yield from self._end(place)
        elif isinstance(event, ReasoningDetail):
            event = self._detail(event)
        elif isinstance(event, AudioDelta):
            event = self._sound(event)
        elif isinstance(event, Logprobs):
            if self._in_tokens(event):
                return
        elif isinstance(event, TextDelta | ReasoningDelta | RefusalDelta | ToolCallDelta):
            yield from self._redact_text(event)
            return
        yield event

    def _redact_text(self, event: _Written) -> Iterator[Event]:
        place = (type(event).__name__, event.choice, event.index if isinstance(event, ToolCallDelta) else None)
        if isinstance(event, ToolCallDelta) and (event.id or event.name):
            yield from self._end(place)  # perhaps another call
        piece = event.arguments if isinstance(event, ToolCallDelta) else event.text
        shown = self._take(place, piece, event)
        if shown == piece:
            yield event
        elif shown or isinstance(event, ToolCallDelta):
            yield _with(event, shown)

    def _detail(self, event: ReasoningDetail) -> ReasoningDetail:
        """Redact a piece of a reasoning detail, or a whole one joined from pieces: each text may continue in the
        next.
        """
        texts = {
            name: text for name, text in event.detail.items() if isinstance(text, str) and name not in _OF_A_DETAIL
        }
        shown: dict[str, JSON] = {
            name: self._take((f"detail.{name}", event.choice, None), text, event) for name, text in texts.items()
        }
        return replace(event, detail={**event.detail, **shown}) if shown else event

    def _sound(self, event: AudioDelta) -> AudioDelta:
        """Redact a piece of a spoken answer: its transcript, and its bytes, which may contain a key as well."""
        data = _decoded(event.data)
        sound = self._take(("sound", event.choice, None), data, event) if data else ""
        words = self._take(("AudioDelta", event.choice, None), event.text, event)
        return replace(event, text=words, data=event.data if sound == data else _encoded(sound))

    def _in_tokens(self, event: Logprobs) -> bool:
        """Whether a part of a key is in these tokens: they are left out."""
        before, self._touched = self._touched, False
        self._take(("tokens", event.choice, None), "".join(token.text for token in event.tokens), event)
        touched, self._touched = self._touched, self._touched or before
        return touched

    def _take(self, place: _Place, piece: str, event: _Piece) -> str:
        """The part of a piece to release now."""
        text = self._texts[place][0] if place in self._texts else _Text(self._forms)
        self._texts[place] = text, event
        shown, touched = text.take(piece)
        self._touched = self._touched or touched
        return shown

    def _end(self, place: _Place) -> Iterator[Event]:
        if place in self._texts:
            text, last = self._texts.pop(place)
            if (held := text.rest()) and (event := _rest(place, last, held)):
                yield event


def _rest(place: _Place, last: _Piece, text: str) -> Event | None:
    """An event with the text that was held back; None for what is left out."""
    match last:
        case Logprobs():
            return None
        case AudioDelta():
            sound = place[0] == "sound"
            return AudioDelta(_encoded(text) if sound else "", "" if sound else text, last.choice)
        case ReasoningDetail(detail, choice):
            known = {name: detail[name] for name in _OF_A_DETAIL if name in detail}
            return ReasoningDetail({**known, place[0].removeprefix("detail."): text}, choice)
    return _with(replace(last, name="", extra=None) if isinstance(last, ToolCallDelta) else last, text)


def _with(event: _Written, text: str) -> Event:
    """The event with another text."""
    return replace(event, arguments=text) if isinstance(event, ToolCallDelta) else replace(event, text=text)


def _decoded(data: str) -> str:
    """The bytes of a piece of sound as characters; "" for invalid base64."""
    try:
        return base64.b64decode(data).decode("latin-1")
    except ValueError:
        return ""


def _encoded(sound: str) -> str:
    return base64.b64encode(sound.encode("latin-1")).decode()
