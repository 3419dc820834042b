"""What a visitor reads is in one place per page, and so is the key of a widget; a label is no key."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from source import FILES, dotted, each, name_of, nodes, tree

COMPONENTS = [path for path in FILES if name_of(path).startswith("components/")]
each_file = each(COMPONENTS)
each_file_with_words = each(
    [path for path in FILES if path.name in ("words.py", "kinds.py", "client.py", "session.py")]
)


@each_file
def test_the_key_of_a_widget_is_written_in_one_place(path: Path) -> None:
    """A key that is read apart from where its widget is drawn has a name; a label, which is translated, is none."""
    for node in nodes(path):
        if not isinstance(node, ast.Call):
            continue
        if dotted(node.func) in {"tab.value", "tab.put", "tab.drop", "tab.upload"}:
            assert not isinstance(node.args[0], ast.Constant | ast.JoinedStr), f"line {node.lineno}"
        for keyword in node.keywords:
            if keyword.arg == "key":
                names = {name.id for name in ast.walk(keyword.value) if isinstance(name, ast.Name)}
                assert "label" not in names, f"line {node.lineno}"


DRAWS_WORDS = set(
    """
    button download_button form_submit_button link_button menu_button popover caption markdown title header
    subheader text info warning error success toast text_input text_area number_input select_slider slider selectbox
    multiselect pills segmented_control toggle checkbox radio expander dialog tabs file_uploader spinner
    camera_input chat_input metric
    """.split()  # noqa: SIM905 - a list of forty strings reads worse
)


@each_file
def test_the_words_of_a_page_are_in_its_catalogue(path: Path) -> None:
    """One file per folder, with an id for each: other languages, and plainer words, will take its place."""
    if path.name == "words.py":
        kinds = {type(node) for node in tree(path).body}
        assert kinds <= {ast.Expr, ast.Assign, ast.AnnAssign, ast.ImportFrom}, "constants only"
        return
    for node in nodes(path):
        if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in DRAWS_WORDS:
            drawn = [part.value for part in node.keywords if part.arg in ("help", "placeholder", "label")]
            for value in [*node.args[:1], *drawn]:
                literal = value.value if isinstance(value, ast.Constant) else None
                assert not (isinstance(literal, str) and re.search("[a-z]{2}", literal)), f"line {value.lineno}"


NAMED = re.compile(
    r"(?<![*\w])\*([A-Z][^*\n]{1,40})\*(?!\*)|\b(?:[Uu]nder|[Cc]lick|[Pp]ress) \**([A-Z][\w/-]*(?: [a-z]+)*)"
)
KEYS_OF_A_KEYBOARD = {"Enter"}


def _texts(path: Path) -> list[str]:
    """All texts in a file; pieces that follow one another are one."""
    return [node.value for node in nodes(path) if isinstance(node, ast.Constant) and isinstance(node.value, str)]


@cache
def _labels() -> set[str]:
    """What stands on the screen for itself."""
    words = [text for path in COMPONENTS if path.name == "words.py" for text in _texts(path)]
    return {text.strip("*") for text in words}


@each_file_with_words
def test_words_that_send_to_a_control_call_it_as_the_screen_does(path: Path) -> None:
    for text in _texts(path):
        for marked, bare in NAMED.findall(text):
            name = marked or bare
            assert name in _labels() | KEYS_OF_A_KEYBOARD, f"{name!r} is on no screen: {text[:80]!r}"
