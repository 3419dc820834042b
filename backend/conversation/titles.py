"""A title for a conversation, suggested by the model when the visitor asks for one: it costs a small request."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from backend.answer.cost import Price
from backend.answer.turn import Source, Turn
from backend.protocol.learned import Learned
from backend.protocol.wire import thinking
from backend.types import ChatRequest, Dialect, Message

LENGTH = 80  # characters
SECONDS = 30.0
_LABEL = re.compile(r"^title\s*[:：]\s*", re.IGNORECASE)
_QUOTED = re.compile(r"""(["'`]).*\1|“.*”|„.*[“”]|‘.*’|«.*»|».*«|「.*」|『.*』|《.*》""")
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
    price: Price | None = None,
    counted: Callable[[Turn], object] = lambda turn: None,
) -> str:
    """A title in one line, requested in the same way as the conversation: in the server's dialect and without what
    it refused. The turn is passed to `counted`: it costs money like any other. Raises APIError if the model cannot
    be asked; "" if the answer is empty.
    """
    transcript = "\n\n".join(
        f"{message.role}: {message.content[:600]}" for message in messages[:6] if message.content
    )
    question = (Message("user", _ASK + transcript),)
    request = ChatRequest(model, question, stream=stream, dialect=dialect, learned=learned)
    turn = Turn(source, request, price=price)
    counted(turn)
    turn.start().join(SECONDS).stop()
    if turn.error:
        raise turn.error
    return _title(thinking(turn.message)[1])


def _title(answer: str) -> str:
    """The title in an answer, without what models put around it: Markdown, quotes, a full stop."""
    lines = [line.strip() for line in answer.replace("**", "").splitlines()]
    lines = [line for line in lines if line and not line.startswith("```")] or [""]
    candidate = lines[1] if len(lines) > 1 and lines[0].endswith((":", "：")) else lines[0]
    title = _LABEL.sub("", candidate.lstrip("#*> "))
    for _ in range(2):  # a full stop inside or after the quotes
        title = title.rstrip(".。* ")
        title = title[1:-1] if _QUOTED.fullmatch(title) else title
    return title.strip()[:LENGTH]
