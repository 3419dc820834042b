"""What Streamlit itself makes of .streamlit/config.toml: a misspelt option would only look as if it were set."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from basics import ROOT

FILE = ROOT / ".streamlit" / "config.toml"
SAFE: dict[str, object] = {
    "client.showErrorDetails": "none",  # a traceback may quote what somebody has typed
    "client.showErrorLinks": False,
    "client.toolbarMode": "minimal",
    "browser.gatherUsageStats": False,
    "server.maxUploadSize": 20,
    "server.enableXsrfProtection": True,
    "server.enableCORS": True,  # on is what protects: off lets every page connect
    "server.corsAllowedOrigins": [],
    "server.fileWatcherType": "none",
    "server.headless": True,
    "server.enableAgentApi": False,
    "server.enableStaticServing": True,  # of static/, which is public: tests/unit/view knows every file in it
    "server.trustedUserHeaders": {},  # a visitor can send any header
    "global.developmentMode": False,
}
_ASK = """
import json, sys
from streamlit import config
options = config.get_config_options()
names = json.loads(sys.argv[1])
found = {name: [options[name].value, options[name].where_defined] for name in names if name in options}
print(json.dumps({name: found.get(name) for name in names}))
"""


def loaded(names: list[str], folder: Path) -> dict[str, Any]:
    """Options by name and where each is defined, as Streamlit reads them for this project; None: no such option."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("STREAMLIT_")}
    done = subprocess.run(
        [sys.executable, "-c", _ASK, json.dumps(names)],
        cwd=ROOT, env={**clean, "HOME": str(folder), "USERPROFILE": str(folder)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def written() -> dict[str, object]:
    """The options of the file by their full names; of the theme only its first level."""
    sections = tomllib.loads(FILE.read_text("utf-8"))
    return {f"{section}.{name}": value for section, options in sections.items() for name, value in options.items()}


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return loaded([*SAFE, *written()], tmp_path_factory.mktemp("home"))


@pytest.mark.parametrize("name", SAFE)
def test_streamlit_runs_with_the_safe_value(options: dict[str, Any], name: str) -> None:
    assert options[name] is not None, "this Streamlit has no such option"
    assert options[name][0] == SAFE[name]


def test_every_option_in_the_file_is_one_that_streamlit_knows_and_takes(options: dict[str, Any]) -> None:
    plain = {name: value for name, value in written().items() if not isinstance(value, dict)}
    assert len(plain) > 10
    for name, value in plain.items():
        assert options[name] is not None, f"{name} is no option of Streamlit"
        assert options[name][0] == value
        assert options[name][1] == str(FILE), "nobody else has set it"
