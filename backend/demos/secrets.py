"""Looks for possible keys in a recording before it is saved, shared or played. See backend/keys/scanner.py.

The bytes of an answer arrive in pieces, and a key may be split over two of them, so the joined text is
searched as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from backend.demos.recording import Recording
from backend.formats import archive
from backend.keys import scanner
from backend.types import Message


def secrets_in(recording: Recording, answers: Sequence[Message], keys: Iterable[str] = ()) -> list[str]:
    """A description of where something looks like a key. `answers`: the texts of the recording when played; `keys`
    are in use here.
    """
    known = tuple(keys)
    found = [
        f"{where}: {what}" for where, text in _places(recording, answers) for what in scanner.keys_in(text, known)
    ]
    return list(dict.fromkeys(found))


def _places(recording: Recording, answers: Sequence[Message]) -> Iterator[tuple[str, str]]:
    yield "the title", f"{recording.title}\n{recording.about}"
    for tool in recording.tools:
        yield f"the tool {tool.name}", f"{tool.description}\n{json.dumps(dict(tool.parameters))}"
    for message in recording.earlier:
        yield "a message before the run", archive.dump(message)
    for lane in recording.lanes:
        yield "the settings of a lane", json.dumps(lane.settings.as_json(), ensure_ascii=False)
        for message in lane.earlier:
            yield "a message before the run", archive.dump(message)
    for place, talk in enumerate(recording.all_talks, 1):
        yield f"question {place}", archive.dump(talk.question)
    for place, round_ in enumerate(recording.rounds, 1):
        answer = round_.answer
        yield f"the request of answer {place}", json.dumps(answer.request, ensure_ascii=False)
        yield f"answer {place}", "\n".join(chunk.text for chunk in answer.chunks)
        for result in round_.results:
            yield f"a result of answer {place}", result.content
    for place, message in enumerate(answers, 1):
        yield f"answer {place}", "\n".join(_answer_texts(message))


def _answer_texts(message: Message) -> Iterator[str]:
    """The full text of an answer."""
    yield from (message.content, message.reasoning, message.refusal)
    for call in message.tool_calls:
        yield from (call.name, call.arguments)
