"""What clicks on one message do: ask again, go on, edit, insert, delete. Every change is a branch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, cast

from backend.conversation.tree import NodeId
from backend.types import Message, Role
from components.session import tab, widgets
from components.session.asker import Asker
from components.session.chats import Chats
from components.session.request_settings import RequestSettings
from components.session.setup import Setup

Action = Literal["regenerate", "inspect", "continue", "edit", "raw", "rendered", "add", "delete", "delete below"]


class MessageActions:
    """Callbacks for the messages in view. `inspect` opens the inspector on an answer."""

    def __init__(
        self,
        setup: Callable[[], Setup],
        settings: RequestSettings,
        chats: Chats,
        asker: Asker,
        inspect: Callable[[NodeId], None],
    ) -> None:
        self.inspect = inspect
        self._setup = setup
        self._settings = settings
        self._chats = chats
        self._asker = asker

    def regenerate(self, node: NodeId) -> None:
        self._chats.current.regenerate(node, self._asker.ask)

    def retry_without(self, node: NodeId, name: str) -> None:
        """Ask again without a parameter that the server did not take."""
        self._settings.learn_refusal(self._setup().model, name)
        self.regenerate(node)

    def resume(self, node: NodeId) -> None:
        """Go on with an answer that was cut off."""
        self._chats.current.resume(node, self._asker.ask)

    def shorten(self, node: NodeId) -> None:
        """Ask again without the older half of the questions and answers."""
        self._chats.current.shorten(node, self._asker.ask)

    def edited(self, node: NodeId, *, run: bool) -> None:
        """Take the editor's text: as a question to answer, or only as other words."""
        text = str(tab.value(widgets.message_editor(node)) or "")
        self._chats.view.edit(None)
        if not text.strip():
            return
        if run:
            self._chats.current.ask_again(node, text, self._asker.ask)
        else:
            self._chats.current.edit(node, text)

    def added(self, after: NodeId | None) -> None:
        """Take the form of a message of any role."""
        role = cast(Role, tab.value(widgets.ADD_ROLE) or "user")
        text = str(tab.value(widgets.ADD_TEXT) or "")
        name = str(tab.value(widgets.ADD_NAME) or "").strip() or None
        self._chats.view.add_below(None)
        if text.strip():
            call = name if role == "tool" else None
            message = Message(role, text, name=None if call else name, tool_call_id=call)
            self._chats.current.insert(message, after)

    def menu(self, node: NodeId) -> None:
        """Do what was chosen in a message's menu."""
        chosen = cast(Action | None, tab.value(widgets.message_menu(node)))
        if chosen is not None:
            self.do(chosen, node)

    def do(self, action: Action, node: NodeId) -> None:
        """One of the actions of a message."""
        chats, view = self._chats, self._chats.view
        actions: dict[Action, Callable[[NodeId], None]] = {
            "regenerate": self.regenerate,
            "inspect": self.inspect,
            "continue": self.resume,
            "edit": view.edit,
            "raw": view.raw.add,
            "rendered": view.raw.discard,
            "add": view.add_below,
            "delete": chats.current.remove,
            "delete below": chats.current.remove_after,
        }
        actions[action](node)
