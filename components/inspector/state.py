"""What the inspector of one tab has open, and what its clicks do. Nothing here is drawn."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import cast

from backend.answer.turn import Turn
from backend.conversation.chat import CONTINUE
from backend.conversation.tree import Node, NodeId
from backend.keys.redaction import Redactor
from backend.protocol import logprobs
from backend.protocol.body import decode
from backend.types import JSON, ChatRequest, Message, Token
from components.session import tab
from components.session.connections import LOCAL
from components.session.session import Session
from components.session.tab import configured

TOP = 5  # alternatives per token that are asked for
EDITED = "inspect.edited"
OTHER = "inspect.other"
EDITABLE = 400_000  # characters of a body in a text box; a longer one has attachments that nobody edits by hand


class Inspection:
    """One per tab: `Inspection.current()`."""

    def __init__(self) -> None:
        self._of: NodeId | None = None
        self.place: int | None = None  # of the token that was chosen in the heat map
        self.problem = ""

    @staticmethod
    def current() -> Inspection:
        found = tab.value("inspection")
        if found is None:
            found = Inspection()
            tab.put("inspection", found)
        return cast(Inspection, found)

    # ---- opening ------------------------------------------------------------------------------------------

    def begin(self, node: NodeId) -> None:
        """Before the inspector is drawn: nothing of the answer that was looked at before stays open."""
        if node != self._of:
            self._of, self.place, self.problem = node, None, ""
            for name in (EDITED, OTHER):
                tab.drop(name)

    def close(self) -> None:
        Session.current().inspected = self._of = None

    @property
    def found(self) -> Node | None:
        """The answer under inspection; None when it is not in the chat in view."""
        session = Session.current()
        nodes = session.chat.conversation.nodes() if session.inspected is not None else []
        return next((node for node in nodes if node.id == session.inspected), None)

    @property
    def open(self) -> bool:
        return self.found is not None

    def turn(self, node: Node) -> Turn | None:
        """Everything about how an answer came, while it is remembered."""
        return Session.current().chat.kept.get(node.id)

    def request(self, node: Node) -> ChatRequest:
        """What was asked; for an older answer what would be asked now, with the settings of now."""
        turn = self.turn(node)
        if turn is not None:
            return turn.request
        session = Session.current()
        path = session.chat.conversation.path_to(node.parent)
        return session.request([before.message for before in path], session.chat.tools)

    @property
    def secrets(self) -> list[str]:
        """Every key of this tab and of its owner: none of them is ever shown."""
        session = Session.current()
        return [key for key in (configured().endpoint.api_key, *session.keys.values()) if key]

    def safe(self, text: str) -> str:
        """A text from outside without any key in it."""
        for secret in self.secrets:
            text = Redactor(secret).redact(text)
        return text

    # ---- sending again ------------------------------------------------------------------------------------

    def send_edited(self, node: NodeId) -> None:
        """Send the body in the text box as it is; the answer becomes a branch beside this one."""
        try:
            body = read_body(str(tab.value(EDITED) or ""))
        except ValueError as error:
            self.problem = str(error)
            return
        self.problem = ""
        session = Session.current()
        found = session.chat.conversation[node]
        request = replace(
            self.request(found), raw=body, model=str(body["model"]), stream=body.get("stream") is True
        )
        session.chat.beside(node, lambda: session.turn(request))
        self.close()

    def ask_for_probabilities(self, node: NodeId, *, here: bool = False) -> None:
        """Ask again with token probabilities; `here`: of the model on this computer, which gives them."""
        session = Session.current()
        if here:
            session.connect(LOCAL)
        session.set_parameter("logprobs", True)
        session.set_parameter("top_logprobs", TOP)
        session.anyway |= {(session.model, name) for name in ("logprobs", "top_logprobs")}
        session.regenerate(node)
        self.close()

    def go_on_from(self, node: NodeId, place: int, text: str) -> None:
        """Another token at this place, and what the model says after it, as a branch."""
        session = Session.current()
        found = session.chat.conversation[node]
        beginning = logprobs.until(found.message, place) + text
        transcript = [before.message for before in session.chat.conversation.path_to(found.parent)]
        transcript.append(Message("assistant", beginning))
        if session.connection.id != LOCAL:  # the local server goes on with the assistant's last message by itself
            transcript.append(Message("user", CONTINUE))
        request = session.request(transcript)
        sure = (*found.message.logprobs[:place], _instead(found.message.logprobs[place], text))
        session.chat.beside(node, lambda: session.turn(request, beginning, sure))
        self.close()


def _instead(token: Token, text: str) -> Token:
    """A token with one of its alternatives in its place."""
    return replace(token, text=text, logprob=dict(token.alternatives).get(text, token.logprob))


def read_body(typed: str) -> dict[str, JSON]:
    """A request body that was edited by hand. Raises ValueError with words for the visitor."""
    try:
        body = decode(typed)
    except json.JSONDecodeError as error:
        raise ValueError(f"Not JSON: line {error.lineno}, column {error.colno}: {error.msg}.") from None
    except ValueError as error:
        raise ValueError(f"Not JSON: {error}.") from None
    if not isinstance(body, dict):
        raise ValueError('A body is an object: {"model": ..., "messages": [...]}.')
    if not isinstance(body.get("model"), str) or not isinstance(body.get("messages"), list):
        raise ValueError('A body needs "model" (a text) and "messages" (a list).')
    return body
