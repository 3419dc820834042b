"""Tool loops of three rounds and a further question, against servers that refuse what the real ones refuse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from agents import offers, run, view
from basics import KEY, QUICK
from fake_api import FakeAPI, Reply, Request, error
from provider_servers import PROVIDERS, QUESTIONS, STORY, Provider

from backend.answer.turn import Turn
from backend.keys.endpoint import PATHS
from backend.tools.agent import Agent
from backend.tools.loop import LoopRules
from backend.tools.runner import ToolRunner
from backend.transport.client import ChatClient, Endpoint
from backend.types import ChatRequest, Dialect, Message, Tool


@dataclass(frozen=True)
class Page:
    """Asks as the page does, in the dialect of the real server."""

    agent: Agent
    client: ChatClient
    asked: ChatRequest

    def is_open(self) -> bool:
        return False

    def __call__(
        self, transcript: Sequence[Message], offered: tuple[Tool, ...], *, more: bool, before: Message | None = None
    ) -> Turn:
        choice = None if more or not offered else "none"
        request = replace(self.asked, messages=tuple(transcript), tools=offered, tool_choice=choice)
        return Turn(self.client, self.agent.shape_request(request), before)


def told_to(
    provider: Provider,
    dialect: Dialect,
    runner: ToolRunner,
    turns: Sequence[int] = range(len(STORY)),
    mode: str = "auto",
) -> tuple[Agent, list[Request], list[str]]:
    """Both questions, answered with these turns of the story: the agent, what it asked, and what was refused."""
    refused: list[str] = []

    def serve(request: Request) -> Reply:
        faults = provider.faults(request.body)
        refused.extend(faults)
        return error(400, faults[0]) if faults else provider.reply(turns[len(api.asked) - 1])

    agent = Agent(runner)
    agent.loop.rules = LoopRules(offers=offers(mode=mode))
    with FakeAPI(serve) as api:
        client = ChatClient(Endpoint(api.url, KEY), QUICK)
        request = ChatRequest(provider.model, (), provider.parameters, dialect=dialect)
        page = Page(agent, client, request)
        for question in QUESTIONS:
            agent.send(question, page)
            run(agent, page)  # type: ignore[arg-type]
        client.close()
    return agent, api.asked, refused


@pytest.mark.parametrize("name", PROVIDERS)
def test_providers_take_three_rounds_of_calls_and_another_question(name: str, place: ToolRunner) -> None:
    provider = PROVIDERS[name]
    agent, asked, refused = told_to(provider, provider.dialect, place)
    assert refused == []
    assert len(asked) == len(STORY)
    assert {request.path for request in asked} == {f"/v1/{PATHS[provider.dialect.format]}"}
    said = view(agent)
    assert [text for role, text in said if role == "user"] == list(QUESTIONS)
    assert [text for role, text in said if role == "assistant" and text in STORY] == [STORY[3], STORY[5]]
    results = [text for role, text in said if role == "tool"]
    assert [text for text in results if "result" in text] == [f'{{"result": {n}}}' for n in (42, 2, 5, 8)]
    assert len(results) == 5


@pytest.mark.parametrize("name", PROVIDERS)
def test_another_question_while_calls_wait_is_one_that_the_provider_takes(name: str, place: ToolRunner) -> None:
    provider = PROVIDERS[name]
    agent, asked, refused = told_to(provider, provider.dialect, place, turns=(1, 5), mode="ask")
    assert refused == []
    assert len(asked) == 2
    assert view(agent)[-1] == ("assistant", STORY[5])


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [
        ("Gemini", {"unknown_fields": False}, "thought_signature"),
        ("Gemini", {"result_names": False}, "function_response.name"),
        ("Claude", {"returns_reasoning": False}, "Expected the thinking block"),
        ("Claude", {"adds": {}}, "max_tokens"),
        ("DeepSeek", {"returns_reasoning": False}, "Missing `reasoning_content`"),
        ("DeepSeek V4", {"keeps_reasoning": ""}, "must be passed back"),
        ("Kimi", {"keeps_reasoning": ""}, "must be passed back"),
        ("Mistral", {"adds": {"stream_options": {}}}, "stream_options is not permitted"),
        ("Groq", {"unknown_fields": True}, "executed_tools is not permitted"),
        ("OpenAI chat", {"names": {}}, "max_tokens is not permitted"),
        ("OpenAI responses", {"returns_reasoning": False}, "required 'reasoning' item"),
    ],
)
def test_these_servers_refuse_another_dialect(
    name: str, changes: dict[str, Any], reason: str, place: ToolRunner
) -> None:
    provider = PROVIDERS[name]
    _, _, refused = told_to(provider, replace(provider.dialect, **changes), place)
    assert any(reason in fault for fault in refused)
