"""The product's source files, parsed as Python: for tests of the house rules."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import TypeVar

from basics import ROOT

Item = TypeVar("Item")
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


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """All that is in a file: to walk a tree takes longer than to look at its nodes, and twenty rules do."""
    return tuple(ast.walk(tree(path)))


def dotted(node: ast.AST) -> str:
    """`a.b.c` of an expression, "" when it is none."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def each(
    items: Iterable[Item] | Callable[[], Iterable[Item]],
) -> Callable[[Callable[[Item], None]], Callable[[], None]]:
    """One test for all of these, which names every one that breaks the rule. A test for each would be thousands.

    What takes time to find is given as a function: so it is found when the test runs.
    """

    def decorated(rule: Callable[[Item], None]) -> Callable[[], None]:
        def test() -> None:
            broken: dict[str, str] = {}
            for item in items() if callable(items) else items:
                try:
                    rule(item)
                except AssertionError as breach:
                    broken[name_of(item) if isinstance(item, Path) else str(item)] = str(breach)
            assert not broken, "\n".join(f"{name}: {why}" for name, why in broken.items())

        test.__name__, test.__doc__, test.__module__ = rule.__name__, rule.__doc__, rule.__module__
        return test

    return decorated
