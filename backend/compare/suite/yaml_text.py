"""The only reader and writer of YAML. A file is untrusted: it becomes JSON values and nothing else.

PyYAML only parses the text into events (libyaml where available, 1 MB per second; ruamel.yaml, the alternative,
has no C parser for YAML 1.2); values are built here. So no tag can create an object, aliases and
anchors are refused before they can expand, and scalars follow YAML 1.2: "yes" and "12:30" are texts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import yaml

from backend.text import clean
from backend.types import JSON
from backend.untrusted import Unreadable, decoded

SIZE = 1_000_000  # characters, and bytes
EVENTS = 150_000  # of a file: about as many as it has values
DEEPEST = 60  # levels
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT, _OCTAL = re.compile(r"[-+]?[0-9]{1,300}"), re.compile(r"0o[0-7]{1,300}")
_HEX = re.compile(r"0x[0-9a-fA-F]{1,300}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]{1,300}|[0-9]{1,300}(?:\.[0-9]{0,300})?)(?:[eE][-+]?[0-9]{1,9})?")
_WORDS: dict[str, JSON] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS |= {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
# Scalars that some YAML reader does not take for a text.
_NOT_TEXT = re.compile(r"null|true|false|yes|no|on|off|y|n", re.I)
_TAGS = {"!": "", "tag:yaml.org,2002:str": ""}


def parsed(source: str | bytes) -> JSON:
    """The value of a file with one document. Raises Unreadable with a message for the visitor. JSON is YAML,
    too.
    """
    if len(source) > SIZE:
        raise Unreadable(f"The file is larger than {SIZE // 1_000_000} MB.")
    try:
        written = source.removeprefix("\ufeff") if isinstance(source, str) else decoded(source)
        return _Reader(yaml.parse(written.replace("\x85", " "), Loader=_LOADER)).document()
    except UnicodeDecodeError:
        raise Unreadable("The file is no text in UTF-8.") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" in line {mark.line + 1}" if mark else ""
        raise Unreadable(f"The file is not YAML: there is a mistake{where}.") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("The file is not YAML.") from None


class _Reader:
    """Builds a value from the events of one document."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self._count = 0

    def document(self) -> JSON:
        self._next()  # the stream begins
        if isinstance(self._next(), yaml.StreamEndEvent):
            return None
        value = self._value(self._next(), 0)
        self._next()  # the document ends
        if not isinstance(self._next(), yaml.StreamEndEvent):
            raise Unreadable("The file holds several documents; one is read.")
        return value

    def _next(self) -> yaml.Event:
        event = next(self._events)
        self._count += 1
        if self._count > EVENTS:
            raise Unreadable("The file holds too many values.")
        line = _line(event)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise Unreadable(f"Line {line}: anchors (&) and aliases (*) are not read. Write the value out.")
        tag = getattr(event, "tag", None)
        if tag and tag not in _TAGS:
            raise Unreadable(f"Line {line}: the tag {str(tag)[:40]} is not read. Write a plain value.")
        return event

    def _value(self, event: yaml.Event, depth: int) -> JSON:
        if depth > DEEPEST:
            raise Unreadable(f"The file is nested more than {DEEPEST} levels deep.")
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            values: list[JSON] = []
            while not isinstance(inner := self._next(), yaml.SequenceEndEvent):
                values.append(self._value(inner, depth + 1))
            return values
        return self._mapping(depth)

    def _mapping(self, depth: int) -> JSON:
        members: dict[str, JSON] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            line = _line(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise Unreadable(f"Line {line}: a name has to be a text.")
            name = clean(event.value)
            if name in members or (name == "<<" and event.implicit[0]):
                why = "stands there twice" if name in members else "is not read: write the fields out"
                raise Unreadable(f"Line {line}: {name[:40]} {why}.")
            members[name] = self._value(self._next(), depth + 1)
        return members


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _scalar(event: yaml.ScalarEvent) -> JSON:
    text: str = event.value
    if event.style or event.tag:
        return clean(text)
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _OCTAL.fullmatch(text):
        return int(text[2:], 8)
    if _HEX.fullmatch(text):
        return int(text[2:], 16)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else clean(text)
    return clean(text)


class _Dumper(yaml.SafeDumper):
    """Quotes every text that could be read as something else, and writes no aliases."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    plain = _PLAIN.fullmatch(text) and not _NOT_TEXT.fullmatch(text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _text)


def dump(value: JSON) -> str:
    """A value as YAML that every reader understands alike."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1_000_000)
