"""An import: conversations and experiments from files into the store, one at a time, on a thread of its own.

What is already in the store is skipped, so an interrupted import is resumed by importing again.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import BinaryIO

from backend import logs
from backend.formats import imports
from backend.formats.imports import Experiment, ImportedConversation, RefusedPart
from backend.store import Store, StoreError
from backend.untrusted import Unreadable

LISTED = 200  # failures, and notes, that are listed at most
UNREAD = "The rest of it could not be read: {why}. Import the same file again to go on."
FAULT = "The playground itself failed on the rest of it. Its log says where it happened."
log = logging.getLogger(__name__)
_READING = threading.Lock()  # only one large conversation at a time is in memory


class ImportJob:
    """One import, while it runs and afterwards. `came` and `known` count conversations; `first` is the id of
    one.
    """

    def __init__(
        self,
        store: Store,
        owner: str,
        files: Sequence[tuple[str, BinaryIO, int]],
        *,
        again: bool = False,
        largest: int = imports.LARGEST,
        experiment: Callable[[Experiment], bool] | None = None,
    ) -> None:
        """`files`: names, files and their sizes in bytes. `again`: also import conversations that are here already.

        `experiment` stores an experiment or a result of the Studio and says whether it is new; raises Unreadable,
        StoreError.
        """
        self._store, self._owner, self._files = store, owner, tuple(files)
        self._again, self._largest, self._experiment = again, largest, experiment
        self._size = sum(size for _, _, size in files) or 1
        self._before = self._at = 0
        self._stopped, self._ended = threading.Event(), threading.Event()
        self.came = self.known = self.refused_count = 0
        self.experiments = Counter[str]()  # counts of those imported, by kind
        self.first = self.trouble = ""
        self.refused: list[RefusedPart] = []
        self.notes: list[tuple[str, str]] = []  # title of a conversation, and what of it was not imported

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _, _ in self._files)

    @property
    def share(self) -> float:
        """The fraction of the files that has been read, 0 to 1."""
        return min(1.0, (self._before + self._at) / self._size)

    @property
    def stopped(self) -> bool:
        return self._stopped.is_set()

    def start(self) -> None:
        """Begin, on a thread."""
        threading.Thread(target=self.run, name="import", daemon=True).start()

    def stop(self) -> None:
        """End after the conversation that is being written. What has been imported stays."""
        self._stopped.set()

    def wait(self, seconds: float) -> bool:
        """Wait at most this long; True if it has ended."""
        return self._ended.wait(seconds)

    def run(self, told: Callable[[], None] = lambda: None) -> None:
        """Import everything; `told` is called after each conversation."""
        try:
            for name, file, size in self._files:
                with file:
                    self._file(name, file, told)
                self._before, self._at = self._before + size, 0
        except StoreError as error:
            self.trouble = str(error)
        except OSError as error:
            self.trouble = UNREAD.format(why=(error.strerror or type(error).__name__).lower())
        except Exception as fault:  # noqa: BLE001  (a half import must not look like a whole one)
            logs.fault(log, "import", fault)
            self.trouble = FAULT
        finally:
            self._ended.set()

    def _file(self, name: str, file: BinaryIO, told: Callable[[], None]) -> None:
        found = imports.conversations(file, name, self._largest)
        while not self._stopped.is_set():
            with _READING:
                each = next(found, None)
                if each is None:
                    return
                self._keep(name, each)
            self._at = max(self._at, file.tell())
            told()

    def _keep(self, name: str, each: ImportedConversation | Experiment | RefusedPart) -> None:
        if isinstance(each, RefusedPart):
            self._refuse(name, each)
        elif isinstance(each, Experiment):
            self._keep_experiment(name, each)
        else:
            id_, new = self._store.take(self._owner, each.record, again=self._again)
            self.first = self.first or id_
            self._count(new=new)
            if new:
                room = LISTED - len(self.notes)
                self.notes.extend((each.record.title, note) for note in each.notes[:room])

    def _keep_experiment(self, name: str, each: Experiment) -> None:
        if self._experiment is None:
            self._refuse(name, RefusedPart(each.where, "This is an experiment, and no conversation."))
            return
        try:
            new = self._experiment(each)
        except Unreadable as error:
            self._refuse(name, RefusedPart(each.where, str(error)))
            return
        self._count(new=new)
        self.experiments[str(each.value.get("kind"))[:20]] += new

    def _count(self, *, new: bool) -> None:
        self.came += new
        self.known += not new

    def _refuse(self, name: str, refused: RefusedPart) -> None:
        self.refused_count += 1
        if len(self.refused) < LISTED:
            several = len(self._files) > 1
            where = ", ".join(filter(None, (name if several else "", refused.where)))
            self.refused.append(RefusedPart(where, refused.why))
