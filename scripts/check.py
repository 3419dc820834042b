"""`make check` and `make test`: one place that knows what must pass.

python scripts/check.py check    format, lint, types
python scripts/check.py test     the same, then every test, browser tests included
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
    """Run a command in the project; leave with its status when it fails."""
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
    """Install one of Debian's packages where that can be done without asking."""
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        run("apt-get", "update", "-q")
        run(
            *["apt-get", "install", "-y", "-q", "--no-install-recommends"],
            package,
            DEBIAN_FRONTEND="noninteractive",
        )


def postgresql() -> None:
    """The tests start a PostgreSQL of their own; without one those tests say that they are skipped."""
    if not shutil.which("initdb") and not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        _debian("postgresql")


def nginx() -> None:
    """And an nginx, for deploy/nginx.conf. Debian keeps it out of the PATH of whoever is not root."""
    if not shutil.which("nginx") and not Path("/usr/sbin/nginx").exists():
        _debian("nginx")


def check() -> None:
    run(sys.executable, "-m", "ruff", "format", "--check", ".")
    run(sys.executable, "-m", "ruff", "check", ".")
    run(sys.executable, "-m", "mypy")


def test() -> None:
    chromium = browser()
    postgresql()
    nginx()
    check()
    run(sys.executable, "-m", "backend.local", "fetch")
    # One more than there are processors: browser tests wait for a part of their time.
    workers = str(min(4, (os.cpu_count() or 1) + 1))
    run(sys.executable, "-m", "pytest", "-n", workers, "--dist", "worksteal", PLAYGROUND_BROWSER=chromium)


if __name__ == "__main__":
    {"check": check, "test": test}[sys.argv[1] if len(sys.argv) > 1 else "test"]()
