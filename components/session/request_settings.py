"""The settings of one tab's next request: parameters, streaming, system prompt, extra JSON.

`RequestSettings.values` is what the widgets hold, read once and in one place; what is sent of it comes out of
backend.parameters.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from backend import parameters
from backend.parameters import PARAMETERS, Parameter
from backend.parameters.parameter import read_object
from backend.schema import refused
from backend.types import JSON
from components.session import tab, widgets, words

AUTO = "auto"  # how a slider shows that nothing is sent
FORMATS = ("JSON", "JSON schema")  # of an answer, besides plain text
_SWITCH = {"on": True, "off": False}
_FLAGS = frozenset(parameter.name for parameter in PARAMETERS if parameter.kind == "flag")
_WIDGETS = (
    *(widgets.parameter(parameter.name) for parameter in PARAMETERS),
    *(widgets.RESPONSE_SCHEMA, widgets.SYSTEM_PROMPT, widgets.STREAMING, widgets.EXTRA_JSON),
)


@dataclass(frozen=True)
class Values:
    """What is set, for whichever model. `parameters` by wire name, None when unset; `extra` is {} while the extra
    JSON cannot be read, and `extra_problem` says why in words.
    """

    parameters: Mapping[str, object]
    system_prompt: str
    streaming: bool
    extra: Mapping[str, JSON]
    extra_problem: str

    @cached_property
    def set_parameters(self) -> Mapping[str, JSON]:
        """Those that are set and make sense, as they are typed: what a preset, a link or a conversation keeps."""
        return _parsed(self.parameters)


class RequestSettings:
    """What is asked of the model besides the words."""

    def __init__(self) -> None:
        self._last: tuple[tuple[object, ...], Values] | None = None
        self._address_read = False

    # ---- what is set ------------------------------------------------------------------------------------

    @property
    def values(self) -> Values:
        """What the widgets hold now; the same object as long as nothing changes."""
        held = tab.values(_WIDGETS)
        if self._last is None or self._last[0] != held:
            self._last = (held, _read(dict(zip(_WIDGETS, held, strict=True))))
        return self._last[1]

    @property
    def system_prompt(self) -> str:
        """The system prompt alone: one read where `values` are fifty."""
        return str(tab.value(widgets.SYSTEM_PROMPT) or "")

    # ---- setting and unsetting ----------------------------------------------------------------------------

    def read_address(self, *, shared: bool) -> None:
        """Set what the address of a new tab says: a reload, or a link that was made by hand. Once in a tab, after
        its conversation was opened: the address is newer, but not than a link that somebody `shared`."""
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
            tab.put_setting(widgets.parameter(name), _widget_value(parameters.named(name), value))

    def put_parameters(self, chosen: Mapping[str, JSON]) -> None:
        """Set these, given as they are typed; what does not belong into one is left out."""
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
        """As in a new tab."""
        self.reset()
        tab.put_setting(widgets.SYSTEM_PROMPT, "")

    def put(self, settings: Mapping[str, JSON]) -> None:
        """Fill the widgets in with settings that were kept, but for the model. What cannot be read is left out."""
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
    """The values that make sense, by wire name."""
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
    """Values out of what the widgets hold, by the widgets' keys."""
    values = {parameter.name: held[widgets.parameter(parameter.name)] for parameter in PARAMETERS}
    for name, value in values.items():
        if value == AUTO:
            values[name] = None
        elif name in _FLAGS and isinstance(value, str):
            values[name] = _SWITCH.get(value)
    values["response_format"] = _format(values["response_format"], str(held[widgets.RESPONSE_SCHEMA] or ""))
    extra, problem = _extra(str(held[widgets.EXTRA_JSON] or ""))
    streaming = held[widgets.STREAMING]
    prompt = str(held[widgets.SYSTEM_PROMPT] or "")
    return Values(values, prompt, True if streaming is None else bool(streaming), extra, problem)


def _extra(typed: str) -> tuple[Mapping[str, JSON], str]:
    """The extra JSON, and what is wrong with it."""
    try:
        extra = read_object(typed, words.EXTRA_JSON)
    except ValueError as error:
        return {}, str(error)
    return ({}, words.STREAM_IN_EXTRA_JSON) if "stream" in extra else (extra, "")


def _widget_value(parameter: Parameter, value: JSON) -> object:
    """A parsed value as its widget holds it; None: as it holds nothing."""
    if parameter.kind == "number" and parameter.choices:
        return AUTO if value is None else float(str(value))
    if parameter.kind == "strings":
        items = value if isinstance(value, list) else []
        return [str(item).replace("\n", "\\n").replace("\t", "\\t") for item in items]
    if parameter.kind == "flag":
        return None if value is None else "on" if value else "off"
    if parameter.kind == "bias":
        return "\n".join(f"{token}: {bias}" for token, bias in value.items()) if isinstance(value, dict) else ""
    if parameter.kind in ("text", "date"):
        return value or ""
    return value


def _format(chosen: object, typed: str) -> object:
    """The answer format out of its two widgets; a text that is no JSON, where the schema is none."""
    if chosen == FORMATS[0]:
        return {"type": "json_object"}
    if chosen != FORMATS[1]:
        return None
    try:
        schema = read_object(typed, words.SCHEMA)
    except ValueError:
        return typed
    if not schema:
        return None
    # A schema that strict mode refuses would be a request that fails; the panel says that it goes without.
    strict: dict[str, JSON] = {} if refused(schema) else {"strict": True}
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, **strict}}


def _format_widgets(wire: JSON) -> tuple[str | None, str]:
    """The other way round: (what is chosen, the text of the schema)."""
    if not isinstance(wire, dict) or wire.get("type") == "text":
        return None, ""
    shape = wire.get("json_schema")
    if isinstance(shape, dict):
        return FORMATS[1], json.dumps(shape.get("schema"), indent=2, ensure_ascii=False)
    return FORMATS[0], ""


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
