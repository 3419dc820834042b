"""Exact versions for a deployment: `make lock` writes requirements.lock, `make audit` checks it for
vulnerabilities.

python scripts/lock.py lock              resolve requirements.txt for Linux on x86-64 and every Python served
python scripts/lock.py audit pip-audit   look every version up in the list of known vulnerabilities

Nothing is installed. Versions and checksums are those of the package index that pip asks by default, whatever
this machine is set up to use. It does NOT judge the packages: a checksum tells only that the file is the same.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
WANTED, LOCK = ROOT / "requirements.txt", ROOT / "requirements.lock"
PYTHONS = ("3.11", "3.12", "3.13")
GLIBC = range(17, 29)  # 2.17 to 2.28: Debian 10 and newer
HEADER = """\
# Exact versions for a deployment, with checksums: Linux on x86-64 (glibc 2.28 or newer), CPython 3.11 to 3.13.
# requirements.txt says what may be installed, this file what is: pip install --require-hashes -r requirements.lock
# Made by `make lock`, looked up by `make audit`; not to be edited.
"""


class Pinned(NamedTuple):
    """One package as one Python gets it."""

    name: str
    version: str
    checksum: str
    requires: tuple[str, ...]


def resolve(python: str) -> dict[str, Pinned]:
    """The packages that pip would install for this Python, by name."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        platforms = ["manylinux2014_x86_64", *(f"manylinux_2_{minor}_x86_64" for minor in GLIBC)]
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
        command += ["--python-version", python, "--only-binary=:all:", "--target", folder]
        command += [word for platform in reversed(platforms) for word in ("--platform", platform)]
        done = subprocess.run(
            [*command, "--report", str(report), "-r", str(WANTED)], env=_plain(), cwd=ROOT, check=False
        )
        if done.returncode:
            sys.exit(done.returncode)
        found = [_pinned(item) for item in json.loads(report.read_text("utf-8"))["install"]]
    return {pinned.name: pinned for pinned in found}


def _plain() -> dict[str, str]:
    """The environment without this machine's pip configuration; certificates and proxies stay."""
    kept = ("PIP_CERT", "PIP_PROXY", "PIP_DEFAULT_TIMEOUT")
    clean = {name: value for name, value in os.environ.items() if name in kept or not name.startswith("PIP_")}
    return {**clean, "PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def _pinned(item: dict[str, Any]) -> Pinned:
    told = item["metadata"]
    checksum = item["download_info"]["archive_info"]["hashes"]["sha256"]
    return Pinned(canonicalize_name(told["name"]), told["version"], checksum, tuple(told.get("requires_dist", ())))


def conditional_packages(found: dict[str, Pinned], python: str) -> set[str]:
    """Packages needed on this Python only: pip evaluates such conditions with the Python that it runs on."""
    here = {**default_environment(), "python_version": python, "python_full_version": f"{python}.0", "extra": ""}
    needed = [Requirement(text) for pinned in found.values() for text in pinned.requires]
    names = {canonicalize_name(need.name) for need in needed if need.marker is None or need.marker.evaluate(here)}
    return names - set(found)


def text(found: dict[str, dict[str, Pinned]]) -> str:
    """The lock file for the packages of each Python."""
    blocks = []
    for name in sorted({name for pinned in found.values() for name in pinned}):
        each = {python: pinned[name] for python, pinned in found.items() if name in pinned}
        for version in sorted({pinned.version for pinned in each.values()}):
            pythons = [python for python, pinned in each.items() if pinned.version == version]
            sums = sorted({pinned.checksum for pinned in each.values() if pinned.version == version})
            hashes = [f"    --hash=sha256:{checksum}" for checksum in sums]
            blocks.append(" \\\n".join([f"{name}=={version}{_only(pythons)}", *hashes]))
    return HEADER + "\n".join(blocks) + "\n"


def _only(pythons: list[str]) -> str:
    if len(pythons) == len(PYTHONS):
        return ""
    return " ; " + " or ".join(f'python_version == "{python}"' for python in pythons)


def lock() -> None:
    found = {python: resolve(python) for python in PYTHONS}
    for python, pinned in found.items():
        if left := conditional_packages(pinned, python):
            sys.exit(f"Python {python} needs {sorted(left)}, too: run this script with that Python.")
    LOCK.write_text(text(found), "utf-8")
    print(f"{LOCK.name}: {len(found[PYTHONS[0]])} packages for Python {', '.join(PYTHONS)}")


def audit(tool: str) -> None:
    """Exits with 1 if a version has a known vulnerability, with 2 if some could not be looked up."""
    command = [tool, "--disable-pip", "--require-hashes", "-r", str(LOCK), "--format", "json"]
    done = subprocess.run([*command, "--progress-spinner", "off"], capture_output=True, text=True, check=False)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        why = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        _leave(2, f"Not audited: the list of known vulnerabilities cannot be reached ({why[:200]}).")
    bad = [f"{it['name']} {it['version']}: {vuln['id']}" for it in packages for vuln in it.get("vulns", ())]
    if bad:
        _leave(1, "Known vulnerabilities (make lock takes newer versions):\n" + "\n".join(bad))
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if skipped or not packages:
        which = f"{len(skipped)} of {len(packages)} packages were not found there"
        _leave(2, f"Not audited: the list of known vulnerabilities cannot be reached from here, or {which}.")
    print(f"{len(packages)} packages, nothing known against them.")


def _leave(status: int, words: str) -> NoReturn:
    print(words, file=sys.stderr)
    sys.exit(status)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["lock"]:
            lock()
        case ["audit", tool]:
            audit(tool)
        case _:
            sys.exit(__doc__)
