"""A title for a conversation, by the model itself, when the visitor asks for one: it costs a small request."""

from __future__ import annotations

from collections.abc import Sequence

from backend.answer.turn import Source, Turn
from backend.protocol.learned import Learned
from backend.protocol.wire import thinking
from backend.types import ChatRequest, Dialect, Message

LENGTH = 80  # characters
SECONDS = 30.0
_ASK = (
    "Write a title for the conversation below: at most six words, in its language, no quotes, no full stop. "
    "Answer with the title only.\n\n"
)


def suggest(
    source: Source,
    model: str,
    messages: Sequence[Message],
    dialect: Dialect = Dialect(),  # noqa: B008 - frozen
    learned: Learned | None = None,
    *,
    stream: bool = True,
) -> str:
    """A title in one line, asked for as the conversation itself is: in the dialect of the server and without what
    it refused. Raises APIError when the model cannot be asked; "" when it had nothing to say.
    """
    transcript = "\n\n".join(
        f"{message.role}: {message.content[:600]}" for message in messages[:6] if message.content
    )
    question = (Message("user", _ASK + transcript),)
    request = ChatRequest(model, question, stream=stream, dialect=dialect, learned=learned)
    turn = Turn(source, request).start().join(SECONDS)
    turn.stop()
    if turn.error:
        raise turn.error
    lines = thinking(turn.message)[1].strip().splitlines() or [""]
    return lines[0].removeprefix("Title:").strip(" \"'*#.")[:LENGTH]
