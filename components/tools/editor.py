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
    kit.editing, kit.trouble, kit.news = True, "", ""
    _fill(kit.own.get(name, _BLANK))
    kit.edited = kit.own.get(name)


def _fill(tool: CustomTool) -> None:
    """Put a tool into the widgets."""
    tab.put("own.schema", json.dumps(tool.definition(), ensure_ascii=False, indent=1))
    tab.put("own.behaviour", tool.behaviour)
    tab.put("own.result", tool.result)
    rules = [{"when": dict(rule.when), "result": rule.result} for rule in tool.rules]
    tab.put("own.rules", json.dumps(rules, ensure_ascii=False, indent=1) if rules else "")


def _dismissed() -> None:
    Toolkit.current().editing = False


@st.dialog("Your own tool", width="large", icon=":material/build:", on_dismiss=_dismissed)
def editor_dialog() -> None:
    kit = Toolkit.current()
    if not kit.editing:  # saved: only a run of the whole page closes the dialog
        st.rerun()
    _start(kit)
    text = st.text_area("Name, description and JSON schema", key="own.schema", height=260)
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
            st.text_area("Paste a function; its body does not matter", key="own.signature", placeholder=_SIGNATURE)
            st.button("Make the schema", key="own.parse", on_click=_parse)
            if words := tab.value("own.signature.trouble"):
                st.caption(f":red[{plain(str(words))}]")


def _parse() -> None:
    try:
        tool = from_signature(str(tab.value("own.signature") or ""))
    except SignatureError as wrong:
        tab.put("own.signature.trouble", str(wrong))
        return
    tab.put("own.signature.trouble", "")
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
        key="own.behaviour",
        format_func=_BEHAVIOURS.__getitem__,
    )
    if chosen == "rules":
        st.text_area(
            "Rules: the first whose values stand among the arguments",
            key="own.rules",
            height=140,
            placeholder=_RULES,
        )
    if chosen != "ask":
        label = "The result" if chosen == "fixed" else "Else (empty: ask me)"
        st.text_area(label, key="own.result", height=80)


def _save() -> None:
    kit = Toolkit.current()
    try:
        tool = _read()
    except custom.Unreadable as wrong:
        kit.trouble = str(wrong)
        return
    if kit.keep(tool):
        kit.editing = False


def _read() -> CustomTool:
    """The tool that stands in the widgets. Raises Unreadable."""
    try:
        definition = json.loads(str(tab.value("own.schema") or ""))
        rules = json.loads(str(tab.value("own.rules") or "") or "[]")
    except (ValueError, RecursionError):
        raise custom.Unreadable("The schema or the rules are not JSON.") from None
    if not isinstance(definition, Mapping):
        raise custom.Unreadable("The definition is a JSON object.")
    behaviour = cast(Behaviour, tab.value("own.behaviour") or "ask")
    row = {**definition, "behaviour": behaviour, "result": str(tab.value("own.result") or ""), "rules": rules}
    found = custom.read(json.dumps(row))
    if not found.tools:
        raise custom.Unreadable(" ".join(found.notes))
    if behaviour == "rules" and isinstance(rules, list) and len(found.tools[0].rules) < len(rules):
        raise custom.Unreadable('Each rule is {"when": {...}, "result": "..."}.')
    return replace(found.tools[0], rules=found.tools[0].rules if behaviour == "rules" else ())


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
