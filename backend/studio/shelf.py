"""The files of one owner on this machine's disk: downloaded results, and uploads for a run.

    shelf = Shelf(folder, "guest-1", Quota(200_000_000, 7))
    with shelf.new() as file: file.write(...); kept = file.keep("red.png")

A file has a random id and is stored under it: no name from outside is ever a path. The folder of an owner is named
by
a hash. It does NOT know jobs or prices.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from backend import errors
from backend.studio import media_types
from backend.studio.media_types import MediaType

MB = 1_000_000
LARGEST = 500 * MB  # bytes of one file
DAY = 86_400.0
GROWING = ".part"
_ID = re.compile(r"[0-9a-f]{32}")
_NAME = re.compile(r"([0-9a-f]{32})\.([a-z0-9]{2,5})")
_GUESTS = ".guest"  # at the end of a folder's name
_EVERY = 3_600.0  # seconds between two clean-ups of guests' files
_looked: dict[Path, float] = {}  # by folder
_ABANDONED = 3_600.0  # seconds after which an unfinished file is deleted


@dataclass(frozen=True)
class Quota:
    """The limits of one owner. `days` None: unlimited."""

    bytes: int = 5_000 * MB
    days: float | None = None


GUEST = Quota(200 * MB, 7.0)


class NoRoom(errors.BadInput):
    """There is no room for one more file."""

    title = "There is no room for more results."
    hint = "Delete results that are no longer needed, then try again."


@dataclass(frozen=True)
class KeptFile:
    """One file on the shelf."""

    id: str
    path: Path
    type: MediaType
    bytes: int

    @property
    def name(self) -> str:
        return self.path.name


class Growing:
    """A file that is being written: bounded while it grows, kept if its beginning is that of a media file."""

    def __init__(self, path: Path, room: int, most: int) -> None:
        self._path, self._room, self._most = path, room, most
        self._file = path.open("xb")
        self.bytes = 0
        self.beginning = b""

    def write(self, piece: bytes) -> None:
        """Append a piece. Raises AnswerTooLarge or NoRoom before a piece is written that exceeds a limit; NoRoom,
        too, if the disk does not take it.
        """
        if self.bytes + len(piece) > self._room:
            raise NoRoom
        if self.bytes + len(piece) > self._most:
            size = f"{self._most // MB:,} MB"
            raise errors.AnswerTooLarge(title=f"The file is larger than {size}, so it was not kept.")
        self.bytes += len(piece)
        if len(self.beginning) < media_types.NEEDED:
            self.beginning += piece[: media_types.NEEDED - len(self.beginning)]
        with _to_disk():
            self._file.write(piece)
            self._file.flush()  # it may be played while it grows

    def keep(self, type_: MediaType | None = None) -> KeptFile:
        """Put it on the shelf with the type of its content; `type_` for what this app itself wrote. Raises
        NoRoom.
        """
        type_ = type_ or media_types.of(self.beginning)
        kept = self._path.with_suffix(f".{type_.ending}")
        with _to_disk():
            self._file.close()
            self._path.replace(kept)
        return KeptFile(kept.stem, kept, type_, self.bytes)

    def __enter__(self) -> Growing:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # what the disk did not take is tried once more, in vain
            self._file.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


@contextmanager
def _to_disk() -> Iterator[None]:
    """Raises NoRoom for a disk that is full, read-only or away."""
    try:
        yield
    except OSError as error:
        title = f"The file could not be written: {errno_words(error)}."
        raise NoRoom(title=title, hint="The disk may be full.") from None


class Shelf:
    """The files of one owner."""

    def __init__(
        self, folder: Path, owner: str, quota: Quota | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.quota = quota or Quota()
        guest = _GUESTS if self.quota.days is not None else ""
        self._folder = folder / f"{hashlib.sha256(owner.encode()).hexdigest()[:32]}{guest}"
        self._clock = clock

    @property
    def used_bytes(self) -> int:
        """Bytes of all files."""
        return sum(size for _, size, _ in self._files())

    def new(self, most: int = LARGEST, id_: str = "") -> Growing:
        """A new file of at most this many bytes, under a given or a random id. Raises NoRoom, also if the disk
        cannot be written.
        """
        room = self.quota.bytes - self.used_bytes
        if room <= 0:
            raise NoRoom
        with _to_disk():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = self._folder / f"{id_ if _ID.fullmatch(id_) else secrets.token_hex(16)}{GROWING}"
            path.unlink(missing_ok=True)  # what a crash has left of the same attempt
            return Growing(path, room, most)

    def find(self, id_: str) -> KeptFile | None:
        """A file by its id; None if it does not exist."""
        if not _ID.fullmatch(id_):
            return None
        for path, size, _ in self._files():
            if path.stem == id_:
                with suppress(OSError), path.open("rb") as file:
                    return KeptFile(id_, path, _type(path, file.read(media_types.NEEDED)), size)
        return None

    def growing(self, id_: str) -> KeptFile | None:
        """An unfinished file, as far as it is written; None if there is nothing yet."""
        path = self._folder / f"{id_}{GROWING}"
        with suppress(OSError), path.open("rb") as file:
            if _ID.fullmatch(id_) and (beginning := file.read(media_types.NEEDED)):
                return KeptFile(id_, path, media_types.of(beginning), path.stat().st_size)
        return None

    def copy(self, id_: str) -> str:
        """The id of a copy of a file; "" if it does not exist. Raises NoRoom."""
        found = self.find(id_)
        if found is None:
            return ""
        with self.new() as growing, found.path.open("rb") as file:
            while piece := file.read(MB):
                growing.write(piece)
            return growing.keep(found.type).id

    def delete(self, ids: Collection[str]) -> None:
        for path, _, _ in self._files():
            if path.stem in ids:
                path.unlink(missing_ok=True)

    def sweep(self, wanted: Collection[str]) -> None:
        """Delete files that no result refers to, and those that are too old. New files stay: their result
        follows.
        """
        now = self._clock()
        for path, _, changed in self._files(growing=True):
            age = now - changed
            too_old = self.quota.days is not None and age > self.quota.days * DAY
            if too_old or (age > _ABANDONED and path.stem not in wanted):
                path.unlink(missing_ok=True)

    def clear(self) -> None:
        for path, _, _ in self._files(growing=True):
            path.unlink(missing_ok=True)

    def _files(self, *, growing: bool = False) -> list[tuple[Path, int, float]]:
        """Path, size and modification time of each file."""
        found = []
        with suppress(OSError), os.scandir(self._folder) as entries:
            for entry in entries:
                with suppress(OSError):
                    if _NAME.fullmatch(entry.name) or (growing and entry.name.endswith(GROWING)):
                        about = entry.stat(follow_symlinks=False)
                        found.append((Path(entry.path), about.st_size, about.st_mtime))
        return found


def forget_guests_files(folder: Path, clock: Callable[[], float] = time.time) -> None:
    """Delete expired files of all guests, most of whom never return. Runs once an hour."""
    now = clock()
    if now - _looked.get(folder, 0.0) < _EVERY or GUEST.days is None:
        return
    _looked[folder] = now
    for path in folder.glob(f"*{_GUESTS}/*"):
        with suppress(OSError):
            if now - path.stat().st_mtime > GUEST.days * DAY:
                path.unlink()
    for owned in folder.glob(f"*{_GUESTS}"):
        with suppress(OSError):  # a non-empty one stays
            owned.rmdir()


def _type(path: Path, beginning: bytes) -> MediaType:
    """The type by content; types without a signature by the extension that this app gave."""
    known = media_types.of(beginning)
    texts = {
        "json": "application/json",
        "jsonl": "application/jsonl",
        "txt": "text/plain",
        "csv": "text/csv",
        "pcm": "audio/pcm",
    }
    ending = path.suffix[1:]
    return MediaType(texts[ending], ending) if known == media_types.UNKNOWN and ending in texts else known


def errno_words(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
