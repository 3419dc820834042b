"""Resets a tab: an empty chat, the default model, nothing set; and undoes that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from backend.types import JSON
from components.session import tab
from components.session.chats import Chats
from components.session.request_settings import RequestSettings
from components.session.setup import Setup


@dataclass(frozen=True)
class _Before:
    """The state before: the conversation by its id, "" for an empty one."""

    chat: str
    page: str
    picker: str
    model: str
    settings: Mapping[str, JSON]


class StartingOver:
    """Connection and keys are not reset: they say who pays, and are tedious to type."""

    def __init__(self, setup: Callable[[], Setup], settings: RequestSettings, chats: Chats) -> None:
        self._setup = setup
        self._settings = settings
        self._chats = chats
        self._before: _Before | None = None

    def start_over(self) -> None:
        setup, chats = self._setup(), self._chats
        picker = setup.connection.model_widget
        model = str(tab.value(picker) or "")
        self._before = _Before(chats.id_in_view, chats.page, picker, model, dict(setup.saved_settings()))
        chats.new()
        self._settings.clear()
        tab.put_setting(picker, setup.default_model)

    @property
    def can_be_undone(self) -> bool:
        """Whether nothing was asked since then."""
        return self._before is not None and not self._chats.id_in_view

    def undo(self) -> None:
        before, self._before = self._before, None
        if before is None:
            return
        if before.chat:
            self._chats.open(before.chat, before.page)
        tab.put_setting(before.picker, before.model or None)
        self._settings.clear()
        self._settings.put(before.settings)
