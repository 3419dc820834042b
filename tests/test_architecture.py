"""The rules of the house, where a machine can read them: who may import whom, and what nobody may write."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import pytest
from basics import ROOT
from source import FILES, dotted, each, name_of, nodes, tree

# From top to bottom. A package imports packages below its line, never one above it or beside it. A name without a
# folder is a room to come.
LAYERS = (
    ("settings",),
    ("demos",),
    ("compare", "studio"),
    ("mcp", "jobs"),
    ("guests", "library", "backups"),
    ("snippets", "store"),
    ("tools", "formats"),
    ("parameters", "conversation"),
    ("answer", "local", "catalog"),
    ("transport",),
    ("protocol",),
    ("errors",),
    ("keys", "schema", "attachments"),
    ("untrusted", "invisible", "child_process", "shutdown"),
    ("logs",),
    ("types", "text", "tokens", "folders", "env_file", "requirements", "glossary"),
)
LOOSE = {
    "backend": {
        "text",
        "invisible",
        "tokens",
        "untrusted",
        "logs",
        "folders",
        "env_file",
        "requirements",
        "settings",
        "child_process",
        "shutdown",
        "glossary",
    },
    "components": {"frame", "notices", "startup"},
}
# What a package of components/ may import of components/. The others only must not go in a circle of files.
MAY_IMPORT = {"elements": {"elements"}, "view": {"view"}, "session": {"session", "elements"}}
LINES = {"product": 300, "tests": 400}  # of a file, at most
MEMBERS = 40  # of a class: methods, fields and what it sets on itself, those of its bases in this project included
TESTS = sorted((ROOT / "tests").rglob("*.py"))
# Starting a child process means handing it an environment; settings come from components/session/services.py alone.
READS_ENVIRONMENT = {
    "components/session/services.py",
    "backend/formats/imports/__main__.py",  # a program, for the settings of the app
    "backend/compare/__main__.py",  # and another one
    "backend/child_process.py",
    "backend/folders.py",
    "backend/transport/certificates.py",  # the variables of other programs, which nobody repeats in a configuration
    *(f"backend/local/{name}.py" for name in ("downloads", "files")),
}


RUNS_TEXT = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "yaml.load", "yaml.unsafe_load"}
DRAWS_HTML = ("components.v1.html", "components.v1.iframe", "st.iframe", "components.html", "components.iframe")
READS_YAML = "backend/compare/suite/yaml_text.py"
# What a cached function may take: a server (its list is shared by those with the same key), a function of ours.
CACHE_KEYS = {"Endpoint", "Function"}
UNSAFE = {"unsafe_allow_html", "unsafe_allow_javascript", "shell"}
BACKEND = [path for path in FILES if name_of(path).startswith("backend/")]
COMPONENTS = [path for path in FILES if name_of(path).startswith("components/")]
HOUSE = [*BACKEND, *COMPONENTS]
each_file = each(FILES)


@cache
def imported(path: Path) -> frozenset[str]:
    """Modules a file imports, also inside functions."""
    names: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(names)


@cache
def mentions(path: Path) -> set[str]:
    return {dotted(node) for node in nodes(path) if isinstance(node, ast.Attribute | ast.Name)}


def files_that_read(name: str) -> set[str]:
    return {name_of(path) for path in FILES if any(said.endswith(name) for said in mentions(path))}


# ---- who may import whom ------------------------------------------------------------------------------


def module_of(path: Path) -> str:
    """`backend.store.rows` of its file; a package is the module of its __init__.py."""
    return name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


# A program (`python -m ...`) stands on top of everything, as app.py does: it is no part of its package.
PROGRAMS = {name_of(path) for path in HOUSE if path.stem == "__main__"}
MODULES = {module_of(path): path for path in HOUSE if name_of(path) not in PROGRAMS}


def own_module(name: str) -> str:
    """The file of ours that an import names: `backend.store.rows` for `backend.store.rows.save`. "" for none."""
    while name and name not in MODULES:
        name = name.rpartition(".")[0]
    return name if "." in name else ""


@cache
def imports_of(module: str) -> frozenset[str]:
    """The modules of backend/ and components/ that one of them imports, also inside functions."""
    named = {
        f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
        for node in nodes(MODULES[module])
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    return frozenset(filter(None, map(own_module, named))) - {module}


def room(module: str) -> str:
    """The package or loose file below backend/ or components/."""
    return module.split(".")[1] if "." in module else ""


def reached(start: str, arrows: Callable[[str], Iterable[str]]) -> set[str]:
    """Everything that can be reached from a node, itself only by way of a circle."""
    found: set[str] = set()
    waiting = list(arrows(start))
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(arrows(node))
    return found


LAYER = {name: height for height, layer in enumerate(reversed(LAYERS)) for name in layer}


@each([name_of(path) for path in HOUSE if name_of(path) not in PROGRAMS])
def test_a_package_imports_only_what_the_table_puts_below_it(name: str) -> None:
    module = module_of(ROOT / name)
    top, here = name.split("/")[0], room(module)
    others = {other for other in imports_of(module) if other.startswith(f"{top}.")}
    if top == "backend" and here:
        assert not {other for other in others if room(other) != here and LAYER[room(other)] >= LAYER[here]}
    elif here in MAY_IMPORT:
        assert not {other for other in others if room(other) not in MAY_IMPORT[here]}


@each(sorted(PROGRAMS))
def test_a_program_is_imported_by_nobody_and_knows_no_screen(name: str) -> None:
    module = module_of(ROOT / name)
    assert not [name_of(path) for path in FILES if module in imported(path)]
    assert not {other for other in imported(ROOT / name) if other.split(".")[0] in ("components", "streamlit")}


def test_the_table_has_every_room_once_and_no_other() -> None:
    rooms = {room(module) for module in MODULES if module.startswith("backend.")}
    assert len(LAYER) == sum(map(len, LAYERS)), "a name is on one line"
    assert set(LAYER) == rooms


@each(sorted({room(module) for module in MODULES if module.startswith("backend.")} - {""}))
def test_the_packages_of_the_backend_go_in_no_circle(room_: str) -> None:
    """A breach of the table may be for a reason; a circle is none."""

    def arrows(here: str) -> set[str]:
        inside = (module for module in MODULES if module.startswith("backend.") and room(module) == here)
        return {room(other) for module in inside for other in imports_of(module) if room(other)} - {here}

    assert room_ not in reached(room_, arrows)


@each([name_of(path) for path in HOUSE if name_of(path) not in PROGRAMS])
def test_the_files_go_in_no_circle(name: str) -> None:
    module = module_of(ROOT / name)
    assert module not in reached(module, imports_of)


@each(LOOSE)
def test_a_loose_file_is_a_word_that_everybody_uses(top: str) -> None:
    loose = {path.stem for path in (ROOT / top).glob("*.py")} - {"__init__"}
    assert loose == LOOSE[top]
    folders = [folder for folder in (ROOT / top).rglob("*") if folder.is_dir() and list(folder.glob("*.py"))]
    assert not [name_of(folder) for folder in folders if not (folder / "__init__.py").exists()]


# ---- how large a thing may be -------------------------------------------------------------------------


@each([name_of(path) for path in (*FILES, *TESTS)])
def test_a_file_is_short_enough_to_read(name: str) -> None:
    most = LINES["tests" if name.startswith("tests/") else "product"]
    assert len((ROOT / name).read_text("utf-8").splitlines()) <= most


@cache
def classes() -> dict[str, list[ast.ClassDef]]:
    """All of each name. Read when a test wants them: that takes each process that collects tests a second."""
    named: dict[str, list[ast.ClassDef]] = {}
    for node in (node for path in HOUSE for node in nodes(path) if isinstance(node, ast.ClassDef)):
        named.setdefault(node.name, []).append(node)
    return named


def members(node: ast.ClassDef) -> set[str]:
    functions = {part.name for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)}
    names = {
        dotted(target)
        for part in node.body
        if isinstance(part, ast.Assign | ast.AnnAssign)
        for target in (part.targets if isinstance(part, ast.Assign) else [part.target])
    }
    set_on_itself = {
        part.attr
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store) and dotted(part.value) == "self"
    }
    inherited = (classes().get(dotted(base), []) for base in node.bases)
    of_bases = (max(map(members, named), key=len) for named in inherited if named and node not in named)
    return functions.union(names, set_on_itself, *of_bases)


@each(lambda: sorted(classes()))
def test_a_class_is_small_enough_to_know(name: str) -> None:
    assert max(len(members(node)) for node in classes()[name]) <= MEMBERS


# ---- the backend and the screen, tabs, secrets, the environment ---------------------------------------


def test_there_is_something_to_look_at() -> None:
    assert {"backend/transport/client.py", "app.py"} <= {name_of(path) for path in FILES}


@each(BACKEND)
def test_the_backend_does_not_know_the_screen(path: Path) -> None:
    roots = {module.split(".")[0] for module in imported(path)}
    assert not roots & {"streamlit", "components", "pages", "app"}


@pytest.mark.slow
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


def test_one_file_reads_the_state_of_a_tab() -> None:
    assert files_that_read("session_state") == {"components/session/tab.py"}


def test_one_file_reads_the_secrets() -> None:
    assert len(files_that_read("st.secrets")) <= 1
    assert files_that_read("st.secrets") <= {"components/session/services.py"}


def test_the_environment_is_read_where_settings_are_and_where_children_start() -> None:
    reading = {name for word in ("os.environ", "os.getenv", "os.environb") for name in files_that_read(word)}
    assert reading <= READS_ENVIRONMENT


@each_file
def test_nothing_runs_or_shows_text_as_code(path: Path) -> None:
    for node in nodes(path):
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
    for node in nodes(path):
        if isinstance(node, ast.Attribute):
            assert not dotted(node).endswith(DRAWS_HTML), dotted(node)
        if isinstance(node, ast.Call) and dotted(node.func) == "st.html":
            (shown,) = node.args
            style = ast.unparse(shown).removesuffix(")").endswith((".css'", "_STYLE"))
            assert style, "text never goes into st.html"


@each_file
def test_nothing_of_a_visitor_is_a_cache_key(path: Path) -> None:
    """A cache is shared by everybody: what has no parameters, or one of ours, cannot be somebody's."""
    assert not {name for name in imported(path) if name.startswith("cachetools")}
    for node in nodes(path):
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
    allowed = {"yaml"} if name_of(path) == READS_YAML else set()
    roots = {module.split(".")[0] for module in imported(path)} - allowed
    assert not roots & {"pickle", "cPickle", "marshal", "shelve", "dill", "joblib", "yaml", "ruamel"}


def test_the_reader_of_yaml_makes_no_object_that_a_file_names() -> None:
    """It takes events only: a loader would construct, a composer would follow aliases."""
    used = {said.split(".")[1] for said in mentions(ROOT / READS_YAML) if said.startswith("yaml.")}
    assert not used & {"load", "load_all", "safe_load", "full_load", "Loader", "compose", "YAMLObject"}


@each_file
def test_a_file_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(tree(path)), "a module opens with a line on what it is for"
