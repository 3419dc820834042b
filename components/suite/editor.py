"""The editor of a suite: its prompt, a table of rows, a table of checks, the grader.

A table keeps its initial data as long as it is drawn, and returns its current content: so typing in it never resets
it. Another variable in the prompt is another column, and thus another table.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from backend.compare.suite import file, filling
from backend.compare.suite.check import KINDS, Check
from backend.compare.suite.grading import Grading
from backend.compare.suite.job import UNTITLED
from backend.compare.suite.suite import Row, Suite
from backend.types import JSON
from backend.untrusted import Unreadable, clean_json, parsed
from components.elements.markdown import plain
from components.session import tab
from components.session.suites import SuiteDesk
from components.suite import words

_NAME, _CHECKS = "\u200bname", "\u200bchecks"  # columns beside the variables, whose names are letters only
_OPTIONS = {
    "not": "negated",
    "ignore_case": "ignore_case",
    "tool": "tool",
    "threshold": "threshold",
    "edits": "edits",
}
Record = dict[str, object]
Columns = dict[str, Any]  # by name: what `st.column_config` makes, whose class is private


def editor(desk: SuiteDesk) -> None:
    """Draw it, and apply its current content."""
    suite = desk.suite
    name = st.text_input(
        words.NAME, suite.name, key=f"suite.{desk.version}.name", max_chars=100, placeholder=UNTITLED
    )
    suite = replace(suite, name=" ".join(name.split()))
    prompt = st.text_area(
        words.PROMPT,
        suite.prompt,
        key=f"suite.{desk.version}.prompt",
        help=words.PROMPT_HELP,
        height=100,
    )
    try:
        checks = _checks(desk)
        rows = _rows(desk, replace(suite, prompt=prompt, checks=checks))
        grading = _grading(desk, rows, checks)
        desk.suite = replace(suite, prompt=prompt, checks=checks, rows=rows, grading=grading)
        desk.wrong = ""
    except Unreadable as error:
        desk.suite = replace(suite, prompt=prompt)
        desk.wrong = str(error)
    with st.container(key="suite.wrong"):
        if desk.wrong:
            st.warning(plain(desk.wrong), icon=":material/edit:")


# ---- rows -------------------------------------------------------------------------------------------------


def _columns(suite: Suite) -> list[str]:
    """The variables of the prompt, of the checks and of the rows."""
    of_checks = (name for check in suite.checks for name in check.variables)
    of_rows = (name for row in suite.rows for name in row.variables)
    return list(dict.fromkeys((*filling.names(suite.prompt), *of_checks, *of_rows)))


def _rows(desk: SuiteDesk, suite: Suite) -> tuple[Row, ...]:
    columns = _columns(suite)
    named, own = any(row.name for row in suite.rows), any(row.checks for row in suite.rows)
    shown = [*([_NAME] if named else []), *columns, *([_CHECKS] if own else [])]
    if not columns:
        return suite.rows or (Row(),)
    st.markdown(f"**{words.ROW_TABLE}**")
    config: Columns = {name: st.column_config.TextColumn(name) for name in columns}
    config[_NAME] = st.column_config.TextColumn(words.ROW_NAME)
    config[_CHECKS] = st.column_config.TextColumn(words.ROW_CHECKS)
    key = f"suite.{desk.version}.rows.{'.'.join(shown)}"
    records = [_record(row, shown) for row in suite.rows] or [dict.fromkeys(shown, "")]
    edited = _table(desk, key, records, config)
    rows = (_row(record, columns, place) for place, record in enumerate(edited, 1))
    return tuple(row for row in rows if any(row.variables.values()) or row.checks)


def _record(row: Row, shown: Sequence[str]) -> Record:
    own = json.dumps([file.check_value(check) for check in row.checks], ensure_ascii=False) if row.checks else ""
    beside = {_NAME: row.name, _CHECKS: own}
    return {name: beside[name] if name in beside else row.variables.get(name) for name in shown}


def _row(record: Mapping[str, object], columns: Sequence[str], place: int) -> Row:
    variables = {name: str(record[name]) for name in columns if record.get(name) is not None}
    written, where = str(record.get(_CHECKS) or "").strip(), f"Row {place}"
    try:
        own = file.checks(parsed(written), where) if written else ()
    except Unreadable as error:
        raise Unreadable(f"{where}: {error}" if where not in str(error) else str(error)) from None
    return Row(variables, own, str(record.get(_NAME) or ""))


def _table(desk: SuiteDesk, key: str, records: list[Record], config: Columns) -> list[Record]:
    """An editable table; it keeps its initial data as long as it is drawn."""
    if tab.value(key) is None:
        desk.tables[key] = records
    edited = st.data_editor(
        desk.tables.get(key, records),
        key=key,
        column_config=dict(config),
        num_rows="dynamic",
        hide_index=True,
        width="stretch",
    )
    return [dict(record) for record in edited]


# ---- checks -----------------------------------------------------------------------------------------------


def _checks(desk: SuiteDesk) -> tuple[Check, ...]:
    st.markdown(f"**{words.CHECK_TABLE}**")
    config: Columns = {
        "check": st.column_config.SelectboxColumn(
            words.CHECK,
            options=list(KINDS),
            format_func=lambda kind: words.CHECKS[str(kind)],
            required=True,
            width="medium",
        ),
        "value": st.column_config.TextColumn(words.VALUE, help=words.VALUE_HELP, width="medium"),
        "not": st.column_config.CheckboxColumn(words.NOT),
        "ignore_case": st.column_config.CheckboxColumn(words.IGNORE_CASE),
        "tool": st.column_config.TextColumn(words.TOOL),
        "threshold": st.column_config.NumberColumn(words.THRESHOLD),
        "edits": st.column_config.NumberColumn(words.EDITS, step=1),
    }
    records = [_check_record(check) for check in desk.suite.checks] or [_check_record(Check("contains", ""))]
    edited = _table(desk, f"suite.{desk.version}.checks", records, config)
    filled = ((place, record) for place, record in enumerate(edited, 1) if _is_filled(record))
    return tuple(_check(record, f"Check {place}") for place, record in filled)


def _check_record(check: Check) -> Record:
    value = check.value
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return {"check": check.kind, "value": text, **{name: getattr(check, own) for name, own in _OPTIONS.items()}}


def _is_filled(record: Mapping[str, object]) -> bool:
    """Whether a line was begun; "is JSON" and "calls" need no value."""
    return bool(record.get("check")) and bool(record.get("value") or record["check"] in ("json", "calls"))


def _check(record: Mapping[str, object], where: str) -> Check:
    kind = str(record.get("check") or "")
    value: dict[str, JSON] = {"check": kind}
    if written := str(record.get("value") or ""):
        value["value"] = _value(kind, written, where)
    for name in _OPTIONS:
        if (option := clean_json(record.get(name))) not in (None, "", False):
            value[name] = int(option) if name == "edits" and isinstance(option, float) else option
    return file.check(value, where)


def _value(kind: str, written: str, where: str) -> JSON:
    """The value: texts stay texts; limits, schemas and arguments are JSON."""
    if kind not in ("json", "calls", "max_length", "max_cost", "max_seconds"):
        return written
    try:
        return parsed(written)
    except Unreadable:
        raise Unreadable(f"{where}: its value is a number or JSON; this is neither.") from None


# ---- grading ----------------------------------------------------------------------------------------------


def _grading(desk: SuiteDesk, rows: Sequence[Row], checks: Sequence[Check]) -> Grading:
    """The grader's fields, once something is graded."""
    grading = desk.suite.grading
    with st.container(key="suite.grading"):
        if not any(check.kind == "graded" for check in (*checks, *(one for row in rows for one in row.checks))):
            return grading
        with st.expander(words.GRADING, icon=":material/rule:"):
            model = st.text_input(
                words.GRADER,
                grading.model,
                key=f"suite.{desk.version}.grader",
                placeholder=words.GRADER_EMPTY,
                max_chars=200,
            )
            prompt = st.text_area(
                words.GRADING_PROMPT,
                grading.prompt,
                key=f"suite.{desk.version}.grading",
                help=words.GRADING_HELP,
                height=260,
            )
    return Grading(model.strip(), prompt)
