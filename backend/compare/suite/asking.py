"""How a suite asks from a script: one client, a model for each lane, what the model takes from the bundled list."""

from __future__ import annotations

from collections.abc import Mapping

from backend.answer.cost import Price
from backend.answer.turn import Turn
from backend.catalog.snapshot import snapshot
from backend.compare.settings import LaneSettings, Overrides
from backend.compare.suite.grading import Grading
from backend.compare.suite.running import AskingLane
from backend.compare.suite.suite import Suite
from backend.parameters import fit
from backend.protocol import dialects
from backend.transport.client import ChatClient
from backend.types import JSON, ChatRequest, Message, Tool


def asking_lanes(suite: Suite, client: ChatClient, model: str) -> tuple[AskingLane, ...]:
    """The lanes of a suite, all of one server; without any, one with the default model."""
    settings = (lane.over(LaneSettings(model=model)) for lane in suite.lanes or (Overrides(),))
    return tuple(_lane(own.model, own.parameters, own.system_prompt, client) for own in settings)


def grading_lane(grading: Grading, client: ChatClient, model: str) -> AskingLane:
    return _lane(grading.model or model, {}, "", client)


def _lane(model: str, parameters: Mapping[str, JSON], system_prompt: str, client: ChatClient) -> AskingLane:
    endpoint = client.endpoint
    info = snapshot().find(model) if endpoint.is_aimlapi else None
    dialect = dialects.choose(model, endpoint.base_url, info)
    body = fit(parameters, info, dialect=dialect).body
    system = (Message("system", system_prompt),) if system_prompt.strip() else ()

    def request(question: str, tools: tuple[Tool, ...]) -> ChatRequest:
        messages = (*system, Message("user", question))
        return ChatRequest(model, messages, body, tools, dialect=dialect, server=endpoint.digest)

    def turn(asked: ChatRequest) -> Turn:
        return Turn(client, asked, price=Price(info.price_in, info.price_out) if info else None)

    name = f"{model} · {_short(parameters)}" if parameters else model
    return AskingLane(name, endpoint.base_url, request, turn)


def _short(parameters: Mapping[str, JSON]) -> str:
    return ", ".join(f"{name} {value}" for name, value in parameters.items())[:80]
