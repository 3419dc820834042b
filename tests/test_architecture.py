"""The rules of the house, where a machine can read them: who may import whom, and what nobody may write."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from basics import ROOT

FOLDERS = ("backend", "components", "pages")
FILES = sorted([*ROOT.glob("*.py"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))])
LONGEST = 400  # lines
# Starting a child process means handing it an environment; settings come from components/session/tab.py alone.
READS_ENVIRONMENT = {
    "components/session/tab.py",
    "backend/child_process.py",
    "backend/folders.py",
    *(f"backend/local/{name}.py" for name in ("downloads", "files")),
}


RUNS_TEXT = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "yaml.load", "yaml.unsafe_load"}
DRAWS_HTML = ("components.v1.html", "components.v1.iframe", "st.iframe", "components.html", "components.iframe")
# What a cached function may take: a server (its list is shared by those with the same key), a function of ours.
CACHE_KEYS = {"Endpoint", "Function"}
UNSAFE = {"unsafe_allow_html", "unsafe_allow_javascript", "shell"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


BACKEND = [path for path in FILES if name_of(path).startswith("backend/")]
each_file = pytest.mark.parametrize("path", FILES, ids=name_of)


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def imported(path: Path) -> Iterator[str]:
    """Modules a file imports, also inside functions."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def dotted(node: ast.AST) -> str:
    """`a.b.c` of an expression, "" when it is none."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def mentions(path: Path) -> set[str]:
    return {dotted(node) for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute | ast.Name)}


def files_that_read(name: str) -> set[str]:
    return {name_of(path) for path in FILES if any(said.endswith(name) for said in mentions(path))}


def test_there_is_something_to_look_at() -> None:
    assert {"backend/transport/client.py", "app.py"} <= {name_of(path) for path in FILES}


@pytest.mark.parametrize("path", BACKEND, ids=name_of)
def test_the_backend_does_not_know_the_screen(path: Path) -> None:
    roots = {module.split(".")[0] for module in imported(path)}
    assert not roots & {"streamlit", "components", "pages", "app"}


def test_the_backend_works_without_streamlit() -> None:
    modules = [name_of(path).removesuffix(".py").replace("/", ".") for path in BACKEND if path.stem != "__main__"]
    code = f"import sys, importlib; [importlib.import_module(name) for name in {modules}]"
    code += "; print('streamlit' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@each_file
def test_nothing_imports_upward_or_sideways(path: Path) -> None:
    roots = {module.split(".")[0] for module in imported(path)}
    assert not roots & {"app", "pages"}, "a page is complete in itself"
    assert not roots & {"tests", "conftest", "fake_api", "pytest"}, "the product does not know its tests"


def test_one_file_reads_what_a_tab_remembers() -> None:
    assert files_that_read("session_state") == {"components/session/tab.py"}


def test_one_file_reads_the_secrets() -> None:
    assert len(files_that_read("st.secrets")) <= 1
    assert files_that_read("st.secrets") <= {"components/session/tab.py"}


def test_the_environment_is_read_where_settings_are_and_where_children_start() -> None:
    reading = {name for word in ("os.environ", "os.getenv", "os.environb") for name in files_that_read(word)}
    assert reading <= READS_ENVIRONMENT


@each_file
def test_nothing_runs_or_shows_text_as_code(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.Call):
            continue
        called = dotted(node.func)
        assert called not in RUNS_TEXT, called
        for keyword in node.keywords:
            on = not (isinstance(keyword.value, ast.Constant) and keyword.value.value in (False, None))
            assert keyword.arg not in UNSAFE or not on, keyword.arg
            assert keyword.arg != "verify" or on, "certificates are checked"


@each_file
def test_html_is_the_apps_own_and_comes_from_a_file(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute):
            assert not dotted(node).endswith(DRAWS_HTML), dotted(node)
        if isinstance(node, ast.Call) and dotted(node.func) == "st.html":
            (shown,) = node.args
            style = ast.unparse(shown).removesuffix(")").endswith((".css'", "_STYLE"))
            assert style, "text never goes into st.html"


@each_file
def test_nothing_of_a_visitor_is_a_cache_key(path: Path) -> None:
    """A cache is shared by everybody: what has no parameters, or one of ours, cannot be somebody's."""
    found = tree(path)
    assert not {name for name in imported(path) if name.startswith("cachetools")}
    for node in ast.walk(found):
        assert not (isinstance(node, ast.Attribute) and node.attr in ("cache_data", "cache_resource")), node.lineno
        if isinstance(node, ast.FunctionDef) and any(map(caches, node.decorator_list)):
            taken = [ast.unparse(given.annotation) for given in node.args.args if given.annotation]
            assert len(taken) == len(node.args.args), node.name
            assert set(taken) <= CACHE_KEYS, f"{node.name}: {taken}"


def caches(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return dotted(called).rpartition(".")[2] in ("cache", "lru_cache")


@each_file
def test_nothing_imports_what_can_run_what_it_reads(path: Path) -> None:
    roots = {module.split(".")[0] for module in imported(path)}
    assert not roots & {"pickle", "cPickle", "marshal", "shelve", "dill", "joblib", "yaml", "ruamel"}


@each_file
def test_a_file_is_short_enough_to_read(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST


@each_file
def test_a_file_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(tree(path)), "a module opens with a line on what it is for"
