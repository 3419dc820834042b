"""The actions of a message: ask again, continue, edit, insert, delete. Every change except deletion is a branch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from backend.conversation import shaping
from backend.conversation.tree import NodeId
from backend.protocol.learned import Learned
from backend.types import ROLES, Message
from backend.untrusted import one_of
from components.session import tab, widgets
from components.session.asker import Asker
from components.session.deletions import Deletions
from components.session.dialogs import View
from components.session.ports import ChatInView
from components.session.probabilities import AskedOnce
from components.session.refusals import Refusals
from components.session.setup import Setup

_Chain = Literal["speak", "picture", "vectors"]
_Asking = Literal["answer", "regenerate", "continue", "ask colours"]
_Changing = Literal[_Asking, "edit", "add", "delete", "delete below", "choose"]
Action = Literal[_Changing, _Chain, "inspect", "explain", "colours", "round"]


class MessageActions:
    """Callbacks for the messages in view. `inspect` opens a dialog on an answer, `chain` sends it to the Studio."""

    def __init__(
        self,
        setup: Callable[[], Setup],
        refusals: Refusals,
        chats: ChatInView,
        asker: Asker,
        deletions: Deletions,
        inspect: Callable[[NodeId, View], None],
        chain: Callable[[_Chain, Message], None],
    ) -> None:
        self._chain = chain
        self._inspect = inspect
        self._setup = setup
        self._refusals = refusals
        self._chats = chats
        self._asker = asker
        self._deletions = deletions

    def regenerate(self, node: NodeId) -> None:
        self._chats.current.regenerate(node, self._asker.ask)

    def again(self, node: NodeId) -> None:
        """Ask again after a failure: a body edited by hand unchanged, otherwise with the current settings."""
        chat = self._chats.current
        turn = chat.recent.get(node)
        if turn is None or turn.request.raw is None:
            self.regenerate(node)
            return
        request = turn.request
        chat.beside(node, lambda: self._asker.ask.turn(request))

    def retry_without(self, node: NodeId, learned: Learned) -> None:
        """Ask again without what the server rejected: remembered for this server and model in this tab.

        A body that was edited by hand is sent again without it, and nothing is remembered.
        """
        chat = self._chats.current
        turn = chat.recent.get(node)
        if turn is not None and turn.request.raw is not None:
            body = learned.apply(turn.request.raw, turn.request.dialect.required)
            request = replace(turn.request, raw=body, stream=body.get("stream") is True)
            chat.beside(node, lambda: self._asker.ask.turn(request))
            return
        self._refusals.learn(self._setup().target, learned)
        self.regenerate(node)

    def ask_for_colours(self, node: NodeId, *, anyway: bool = False) -> None:
        """Ask again, this time with token probabilities, and show them as they arrive."""
        chat = self._chats.current
        chat.regenerate(node, AskedOnce(self._asker.ask, anyway))
        if (answer := chat.conversation.leaf) is not None:
            self._inspect(answer, "colours")

    def resume(self, node: NodeId) -> None:
        """Continue an answer that was cut off."""
        self._chats.current.resume(node, self._asker.ask)

    def shorten(self, node: NodeId) -> None:
        """Ask again without the older half of the questions and answers."""
        self._chats.current.shorten(node, self._asker.ask)

    def submit_edit(self, node: NodeId, *, run: bool) -> None:
        """Take the editor's text: as a new question, or only as an edit."""
        text = str(tab.value(widgets.message_editor(node)) or "")
        self._chats.view.edit(None)
        if not text.strip():
            return
        if run:
            self._chats.current.ask_again(node, text, self._asker.ask)
        else:
            self._chats.current.reshape(shaping.edit(node, text))

    def insert_message(self, after: NodeId | None) -> None:
        """Insert the message in the form."""
        role = one_of(tab.value(widgets.ADD_ROLE), ROLES) or "user"
        text = str(tab.value(widgets.ADD_TEXT) or "")
        name = str(tab.value(widgets.ADD_NAME) or "").strip() or None
        self._chats.view.add_below(None)
        if text.strip():
            call = name if role == "tool" else None
            message = Message(role, text, name=None if call else name, tool_call_id=call)
            self._chats.current.reshape(shaping.insert(message, after))

    def do(self, action: str, node: NodeId) -> None:
        """Run an action of a message (`Action`). Does nothing for an unknown name, or a message that is gone."""
        chats, view = self._chats, self._chats.view

        def chained(name: _Chain) -> Callable[[NodeId], None]:
            return lambda answer: self._chain(name, chats.current.conversation[answer].message)

        actions: dict[Action, Callable[[NodeId], None]] = {
            "answer": self.regenerate,
            "regenerate": self.regenerate,
            "inspect": lambda answer: self._inspect(answer, "inspector"),
            "explain": lambda answer: self._inspect(answer, "explained"),
            "colours": lambda answer: self._inspect(answer, "colours"),
            "ask colours": self.ask_for_colours,
            "continue": self.resume,
            "edit": view.edit,
            "round": view.look_at_round,
            "add": view.add_below,
            "delete": self._deletions.message,
            "delete below": self._deletions.below,
            "choose": chats.current.choose,
            "speak": chained("speak"),
            "picture": chained("picture"),
            "vectors": chained("vectors"),
        }
        if action in actions and node in chats.current.conversation:
            actions[action](node)
