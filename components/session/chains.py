"""Transfers between the chat and the Studio: reading an answer aloud, dictation, putting an answer into a form of
the
Studio. Nothing is drawn here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import count
from typing import Literal, Protocol

from backend.errors import APIError
from backend.formats.spoken import sentences, speakable_text
from backend.protocol import wire
from backend.store import StoreError
from backend.studio import media_types, transcripts, vectors
from backend.studio.families import FAMILIES, Name
from backend.studio.models import StudioModel
from backend.studio.task import Given, Task
from backend.types import JSON, Message
from components.session import tab, widgets, words
from components.session.connection import Connection
from components.session.studio import Studio
from components.session.studio_runs import Run

Chain = Literal["speak", "picture", "vectors"]
_LETTERS = 4_096  # characters of a text for a speech model without a limit of its own
_SENTENCE = re.compile(r"(?<=[.!?…]) +|(?<=[。！？]) *(?=.)")  # separator of sentences


class Whole(Protocol):
    """The session of the tab."""

    @property
    def studio(self) -> Studio: ...


@dataclass(frozen=True)
class ReadAloud:
    """An answer that is read aloud: by a model as a run of the Studio, or otherwise by the browser.

    `number`: its number in this tab. `cut`: only its beginning is read. `problem`: why no model reads it.
    """

    number: int
    text: str
    run: str = ""
    model: str = ""
    cut: bool = False
    problem: str = ""


@dataclass(frozen=True)
class Dictation:
    """A recording that a run of the Studio transcribes. `problem`: why it failed."""

    run: str = ""
    model: str = ""
    problem: str = ""


def offered_chains(connection: Connection) -> tuple[Chain, ...]:
    """The Studio families that an answer can be sent to on a connection."""
    families: tuple[tuple[Chain, Name], ...] = (("picture", "image"), ("vectors", "embeddings"))
    if connection.is_local:
        return ("vectors",)
    return tuple(chain for chain, name in families if FAMILIES[name].way(connection.endpoint) is not None)


class Chains:
    """The transfers of one tab."""

    def __init__(self, session: Whole) -> None:
        self._session = session
        self._numbers = count()
        self.reading: ReadAloud | None = None
        self.dictation: Dictation | None = None
        self.recorder = False  # it has been drawn
        self._going: tuple[Name, str] | None = None  # the family to go to, and the text for its form

    def do(self, chain: Chain, message: Message) -> None:
        """The action of a click under an answer."""
        text = speakable_text(wire.thinking(message)[1])
        if chain == "speak":
            self.read_aloud(text)
        elif text:
            self._going = ("image", text) if chain == "picture" else ("embeddings", _lines(text))

    def go(self) -> Name | None:
        """The family that the Studio page opens next, with the text put into its form. None to stay."""
        going, self._going = self._going, None
        if going is None:
            return None
        name, text = going
        tab.put(widgets.studio_field(name, FAMILIES[name].own.text), text)
        return name

    # ---- reading aloud ------------------------------------------------------------------------------------

    def read_aloud(self, text: str) -> None:
        """Begin to read a text, replacing the current one; a text that a model has read already is not paid for
        again.
        """
        if self.reading and self.reading.text == text and self.reading.run and not self.reading.problem:
            return
        model = self._session.studio.able("speech")
        if model is None or not text:
            self.reading = ReadAloud(next(self._numbers), text)
            return
        field = next(name for name in ("text", "script", "input") if name in model.fields)
        spoken_text = sentences(text, int(model.fields[field].get("maxLength") or _LETTERS))
        run, problem = self._begin("speech", model, {field: spoken_text, **_required_values(model, field)})
        self.reading = ReadAloud(next(self._numbers), text, run, model.label, len(spoken_text) < len(text), problem)

    def hush(self) -> None:
        self.reading = None

    # ---- dictation ----------------------------------------------------------------------------------------

    def write_down(self, recording: bytes) -> None:
        """Begin to transcribe a recording."""
        studio = self._session.studio
        model = studio.able("transcription")
        if model is None:
            return
        field = next(name for name, schema in model.fields.items() if schema.get("format") == "binary")
        if media_types.of(recording[: media_types.NEEDED]).show not in ("audio", "video"):
            self.dictation = Dictation(problem=words.NO_RECORDING)
            return
        try:
            with studio.shelf.new() as growing:
                growing.write(recording)
                given = Given(growing.keep().id, words.DICTATED)
        except APIError as error:
            self.dictation = Dictation(problem=f"{error.title} {error.hint}")
            return
        run, problem = self._begin("transcription", model, {}, {field: (given,)}, field)
        self.dictation = Dictation(run, model.label, problem)

    def transcribed_text(self, run: Run) -> str:
        """The text that a run has transcribed."""
        return transcripts.read(run.step.result.get("result")).text.strip()

    def show_recorder(self, shown: bool) -> None:
        self.recorder, self.dictation = shown, None

    def _begin(
        self,
        name: Name,
        model: StudioModel,
        body: dict[str, JSON],
        files: dict[str, tuple[Given, ...]] | None = None,
        form: str = "",
    ) -> tuple[str, str]:
        """The id of a new run, or why there is none."""
        studio = self._session.studio
        way = FAMILIES[name].way(studio.connection.endpoint)
        if way is None:
            return "", words.NOT_OFFERED
        task = Task(name, model.id, way.path, way.poll, form, {"model": model.id, **body}, files or {})
        try:
            return studio.begin([task], model), ""
        except StoreError as error:
            return "", str(error)
        except APIError as error:
            return "", f"{error.title} {error.hint}".strip()


def _required_values(model: StudioModel, text: str) -> dict[str, JSON]:
    """A value for each required field of a model: the first option in its reference."""
    needed: dict[str, JSON] = {}
    for name in model.required:
        schema = model.fields.get(name, {})
        known = [schema.get("default"), *schema.get("enum", ()), *schema.get("examples", ())]
        value = next((one for one in known if one is not None), None)
        if name != text and value is not None:
            needed[name] = value
    return needed


def _lines(text: str) -> str:
    """The texts in an answer: its lines, or if it has only one, its sentences."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) == 1:
        lines = _SENTENCE.split(lines[0])
    return "\n".join(lines[: vectors.TEXTS])


def has_several_texts(answer: str) -> bool:
    """Whether an answer contains several texts to compare. Assumed for a long one, as every message is checked."""
    return len(answer) > _LETTERS or "\n" in _lines(speakable_text(answer))
