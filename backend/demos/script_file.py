"""A script for the stage as one JSON document and back. docs/formats.md describes it.

Reading is strict, as for a recording: nothing in a file is run, fetched or sent, and an invalid file is refused
with a message. Only a step of an unknown kind is kept, as a text that says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from backend.catalog import ID_LIMIT
from backend.compare import lane_settings
from backend.compare.lane_settings import Overrides
from backend.compare.race import FEWEST, MOST
from backend.demos import document, packing
from backend.demos.recording import Recording
from backend.demos.script import KINDS, Script, Step
from backend.demos.secrets import secrets_in as secrets_in_recording
from backend.demos.shelf import shelf
from backend.demos.trial import rehearse
from backend.keys import scanner
from backend.types import JSON, Message
from backend.untrusted import Object, Unreadable, fields, items, line, objects, text

FORMAT = "llm-playground/script"
VERSION = 1
KIND = packing.FileKind(FORMAT, VERSION, "script")
LARGEST = 16_000_000  # characters of JSON: several recordings
STEPS, RECORDINGS, TOOLS = 100, 20, 20
TITLE, ABOUT = 100, 300  # characters
CAPTION, REVEAL, PROMPT, SYSTEM_PROMPT = 400, 2_000, 20_000, lane_settings.PROMPT


# ---- out ------------------------------------------------------------------------------------------------


def export(script: Script) -> str:
    """The script as a file, compressed if it is large."""
    return packing.pack(as_json(script), document.PACKED)


def as_json(script: Script) -> dict[str, JSON]:
    """The script as JSON."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": script.title,
        "about": script.about,
        "steps": [_step_json(step) for step in script.steps],
    }


def _step_json(step: Step) -> JSON:
    """A step as JSON; empty fields are left out."""
    recording: JSON = step.shelf or (document.document(step.recording) if step.recording else None)
    members: dict[str, JSON] = {
        "caption": step.caption,
        "reveal": step.reveal,
        "prompt": step.prompt,
        "continues": step.continues,
        "model": step.model,
        "system_prompt": step.system_prompt,
        "parameters": dict(step.parameters),
        "tools": list(step.tools),
        "lanes": [lane.as_json() for lane in step.lanes],
        "recording": recording,
    }
    return {"kind": step.kind, **{name: value for name, value in members.items() if value}}


# ---- in -------------------------------------------------------------------------------------------------


def read(source: str | bytes) -> Script:
    """The script in a file. Raises Unreadable with a message for the visitor."""
    return script(packing.unpack(source, KIND, LARGEST))


def script(item: Object) -> Script:
    """The script in a parsed document. Raises Unreadable."""
    packing.check(item, KIND)
    given = item.get("steps")
    entries = objects(given)
    if not isinstance(given, list) or len(entries) != len(given) or not entries:
        raise Unreadable("There are no steps in the script, or they are not a list.")
    if len(entries) > STEPS:
        raise Unreadable(f"The script is too long: it may have {STEPS} steps.")
    steps = tuple(_step(entry, place) for place, entry in enumerate(entries, 1))
    if sum(step.recording is not None for step in steps) > RECORDINGS:
        raise Unreadable(f"The script has too many recordings: it may have {RECORDINGS}.")
    return Script(line(item.get("title"), TITLE), steps, line(item.get("about"), ABOUT))


def _step(item: Object, place: int) -> Step:
    kind = item.get("kind")
    if kind not in KINDS:
        return Step("unknown", line(kind, TITLE))
    recording, shelved = (None, "") if kind == "words" else _recording(item, place)
    own = lane_settings.read({"parameters": item.get("parameters")})
    made = Step(
        kind,
        caption=line(item.get("caption"), CAPTION),
        reveal=line(item.get("reveal"), REVEAL),
        prompt=text(item.get("prompt"), PROMPT),
        continues=kind != "race" and item.get("continues") is True,
        model=line(item.get("model"), ID_LIMIT),
        system_prompt=text(item.get("system_prompt"), SYSTEM_PROMPT),
        parameters={name: value for name, value in own.parameters.items() if value is not None},
        recording=recording,
        shelf=shelved,
        tools=_tools(item, place) if kind == "ask" else (),
        lanes=_lanes(item, place) if kind == "race" else (),
    )
    if made.asks and not made.prompt.strip():
        raise Unreadable(f"Step {place} asks nothing: it has no prompt.")
    if kind == "play" and made.recording is None:
        raise Unreadable(f"Step {place} has no recording to play.")
    if kind == "words" and not (made.caption or made.reveal):
        raise Unreadable(f"Step {place} has no words.")
    return made


def _tools(item: Object, place: int) -> tuple[str, ...]:
    """The names of tools. An unknown one is kept: the step reports it."""
    given = item.get("tools", [])
    names = [line(name, document.NAME) for name in items(given, TOOLS + 1)]
    if not isinstance(given, list) or not all(names) or len(names) > TOOLS:
        raise Unreadable(f"The tools of step {place} are not up to {TOOLS} names.")
    return tuple(dict.fromkeys(names))


def _lanes(item: Object, place: int) -> tuple[Overrides, ...]:
    """The overrides of each lane; never a connection."""
    given = objects(item.get("lanes"))
    if not FEWEST <= len(given) <= MOST or len(given) != len(items(item.get("lanes"))):
        raise Unreadable(f"The race of step {place} does not have {FEWEST} to {MOST} lanes.")
    return tuple(replace(lane_settings.read(dict(lane)), connection=None) for lane in given)


def _recording(item: Object, place: int) -> tuple[Recording | None, str]:
    """The recording of a step, and its name if it is a bundled one."""
    given = item.get("recording")
    if given is None:
        return None, ""
    if isinstance(given, str):
        if given not in shelf():
            raise Unreadable(f"Step {place} names a recording that does not come with this playground.")
        return shelf()[given], given
    try:
        return document.recording(fields(given)), ""
    except Unreadable as refused:
        raise Unreadable(f"Step {place}: {refused}") from None


# ---- checks ---------------------------------------------------------------------------------------------


def looked_through(script: Script, keys: Iterable[str] = ()) -> Script:
    """Check a script and return it. Raises Unreadable if a recording is incomplete, or something looks like a key;
    `keys` are in use here.
    """
    answers: list[Sequence[Message]] = []
    for place, step in enumerate(script.steps, 1):
        try:
            answers.append(rehearse(step.recording) if step.recording and not step.shelf else ())
        except Unreadable as refused:
            raise Unreadable(f"Step {place}: {refused}") from None
    if places := secrets_in(script, answers, keys):
        raise Unreadable(f"Something in it looks like a key ({places[0]}). A script with a key in it is not used.")
    return script


def secrets_in(script: Script, answers: Sequence[Sequence[Message]], keys: Iterable[str] = ()) -> list[str]:
    """A description of where something looks like a key. `answers`: the texts in the recording of each step."""
    known = tuple(keys)
    found = [f"the title: {what}" for what in scanner.keys_in(f"{script.title}\n{script.about}", known)]
    for place, (step, said) in enumerate(zip(script.steps, answers, strict=True), 1):
        found += [f"step {place}: {what}" for what in scanner.keys_in(_words(step), known)]
        if step.recording and not step.shelf:
            found += [f"step {place}, {what}" for what in secrets_in_recording(step.recording, said, known)]
    return list(dict.fromkeys(found))


def _words(step: Step) -> str:
    own: Mapping[str, JSON] = step.parameters
    told = (step.caption, step.reveal, step.prompt, step.model, step.system_prompt, *map(str, own.values()))
    lanes = json.dumps([lane.as_json() for lane in step.lanes], ensure_ascii=False)
    return "\n".join((*told, *step.tools, lanes))
