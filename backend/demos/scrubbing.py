"""Removes ids of accounts, requests and servers from a recording; a call keeps the same new id everywhere.

    clean = scrubbed(recording)

Ids are found by the names of their fields, and replaced consistently in requests, answers and calls (`id_1`,
`id_2`); all other bytes are unchanged. A record contains no key (backend/keys/redaction.py); a separate search for
what looks like one is in backend/demos/secrets.py. It does NOT change what people and models wrote.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from backend.demos.recording import Answer, RecordedChunk, Recording, Round, Talk
from backend.formats import archive
from backend.protocol.body import decode
from backend.types import JSON, Message
from backend.untrusted import clean_json, fields

# fmt: off
_IDS = frozenset((
    "id", "call_id", "tool_call_id", "tool_use_id", "item_id", "message_id", "container_id", "conversation_id",
    "request_id", "x_request_id", "client_request_id", "response_id", "previous_response_id", "run_id", "trace_id",
    "inference_id", "generation_id", "session_id", "prompt_cache_key", "system_fingerprint", "safety_identifier",
    "user", "user_id", "account", "account_id", "organization", "organization_id", "org_id", "project_id",
    "workspace_id", "team_id", "tenant", "ip", "ip_address", "host", "server", "region",
))
# fmt: on
# Arguments and schemas of tools: their field names belong to the tool.
_NOT_IDS = frozenset(("arguments", "input", "parameters", "input_schema", "schema", "properties"))
_SHORTEST = 6  # minimum length of an id to be replaced in bytes: a shorter one identifies nobody
_OURS = re.compile(r"id_\d+")


def scrub(recording: Recording) -> Recording:
    """The recording without identifying ids."""
    renaming = _Renaming()
    for round_ in recording.rounds:
        for chunk in round_.answer.chunks:
            renaming.note(_json(chunk.text))
        renaming.note(clean_json(round_.answer.request))
    return replace(
        recording,
        talks=_talks(recording.talks, renaming),
        earlier=tuple(map(renaming.message, recording.earlier)),
        lanes=tuple(
            replace(lane, talks=_talks(lane.talks, renaming), earlier=tuple(map(renaming.message, lane.earlier)))
            for lane in recording.lanes
        ),
    )


def _talks(talks: Sequence[Talk], renaming: _Renaming) -> tuple[Talk, ...]:
    return tuple(
        replace(
            talk,
            question=renaming.message(talk.question),
            rounds=tuple(_round(round_, renaming) for round_ in talk.rounds),
        )
        for talk in talks
    )


def _round(round_: Round, renaming: _Renaming) -> Round:
    answer = round_.answer
    chunks = tuple(RecordedChunk(chunk.at, renaming.bytes(chunk.text)) for chunk in answer.chunks)
    request = None if answer.request is None else fields(renaming.value(clean_json(answer.request)))
    changed: Answer = replace(answer, chunks=chunks, request=request)
    return replace(round_, answer=changed)


def _json(text: str) -> JSON:
    try:
        return decode(text)
    except ValueError:
        return None


class _Renaming:
    """The new name of each id, the same wherever it occurs."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._found: re.Pattern[str] | None = None

    def note(self, value: JSON) -> None:
        """Collect the ids in a value."""
        for id_ in _ids(value):
            if not _OURS.fullmatch(id_):
                self._names.setdefault(id_, f"id_{len(self._names) + 1}")
        self._found = None

    def bytes(self, text: str) -> str:
        """The bytes of an answer: a JSON string that is an id is replaced, everything else stays unchanged."""
        if self._found is None:
            long = [json.dumps(id_) for id_ in self._names if len(id_) >= _SHORTEST]
            self._found = re.compile("|".join(map(re.escape, long)) or r"(?!)")
        return self._found.sub(lambda found: json.dumps(self._names[json.loads(found[0])]), text)

    def value(self, value: JSON, *, named: bool = False) -> JSON:
        """A value with the new names; `named`: it is the value of an id field."""
        if isinstance(value, str):
            return self._names.get(value, value) if named else value
        if isinstance(value, list):
            return [self.value(item, named=named) for item in value]
        if isinstance(value, dict):
            return {
                name: item if name in _NOT_IDS else self.value(item, named=name in _IDS)
                for name, item in value.items()
            }
        return value

    def message(self, message: Message) -> Message:
        """A message without what identifies a request or a server."""
        bare = replace(message, request_id="", server="", failure=None)
        body = self.value(archive.body(bare))
        return archive.at_rest(archive.message(body))


def _ids(value: JSON, *, named: bool = False) -> Iterator[str]:
    if isinstance(value, str):
        yield from [value] if named and value else []
    elif isinstance(value, list):
        for item in value:
            yield from _ids(item, named=named)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name not in _NOT_IDS:
                yield from _ids(item, named=name in _IDS)
