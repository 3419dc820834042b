"""The product's own files, read as Python: for tests of what may be written in them."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from basics import ROOT

FILES = sorted(
    [
        *ROOT.glob("*.py"),
        *(path for top in ("backend", "components", "pages") for path in (ROOT / top).rglob("*.py")),
    ]
)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def dotted(node: ast.AST) -> str:
    """`a.b.c` of an expression, "" when it is none."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
