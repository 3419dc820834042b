"""What is in static/ is what components/view builds, byte by byte, and nothing else."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from basics import ROOT

STATIC = ROOT / "static"
SOURCES = ROOT / "components" / "view"


def sums(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "SHA256SUMS")
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_every_file_has_the_sum_that_is_written_down() -> None:
    lines = (STATIC / "SHA256SUMS").read_text("utf-8").splitlines()
    assert {name: digest for digest, name in (line.split("  ", 1) for line in lines)} == sums(STATIC)


def test_the_first_script_is_small_and_formulas_and_colours_come_later() -> None:
    assert (STATIC / "view.js").stat().st_size < 220_000
    assert len(list(STATIC.glob("katex-*.js"))) == len(list(STATIC.glob("highlight-*.js"))) == 1


def test_nothing_runs_text_as_code_or_names_another_host() -> None:
    for path in [*STATIC.glob("*.js"), *STATIC.glob("*.css")]:
        text = path.read_text("utf-8")
        assert not re.search(r"\beval\(|new Function\(|document\.write\(", text), path.name
        assert not re.search(r"(?:url\(|import\(|@import\s*)[\"']?(?:https?:)?//", text), path.name


def test_packages_have_exact_versions_and_no_address() -> None:
    package = json.loads((SOURCES / "package.json").read_text("utf-8"))
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", each) for each in package["dependencies"].values())
    lock = json.loads((SOURCES / "package-lock.json").read_text("utf-8"))["packages"]
    assert not [name for name, each in lock.items() if "resolved" in each]
    assert all("integrity" in each for name, each in lock.items() if name)


def test_every_package_in_the_bundle_has_its_licence() -> None:
    words = (STATIC / "LICENSES.txt").read_text("utf-8")
    for name, version in json.loads((SOURCES / "package.json").read_text("utf-8"))["dependencies"].items():
        assert f"{name} {version}: " in words


def test_files_are_short_enough_to_read() -> None:
    for path in [*(SOURCES / "src").rglob("*.*"), SOURCES / "build.mjs"]:
        assert len(path.read_text("utf-8").splitlines()) <= 300, path.name


@pytest.mark.slow
def test_a_build_gives_the_same_bytes(tmp_path: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed: static/ was not built again")
    for name in ("package.json", "package-lock.json", ".npmrc", "build.mjs"):
        shutil.copy(SOURCES / name, tmp_path)
    shutil.copytree(SOURCES / "src", tmp_path / "src")
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=0"]
    installed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=170)
    if installed.returncode and re.search(
        "ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT|ENETUNREACH", installed.stderr
    ):
        pytest.skip("npm reaches no registry from here: static/ was not built again")
    assert installed.returncode == 0, installed.stderr
    subprocess.run(["node", "build.mjs", "built"], cwd=tmp_path, check=True, capture_output=True, timeout=60)
    assert sums(tmp_path / "built") == sums(STATIC)
