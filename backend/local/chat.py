"""Answers of the model on this machine, through the same ChatClient.

    for event in LocalChat(SMOLLM2).chat(request): ...

A child that died before the first token is restarted once.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend.errors import ConnectionFailed, CutOff, LocalModelFailed, NotAnAnswer
from backend.local import serving
from backend.local.child import Child
from backend.local.machine import unavailable
from backend.local.models import MODELS, LocalModel
from backend.local.serving import LocalServer
from backend.transport.call import Call
from backend.transport.client import ChatClient
from backend.transport.deadlines import Deadlines
from backend.types import ChatRequest, Event, ResponseStarted, Retrying

# Processing a prompt is slow without a GPU: the first token may take long.
DEADLINES = Deadlines(headers=300.0, first_data=300.0, idle=120.0)


class LocalChat:
    """A turn.Source: the answers of the models on this machine. The request's `model` says which; the first
    of `models` answers for an unknown id."""

    def __init__(self, *models: LocalModel, server: LocalServer | None = None) -> None:
        self._models = models or MODELS
        self._server = server or serving.server()

    def chat(self, request: ChatRequest, call: Call | None = None) -> Iterator[Event]:
        """Download, queue, start, ask: the events of one answer, with Preparing events while it waits."""
        if problem := unavailable():
            why, _, hint = problem.partition(". ")
            raise LocalModelFailed(title=f"{why}.", hint=hint)
        model = next((model for model in self._models if model.id == request.model), self._models[0])
        with call or Call(DEADLINES.total) as call:
            yield from self._server.fetched(model, call)
            with self._server.line.place(model) as place:
                yield from self._server.line.wait(place, call)
                yield from self._answer(model, request, call)

    def _answer(self, model: LocalModel, request: ChatRequest, call: Call) -> Iterator[Event]:
        """One answer; a child that died before the first token is restarted once."""
        for last_try in (False, True):
            child = yield from self._server.start_child(model, call)
            begun = False
            try:
                for event in _ask(child, request, call):
                    begun = begun or not isinstance(event, ResponseStarted | Retrying)
                    yield event
                return
            except (ConnectionFailed, CutOff, NotAnAnswer) as error:
                if not child.has_ended(within=0.5):  # the connection breaks before the exit is noticed
                    raise
                if begun:
                    raise CutOff(
                        error.detail,
                        title="The model on this machine ended in the middle of the answer.",
                        hint="What arrived is kept. Regenerate to try again: it starts anew.",
                    ) from error
                if last_try:
                    raise LocalModelFailed(error.detail, title="The model on this machine ended twice.") from error


def _ask(child: Child, request: ChatRequest, call: Call) -> Iterator[Event]:
    # One client per answer: this server fails 8 of 40 requests on a connection that carried a stream.
    client = ChatClient(serving.endpoint_of(child), DEADLINES)
    try:
        for event in client.chat(request, call):
            if isinstance(event, Retrying) and child.has_ended(within=0.5):
                raise ConnectionFailed(event.reason)  # there will be no server to ask again
            yield event
    finally:
        client.close()
