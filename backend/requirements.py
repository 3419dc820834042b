"""Whether what requirements.txt names is installed: said at the start, in a sentence that can be acted on.

A checkout that was updated, another environment, an older Python: each would end in a traceback somewhere else. It
installs nothing, and imports nothing of what it asks for. It has to be read by Pythons that are too old.
"""

from __future__ import annotations

import shlex
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement

_FILE = Path(__file__).parents[1] / "requirements.txt"  # an image has none: it was built from requirements.lock
_OLDEST = (3, 11)
_EXACT = ("streamlit",)  # where another version is as good as none: components/elements/streamlit_internals.py
_OPTIONAL = ("xllamacpp", "uvloop", "Authlib")  # without them the app says what it cannot do, or is slower


@cache
def lacking() -> str:
    """What has to be installed before the app can start, and how; "" when it can."""
    if sys.version_info < _OLDEST:
        return f"Python {'.'.join(map(str, _OLDEST))} or newer is needed; this is {sys.version.split()[0]}."
    names = sorted({wanted.name for wanted in _wanted() if _is_lacking(wanted)})
    if not names:
        return ""
    command = f"{shlex.quote(sys.executable)} -m pip install -r requirements.txt"
    listed = ", ".join(names)
    return f"Not installed, or in a version that does not fit: {listed}. In the folder of the app type: {command}"


def _wanted() -> list[Requirement]:
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
