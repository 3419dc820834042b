"""The settings of one tab's next request: parameters, streaming, system prompt, extra JSON. What widgets hold, read
once and in one place; what is sent comes out of backend.parameters.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from backend import parameters
from backend.parameters import PARAMETERS, Fitted, Parameter
from backend.parameters.parameter import read_object
from backend.types import JSON
from components.session import tab
from components.session.connections import Connections

AUTO = "auto"  # how a slider shows that nothing is sent
FORMATS = ("JSON", "JSON schema")  # of an answer, besides plain text
SCHEMA = "response_schema"  # the widget with the schema
EXTRA = "extra_json"
_SWITCH = {"on": True, "off": False}
_STREAM = "stream has a switch of its own."


class RequestSettings(Connections):
    """What is asked of the model besides the words."""

    def __init__(self) -> None:
        super().__init__()
        self.anyway: set[tuple[str, str]] = set()  # (model, wire name) sent although it does not fit
        self.refused: dict[str, set[str]] = {}  # model -> wire names its server refused in this session

    # ---- what is set ------------------------------------------------------------------------------------

    @property
    def system_prompt(self) -> str:
        return str(tab.value("system_prompt") or "")

    @property
    def streaming(self) -> bool:
        return bool(tab.value("streaming", True))

    def parameter(self, name: str) -> object:
        """The value of a parameter, None when unset."""
        found = tab.value(f"parameter.{name}")
        if name == "response_format":
            return _format(found)
        if found == AUTO:
            return None
        if isinstance(found, str) and parameters.named(name).kind == "flag":
            return _SWITCH.get(found)
        return found

    @property
    def values(self) -> dict[str, object]:
        """All of them by wire name."""
        return {parameter.name: self.parameter(parameter.name) for parameter in PARAMETERS}

    @property
    def set_values(self) -> dict[str, JSON]:
        """Those that are set and make sense, as they are typed: what a preset, a link or a conversation keeps."""
        found: dict[str, JSON] = {}
        for parameter in PARAMETERS:
            try:
                value = parameter.parse(self.parameter(parameter.name))
            except ValueError:
                continue
            if value is not None:
                found[parameter.name] = value
        return found

    @property
    def fitted(self) -> Fitted:
        """What goes to the model in use, and what is kept back."""
        anyway = {name for model, name in self.anyway if model == self.model}
        return parameters.fit(self.values, self.info, anyway, self.refused.get(self.model, ()))

    @property
    def extra(self) -> dict[str, JSON]:
        """The extra JSON; {} while it cannot be read (see extra_problem)."""
        return {} if self.extra_problem else read_object(str(tab.value(EXTRA) or ""), "Extra JSON")

    @property
    def extra_problem(self) -> str:
        """What is wrong with the extra JSON, in words; "" when nothing is."""
        try:
            found = read_object(str(tab.value(EXTRA) or ""), "Extra JSON")
        except ValueError as error:
            return str(error)
        return _STREAM if "stream" in found else ""

    @property
    def system_way(self) -> str:
        """How the system prompt reaches the model in use: as a "message", a "parameter", or "folded" into the
        first question, where its schema lists no such role."""
        if self.info is None or self.info.has_role("system") is not False:
            return "message"
        return "parameter" if self.info.lists("system") else "folded"

    def learn_refusal(self, name: str) -> None:
        """The server refused this parameter for the model in use: not sent again in this session unasked."""
        self.refused.setdefault(self.model, set()).add(name)

    # ---- setting and unsetting ----------------------------------------------------------------------------

    def set_parameter(self, name: str, value: JSON) -> None:
        """Put a value into its widget, None to unset it. Before the widget is drawn, or in a callback."""
        parameter = parameters.named(name)
        if name == "response_format":
            kind, schema = _widgets(value)
            tab.put(SCHEMA, schema)
            tab.put("parameter.response_format", kind)
        else:
            tab.put(f"parameter.{name}", _held(parameter, value))

    def unset(self, name: str) -> None:
        self.set_parameter(name, None)

    def send_anyway(self, name: str) -> None:
        """Send a value although it does not fit the model in use; once more takes it back."""
        self.anyway ^= {(self.model, name)}

    def reset_parameters(self) -> None:
        """Unset every parameter."""
        for parameter in PARAMETERS:
            self.unset(parameter.name)
        tab.put(EXTRA, "")
        tab.put("streaming", True)

    # ---- kept and given away ------------------------------------------------------------------------------

    def settings(self) -> dict[str, JSON]:
        """What a conversation remembers besides its messages. Never a key or an address."""
        kept: dict[str, JSON] = {"model": self.model, "system_prompt": self.system_prompt}
        if self.set_values:
            kept["parameters"] = self.set_values
        if not self.streaming:
            kept["streaming"] = False
        return kept

    def apply(self, settings: Mapping[str, JSON]) -> None:
        """Fill the widgets in with settings that were kept. What cannot be read is left out."""
        prompt, model, chosen = (settings.get(name) for name in ("system_prompt", "model", "parameters"))
        if isinstance(prompt, str):
            tab.put("system_prompt", prompt)
        if isinstance(model, str) and model in self.models:
            self.choose_model(model)
        if isinstance(chosen, dict):
            self.reset_parameters()
            self.put_values(chosen)
        tab.put("streaming", settings.get("streaming") is not False)

    def put_values(self, chosen: Mapping[str, JSON]) -> None:
        """Set these parameters, given as they are typed; what does not belong into one is left out."""
        for parameter in PARAMETERS:
            try:
                value = parameter.parse(chosen.get(parameter.name))
            except ValueError:
                continue
            if value is not None:
                self.set_parameter(parameter.name, value)


# What stands in the page's address: short values only, and never a text that somebody wrote.
_IN_ADDRESS = tuple(found for found in PARAMETERS if found.kind in ("number", "integer", "choice", "flag"))


def read_address(knobs: RequestSettings) -> None:
    """Set what the address of a new tab says: a reload, or a link that somebody made by hand."""
    for parameter in _IN_ADDRESS:
        typed = tab.address(parameter.name)
        if typed:
            value: JSON = _SWITCH.get(typed) if parameter.kind == "flag" else typed
            knobs.put_values({parameter.name: value})


def write_address(knobs: RequestSettings) -> None:
    """Keep the address as the parameters are."""
    values = knobs.set_values
    for parameter in _IN_ADDRESS:
        value = values.get(parameter.name)
        shown = ("on" if value else "off") if isinstance(value, bool) else "" if value is None else f"{value}"
        tab.put_address(parameter.name, shown.removesuffix(".0"))


def _held(parameter: Parameter, value: JSON) -> object:
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


def _format(chosen: object) -> object:
    """The answer format out of its two widgets; a text that is no JSON, where the schema is none."""
    if chosen == FORMATS[0]:
        return {"type": "json_object"}
    if chosen != FORMATS[1]:
        return None
    typed = str(tab.value(SCHEMA) or "")
    try:
        schema = read_object(typed, "The schema")
    except ValueError:
        return typed
    if not schema:
        return None
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}}


def _widgets(wire: JSON) -> tuple[str | None, str]:
    """The other way round: (what is chosen, the text of the schema)."""
    if not isinstance(wire, dict) or wire.get("type") == "text":
        return None, ""
    found = wire.get("json_schema")
    if isinstance(found, dict):
        return FORMATS[1], json.dumps(found.get("schema"), indent=2, ensure_ascii=False)
    return FORMATS[0], ""
