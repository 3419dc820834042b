"""Questions of a server in the middle of a call. A visitor answers: in a form
(elicitation), or by letting a model be asked (sampling: backend/mcp/sampling.py).

    questions = Questions(redactor)                     # one for each connection
    questions.open                                      # unanswered ones, for a page to draw
    questions.open[0].answer({"colour": "blue"})        # returns what is invalid; "" when it was sent

A server is told what the visitor has typed and pressed, and nothing else. It can ask for simple values, or for a
web page to be opened: this app never requests that page, the visitor's browser opens it. An ambiguous address is
declined, and so is a question while none of its calls runs: nobody would see it.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from backend.keys.redaction import Redactor
from backend.mcp import bounds, form
from backend.mcp.form import FormField
from backend.mcp.sampling import SamplingRate, SamplingRequest, sampling_request
from backend.mcp.sampling_prompt import Refusal
from backend.mcp.sign_in import is_safe, looks_alike
from backend.schema import check
from backend.types import JSON
from backend.untrusted import Object, clean_json, fields, text

if TYPE_CHECKING:
    from mcp_types import (
        CreateMessageRequestParams,
        ElicitRequestParams,
        ElicitResult,
    )

    from backend.mcp.sampling import Reply

MOST = 5  # open questions
_LONGEST = 2_000  # characters of an address
_ADDRESS = re.compile(r"https?://[a-z0-9.\-:\[\]]+(?:[/?#][!-\[\]-~]*)?", re.IGNORECASE)  # no name, no backslash
Answer = TypeVar("Answer")


@dataclass(eq=False)
class Question:
    """A question. `fields` are those of its form, () for a yes/no question; `address` is the page to be opened
    instead, "" for a form.
    """

    words: str
    schema: Object
    fields: tuple[FormField, ...]
    _answer: asyncio.Future[tuple[str, dict[str, JSON] | None]] = field(repr=False)
    address: str = ""

    @property
    def host(self) -> str:
        """The host of the page, as a browser's address bar shows it."""
        return urlsplit(self.address).netloc

    @property
    def looks_alike(self) -> bool:
        """Whether its host contains letters that can be mistaken for others."""
        return looks_alike(self.host)

    def note_visit(self) -> None:
        """Note that the visitor has been to the page."""
        self._end("accept", None)

    def answer(self, values: Mapping[str, object]) -> list[str]:
        """Send what was typed; returns why it cannot be sent, "" if it was."""
        content: JSON = json.loads(form.arguments(self.fields, values))
        problems = check(content, self.schema)
        if not problems:
            self._end("accept", dict(fields(content)))
        return problems

    def decline(self) -> None:
        self._end("decline", None)

    def dismiss(self) -> None:
        """Close it unanswered."""
        self._end("cancel", None)

    def _end(self, action: str, content: dict[str, JSON] | None) -> None:
        def put() -> None:
            if not self._answer.done():
                self._answer.set_result((action, content))

        self._answer.get_loop().call_soon_threadsafe(put)


class Questions:
    """The questions of one connection. `changed` is called on the loop when the number changes."""

    def __init__(self, redactor: Redactor, changed: Callable[[], None] = lambda: None) -> None:
        self.open: list[Question | SamplingRequest] = []
        self.redactor, self._changed = redactor, changed
        self._rate, self._signs_in = SamplingRate(), False
        self._waiting: dict[asyncio.Timeout, float] = {}  # running calls, and the deadline of each

    async def ask(self, context: object, params: ElicitRequestParams) -> ElicitResult:
        """Wait for the visitor; called by the SDK."""
        from mcp_types import ElicitResult  # the SDK has been imported by now

        raw = params.model_dump(by_alias=True, mode="json", exclude_none=True)
        schema, address = fields(clean_json(raw.get("requestedSchema"))), _page(raw.get("url"))
        if not self._room or (raw.get("mode") == "url" and not address):
            return ElicitResult(action="decline")
        words, answer = (
            self.redactor.redact_answer(text(params.message, 2_000)),
            asyncio.get_running_loop().create_future(),
        )
        question = Question(words, schema, form.form(schema) or (), answer, address)
        action, content = await self._wait_for_answer(question, question._answer)
        return ElicitResult.model_validate({"action": action, "content": content})

    async def sample(self, context: object, params: CreateMessageRequestParams) -> Reply:
        """Ask a model if the visitor agrees; called by the SDK."""
        try:
            if not self._room:
                raise Refusal("Nothing can be asked of a model now.")
            self._rate.count()
            request = await sampling_request(params, self.redactor)
            return await self._wait_for_answer(request, request.reply)
        except Refusal as refused:
            return refused.error

    def hold(self, address: str) -> None:
        """Wait for a sign-in at this address, in the middle of a call; "" if it has ended. On the loop."""
        self._signs_in = bool(address)
        self._changed()
        self._again()

    @property
    def phases(self) -> tuple[str, ...]:
        """The progress of each sampling request: it changes without a message from the server."""
        return tuple(one.phase for one in self.open if isinstance(one, SamplingRequest))

    @property
    def _room(self) -> bool:
        return bool(self._waiting) and len(self.open) < MOST

    async def _wait_for_answer(
        self, question: Question | SamplingRequest, answer: asyncio.Future[Answer]
    ) -> Answer:
        """The visitor's answer. Meanwhile no call of the connection times out."""
        self.open = [*self.open, question]
        self._changed()
        self._again()
        try:
            return await answer
        finally:
            self.open = [other for other in self.open if other is not question]
            self._changed()
            self._again()

    def _again(self) -> None:
        """Restart the silence timeout of every running call; there is none while the visitor is waited for."""
        now = asyncio.get_running_loop().time()
        for call, ends in self._waiting.items():
            call.reschedule(ends if self.open or self._signs_in else min(ends, now + bounds.CALL_SECONDS))

    @asynccontextmanager
    async def patience(self) -> AsyncIterator[Callable[[], None]]:
        """The timeouts of a call: the silence timeout, and while a question is open only the total. Yields a
        function that restarts the former. Raises TimeoutError.
        """
        ends = asyncio.get_running_loop().time() + bounds.CALL_MOST
        async with asyncio.timeout(bounds.CALL_SECONDS) as call:
            self._waiting[call] = ends
            self._again()
            try:
                yield self._again
            finally:
                del self._waiting[call]
                if not self._waiting:  # a stopped call leaves its questions open
                    for question in self.open:
                        question.dismiss()


def _page(address: object) -> str:
    """An address that a visitor can judge by reading it, "" for any other: https or loopback, no user name
    before the host, no invisible characters.
    """
    if not isinstance(address, str) or len(address) > _LONGEST or not _ADDRESS.fullmatch(address):
        return ""
    try:
        return address if is_safe(address) and urlsplit(address).hostname else ""
    except ValueError:
        return ""
