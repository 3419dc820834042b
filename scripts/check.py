"""`make check`, `make quick`, `make test` and `make long`: the one definition of what must pass.

python scripts/check.py check    format, lint, types
python scripts/check.py quick    while one works: the unit tests, and every page once, with nothing but Python (no
                                 browser, local model or PostgreSQL)
python scripts/check.py test     format, lint, types and every kind of test, browser included: what CI runs
python scripts/check.py long     what runs only before an issue is closed: every case of the large families, the
                                 fuzzers with many new examples, soaks, programs for other people's clients
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def run(*command: str, **environment: str) -> None:
    """Run a command in the project; exit with its status if it fails."""
    print("+", " ".join(command), flush=True)
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def browser() -> str:
    """The path of a Chromium or Chrome; Debian's is installed when this runs as root."""
    if found := _installed():
        return found
    _debian("chromium")
    if found := _installed():
        return found
    sys.exit("The browser tests need Chromium. Type: sudo apt-get install chromium   (or install Google Chrome)")


def _installed() -> str | None:
    named = os.environ.get("PLAYGROUND_BROWSER")
    found = named or next(filter(None, map(shutil.which, BROWSERS)), None)
    return found or (str(MAC) if MAC.exists() else None)


def _debian(package: str) -> None:
    """Install one of Debian's packages if that is possible without asking."""
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        run("apt-get", "update", "-q")
        run(
            *["apt-get", "install", "-y", "-q", "--no-install-recommends"],
            package,
            DEBIAN_FRONTEND="noninteractive",
        )


def postgresql() -> None:
    """Install PostgreSQL: the tests start a server of their own; without one those tests are reported as
    skipped.
    """
    if not shutil.which("initdb") and not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        _debian("postgresql")


def nginx() -> None:
    """Install nginx, for deploy/nginx.conf. On Debian it is outside of a normal user's PATH."""
    if not shutil.which("nginx") and not Path("/usr/sbin/nginx").exists():
        _debian("nginx")


def check() -> None:
    run(sys.executable, "-m", "ruff", "format", "--check", ".")
    run(sys.executable, "-m", "ruff", "check", ".")
    run(sys.executable, "-m", "mypy")


def tests(chosen: str, *options: str, waiting: int = 2, **environment: str) -> None:
    """Run the tests that an expression of markers chooses; the slowest are listed at the end.

    With as many processes as processors and `waiting` more, as many tests spend part of their time waiting. Browser
    tests do not: with more than 4 processes they would slow each other down.
    """
    workers = str(min(2 + waiting, (os.cpu_count() or 1) + waiting))
    command = [sys.executable, "-m", "pytest", "-n", workers, "--dist", "worksteal", "--durations=20", "-m", chosen]
    # pytest caches rewritten test files beside them: rewriting takes 6 s per worker.
    run(*command, *options, **{"PYTHONDONTWRITEBYTECODE": "", **environment})


def quick() -> None:
    levels = ("tests/unit", "tests/pages/test_pages.py", "tests/test_architecture.py")
    chosen = "not (browser or local_model or postgresql or slow or long)"
    tests(chosen, "--hypothesis-profile=brief", *levels, waiting=4)


def everything_needed() -> str:
    """Install or download what the tests need; returns the path of the browser."""
    chromium = browser()
    postgresql()
    nginx()
    run(sys.executable, "-m", "backend.local", "fetch")
    return chromium


def test() -> None:
    chromium = everything_needed()
    check()
    tests("not long", PLAYGROUND_BROWSER=chromium)


def long() -> None:
    """Run the long tests. The library Hypothesis sets the marker `hypothesis` on each of its tests."""
    chromium = everything_needed()
    options = ("--hypothesis-profile=thorough", "--timeout=3600")
    tests("long or hypothesis", *options, PLAYGROUND_BROWSER=chromium)


if __name__ == "__main__":
    commands = {"check": check, "quick": quick, "test": test, "long": long}
    commands[sys.argv[1] if len(sys.argv) > 1 else "test"]()
