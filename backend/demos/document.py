"""A recording as one JSON document and back. docs/formats.md describes it.

Reading is strict: a file is untrusted, and a recording that is read only in part would play only in part. An
invalid file is refused with a message for the visitor. Nothing in it is run, fetched or sent. It does NOT look
for keys (backend/demos/secrets.py), nor check that it plays to its end (backend/demos/trial.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backend.compare import lane_settings
from backend.compare.race import FEWEST, MOST
from backend.demos import packing
from backend.demos.recording import (
    ENDINGS,
    PAGES,
    Answer,
    RecordedChunk,
    RecordedLane,
    RecordedReply,
    Recording,
    Result,
    Round,
    Talk,
)
from backend.formats import archive
from backend.types import JSON, WIRE_FORMATS, Message, Tool
from backend.untrusted import (
    Object,
    Unreadable,
    clean_json,
    fields,
    integer,
    items,
    line,
    number,
    objects,
    one_of,
    text,
)

FORMAT = "llm-playground/recording"
VERSION = 1
LARGEST = 8_000_000  # characters of JSON
PACKED = 200_000  # characters; what is larger is written compressed
ROUNDS, RESULTS, TOOLS, EARLIER, REPLIES = 200, 50, 100, 500, 4
CHUNKS = 50_000  # of all answers together
SECONDS = 1_800.0  # of one answer, or of one tool
TITLE, ABOUT, NAME = 100, 300, 200  # characters
KIND = packing.FileKind(FORMAT, VERSION, "recording")


# ---- out ------------------------------------------------------------------------------------------------


def export(recording: Recording) -> str:
    """The recording as a file, compressed if it is large."""
    return packing.pack(document(recording), PACKED)


def document(recording: Recording) -> dict[str, JSON]:
    """The recording as JSON."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": recording.title,
        "about": recording.about,
        "page": recording.page,
        "recorded": round(recording.recorded),
        "composed": recording.composed,
        "emulated": recording.emulated,
        "tools": [
            {"name": tool.name, "description": tool.description, "parameters": clean_json(tool.parameters)}
            for tool in recording.tools
        ],
        "earlier": _messages(recording.earlier),
        **({"lanes": [_lane(lane) for lane in recording.lanes]} if recording.lanes else {}),
        **({"talks": _talks(recording.talks)} if recording.talks else {}),
    }


def _lane(lane: RecordedLane) -> JSON:
    return {**lane.settings.as_json(), "earlier": _messages(lane.earlier), "talks": _talks(lane.talks)}


def _messages(messages: Sequence[Message]) -> JSON:
    return [archive.body(message) for message in messages]


def _talks(talks: Sequence[Talk]) -> JSON:
    return [
        {"question": archive.body(talk.question), "rounds": [_round(round_) for round_ in talk.rounds]}
        for talk in talks
    ]


def _round(round_: Round) -> JSON:
    answer = round_.answer
    return {
        "model": answer.model,
        "format": answer.format,
        "request": clean_json(answer.request),
        "replies": [[reply.status, round(reply.at, 4)] for reply in answer.replies],
        "streamed": answer.streamed,
        "chunks": [[round(chunk.at, 4), chunk.text] for chunk in answer.chunks],
        "ending": answer.ending,
        "cost": answer.cost,
        "estimate": answer.estimate,
        "results": [
            {"content": result.content, "ok": result.ok, "seconds": round(result.seconds, 4)}
            for result in round_.results
        ],
    }


# ---- in -------------------------------------------------------------------------------------------------


def read(source: str | bytes) -> Recording:
    """The recording in a file. Raises Unreadable with a message for the visitor."""
    return recording(packing.unpack(source, KIND, LARGEST))


def recording(item: Object) -> Recording:
    """The recording in a parsed document. Raises Unreadable."""
    packing.check(item, KIND)
    page = one_of(item.get("page"), PAGES)
    if page is None:
        raise Unreadable("The recording does not say on which page it plays.")
    lanes = tuple(_lane_of(lane) for lane in _object_list(item, "lanes", MOST)) if page == "Compare" else ()
    talks = () if page == "Compare" else _talks_of(item)
    if page == "Compare" and len(lanes) < FEWEST:
        raise Unreadable(f"A race in a recording has {FEWEST} to {MOST} lanes.")
    read = Recording(
        title=line(item.get("title"), TITLE),
        talks=talks,
        page=page,
        about=line(item.get("about"), ABOUT),
        recorded=max(0.0, number(item.get("recorded")) or 0.0),
        composed=item.get("composed") is True,
        tools=tuple(_tool(tool) for tool in _object_list(item, "tools", TOOLS)),
        emulated=item.get("emulated") is True,
        earlier=_earlier_of(item),
        lanes=lanes,
    )
    _check_whole(read)
    return read


def _check_whole(read: Recording) -> None:
    """Check that its parts fit together, and are not too many."""
    rounds = read.rounds
    if len(rounds) > ROUNDS or sum(len(round_.answer.chunks) for round_ in rounds) > CHUNKS:
        raise Unreadable(f"The recording is too long: up to {ROUNDS} answers of {CHUNKS:,} pieces can be played.")
    if read.page != "Tools" and (read.tools or any(round_.results for round_ in rounds)):
        raise Unreadable("The recording has tools, but does not play on the page of tools.")


def _lane_of(item: Object) -> RecordedLane:
    own = lane_settings.read({name: item.get(name) for name in ("model", "system_prompt", "parameters")})
    return RecordedLane(own, _talks_of(item), _earlier_of(item))


def _talks_of(item: Object) -> tuple[Talk, ...]:
    talks = [_talk(talk, place) for place, talk in enumerate(_object_list(item, "talks", ROUNDS), 1)]
    if not talks:
        raise Unreadable("There is nothing to play in the recording.")
    return tuple(talks)


def _earlier_of(item: Object) -> tuple[Message, ...]:
    return tuple(archive.at_rest(archive.message(dict(said))) for said in _object_list(item, "earlier", EARLIER))


def _object_list(item: Object, name: str, most: int) -> list[Object]:
    """The objects of a list. Any other item is refused."""
    given = item.get(name, [])
    listed = objects(given)
    if not isinstance(given, list) or len(listed) != len(given):
        raise Unreadable(f'"{name}" in the recording is not a list as it should be.')
    if len(listed) > most:
        raise Unreadable(f'The recording is too long: "{name}" has more than {most} entries.')
    return listed


def _tool(item: Object) -> Tool:
    name = line(item.get("name"), NAME)
    if not name or not isinstance(item.get("parameters"), dict):
        raise Unreadable("A tool in the recording has no name or no parameters.")
    return Tool(name, text(item.get("description"), 10_000), fields(clean_json(item["parameters"])))


def _talk(item: Object, place: int) -> Talk:
    question = archive.message(dict(fields(item.get("question"))))
    if question.role != "user":
        raise Unreadable(f"Question {place} of the recording is not of the user.")
    rounds = [
        Round(
            _answer(one, f"{place}.{number_}"),
            tuple(_result(result) for result in _object_list(one, "results", RESULTS)),
        )
        for number_, one in enumerate(_object_list(item, "rounds", ROUNDS), 1)
    ]
    if not rounds or rounds[-1].results or not all(round_.results for round_ in rounds[:-1]):
        raise Unreadable(f"The answer to question {place} of the recording is not all there.")
    return Talk(question, tuple(rounds))


def _answer(item: Object, name: str) -> Answer:
    format_ = one_of(item.get("format", "chat"), WIRE_FORMATS)
    ending, request = one_of(item.get("ending", "done"), tuple(ENDINGS.values())), item.get("request")
    if format_ is None or ending is None:
        raise Unreadable(f"Answer {name} of the recording is of a kind that is not known here.")
    chunks = tuple(_chunks(item, name))
    if ending == "done" and not chunks:
        raise Unreadable(f"Answer {name} of the recording is empty.")
    return Answer(
        model=line(item.get("model"), NAME),
        format=format_,
        request=fields(clean_json(request)) if isinstance(request, dict) else None,
        replies=tuple(_replies(item, name)),
        chunks=chunks,
        streamed=item.get("streamed") is not False,
        ending=ending,
        cost=_amount(item.get("cost")),
        estimate=_amount(item.get("estimate")),
    )


def _chunks(item: Object, name: str) -> Iterator[RecordedChunk]:
    before, given = 0.0, item.get("chunks", [])
    if not isinstance(given, list) or len(given) > CHUNKS:
        raise Unreadable(f"Answer {name} of the recording has no pieces that can be played.")
    for pair in given:
        at, content = _pair(pair)
        if at is None or not isinstance(content, str):
            raise Unreadable(f"A piece of answer {name} of the recording has no time or no text.")
        if at < before:
            raise Unreadable(f"In answer {name} of the recording the time goes backwards.")
        before = at
        yield RecordedChunk(at, content)


def _replies(item: Object, name: str) -> Iterator[RecordedReply]:
    given = items(item.get("replies"), REPLIES)
    for pair in given or [[200, 0.0]]:
        status, at = items(pair, 2) if len(items(pair)) == 2 else (0, 0.0)
        code, seconds = integer(status), _seconds(at)
        if seconds is None or not (status is None or (code is not None and 200 <= code < 600)):
            raise Unreadable(f"A reply of answer {name} of the recording has no status or no time.")
        yield RecordedReply(code, seconds)


def _pair(pair: JSON) -> tuple[float | None, JSON]:
    at, content = items(pair) if len(items(pair)) == 2 else (None, None)
    return _seconds(at), content


def _seconds(value: JSON) -> float | None:
    seconds = number(value)
    return seconds if seconds is not None and 0 <= seconds <= SECONDS else None


def _amount(value: JSON) -> float | None:
    dollars = number(value)
    return dollars if dollars is not None and 0 <= dollars <= 10_000 else None


def _result(item: Object) -> Result:
    seconds = _seconds(item.get("seconds", 0.0))
    if not isinstance(item.get("content"), str) or seconds is None:
        raise Unreadable("A result of a tool in the recording has no text or no time.")
    return Result(text(item["content"]), item.get("ok") is not False, seconds)
