"""The state of the inspector in one tab, and its actions. Nothing here is drawn."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from backend.answer.exchange_record import ExchangeRecord
from backend.answer.turn import Turn
from backend.conversation.tree import Node, NodeId
from backend.keys.redaction import Redactor
from backend.protocol import logprobs, wire
from backend.protocol.body import decode
from backend.types import JSON, ChatRequest, Message, Token
from components.inspector import words
from components.inspector.explained import Circumstances
from components.session import tab
from components.session.answer_context import AnswerContext
from components.session.exchanges import as_sent
from components.session.exhibit import Exhibit
from components.session.session import Session

EDITED = "inspect.edited"
PLACE = "inspect.place"
OTHER = "inspect.other"
# characters of a body in a text box; a longer one contains attachments, which are not edited by hand
EDITABLE = 400_000


class Inspection:
    """One per tab: `Inspection.current()`."""

    def __init__(self) -> None:
        self._of: NodeId | None = None
        self.place: int | None = None  # index of the token that was clicked in the heat map
        self.problem = ""

    @staticmethod
    def current() -> Inspection:
        return tab.one(Inspection)

    # ---- opening ------------------------------------------------------------------------------------------

    def begin(self, node: NodeId) -> None:
        """Reset the choices made for the previous answer. Call it before the inspector is drawn."""
        if node != self._of:
            self._of, self.place, self.problem = node, None, ""
            for name in (EDITED, PLACE, OTHER):
                tab.drop(name)

    def close(self) -> None:
        self._of = None
        Session.current().close_inspector()

    @property
    def node(self) -> Node | None:
        """The answer under inspection; None if it is not in the chat in view."""
        session = Session.current()
        if session.exhibit is not None and session.inspected is not None:
            return Node(session.inspected, None, session.exhibit.message)
        nodes = session.chats.current.conversation.nodes() if session.inspected is not None else []
        return next((node for node in nodes if node.id == session.inspected), None)

    @property
    def parts(self) -> AnswerContext:
        """What sends a repeated request: the tab's session, or the parts of a lane of a race."""
        session = Session.current()
        return session.answering(session.inspected) if session.inspected is not None else session

    @property
    def played(self) -> bool:
        """Whether it is an answer of a recording that plays: it cannot be asked again."""
        return Session.current().plays.player is not None

    @property
    def exhibit(self) -> Exhibit | None:
        """Whether it is an answer outside of conversations, such as a cell of an experiment."""
        return Session.current().exhibit

    @property
    def only_looked_at(self) -> bool:
        """Whether it cannot be asked again from here."""
        return self.played or self.exhibit is not None

    def turn_of(self, node: Node) -> Turn | None:
        """The turn of an answer that is being written."""
        turn = Session.current().chats.current.recent.get(node.id)
        return turn if turn is not None and turn.running else None

    def record(self, node: Node, conversation: str = "") -> ExchangeRecord | None:
        """The record of an answer, if it is still known. `conversation` is the id of another one."""
        if self.exhibit is not None and not conversation and node.id == Session.current().inspected:
            return self.exhibit.record
        return Session.current().exchanges.record(node.id, conversation)

    def displayed_request(self, node: Node) -> ChatRequest:
        """The request for display; for an older answer the one that would be sent now, with the current
        settings.
        """
        record = self.record(node)
        if self.exhibit is not None and node.id == Session.current().inspected:
            return self.exhibit.request
        return (as_sent(record) if record else None) or self._now(node)

    def request(self, node: Node) -> ChatRequest:
        """The request to be repeated; if it is not completely known, the one that would be sent now."""
        return Session.current().exchanges.request(node.id) or self._now(node)

    def _now(self, node: Node) -> ChatRequest:
        chat = Session.current().chats.current
        path = chat.conversation.path_to(node.parent)
        return self.parts.asker.ask.request([before.message for before in path], chat.tools)

    def circumstances(self, node: Node) -> Circumstances:
        """What an answer does not tell about itself, to explain it."""
        session, message = Session.current(), node.message
        turn = session.chats.current.recent.get(node.id)
        model = message.model or ""
        # An imported answer may name a local model too; for this one the record shows where it ran.
        recorded = self.record(node) is not None
        here = recorded and not message.server and any(known.id == model for known in session.models.local)
        return Circumstances(
            self.parts.setup.known_as(model),
            here=here and not self.played,
            played=self.played,
            pending=turn is not None and turn.pending,
        )

    def safe(self, text: str) -> str:
        """An untrusted text without any key in it."""
        return without_keys(text, Session.current().connections.keys)

    # ---- sending again ------------------------------------------------------------------------------------

    def send_edited(self, node: NodeId) -> None:
        """Send the body in the text box unchanged; the answer becomes a branch beside this one."""
        try:
            body = read_body(str(tab.value(EDITED) or ""))
        except ValueError as error:
            self.problem = str(error)
            return
        self.problem = ""
        chat, parts = Session.current().chats.current, self.parts
        request = replace(
            self.request(chat.conversation[node]),
            raw=body,
            again=False,
            model=str(body["model"]),
            stream=body.get("stream") is True,
        )
        chat.beside(node, lambda: parts.asker.ask.turn(request))
        self.close()

    def ask_for_probabilities(self, node: NodeId, *, here: bool = False) -> None:
        """Ask again with token probabilities; `here`: of the local model, which returns them. The inspector
        stays open, and the settings stay unchanged.
        """
        session, parts = Session.current(), self.parts
        actions = session.actions_here(parts.chats, parts.setup.values) if here else parts.actions
        actions.ask_for_colours(node, anyway=True)

    def go_on_from(self, node: NodeId, place: int, text: str) -> None:
        """Continue from another token at this position, as a branch."""
        chat, parts = Session.current().chats.current, self.parts
        answer = chat.conversation[node]
        beginning = logprobs.until(answer.message, place) + text
        transcript = [before.message for before in chat.conversation.path_to(answer.parent)]
        transcript.append(Message("assistant", beginning))
        if not parts.setup.connection.continues_by_itself:
            transcript.append(wire.CONTINUE)
        request = parts.asker.ask.request(transcript)
        tokens = (*answer.message.logprobs[:place], _instead(answer.message.logprobs[place], text))
        before = replace(answer.message, content=beginning, logprobs=tokens)
        chat.beside(node, lambda: parts.asker.ask.turn(request, before))
        self.close()


def without_keys(text: str, keys: Iterable[str]) -> str:
    """A text without any of these keys in it."""
    for key in keys:
        text = Redactor(key).redact(text)
    return text


def _instead(token: Token, text: str) -> Token:
    """A token replaced by one of its alternatives."""
    return replace(token, text=text, logprob=dict(token.alternatives).get(text, token.logprob))


def read_body(typed: str) -> dict[str, JSON]:
    """A request body that was edited by hand. Raises ValueError with a message for the visitor."""
    try:
        body = decode(typed)
    except json.JSONDecodeError as error:
        where = words.BODY_NOT_JSON_AT.format(line=error.lineno, column=error.colno, reason=error.msg)
        raise ValueError(where) from None
    except ValueError as error:
        raise ValueError(words.BODY_NOT_JSON.format(reason=error)) from None
    if not isinstance(body, dict):
        raise ValueError(words.BODY_NO_OBJECT)
    asked = isinstance(body.get("messages"), list) or isinstance(body.get("input"), list | str)
    if not isinstance(body.get("model"), str) or not asked:
        raise ValueError(words.BODY_LACKS_FIELDS)
    return body
