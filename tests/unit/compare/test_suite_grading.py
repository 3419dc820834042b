"""An answer with several checks that a model decides: each grade is paid for once."""

from __future__ import annotations

import pytest
from fake_api import FakeAPI, Reply, Request, error, stream
from studio import StepHands

from backend.answer.cost import Price
from backend.compare.suite import headless, job, results
from backend.compare.suite.check import Check
from backend.compare.suite.job import AskingLane
from backend.compare.suite.suite import Row, Suite, plan
from backend.jobs.endpoints import Endpoints
from backend.jobs.job import Again
from backend.transport import client as client_module
from backend.transport.client import ChatClient
from backend.types import ChatRequest, Message, Tool

RULES = ("It greets.", "It is short.", "It is kind.")
SUITE = Suite("", "Greet Ada.", (Row({}),), (Check("contains", "Ada"), *(Check("graded", rule) for rule in RULES)))


def lane(model: str) -> AskingLane:
    def request(question: str, tools: tuple[Tool, ...]) -> ChatRequest:
        return ChatRequest(model, (Message("user", question),), tools=tools)

    return AskingLane(model, request, Price(1.0, 2.0))


@pytest.mark.parametrize("comes_back", [True, False])
def test_a_grader_that_is_away_for_a_while_is_asked_only_for_what_it_has_not_graded(
    comes_back: bool, api: FakeAPI, client: ChatClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "RETRIES", 0)
    away = [True]

    def answer(request: Request) -> Reply:
        if "You grade" not in request.prompt:
            return stream("Hello Ada")
        trouble = RULES[2] in request.prompt and away[0]
        return error(503, "Overloaded.") if trouble else stream('{"pass": true, "reason": "Yes."}')

    api.play(answer)
    made, lanes = plan(SUITE), (lane("alpha"),)
    draft = job.draft(SUITE, made, lanes, grader=lane("grader"))
    work = headless.works(draft, lanes, lane("grader"), client, Endpoints())["0"]
    (task,), hands = draft.tasks, StepHands()
    with pytest.raises(Again) as busy:
        work(task.task, hands)
    given_up, away[0] = busy.value.outcome, not comes_back
    asked = len(api.asked)
    assert asked == 4 and given_up is not None
    passed = [verdict.passed for verdict in results.read_cell(given_up.result).verdicts]
    assert passed == [True, True, True, False], "what was graded counts also where the rest never is"
    if comes_back:
        cell = results.read_cell(work(task.task, StepHands(hands.handle)).result)
        assert [verdict.passed for verdict in cell.verdicts] == [True] * 4 and cell.state == "passed"
        assert all(verdict.cost for verdict in cell.verdicts[1:]), "what the earlier ones cost is counted"
    else:
        with pytest.raises(Again):
            work(task.task, StepHands(hands.handle))
    assert [RULES[2] in request.prompt for request in api.asked[asked:]] == [True]
