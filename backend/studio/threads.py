"""Parses threads and their runs (OpenAI's Assistants, version 2), within limits; sends nothing.

said = Events()
new = said.take(event.event, event.data)        # of a streamed run: new text; said.run is the run's state
"""

from __future__ import annotations

from contextlib import suppress

from backend.types import JSON
from backend.untrusted import Object, Unreadable, fields, line, number, objects, parsed, text

MESSAGES = 100
STEPS = 60
TEXT = 50_000  # characters of a message


class Events:
    """A run assembled from its events. The name of an event tells its meaning; unknown ones are ignored."""

    def __init__(self) -> None:
        self.run: Object = {}
        self.error = ""
        self._letters = 0

    def take(self, name: str, data: str) -> str:
        """Process one event; returns the new text of the answer."""
        with suppress(Unreadable):
            body = fields(parsed(data))
            if name == "thread.message.delta":
                return self._text(fields(body.get("delta")))
            if name.startswith("thread.run.") and not name.startswith("thread.run.step.") and body.get("id"):
                self.run = body
            elif name == "error":
                self.error = why(body) or "The server ended the stream with an error."
        return ""

    def _text(self, delta: Object) -> str:
        parts = [fields(part.get("text")).get("value") for part in objects(delta.get("content"), 100)]
        piece = "".join(text(part) for part in parts)[: TEXT - self._letters]
        self._letters += len(piece)
        return piece


def calls(run: Object) -> list[JSON]:
    """The tool calls whose output a run requires: id, name, arguments."""
    wanted = fields(fields(run.get("required_action")).get("submit_tool_outputs"))
    found: list[JSON] = []
    for one in objects(wanted.get("tool_calls"), 20):
        function = fields(one.get("function"))
        found.append(
            {
                "id": text(one.get("id"), 200),
                "name": line(function.get("name"), 100),
                "arguments": text(function.get("arguments"), 10_000),
            }
        )
    return found


def messages(body: Object) -> list[JSON]:
    """The messages of a thread, the oldest first: role, text, at."""
    found: list[JSON] = []
    for row in objects(body.get("data"), MESSAGES):
        parts = [fields(part.get("text")) for part in objects(row.get("content"), 100)]
        content = "\n\n".join(text(part.get("value"), TEXT) for part in parts if part.get("value"))
        found.append(
            {"role": line(row.get("role"), 20), "text": content[:TEXT], "at": number(row.get("created_at"))}
        )
    return found[::-1]  # lists begin with the newest (OpenAI's reference, order=desc)


def steps(body: Object) -> list[JSON]:
    """The steps of a run, the first one first: type, state, tools, began, ended."""
    found: list[JSON] = []
    for row in objects(body.get("data"), STEPS):
        details = fields(row.get("step_details"))
        names = [
            line(fields(one.get("function")).get("name") or one.get("type"), 100)
            for one in objects(details.get("tool_calls"), 20)
        ]
        found.append(
            {
                "type": line(row.get("type") or details.get("type"), 60),
                "state": line(row.get("status"), 40),
                "tools": [*names],
                "began": number(row.get("created_at")),
                "ended": number(row.get("completed_at")),
            }
        )
    return found[::-1]


def why(run: Object) -> str:
    """The server's reason for the failure of a run; "" if there is none."""
    for name in ("last_error", "error", "incomplete_details"):
        details = fields(run.get(name))
        if words := text(details.get("message") or details.get("reason"), 4_000):
            return words
    return text(run.get("message"), 4_000)
