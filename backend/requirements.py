"""Checks at the start whether the packages of requirements.txt are installed.

Without this, an updated checkout, another environment or an old Python ends in a traceback somewhere else. It
installs nothing and does not import the packages. Old versions of Python have to be able to parse it.
"""

from __future__ import annotations

import shlex
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement

# Not in the Docker image, which is built from requirements.lock.
_FILE = Path(__file__).parents[1] / "requirements.txt"
_OLDEST = (3, 11)
_EXACT = ("streamlit",)  # only the listed versions work: components/elements/streamlit_internals.py
_OPTIONAL = ("xllamacpp", "uvloop", "Authlib")  # without them the app is slower, or says what it cannot do


def install_advice(python: str = shlex.quote(sys.executable)) -> str:
    """What is missing and the command that installs it, as a sentence; "" if nothing is.

    `python` begins the command. Its path is for the terminal alone: a page may be open to anybody.
    """
    if sys.version_info < _OLDEST:
        return f"Python {'.'.join(map(str, _OLDEST))} or newer is needed; this is {sys.version.split()[0]}."
    if not (listed := ", ".join(missing_packages())):
        return ""
    command = f"{python} -m pip install -r requirements.txt"
    return f"Not installed, or in a version that does not fit: {listed}. In the folder of the app type: {command}"


@cache
def missing_packages() -> list[str]:
    """The names of the packages that are not installed, or in a version that does not fit, sorted."""
    return sorted({wanted.name for wanted in _requirements() if _is_lacking(wanted)})


def _requirements() -> list[Requirement]:
    text = _FILE.read_text("utf-8") if _FILE.is_file() else ""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [Requirement(line) for line in lines if line]


def _is_lacking(wanted: Requirement) -> bool:
    if wanted.name in _OPTIONAL or not (wanted.marker is None or wanted.marker.evaluate()):
        return False
    try:
        installed = version(wanted.name)
    except PackageNotFoundError:
        return True
    return wanted.name in _EXACT and not wanted.specifier.contains(installed, prereleases=True)
