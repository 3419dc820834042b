"""Whether everything is installed is said in a sentence, before anything is imported that would not be there."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend import requirements


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    requirements.missing_packages.cache_clear()
    monkeypatch.setattr(requirements, "_FILE", tmp_path / "requirements.txt")
    yield tmp_path / "requirements.txt"
    requirements.missing_packages.cache_clear()


def test_here_everything_is_installed() -> None:
    assert requirements.install_advice() == ""


def test_missing_packages_are_named_with_the_command_for_this_python(file: Path) -> None:
    file.write_text("no-such-package>=1\n# a comment\nrequests>=999\nAuthlib\nnone-here; sys_platform == 'cobol'\n")
    assert "does not fit: no-such-package. In" in requirements.install_advice()
    assert requirements.install_advice().endswith(f"{sys.executable} -m pip install -r requirements.txt")
    assert str(Path(sys.executable).parent) not in requirements.install_advice("python"), "on a page"


@pytest.mark.parametrize(("line", "fits"), [("streamlit>=1,<2", True), ("streamlit>=999", False), ("", True)])
def test_streamlit_has_to_be_the_one_the_app_was_made_for(file: Path, line: str, fits: bool) -> None:
    file.write_text(line)
    assert (requirements.install_advice() == "") is fits


def test_an_image_without_the_file_starts(file: Path) -> None:
    assert requirements.install_advice() == ""


def test_an_older_python_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements, "_OLDEST", (99, 0))
    assert requirements.install_advice().startswith("Python 99.0 or newer is needed; this is 3.")
