"""A backup as a few zips, each small enough to be imported again: which conversations go into which.

Each part is complete in itself: parts are imported in any order, and losing one does not affect the others.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from backend.formats.archive import Record
from backend.formats.zip import bundle
from backend.store import Store, summaries

PART = 16 * 2**20  # bytes of messages in one part: its zip is never larger, usually far smaller
_PAGE = 1000  # conversations the store lists at once


@dataclass(frozen=True)
class BackupPart:
    """One zip: its file name, the ids in it, and the bytes of their messages."""

    name: str
    ids: tuple[str, ...]
    size: int


def parts(store: Store, owner: str, search: str = "", tag: str = "") -> list[BackupPart]:
    """The parts of a backup of every conversation that search and tag match. A very large one has a part of its
    own.
    """
    sizes = summaries.sizes(store, owner)
    return grouped("conversations", ((id_, sizes.get(id_, 0)) for id_ in _ids(store, owner, search, tag)))


def grouped(what: str, sizes: Iterable[tuple[str, int]]) -> list[BackupPart]:
    """Group ids by their sizes into parts whose names describe their content."""
    groups: list[list[str]] = []
    totals: list[int] = []
    for id_, size in sizes:
        if not groups or totals[-1] + size > PART:
            groups.append([])
            totals.append(0)
        groups[-1].append(id_)
        totals[-1] += size
    names = _names(what, len(groups))
    return [BackupPart(name, tuple(ids), size) for name, ids, size in zip(names, groups, totals, strict=True)]


def _ids(store: Store, owner: str, search: str, tag: str) -> Iterator[str]:
    offset = 0
    while page := store.conversations(owner, search, tag, "created", _PAGE, offset):
        offset += len(page)
        yield from (summary.id for summary in page)


def _names(what: str, count: int) -> Sequence[str]:
    """File names that sort in order and visibly belong together."""
    day, width = time.strftime("%Y-%m-%d", time.gmtime()), len(str(count))
    if count == 1:
        return [f"{what}-{day}.zip"]
    return [f"{what}-{day}-part-{number:0{width}}-of-{count}.zip" for number in range(1, count + 1)]


def packed(store: Store, owner: str, part: BackupPart) -> bytes:
    """The zip of a part. A conversation that has been deleted meanwhile is not in it."""
    return bundle(_records(store, owner, part.ids))


def _records(store: Store, owner: str, ids: Iterable[str]) -> Iterator[Record]:
    return (record for id_ in ids if (record := store.load(owner, id_)))
