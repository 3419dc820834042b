"""The dialog for one's own tools: a schema with live validation, examples, a pasted signature, a mock.

Nothing typed here runs: a signature is parsed, a mock is text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from backend.schema import lint
from backend.tools import custom
from backend.tools.bfcl import standard
from backend.tools.custom import EXAMPLES, CustomTool, SignatureError, from_signature
from backend.types import JSON
from backend.untrusted import one_of
from components.elements import editing
from components.elements.markdown import plain
from components.session import tab
from components.session.session import Session
from components.tools import words
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
_SIGNATURE_TROUBLE_FIELD = "own.signature.trouble"  # the error in the pasted one


def editor_button(name: str = "") -> None:
    """A button that opens the dialog; with a name, on that tool."""
    st.button(
        words.EDIT_TOOL if name else words.OWN_TOOLS,
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


def _on_dismiss() -> None:
    Session.current().dialogs.close("tool editor")


@st.dialog(words.EDITOR_TITLE, width="large", icon=":material/build:", on_dismiss=_on_dismiss)
def editor_dialog() -> None:
    kit = Toolkit.current()
    if not Session.current().dialogs.is_open(
        "tool editor"
    ):  # saved: only a run of the whole page closes the dialog
        st.rerun()
    _start()
    with editing.editor("tool"):
        _fields(kit)
    _files(kit)


def _fields(kit: Toolkit) -> None:
    text = st.text_area(words.SCHEMA_FIELD, key=_SCHEMA_FIELD, height=260)
    sound = _lint(text or "")
    _behaviour()
    if kit.trouble:
        st.error(plain(kit.trouble), icon=":material/error:")
    with editing.choices("tool"):
        st.button(
            words.SAVE_TOOL,
            key="own.save",
            on_click=_save,
            type="primary",
            icon=":material/check:",
            disabled=not sound,
        )
        st.button(words.CANCEL, key="own.cancel", on_click=_on_dismiss, type="tertiary")


def _start() -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption(words.START_FROM)
        for tool in EXAMPLES:
            st.button(tool.name, key=f"own.from.{tool.name}", on_click=_fill, args=(tool,), type="tertiary")
        with st.popover(words.SIGNATURE, type="tertiary"):
            st.text_area(words.SIGNATURE_FIELD, key=_SIGNATURE_TEXT_FIELD, placeholder=words.SIGNATURE_PLACEHOLDER)
            st.button(words.MAKE_SCHEMA, key="own.parse", on_click=_parse)
            if trouble := tab.value(_SIGNATURE_TROUBLE_FIELD):
                st.markdown(f":small[:red[{plain(str(trouble))}]]")


def _parse() -> None:
    try:
        tool = from_signature(str(tab.value(_SIGNATURE_TEXT_FIELD) or ""))
    except SignatureError as wrong:
        tab.put(_SIGNATURE_TROUBLE_FIELD, str(wrong))
        return
    tab.put(_SIGNATURE_TROUBLE_FIELD, "")
    _fill(CustomTool(tool.name, tool.description, tool.parameters))


def _lint(text: str) -> bool:
    """The problems of the definition; True if it can be sent."""
    try:
        definition: JSON = json.loads(text)
    except (ValueError, RecursionError) as error:
        explained = isinstance(error, json.JSONDecodeError)
        st.markdown(words.NOT_JSON_BECAUSE.format(reason=plain(str(error))) if explained else words.NOT_JSON)
        return False
    definition, changed = standard(definition)
    if changed:
        st.caption(f":material/translate: {plain(changed)}")
    problems = lint(definition)
    for problem in problems[:8]:
        colour, icon = ("red", "error") if problem.level == "error" else ("orange", "warning")
        st.markdown(f":small[:{colour}[:material/{icon}: {plain(problem.path)} {plain(problem.words)}]]")
    if not problems:
        st.markdown(words.SCHEMA_FINE)
    return all(problem.level != "error" for problem in problems)


def _behaviour() -> None:
    chosen = st.segmented_control(
        words.BEHAVIOUR,
        custom.BEHAVIOURS,
        required=True,
        key=_BEHAVIOUR_FIELD,
        format_func=words.BEHAVIOURS.__getitem__,
    )
    if chosen == "rules":
        st.text_area(words.RULES_FIELD, key=_RULES_FIELD, height=140, placeholder=words.RULES_PLACEHOLDER)
    if chosen != "ask":
        label = words.FIXED_RESULT if chosen == "fixed" else words.OTHERWISE_RESULT
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
    """The tool in the widgets. Raises Unreadable."""
    try:
        definition = json.loads(str(tab.value(_SCHEMA_FIELD) or ""))
        rules = json.loads(str(tab.value(_RULES_FIELD) or "") or "[]")
    except (ValueError, RecursionError):
        raise custom.Unreadable(words.FIELDS_NOT_JSON) from None
    if not isinstance(definition, Mapping):
        raise custom.Unreadable(words.DEFINITION_NO_OBJECT)
    behaviour = one_of(tab.value(_BEHAVIOUR_FIELD), custom.BEHAVIOURS) or "ask"
    row = {**definition, "behaviour": behaviour, "result": str(tab.value(_RESULT_FIELD) or ""), "rules": rules}
    document = custom.read(json.dumps(row))
    if not document.tools:
        raise custom.Unreadable(" ".join(document.notes))
    if behaviour == "rules" and isinstance(rules, list) and len(document.tools[0].rules) < len(rules):
        raise custom.Unreadable(words.RULE_SHAPE)
    return replace(document.tools[0], rules=document.tools[0].rules if behaviour == "rules" else ())


def _files(kit: Toolkit) -> None:
    with st.expander(words.EXPORT_AND_IMPORT, icon=":material/import_export:"):
        if kit.own:
            st.download_button(
                words.EXPORT_TOOLS,
                custom.export(tuple(kit.own.values())),
                "tools.json",
                "application/json",
                key="own.export",
                on_click="ignore",
                icon=":material/download:",
            )
        st.file_uploader(
            words.IMPORT_TOOLS,
            type="json",
            key="own.file",
            on_change=kit.take,
            args=("own.file",),
            max_upload_size=2,
        )
        if kit.news:
            st.caption(plain(kit.news))
