"""The settings of one tab's next request: parameters, streaming, system prompt, extra JSON.

`RequestSettings.values` are the values of the widgets, read once and in one place; backend.parameters decides what
is sent of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from backend import parameters
from backend.parameters import PARAMETERS, Parameter, answer_format
from backend.parameters.parameter import escaped, read_object, unescaped
from backend.types import JSON
from components.session import tab, widgets, words

AUTO = "auto"  # the slider's value for "not sent"
FORMATS = ("JSON", "JSON schema")  # formats of an answer besides plain text
_SWITCH = {"on": True, "off": False}
_FLAGS = frozenset(parameter.name for parameter in PARAMETERS if parameter.kind == "flag")
_STRINGS = frozenset(parameter.name for parameter in PARAMETERS if parameter.kind == "strings")
_WIDGETS = (
    *(widgets.parameter(parameter.name) for parameter in PARAMETERS),
    *(widgets.RESPONSE_SCHEMA, widgets.SYSTEM_PROMPT, widgets.STREAMING, widgets.EXTRA_JSON),
)


@dataclass(frozen=True)
class Values:
    """The settings, independent of the model. `parameters` by wire name, None if unset; `extra` is {} if the
    extra JSON is invalid, and `extra_problem` says why.
    """

    parameters: Mapping[str, object]
    system_prompt: str
    streaming: bool
    extra: Mapping[str, JSON]
    extra_problem: str

    @cached_property
    def set_parameters(self) -> Mapping[str, JSON]:
        """The valid ones that are set, as typed: for presets, links and conversations."""
        return _parsed(self.parameters)


class RequestSettings:
    """The settings of a request besides its messages."""

    def __init__(self) -> None:
        self._last: tuple[tuple[object, ...], Values] | None = None
        self._address_read = False

    # ---- reading ----------------------------------------------------------------------------------------

    @property
    def values(self) -> Values:
        """The current values of the widgets; the same object as long as nothing changes."""
        held = tab.values(_WIDGETS)
        if self._last is None or self._last[0] != held:
            self._last = (held, _read(dict(zip(_WIDGETS, held, strict=True))))
        return self._last[1]

    @property
    def system_prompt(self) -> str:
        """The system prompt alone: one read instead of fifty for `values`."""
        return str(tab.value(widgets.SYSTEM_PROMPT) or "")

    # ---- setting and unsetting ----------------------------------------------------------------------------

    def read_address(self, *, shared: bool) -> None:
        """Set the values in the address of a new tab: a reload, or a handwritten link. Once per tab, after its
        conversation was opened: the address is newer, except compared with a link that somebody `shared`.
        """
        for parameter in () if self._address_read or shared else _IN_ADDRESS:
            if typed := tab.address(parameter.name):
                value: JSON = _SWITCH.get(typed) if parameter.name in _FLAGS else typed
                self.put_parameters({parameter.name: value})
        self._address_read = True

    def put_parameter(self, name: str, value: JSON) -> None:
        """Put a value into its widget, None to unset it. Before the widget is drawn, or in a callback."""
        if name == "response_format":
            kind, schema = _format_widgets(value)
            tab.put_setting(widgets.RESPONSE_SCHEMA, schema)
            tab.put_setting(widgets.parameter(name), kind)
        else:
            tab.put_setting(widgets.parameter(name), _widget_value(parameters.parameter_named(name), value))

    def put_parameters(self, chosen: Mapping[str, JSON]) -> None:
        """Set these, as typed; invalid ones are left out."""
        for name, value in _parsed(chosen).items():
            self.put_parameter(name, value)

    def unset(self, name: str) -> None:
        self.put_parameter(name, None)

    def reset(self) -> None:
        """Unset every parameter."""
        for parameter in PARAMETERS:
            self.unset(parameter.name)
        tab.put_setting(widgets.EXTRA_JSON, "")
        tab.put_setting(widgets.STREAMING, True)

    def clear(self) -> None:
        """Reset to the state of a new tab."""
        self.reset()
        tab.put_setting(widgets.SYSTEM_PROMPT, "")

    def put(self, settings: Mapping[str, JSON]) -> None:
        """Fill the widgets with saved settings, except the model. Invalid ones are left out."""
        prompt, chosen = settings.get("system_prompt"), settings.get("parameters")
        if isinstance(prompt, str):
            tab.put_setting(widgets.SYSTEM_PROMPT, prompt)
        if isinstance(chosen, dict):
            self.reset()
            self.put_parameters(chosen)
        if "extra" in settings:
            extra = settings["extra"]
            known = isinstance(extra, dict) and extra
            tab.put_setting(widgets.EXTRA_JSON, json.dumps(extra, ensure_ascii=False, indent=1) if known else "")
        tab.put_setting(widgets.STREAMING, settings.get("streaming") is not False)


def _parsed(values: Mapping[str, object]) -> dict[str, JSON]:
    """The valid values by wire name."""
    parsed: dict[str, JSON] = {}
    for parameter in PARAMETERS:
        if values.get(parameter.name) is None:
            continue
        try:
            value = parameter.parse(values[parameter.name])
        except ValueError:
            continue
        if value is not None:
            parsed[parameter.name] = value
    return parsed


# ---- widgets to values and back ---------------------------------------------------------------------------


def _read(held: Mapping[str, object]) -> Values:
    """The values of the widgets, by their keys."""
    values = {parameter.name: held[widgets.parameter(parameter.name)] for parameter in PARAMETERS}
    for name, value in values.items():
        if value == AUTO:
            values[name] = None
        elif name in _FLAGS and isinstance(value, str):
            values[name] = _SWITCH.get(value)
        elif name in _STRINGS and isinstance(value, list | tuple):
            values[name] = [unescaped(item) if isinstance(item, str) else item for item in value]
    values["response_format"] = _format(values["response_format"], str(held[widgets.RESPONSE_SCHEMA] or ""))
    extra, problem = _extra(str(held[widgets.EXTRA_JSON] or ""))
    streaming = held[widgets.STREAMING]
    prompt = str(held[widgets.SYSTEM_PROMPT] or "")
    return Values(values, prompt, True if streaming is None else bool(streaming), extra, problem)


def _extra(typed: str) -> tuple[Mapping[str, JSON], str]:
    """The extra JSON, and the problem with it."""
    try:
        extra = read_object(typed, words.EXTRA_JSON)
    except ValueError as error:
        return {}, str(error)
    return ({}, words.STREAM_IN_EXTRA_JSON) if "stream" in extra else (extra, "")


def _widget_value(parameter: Parameter, value: JSON) -> object:
    """A parsed value in its widget's form; None: unset."""
    if parameter.kind == "number" and parameter.choices:
        return AUTO if value is None else float(str(value))
    if parameter.kind == "strings":
        items = value if isinstance(value, list) else []
        return [escaped(str(item)) for item in items]
    if parameter.kind == "flag":
        return None if value is None else "on" if value else "off"
    if parameter.kind == "bias":
        return "\n".join(f"{token}: {bias}" for token, bias in value.items()) if isinstance(value, dict) else ""
    if parameter.kind in ("text", "date"):
        return value or ""
    return value


def _format(chosen: object, typed: str) -> object:
    """The answer format from its two widgets; the raw text if the schema is invalid JSON."""
    if chosen == FORMATS[0]:
        return dict(answer_format.JSON_OBJECT)
    if chosen != FORMATS[1]:
        return None
    try:
        return answer_format.read(read_object(typed, words.SCHEMA)) or None
    except ValueError:
        return typed


def _format_widgets(wire: JSON) -> tuple[str | None, str]:
    """The inverse: (the chosen option, the text of the schema)."""
    if not isinstance(wire, dict) or wire == {"type": "text"}:
        return None, ""
    return (FORMATS[0], "") if wire == answer_format.JSON_OBJECT else (FORMATS[1], answer_format.as_text(wire))


# ---- the page's address -----------------------------------------------------------------------------------

# Short values only, and never a text that a person wrote.
_IN_ADDRESS = tuple(
    parameter for parameter in PARAMETERS if parameter.kind in ("number", "integer", "choice", "flag")
)


def write_address(values: Values) -> None:
    """Keep the address as the parameters are."""
    tab.put_addresses({parameter.name: _address_text(values, parameter.name) for parameter in _IN_ADDRESS})


def _address_text(values: Values, name: str) -> str:
    value = values.set_parameters.get(name)
    if isinstance(value, bool):
        return "on" if value else "off"
    return "" if value is None else f"{value}".removesuffix(".0")
