"""A presenter's own scripts for the stage: kept as they are changed, so that a reload comes back to them.

Nobody else of a shared app sees them. What looks like a key is not kept, as it is not used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from backend.demos import script_file
from backend.demos.script import Script, Step
from backend.demos.tour import tour
from backend.library.saved_documents import Document, SavedDocuments
from backend.store import StoreError
from backend.untrusted import Unreadable, line
from components.session import services, words
from components.session.deletions import Deletions

_CLEAN = Step("words")  # stands for a step that was looked through before


class Scripts:
    """Of one owner. `trouble`: why the last one is not kept, in words. `keys` are in use in this tab."""

    def __init__(self, owner: str, deletions: Deletions, keys: Callable[[], list[str]]) -> None:
        self.trouble = ""
        self.has_key = False  # something in the script on the stage looks like one
        self._owner = owner
        self._deletions = deletions
        self._keys = keys
        self._looked_through: tuple[Step, ...] = ()

    @property
    def _saved(self) -> SavedDocuments:
        return services.saved_scripts(self._owner)

    def listed(self) -> tuple[Document, ...]:
        """All of them by name, without their texts."""
        return self._saved.names()

    def checked(self, script: Script) -> Script:
        """The script itself. Raises Unreadable where something in it looks like a key, or would be half a play."""
        known = self._looked_through
        steps = (_CLEAN if any(step is one for one in known) else step for step in script.steps)
        script_file.looked_through(replace(script, steps=tuple(steps)), self._keys())
        self._looked_through = script.steps
        return script

    def open(self, id_: str) -> Script:
        """One of them. Raises Unreadable where it is not there any more, or must not be used."""
        document = self._saved.one(id_)
        if document is None:
            raise Unreadable(words.NO_SUCH_SCRIPT)
        self.trouble = ""
        self._looked_through = ()
        return self.checked(script_file.read(document.text))

    def keep(self, script: Script, id_: str = "") -> str:
        """Write a script down, as a new one or in place of what it was. Gives its id, "" where it is not kept: the
        one that comes with the app never is."""
        self.trouble, self.has_key = "", False
        if script == tour():
            return ""
        try:
            checked = self.checked(script)
        except Unreadable as refused:
            self.trouble, self.has_key = words.SCRIPT_NOT_KEPT.format(reason=refused), True
            return id_
        try:
            text = script_file.export(checked)
            document = Document(script.title or words.UNTITLED_SCRIPT, text, id_)
            return self._same(document) or self._saved.put(document)[0]
        except StoreError as refused:
            self.trouble = words.SCRIPT_NOT_KEPT.format(reason=refused)
            return id_

    def _same(self, document: Document) -> str:
        """The id of one of this name with the same text: a file that is opened twice is one script."""
        if document.id:
            return ""
        name = document.name
        names = (one for one in self.listed() if one.name == name or one.name.startswith(f"{name} ("))
        alike = (self._saved.one(one.id) for one in names)
        return next((one.id for one in alike if one and one.text == document.text), "")

    def rename(self, id_: str, title: str) -> None:
        """Call one of them something else."""
        title = line(title, script_file.TITLE)
        document = self._saved.one(id_)
        if document is None or not title:
            return
        try:
            self.keep(replace(script_file.read(document.text), title=title), id_)
        except Unreadable as refused:
            self.trouble = words.SCRIPT_NOT_KEPT.format(reason=refused)

    def text(self, id_: str) -> bytes:
        """One of them as a file."""
        document = self._saved.one(id_)
        return document.text.encode() if document else b""

    def delete(self, id_: str) -> None:
        """One of them, with a way back."""
        if document := self._saved.one(id_):
            self._deletions.document(self._saved, document)
