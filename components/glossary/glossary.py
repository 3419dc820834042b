"""The glossary: a button on every page, and a dialog that the browser filters while one types."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from backend import glossary
from backend.glossary import Term
from backend.parameters import PARAMETERS
from components.glossary import words
from components.session.session import Session

_HERE = Path(__file__).parent
_LABELS = {parameter.name: parameter.label for parameter in PARAMETERS}
_list = st.components.v2.component(
    "glossary",
    html='<input type="search" autocomplete="off"><p role="status"></p><div class="words"></div>',
    css=(_HERE / "glossary.css").read_text("utf-8"),
    js=(_HERE / "glossary.js").read_text("utf-8"),
)


def glossary_button(session: Session, key: str = "glossary", label: str = words.GLOSSARY) -> None:
    """The button that opens it."""
    st.button(
        label,
        key=key,
        on_click=session.dialogs.open,
        args=("glossary",),
        icon=":material/dictionary:",
        type="tertiary",
        help=words.GLOSSARY_HELP if key == "glossary" else None,
    )


def open_glossary(session: Session) -> None:
    """The list, while it is open."""
    if session.dialogs.is_open("glossary"):
        _dialog()


def _on_close() -> None:
    Session.current().dialogs.close("glossary")


@st.dialog(words.GLOSSARY, width="medium", icon=":material/dictionary:", on_dismiss=_on_close)
def _dialog() -> None:
    data = {
        "search": words.SEARCH,
        "placeholder": words.SEARCH_PLACEHOLDER,
        "nothing": words.NOTHING_FOUND,
        "found": words.FOUND,
    }
    _list(key="glossary.list", data={"told": data, "sections": sections()}, height="content")


def sections() -> list[dict[str, object]]:
    """All words for the browser, by section: name, other names, meaning."""
    terms = glossary.terms().values()
    return [
        {"title": title, "words": [_table_row(term) for term in terms if term.section == section]}
        for section, title in words.SECTIONS.items()
    ]


def _table_row(term: Term) -> list[str]:
    return [term.word or _LABELS[term.id], term.plain, term.api or ("" if term.word else term.id), term.means]
