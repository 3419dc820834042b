"""Presets: named settings. Four bundled ones, and the visitor's own as JSON, saved and shared in the same format.

A preset never contains a key, an address or messages. A file is validated against the table of parameters. An
exported request can be imported as one, with its tools and the fields that have no control here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from backend.catalog import ModelInfo
from backend.formats.imports import request_left_out, request_settings
from backend.formats.imports.request import imported_setting, is_request
from backend.library.prompts import NAME
from backend.library.saved_documents import Document
from backend.parameters import PARAMETERS, parameter_named
from backend.types import JSON
from backend.untrusted import Object, Unreadable, clean_json, fields, integer, items, parsed, text

FORMAT = "llm-playground/settings"
VERSION = 1
FILE = 500_000  # characters
WITH_TOOLS = "Tools that come with it: {count}. They are offered on the Tools page."


@dataclass(frozen=True)
class Preset:
    """`parameters` by wire name, as they are typed. `model` and `system_prompt` only if they are part of it.

    `tools` as in a request, `tool_choice` as one word; `extra` is merged over the body.
    """

    name: str
    parameters: Object = field(default_factory=dict)
    model: str = ""
    system_prompt: str | None = None
    streaming: bool = True
    about: str = ""
    tools: tuple[JSON, ...] = ()
    tool_choice: str = ""
    extra: Object = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, JSON]:
        """The settings in the format of a conversation."""
        values: dict[str, JSON] = {"parameters": dict(self.parameters), "streaming": self.streaming}
        if self.model:
            values["model"] = self.model
        if self.system_prompt is not None:
            values["system_prompt"] = self.system_prompt
        brought: dict[str, JSON] = {
            "tools": list(self.tools),
            "tool_choice": self.tool_choice,
            "extra": dict(self.extra),
        }
        return {**values, **{name: value for name, value in brought.items() if value}}


# Only one of temperature and top_p: Claude refuses both together.
BUNDLED = (
    Preset("Defaults", {}, about="Nothing is sent: the provider decides."),
    Preset("Precise", {"temperature": 0.2}, about="Facts, code, extraction."),
    Preset("Balanced", {"temperature": 0.7}, about="Everyday questions."),
    Preset("Creative", {"temperature": 1.2, "presence_penalty": 0.4}, about="Stories, ideas, names."),
)


def within(preset: Preset, model: ModelInfo | None) -> Preset:
    """A bundled preset with its values within the limits of the model: "creative" is 1.0 if 1 is the maximum."""
    limits = model.limits if model else {}
    values: dict[str, JSON] = {}
    for name, value in preset.parameters.items():
        low, high = limits.get(name, (float("-inf"), float("inf")))
        values[name] = min(max(value, low), high) if isinstance(value, int | float) else value
    return Preset(preset.name, values, about=preset.about)


# ---- as JSON ------------------------------------------------------------------------------------------


def export(preset: Preset) -> str:
    """A preset as a file, which is also its stored form."""
    out: dict[str, JSON] = {"format": FORMAT, "version": VERSION, "name": preset.name, **preset.settings}
    return json.dumps(clean_json(out), ensure_ascii=False, indent=1)


def read(source: str | bytes) -> Preset:
    """A preset from a file, or from an exported request. Raises Unreadable with a message for the visitor, also
    for a value out of range.
    """
    item = fields(parsed(source, FILE, "The file is too large for a preset."))
    if is_request(item):
        kept = request_settings(item)
        return _preset(f"Request to {text(item.get('model'), NAME)}"[:NAME], kept)
    if item.get("format") != FORMAT:
        raise Unreadable("The file is not a preset of this playground.")
    version = integer(item.get("version"))
    if version is None or version > VERSION:
        raise Unreadable("The preset comes from a newer playground. Update this one to open it.")
    return _preset(" ".join(text(item.get("name")).split())[:NAME] or "Preset", item)


def left_out(source: str | bytes) -> tuple[str, ...]:
    """Names of the fields of a file that `read` accepted but the preset does not contain."""
    item = fields(parsed(source, FILE, "The file is too large for a preset."))
    return request_left_out(item) if is_request(item) else ()


def _preset(name: str, item: Object) -> Preset:
    prompt = item.get("system_prompt")
    tools = tuple(items(imported_setting("tools", item.get("tools"))))
    return Preset(
        name,
        _parameters(item.get("parameters")),
        text(item.get("model"), 200),
        text(prompt) if isinstance(prompt, str) else None,
        item.get("streaming") is not False,
        WITH_TOOLS.format(count=len(tools)) if tools else "",
        tools,
        text(imported_setting("tool_choice", item.get("tool_choice"))),
        fields(imported_setting("extra", item.get("extra"))),
    )


def _parameters(value: object) -> dict[str, JSON]:
    entries = fields(value)
    names = [parameter.name for parameter in PARAMETERS if parameter.name in entries]
    try:
        parsed = {name: parameter_named(name).parse(clean_json(entries[name])) for name in names}
    except ValueError as error:
        raise Unreadable(f"A value in the preset cannot be used. {error}") from None
    return {name: value for name, value in parsed.items() if value is not None}


# ---- in the store -------------------------------------------------------------------------------------


def document(preset: Preset) -> Document:
    """A preset as a document to be saved."""
    return Document(preset.name, export(preset))


def of_documents(documents: Iterable[Document]) -> list[tuple[str, Preset]]:
    """(id, preset) of saved documents; unreadable ones are left out."""
    presets: list[tuple[str, Preset]] = []
    for saved in documents:
        try:
            presets.append((saved.id, read(saved.text)))
        except Unreadable:
            continue
    return presets
