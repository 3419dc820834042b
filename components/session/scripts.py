"""A presenter's own scripts for the stage: saved as they are changed, so that a reload restores them.

Other visitors of a shared app do not see them. A script that seems to contain a key is neither saved nor used.
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

_CLEAN = Step("words")  # replaces a step that was checked before


class Scripts:
    """The scripts of one owner. `trouble`: why the last one is not saved. `keys` are in use in this tab."""

    def __init__(self, owner: str, deletions: Deletions, keys: Callable[[], list[str]]) -> None:
        self.trouble = ""
        self.has_key = False  # the script on the stage seems to contain one
        self._owner = owner
        self._deletions = deletions
        self._keys = keys
        self._looked_through: tuple[Step, ...] = ()

    @property
    def _saved_scripts(self) -> SavedDocuments:
        return services.saved_scripts(self._owner)

    def all_scripts(self) -> tuple[Document, ...]:
        """All scripts by name, without their texts."""
        return self._saved_scripts.names()

    def check(self, script: Script) -> Script:
        """Check a script and return it. Raises Unreadable if something in it looks like a key, or a recording is
        incomplete.
        """
        known = self._looked_through
        steps = (_CLEAN if any(step is one for one in known) else step for step in script.steps)
        script_file.looked_through(replace(script, steps=tuple(steps)), self._keys())
        self._looked_through = script.steps
        return script

    def open(self, id_: str) -> Script:
        """A saved script. Raises Unreadable if it is gone, or must not be used."""
        document = self._saved_scripts.one(id_)
        if document is None:
            raise Unreadable(words.NO_SUCH_SCRIPT)
        self.trouble = ""
        self._looked_through = ()
        return self.check(script_file.read(document.text))

    def keep(self, script: Script, id_: str = "") -> str:
        """Save a script, as a new one or replacing its old version. Returns its id, "" if it is not saved: the
        bundled one never is.
        """
        self.trouble, self.has_key = "", False
        if script == tour():
            return ""
        try:
            checked = self.check(script)
        except Unreadable as refused:
            self.trouble, self.has_key = words.SCRIPT_NOT_KEPT.format(reason=refused), True
            return id_
        try:
            text = script_file.export(checked)
            document = Document(script.title or words.UNTITLED_SCRIPT, text, id_)
            return self._same(document) or self._saved_scripts.put(document)[0]
        except StoreError as refused:
            self.trouble = words.SCRIPT_NOT_KEPT.format(reason=refused)
            return id_

    def _same(self, document: Document) -> str:
        """The id of a script with this name and text: a file that is opened twice is one script."""
        if document.id:
            return ""
        name = document.name
        names = (one for one in self.all_scripts() if one.name == name or one.name.startswith(f"{name} ("))
        alike = (self._saved_scripts.one(one.id) for one in names)
        return next((one.id for one in alike if one and one.text == document.text), "")

    def rename(self, id_: str, title: str) -> None:
        """Rename a script."""
        title = line(title, script_file.TITLE)
        document = self._saved_scripts.one(id_)
        if document is None or not title:
            return
        try:
            self.keep(replace(script_file.read(document.text), title=title), id_)
        except Unreadable as refused:
            self.trouble = words.SCRIPT_NOT_KEPT.format(reason=refused)

    def text(self, id_: str) -> bytes:
        """A script as a file."""
        document = self._saved_scripts.one(id_)
        return document.text.encode() if document else b""

    def delete(self, id_: str) -> None:
        """Delete a script; returns the undo function."""
        if document := self._saved_scripts.one(id_):
            self._deletions.document(self._saved_scripts, document)
