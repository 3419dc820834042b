"""What one browser tab remembers: its chats, its connections, what is being edited; and what its clicks do."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import cast

from backend import parameters, tools
from backend.chat import Chat, unanswered
from backend.conversation import NodeId
from backend.store import Summary
from backend.toolbox import FUNCTIONS
from backend.turn import Turn
from backend.types import JSON, ChatRequest, Message, Role, Tool, ToolCall
from components import state
from components.connections import Connections
from components.state import configured

RECENT = 30  # messages drawn at once
AUTO = "auto"  # how a slider shows that nothing is sent
GIVE_BACK = 2.0  # seconds after sending in which a failed question goes back into the composer


class Session(Connections):
    """One tab."""

    def __init__(self) -> None:
        super().__init__()
        self.page = "Chat"
        # One person runs this app, or each visitor is one as long as their browser session lasts.
        self.owner = f"guest-{uuid.uuid4().hex}" if configured().shared else "local"
        self._chats: dict[str, Chat] = {}
        self.shown = RECENT
        self.drawn = 0
        self.draft = ""
        self.unsent: list[str] = []
        self.deleted: Summary | None = None
        self.tool_results: dict[str, str] = {}
        self._given_back: Turn | None = None
        self.editing: NodeId | None = None
        self.adding: NodeId | None = None
        self.raw: set[NodeId] = set()

    @staticmethod
    def current() -> Session:
        """This tab's session, made on first use."""
        found = state.value("session")
        if found is None:
            found = Session()
            state.put("session", found)
        return cast(Session, found)

    @property
    def chat(self) -> Chat:
        """The chat of the page in view; the Tools page has one of its own, with functions to call."""
        if self.page not in self._chats:
            self._chats[self.page] = Chat(FUNCTIONS) if self.page == "Tools" else self._saved_chat()
        return self._chats[self.page]

    def begin(self, page: str) -> None:
        """A page begins. The saved conversation is opened before any widget is drawn, so that it can set them."""
        self.page = page
        if page != "History":
            _ = self.chat

    # ---- saved conversations ----------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """The id of the saved conversation in view, "" when there is none yet."""
        return self.journal.id

    def _saved_chat(self) -> Chat:
        """The conversation that the address names (a reload, a restart), else a new one."""
        return self._load(state.address("c")) or self._new_chat()

    def _new_chat(self) -> Chat:
        self.journal = state.journals().journal(self.owner, self.settings)
        return Chat(journal=self.journal)

    def _load(self, id_: str) -> Chat | None:
        found = state.journals().load(self.owner, id_) if id_ else None
        if found is None:
            return None
        self.journal = state.journals().journal(self.owner, self.settings, id_)
        chat = Chat(journal=self.journal, conversation=found.conversation)
        running = state.journals().running(self.owner, id_)
        if running:
            chat.adopt(*running)
            running[1].read_by(state.tab_is_open(), configured().deadlines.abandoned)
        for node in found.conversation.nodes():
            if node.message.state == "running" and not (running and node.id == running[0]):
                found.conversation.update(node.id, replace(node.message, state="interrupted"))
        self._apply(found.settings)
        return chat

    def open(self, id_: str) -> None:
        """Bring a saved conversation into view on the Chat page."""
        chat = self._load(id_)
        if chat is not None:
            self._chats["Chat"] = chat
            self.leave_editors()

    def settings(self) -> dict[str, JSON]:
        """What a conversation remembers besides its messages. Never a key or an address."""
        return {"model": self.model, "system_prompt": self.system_prompt}

    def _apply(self, settings: Mapping[str, JSON]) -> None:
        prompt = settings.get("system_prompt")
        if isinstance(prompt, str):
            state.put("system_prompt", prompt)

    # ---- asking -----------------------------------------------------------------------------------------

    @property
    def system_prompt(self) -> str:
        return str(state.value("system_prompt") or "")

    @property
    def streaming(self) -> bool:
        return bool(state.value("streaming", True))

    def parameter(self, name: str) -> object:
        """The widget's value of a parameter, None when unset."""
        found = state.value(f"parameter.{name}")
        return None if found == AUTO else found

    def reset_parameters(self) -> None:
        """Unset every parameter."""
        for parameter in parameters.PARAMETERS:
            unset: dict[str, object] = {"strings": [], "number": AUTO, "integer": None}
            state.put(f"parameter.{parameter.name}", unset[parameter.kind])
        state.put("streaming", True)

    def request(
        self, transcript: Sequence[Message], offered: tuple[Tool, ...] = (), tool_choice: str | None = None
    ) -> ChatRequest:
        """What is asked: the transcript under the system prompt, with the parameters that were set."""
        system = (Message("system", self.system_prompt),) if self.system_prompt.strip() else ()
        values = {parameter.name: self.parameter(parameter.name) for parameter in parameters.PARAMETERS}
        sampling = parameters.body(values)
        if self.streaming:
            sampling["stream_options"] = {"include_usage": True}
        return ChatRequest(
            self.model, (*system, *transcript), sampling, offered, tool_choice, stream=self.streaming
        )

    def ask(
        self, transcript: Sequence[Message], offered: tuple[Tool, ...], *, more: bool, before: str = ""
    ) -> Turn:
        """Start the answer to a transcript (see backend.chat.Ask)."""
        request = self.request(transcript, offered, "none" if offered and not more else None)
        turn = Turn(self.source, request, before)
        return turn.read_by(state.tab_is_open(), configured().deadlines.abandoned).start()

    # ---- what callbacks do ------------------------------------------------------------------------------

    @staticmethod
    def submitted(widget: str) -> str:
        """What was just sent with a chat input."""
        return str(state.value(widget) or "")

    def send(self, text: str) -> None:
        if text.strip():
            self.chat.send(text, self.ask)

    def regenerate(self, node: NodeId) -> None:
        self.chat.regenerate(node, self.ask)

    def stop(self) -> None:
        """Stop the answer. Messages that waited are kept, and sent only when the visitor says so."""
        self.chat.stop()
        self.unsent += self.chat.unqueue()

    def send_unsent(self) -> None:
        """Send the messages that Stop kept, one after the other."""
        waiting, self.unsent = self.unsent, []
        for text in waiting:
            self.send(text)

    def discard_unsent(self) -> None:
        self.unsent = []

    def give_back(self) -> bool:
        """Put the words of a question that failed at once back into the composer, to be sent again in its place.

        Not after a long wait: by then the visitor may have begun to type something else.
        """
        path = self.chat.conversation.path()
        turn = self.chat.turn
        if len(path) < 2 or turn is None or turn is self._given_back or turn.elapsed > GIVE_BACK:
            return False
        if not unanswered(path[-1].message) or path[-2].message.role != "user":
            return False
        self._given_back = turn
        self.draft = path[-2].message.content
        return True

    def fill_composer(self) -> None:
        """Before the composer is drawn: put the words in that are waiting for it."""
        if self.draft:
            state.put("composer", self.draft)
            self.draft = ""

    def run_tool(self, name: str) -> None:
        """Run a tool by hand with the arguments in its form."""
        call = ToolCall("by_hand", name, str(state.value(f"arguments.{name}") or ""))
        self.tool_results[name] = tools.run(call, self.chat.functions).content

    # ---- shaping the conversation: callbacks of one message's actions --------------------------------------

    def resume(self, node: NodeId) -> None:
        self.chat.resume(node, self.ask)

    def edit(self, node: NodeId | None) -> None:
        """Open the editor of a message, or close it."""
        self.editing = node

    def edited(self, node: NodeId, *, run: bool) -> None:
        """Take the editor's text: as a question to answer, or only as other words."""
        text = str(state.value(f"editor.{node}") or "")
        self.editing = None
        if not text.strip():
            return
        if run:
            self.chat.ask_again(node, text, self.ask)
        else:
            self.chat.edit(node, text)

    def menu(self, node: NodeId) -> None:
        """What was chosen in a message's menu (see components/actions.py)."""
        chosen = state.value(f"menu.{node}")
        actions: dict[str, Callable[[], None]] = {
            "Regenerate": lambda: self.regenerate(node),
            "Continue": lambda: self.resume(node),
            "Edit": lambda: self.edit(node),
            "Show raw text": lambda: self.raw.add(node),
            "Show rendered": lambda: self.raw.discard(node),
            "Add a message below": lambda: setattr(self, "adding", node),
            "Delete this message": lambda: self.chat.remove(node),
            "Delete everything below": lambda: self.chat.remove_after(node),
        }
        if chosen in actions:
            actions[chosen]()

    def added(self, after: NodeId | None) -> None:
        """Take the form of a message of any role."""
        role = cast(Role, state.value("add.role") or "user")
        text = str(state.value("add.text") or "")
        name = str(state.value("add.name") or "").strip() or None
        self.adding = None
        if text.strip():
            call = name if role == "tool" else None
            self.chat.insert(Message(role, text, name=None if call else name, tool_call_id=call), after)

    def stop_adding(self) -> None:
        self.adding = None

    def show_more(self) -> None:
        self.shown += RECENT

    def new_chat(self) -> None:
        self.chat.stop()
        self._chats[self.page] = Chat(FUNCTIONS) if self.page == "Tools" else self._new_chat()
        self.leave_editors()

    def leave_editors(self) -> None:
        """Another conversation comes into view: nothing of the last one stays open."""
        self.shown = RECENT
        self.editing = self.adding = None
        self.raw.clear()
