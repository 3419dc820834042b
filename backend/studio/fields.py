"""One field of a model's form, from its JSON schema: its control, its limits as text, and the conversion of typed
values. What is not set is not sent: the server decides.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from backend.parameters.parameter import spoken_range
from backend.studio import queries
from backend.studio.models import Schema, StudioModel
from backend.types import JSON
from backend.untrusted import clean_json, fields, number

Kind = Literal[
    "text", "number", "integer", "choice", "flag", "lines", "json", "picture", "sound", "clip", "document", "table"
]
LETTERS = 100_000  # characters of a text if the model has no limit
# Fields whose links are files, by the suffixes of their names; also in the plural.
_FILES: Mapping[str, Kind] = {
    "image": "picture",
    "image_url": "picture",
    "frame_image": "picture",
    "mask": "picture",
    "audio": "sound",
    "audio_url": "sound",
    "file": "sound",
    "document": "document",
    "video_url": "clip",
}
_PLAIN: Mapping[object, Kind] = {"boolean": "flag", "integer": "integer", "number": "number", "string": "text"}
# Labels for unclear wire names.
_LABELS = {
    "n": "How many",
    "num_images": "How many",
    "url": "Link",
    "image_urls": "Pictures",
    "image_url": "Picture",
    "last_image_url": "Last picture",
    "tail_image_url": "Last picture",
    "video_url": "Clip",
    "audio_url": "Sound",
    "audio": "Recording",
    "file": "Recording",
    "input": "Text",
    "aspect_ratio": "Shape",
    "image_size": "Size",
    "query": "Question",
    "ip": "IP address",
    queries.SITE: "Site",
    queries.PHRASE: "Phrase",
}
MAIN = ("prompt", "text", "script", "input", "lyrics", "query", "message")  # the main input of a run
_LONG = ("instructions", "system")
# The common fields come first, the rest is behind "More".
_FIRST = (
    *("file", "audio", "url", "table", *MAIN, *_LONG),
    *(
        "document",
        "pages",
        "image_url",
        "image_urls",
        "image",
        "video_url",
        "last_image_url",
        "tail_image_url",
        "audio_url",
    ),
    *("voice", "aspect_ratio", "image_size", "size", "resolution", "duration", "num_images", "n", "seed"),
    *("language", "dimensions", "quality", "generate_audio", "negative_prompt"),
    *queries.FIELDS,
)


@dataclass(frozen=True)
class Field:
    """A parameter of one model. `options` are the values of a choice, as they are sent."""

    name: str
    schema: Schema
    required: bool = False

    @cached_property
    def whole(self) -> Schema:
        """The schema of the alternative that can be typed: of several the one with a list of words, otherwise
        the first that is no list of bytes.
        """
        parts = self.schema.get("anyOf") or self.schema.get("oneOf") or ()
        known = [part for part in parts if part.get("type")]
        chosen: Schema = next((part for part in known if part.get("enum")), next(iter(known), {}))
        return {**chosen, **{name: value for name, value in self.schema.items() if name not in ("anyOf", "oneOf")}}

    @property
    def _items(self) -> Schema:
        """The schema of the items of a list, {} for anything else."""
        return fields(self.whole.get("items"))

    @cached_property
    def options(self) -> tuple[JSON, ...]:
        return tuple(self.whole.get("enum", ()))

    @cached_property
    def kind(self) -> Kind:
        if (file := _file_kind(self.name)) and self.whole.get("type") != "boolean":  # return_images is a flag
            return file
        if self.whole.get("format") == "table":
            return "table"
        if self.options:
            return "choice"
        types = {self.whole.get("type"), *(part.get("type") for part in self.schema.get("anyOf", ()))}
        if "array" in types and self._items.get("type") == "string":
            return "lines"
        if "array" in types and self.name == "input":
            return "lines"
        return _PLAIN.get(self.whole.get("type"), "json")

    @property
    def several(self) -> int:
        """The number of files it accepts; 1 for a single one."""
        lists = [part for part in (self.schema, *self.schema.get("anyOf", ())) if part.get("type") == "array"]
        return int(lists[0].get("maxItems", 10)) if lists else 1

    @property
    def as_list(self) -> bool:
        """Whether its files are sent as a list, even a single one."""
        return self.name.endswith("s")

    @property
    def label(self) -> str:
        """The label, from its wire name."""
        if self.name == "image" and self.several > 1:
            return _LABELS["image_urls"]
        if self.name in _LABELS:
            return _LABELS[self.name]
        words = self.name.replace("_url", "").replace("_", " ").strip() or self.name
        return words[:1].upper() + words[1:]

    @property
    def long(self) -> bool:
        """Whether it is a multi-line text."""
        return self.kind == "text" and (self.name in (*MAIN, *_LONG) or self.name.endswith("prompt"))

    @property
    def typed(self) -> bool:
        """Whether its file or link is sent in an object with a type: {"type": "image_url", "image_url": ...}."""
        return self.kind == "document" and self.whole.get("type") == "object"

    @property
    def narrows(self) -> bool:
        """Whether it becomes part of a search query."""
        return self.schema is queries.FIELDS.get(self.name)

    @property
    def binary(self) -> bool:
        """Whether its file is sent as a part of a form, which excludes a link."""
        return "binary" in (self.whole.get("format"), self._items.get("format"))

    @property
    def first(self) -> bool:
        """Whether it is visible; the others are in a collapsed section."""
        return self.required or self.name in _FIRST

    @property
    def place(self) -> int:
        return _FIRST.index(self.name) if self.name in _FIRST else len(_FIRST)

    @property
    def span(self) -> tuple[float | None, float | None]:
        return self.whole.get("minimum"), self.whole.get("maximum")

    @property
    def limits(self) -> str:
        """The limits by the model's schema, as text; "" for none."""
        low, high = self.span
        parts = []
        if low is not None and high is not None:
            parts.append(f"{low:g} to {high:g}")
        elif low is not None:
            parts.append(spoken_range(low, None))
        elif high is not None:
            parts.append(f"at most {high:g}")
        if most := self.whole.get("maxLength"):
            parts.append(f"at most {most:,} characters")
        if examples := self.whole.get("examples"):
            parts.append(f"such as {', '.join(map(str, examples))}")
        default = self.whole.get("default")
        if isinstance(default, str | int | float) and not isinstance(default, bool):
            parts.append(f"{default} if not set")
        if isinstance(default, bool):
            parts.append(f"{'on' if default else 'off'} if not set")
        return ", ".join(parts)

    def parse(self, value: object) -> JSON:
        """A typed value in the form in which it is sent; None if it is not set. Raises ValueError with a
        sentence.
        """
        if value is None or value == "" or value == []:
            return None
        reader = {
            "number": self._number,
            "integer": self._number,
            "choice": self._choice,
            "flag": self._flag,
            "lines": self._lines,
            "json": self._json,
        }.get(self.kind, self._text)
        return reader(value)

    def _text(self, value: object) -> JSON:
        if not isinstance(value, str):
            raise ValueError(f"{self.label} must be text.")
        if not value.strip():
            return None
        least, most = self.whole.get("minLength", 0), self.whole.get("maxLength", LETTERS)
        if len(value) > most:
            raise ValueError(f"{self.label} has {len(value):,} characters: the model takes {most:,}.")
        if len(value) < least:
            raise ValueError(f"{self.label} needs {least:,} characters at least.")
        return value

    def _number(self, value: object) -> JSON:
        if isinstance(value, bool) or not isinstance(value, int | float) or number(value) is None:
            raise ValueError(f"{self.label} must be a number.")
        low, high = self.span
        if (low is not None and value < low) or (high is not None and value > high):
            raise ValueError(f"{self.label} must be {spoken_range(low, high)}.")
        if self.kind == "integer" and value != int(value):
            raise ValueError(f"{self.label} must be a whole number.")
        whole = float(value).is_integer()  # some servers reject 2.0 as a count
        return int(value) if whole else float(value)

    def _choice(self, value: object) -> JSON:
        for option in self.options:
            if value == option:
                return option  # as the schema writes it: True and 1.0 equal 1 too
        raise ValueError(f"{self.label} must be one of {', '.join(map(str, self.options))}.")

    def _flag(self, value: object) -> JSON:
        if not isinstance(value, bool):
            raise ValueError(f"{self.label} must be on or off.")
        return value

    def _lines(self, value: object) -> JSON:
        lines = value.splitlines() if isinstance(value, str) else value
        if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
            raise ValueError(f"{self.label} must be lines of text.")
        kept: list[JSON] = [line.strip() for line in lines if line.strip()]
        most = self.whole.get("maxItems")
        if most and len(kept) > most:
            raise ValueError(f"{self.label}: {len(kept)} lines, the model takes {most}.")
        return kept or None

    def _json(self, value: object) -> JSON:
        if not isinstance(value, str):
            return clean_json(value)
        try:
            written: JSON = json.loads(value, parse_constant=_refuse)
            return written
        except (ValueError, RecursionError) as error:
            where = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
            raise ValueError(f"{self.label} is no valid JSON{where}.") from None


def form(model: StudioModel) -> tuple[Field, ...]:
    """The fields of a model, the common ones first."""
    fields = [Field(name, schema, name in model.required) for name, schema in model.fields.items()]
    return tuple(sorted(fields, key=lambda field: (not field.first, field.place)))


def _file_kind(name: str) -> Kind | None:
    for ending, kind in _FILES.items():
        if name in (ending, f"{ending}s") or name.endswith((f"_{ending}", f"_{ending}s")):
            return kind
    return None


def _refuse(word: str) -> None:
    raise ValueError(word)
