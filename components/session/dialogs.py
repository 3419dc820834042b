"""Which dialog of a tab is open: one at a time, as Streamlit draws no second one over the first."""

from __future__ import annotations

from typing import Literal

Inspected = Literal["inspector", "explained"]  # of one answer
View = Literal[Inspected, "colours"]  # ways to show an answer: this one opens the inspector at its tokens
_OfPage = Literal["share", "prompts", "rename", "shortcuts", "glossary", "tool editor"]
_OfDemo = Literal["shelf", "record", "take home", "script"]
Name = Literal[_OfPage, _OfDemo, Inspected]


class Dialogs:
    """While a dialog is open no answer is followed: its clicks would wait for the end of a run."""

    def __init__(self) -> None:
        self._open: Name | None = None

    @property
    def any(self) -> bool:
        return self._open is not None

    def is_open(self, name: Name) -> bool:
        return self._open == name

    def open(self, name: Name) -> None:
        """Open a dialog, closing another one."""
        self._open = name

    def close(self, name: Name) -> None:
        """Close a dialog, unless another one is open by now."""
        if self._open == name:
            self._open = None

    def leave_page(self) -> None:
        """Close the dialog of the previous page. The prompt library is on every page."""
        if self._open != "prompts":
            self._open = None
