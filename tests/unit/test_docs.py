"""What the documents for programmers name is there: files, folders, functions."""

from __future__ import annotations

import ast
import re

from basics import ROOT
from source import each

DOCUMENTS = ("CONTRIBUTING.md", "docs/architecture.md", "docs/formats.md")
# `backend/answer/turn.py: Turn._run`, `backend/attachments/`, `tests/test_architecture.py`
_NAMED = re.compile(
    r"`((?:app\.py|(?:backend|bench|components|deploy|docs|pages|scripts|tests)/[\w./]*))(?:: ([\w.]+))?`"
)


def named() -> list[tuple[str, str, str]]:
    """(document, path, name in it or "") for everything that is named."""
    return [
        (document, match[1], match[2] or "")
        for document in DOCUMENTS
        for match in _NAMED.finditer((ROOT / document).read_text("utf-8"))
    ]


_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef


def defined(path: str) -> set[str]:
    """Functions, classes and methods of a module, dotted."""
    names: set[str] = set()
    for node in ast.parse((ROOT / path).read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef | _FUNCTIONS):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{inner.name}" for inner in node.body if isinstance(inner, _FUNCTIONS)}
    return names


def test_the_documents_name_things() -> None:
    assert {document for document, _, _ in named()} == set(DOCUMENTS)
    assert sum(bool(name) for _, _, name in named()) > 15


@each(sorted(set(named())))
def test_every_path_a_document_names_exists(named_there: tuple[str, str, str]) -> None:
    document, path, name = named_there
    assert (ROOT / path).exists(), f"{document} names {path}"
    assert not name or name in defined(path), f"{document} names {name} in {path}"


def test_every_room_is_on_the_map() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rooms = {
        path.parent.name for folder in ("backend", "components") for path in (ROOT / folder).glob("*/__init__.py")
    }
    rooms |= {path.stem for path in (ROOT / "backend").glob("*.py")} - {"__init__"}
    rooms |= {path.name for path in (ROOT / "components").glob("*.py")} - {"__init__.py"}
    assert {room for room in rooms if f"`{room}`" not in text} == set()
