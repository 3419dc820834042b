"""The dialog for one's own tools: a schema with its faults as one types, examples, a pasted signature, a mock.

Nothing that is typed here runs: a signature is parsed, a mock is text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import cast, get_args

import streamlit as st

from backend.schema import lint
from backend.tools import custom
from backend.tools.bfcl import standard
from backend.tools.custom import EXAMPLES, Behaviour, CustomTool, SignatureError, from_signature
from backend.types import JSON
from components.elements.markdown import plain
from components.session import tab
from components.session.session import Session
from components.tools.state import Toolkit

_BLANK = CustomTool(
    "my_tool",
    "What it does, and when to use it.",
    {
        "type": "object",
        "properties": {"word": {"type": "string", "description": "One word, for example blue."}},
        "required": ["word"],
        "additionalProperties": False,
    },
)
_SCHEMA_FIELD = "own.schema"
_BEHAVIOUR_FIELD = "own.behaviour"
_RESULT_FIELD = "own.result"
_RULES_FIELD = "own.rules"
_SIGNATURE_TEXT_FIELD = "own.signature"
_SIGNATURE_TROUBLE_FIELD = "own.signature.trouble"  # what is wrong with the one that was pasted
_BEHAVIOURS = {"ask": "Ask me each time", "fixed": "Always the same", "rules": "By its arguments"}
_SIGNATURE = (
    'def get_weather(city: str, unit: Literal["celsius", "fahrenheit"] = "celsius"):\n    """The weather."""'
)
_RULES = '[\n {"when": {"city": "Oslo"}, "result": "snow"}\n]'


def editor_button(name: str = "") -> None:
    """The way into the dialog; with a name, onto that tool."""
    st.button(
        "Edit" if name else "Own tools",
        key=f"tools.edit.{name}",
        on_click=_show,
        args=(name,),
        type="tertiary",
        icon=":material/edit:" if name else ":material/add:",
    )


def _show(name: str) -> None:
    kit = Toolkit.current()
    Session.current().dialogs.open("tool editor")
    kit.trouble = kit.news = ""
    _fill(kit.own.get(name, _BLANK))
    kit.edited = kit.own.get(name)


def _fill(tool: CustomTool) -> None:
    """Put a tool into the widgets."""
    tab.put(_SCHEMA_FIELD, json.dumps(tool.definition(), ensure_ascii=False, indent=1))
    tab.put(_BEHAVIOUR_FIELD, tool.behaviour)
    tab.put(_RESULT_FIELD, tool.result)
    rules = [{"when": dict(rule.when), "result": rule.result} for rule in tool.rules]
    tab.put(_RULES_FIELD, json.dumps(rules, ensure_ascii=False, indent=1) if rules else "")


def _dismissed() -> None:
    Session.current().dialogs.close("tool editor")


@st.dialog("Your own tool", width="large", icon=":material/build:", on_dismiss=_dismissed)
def editor_dialog() -> None:
    kit = Toolkit.current()
    if not Session.current().dialogs.is_open(
        "tool editor"
    ):  # saved: only a run of the whole page closes the dialog
        st.rerun()
    _start(kit)
    text = st.text_area("Name, description and JSON schema", key=_SCHEMA_FIELD, height=260)
    sound = _lint(text or "")
    _behaviour()
    if kit.trouble:
        st.error(plain(kit.trouble), icon=":material/error:")
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Save", key="own.save", on_click=_save, type="primary", icon=":material/check:", disabled=not sound
        )
        st.button("Cancel", key="own.cancel", on_click=_dismissed, type="tertiary")
    _files(kit)


def _start(kit: Toolkit) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption("Start from")
        for tool in EXAMPLES:
            st.button(tool.name, key=f"own.from.{tool.name}", on_click=_fill, args=(tool,), type="tertiary")
        with st.popover("A Python signature", type="tertiary"):
            st.text_area(
                "Paste a function; its body does not matter", key=_SIGNATURE_TEXT_FIELD, placeholder=_SIGNATURE
            )
            st.button("Make the schema", key="own.parse", on_click=_parse)
            if words := tab.value(_SIGNATURE_TROUBLE_FIELD):
                st.caption(f":red[{plain(str(words))}]")


def _parse() -> None:
    try:
        tool = from_signature(str(tab.value(_SIGNATURE_TEXT_FIELD) or ""))
    except SignatureError as wrong:
        tab.put(_SIGNATURE_TROUBLE_FIELD, str(wrong))
        return
    tab.put(_SIGNATURE_TROUBLE_FIELD, "")
    _fill(CustomTool(tool.name, tool.description, tool.parameters))


def _lint(text: str) -> bool:
    """What is wrong with the definition as it stands; True when it can be sent."""
    try:
        definition: JSON = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f": {error}" if isinstance(error, json.JSONDecodeError) else ""
        st.caption(f":red[:material/error: This is not JSON{plain(where)}]")
        return False
    definition, changed = standard(definition)
    if changed:
        st.caption(f":material/translate: {plain(changed)}")
    problems = lint(definition)
    for problem in problems[:8]:
        colour, icon = ("red", "error") if problem.level == "error" else ("orange", "warning")
        st.caption(f":{colour}[:material/{icon}: {plain(problem.path)} {plain(problem.words)}]")
    if not problems:
        st.caption(":green[:material/check: Nothing to complain about.]")
    return all(problem.level != "error" for problem in problems)


def _behaviour() -> None:
    chosen = st.segmented_control(
        "What answers in place of a function",
        get_args(Behaviour),
        required=True,
        key=_BEHAVIOUR_FIELD,
        format_func=_BEHAVIOURS.__getitem__,
    )
    if chosen == "rules":
        st.text_area(
            "Rules: the first whose values stand among the arguments",
            key=_RULES_FIELD,
            height=140,
            placeholder=_RULES,
        )
    if chosen != "ask":
        label = "The result" if chosen == "fixed" else "Else (empty: ask me)"
        st.text_area(label, key=_RESULT_FIELD, height=80)


def _save() -> None:
    kit = Toolkit.current()
    try:
        tool = _read()
    except custom.Unreadable as wrong:
        kit.trouble = str(wrong)
        return
    if kit.keep(tool):
        Session.current().dialogs.close("tool editor")


def _read() -> CustomTool:
    """The tool that stands in the widgets. Raises Unreadable."""
    try:
        definition = json.loads(str(tab.value(_SCHEMA_FIELD) or ""))
        rules = json.loads(str(tab.value(_RULES_FIELD) or "") or "[]")
    except (ValueError, RecursionError):
        raise custom.Unreadable("The schema or the rules are not JSON.") from None
    if not isinstance(definition, Mapping):
        raise custom.Unreadable("The definition is a JSON object.")
    behaviour = cast(Behaviour, tab.value(_BEHAVIOUR_FIELD) or "ask")
    row = {**definition, "behaviour": behaviour, "result": str(tab.value(_RESULT_FIELD) or ""), "rules": rules}
    document = custom.read(json.dumps(row))
    if not document.tools:
        raise custom.Unreadable(" ".join(document.notes))
    if behaviour == "rules" and isinstance(rules, list) and len(document.tools[0].rules) < len(rules):
        raise custom.Unreadable('Each rule is {"when": {...}, "result": "..."}.')
    return replace(document.tools[0], rules=document.tools[0].rules if behaviour == "rules" else ())


def _files(kit: Toolkit) -> None:
    with st.expander("Export and import", icon=":material/import_export:"):
        if kit.own:
            st.download_button(
                "Export my tools",
                custom.export(tuple(kit.own.values())),
                "tools.json",
                "application/json",
                key="own.export",
                on_click="ignore",
                icon=":material/download:",
            )
        st.file_uploader(
            "A file of tools: exported here, or the tools of a request to OpenAI, Anthropic or an MCP server",
            type="json",
            key="own.file",
            on_change=kit.take,
            args=("own.file",),
            max_upload_size=2,
        )
        if kit.news:
            st.caption(plain(kit.news))
