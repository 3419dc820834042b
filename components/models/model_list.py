"""The list of models in the browser: a text field, and rows of two lines that are searched there.

Streamlit's selectbox prefers the typed text over the found entry, has one line of plain text per row and no
headings, so this is a custom component without a build step (model_list.js). It gets data only, and its rows are
shown as text.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from backend.catalog import ID_LIMIT, Filters, Listing, ModelInfo
from components.elements import model_words
from components.models import words
from components.session import tab
from components.session.connection import Connection
from components.session.models import local_label
from components.session.setup import Setup

_HERE = Path(__file__).parent
_WORDS = {
    "label": words.MODEL,
    "recent": words.USED_LAST,
    "others": words.OTHER_MODELS,
    "typed": words.USE_AS_TYPED,
    "typedHint": words.USE_AS_TYPED_HINT,
    "retired": words.SHOW_RETIRED_TOO,
    "count": words.FOUND,
    "none": words.NOTHING_MATCHES,
}

_component = st.components.v2.component(
    "model_list",
    html=(_HERE / "model_list.html").read_text(),
    css=(_HERE / "model_list.css").read_text(),
    js=(_HERE / "model_list.js").read_text(),
)


@dataclass(frozen=True)
class Choice:
    """What was chosen: the id of a row, or a typed text."""

    model: str
    typed: bool


class Rows:
    """The rows of a tab as JSON, cached until the list or its filter changes: 400 models took 6 ms."""

    def __init__(self) -> None:
        self._listing: Listing | None = None
        self._of: tuple[object, ...] = ()
        self.content = b"[]"
        self.version = ""
        self._head = ""
        self._number = 0.0

    def of(self, setup: Setup, filters: Filters, models: Iterable[ModelInfo]) -> Rows:
        """The rows of the connection in use; `models` is the filtered list."""
        of = ([local_label(model) for model in setup.local], filters)
        if self._listing is not setup.listing or self._of != of:
            self._listing, self._of = setup.listing, of
            rows = _local(setup) if setup.connection.is_local else _list_rows(models)
            self.content = json.dumps(rows, ensure_ascii=False).encode()
            self.version = _hash(self.content)
        return self

    def under(self, head: Mapping[str, object]) -> bytes:
        """A line of JSON with a header, and the rows, with a version number that grows when anything changes.

        A browser that still loads the element may process two of them in the wrong order, so that a newer list
        was never shown. The number is a time, so that it keeps growing when the server restarts.
        """
        text = json.dumps(head, ensure_ascii=False)
        if text != self._head:
            self._head, self._number = text, max(time.time(), self._number + 0.001)
        return json.dumps({**head, "number": self._number}, ensure_ascii=False).encode() + b"\n" + self.content


def _list_rows(models: Iterable[ModelInfo]) -> list[list[object]]:
    """Id, name, developer, facts, other names, retired: as model_list.js reads them."""
    rows: list[list[object]] = []
    for model in models:
        price = model_words.prices(model)
        facts = [words.RETIRED_MODEL if model.retired else "", price, ", ".join(model_words.abilities(model))]
        more = [*dict.fromkeys((*model.aliases, *model.documented_as))]
        name = model.name or model.id
        rows.append([model.id, name, model.developer, " · ".join(filter(None, facts)), more, int(model.retired)])
    return rows


def _local(setup: Setup) -> list[list[object]]:
    return [[model.id, model.label, "", local_label(model), [], 0] for model in setup.local]


def draw(setup: Setup, rows: Rows, recent: Sequence[str], tooltip: str, on_choose: Callable[[], None]) -> None:
    """Draw it, the ids in `recent` first. `on_choose` is called when another model is chosen: `choice_of` tells
    which.
    """
    connection = setup.connection
    head = {
        "chosen": setup.model,
        "name": setup.known_as(setup.model),
        "tooltip": tooltip,
        "recent": list(recent),
        "version": rows.version,
        "any": not connection.is_local,
        "words": _WORDS | {"placeholder": setup.default_model or words.MODEL_PLACEHOLDER},
    }
    _component(key=_key(connection), data=rows.under(head), on_choose_change=on_choose)


def _key(connection: Connection) -> str:
    """The key of the element: each connection has its own, with its own list. Hashed, as Streamlit rejects "__"
    in it.
    """
    return f"picker.{_hash(connection.model_widget.encode())}"


def _hash(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def choice_of(connection: Connection) -> Choice | None:
    """The choice in the element of a connection, in a callback; None if its value is invalid."""
    value = tab.value(_key(connection))
    choice = value.get("choose") if isinstance(value, Mapping) else None
    if not isinstance(choice, Mapping) or not isinstance(choice.get("model"), str):
        return None
    return Choice(choice["model"][: 2 * ID_LIMIT], choice.get("typed") is True)
