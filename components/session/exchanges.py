"""The exchanges behind the answers of one tab: recent ones from their turns, others from storage.

Both are the same value (backend.answer.exchange_record), so callers need not know the source. Nothing is drawn
here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from backend.answer.exchange_record import ExchangeRecord, record_of
from backend.answer.turn import Turn
from backend.conversation.tree import Conversation, NodeId
from backend.keys.endpoint import path_in
from backend.store.exchanges import Place
from backend.types import ChatRequest, Dialect, Message
from components.session import services
from components.session.chats import Chats

_HELD = 2  # cached records: one to show, and one to compare it with
Key = TypeVar("Key")
Value = TypeVar("Value")


class Exchanges:
    """The exchanges of one owner, in the conversation in view unless another one is named by its id."""

    def __init__(self, owner: str, chats: Chats) -> None:
        self._owner = owner
        self._chats = chats
        self._read: dict[tuple[str, NodeId], ExchangeRecord] = {}
        self._conversation = Conversation()
        self._made: dict[NodeId, tuple[Turn, float | None, ExchangeRecord]] = {}  # of answers that have ended
        self._known: tuple[tuple[str, int, int], frozenset[NodeId]] = (("", 0, 0), frozenset())

    def record(self, node: NodeId, conversation: str = "") -> ExchangeRecord | None:
        """The record of an answer, None if it is no longer known."""
        turn = None if conversation else self._chats.current.recent.get(node)
        return self._of_turn(node, turn) if turn else self._saved_record(conversation or self._chats.id, node)

    def _of_turn(self, node: NodeId, turn: Turn) -> ExchangeRecord:
        """The record of a turn, made once when it has ended, and again when its bill has arrived."""
        cost = None if turn.running else turn.message.cost
        made = self._made.get(node)
        if made and made[0] is turn and made[1] == cost and not turn.running:
            return made[2]
        record = record_of(turn)
        if record.state != "running":
            _put(self._made, node, (turn, cost, record))
        return record

    def _saved_record(self, conversation: str, node: NodeId) -> ExchangeRecord | None:
        key = conversation, node
        # a cached record may contain a deleted message
        if self._conversation is not self._chats.current.conversation:
            self._conversation = self._chats.current.conversation
            self._read.clear()
        if key not in self._read:
            record = services.journals().exchanges.load(self._owner, conversation, node)
            if record is None:
                return None
            _put(self._read, key, record)
        return self._read[key]

    def there(self, node: NodeId) -> bool:
        """Whether this answer has a record. Queries the database once for all answers, as long as none is new."""
        chat = self._chats.current
        if chat.recent.get(node):
            return True
        state = self._chats.id, chat.turns, id(chat.conversation)
        if self._known[0] != state:
            self._known = state, services.journals().exchanges.nodes(self._owner, self._chats.id)
        return node in self._known[1]

    def request(self, node: NodeId) -> ChatRequest | None:
        """The request of an answer, to be repeated unchanged; None if it is not completely known."""
        chat = self._chats.current
        if turn := chat.recent.get(node):
            return turn.request
        record = self.record(node)
        if record is None or record.cut:
            return None
        before = chat.conversation.path_to(chat.conversation[node].parent)
        return as_sent(record, [one.message for one in before])

    # ---- of other conversations ---------------------------------------------------------------------------

    def places(self) -> list[Place]:
        """The other conversations of this owner with stored exchanges, the newest first."""
        found = services.journals().exchanges.places(self._owner)
        return [place for place in found if place.id != self._chats.id]

    def conversation(self, id_: str) -> tuple[Conversation, frozenset[NodeId]]:
        """Another conversation, and its answers with stored exchanges."""
        found = services.journals().load(self._owner, id_)
        return found.conversation if found else Conversation(), services.journals().exchanges.nodes(
            self._owner, id_
        )


def _put(held: dict[Key, Value], key: Key, value: Value) -> None:
    """Cache a value, dropping the oldest."""
    while len(held) >= _HELD:
        del held[next(iter(held))]
    held[key] = value


def as_sent(record: ExchangeRecord, transcript: Sequence[Message] = ()) -> ChatRequest | None:
    """The request of a record: its body unchanged, for the endpoint it was sent to. None without a body."""
    body = record.body
    if body is None:
        return None
    asked = path_in(record.last_try.url) if record.last_try else None
    model, stream = body.get("model"), body.get("stream") is True
    return ChatRequest(
        model if isinstance(model, str) else "",
        tuple(transcript),
        stream=stream,
        dialect=Dialect(format=asked or "chat"),
        raw=body,
        again=not record.by_hand,
    )
