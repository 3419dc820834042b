"""A whole tool loop as one Python program: the question, the schemas, the mocks, and the limit of rounds.

It needs `requests` and a key in the environment, nothing of this project. Built-in tools are exported as mocks
with the results they gave here, by their arguments: their code leans on data and limits that do not travel in a
file. Each function says where the real one goes. All text from outside is a literal in the program, never code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import cast

from backend import errors
from backend.snippets import python_requests
from backend.snippets.asked import Asked, asked
from backend.snippets.literals import PYTHON, literal, python_quoted
from backend.tools.calls import ROUNDS, BadArguments, arguments
from backend.tools.custom import CustomTool, Rule
from backend.types import JSON, ChatRequest, Message, Tool, ToolCall

_HEAD = '''\
"""A conversation with tools as one program. Needs Python 3.9, `pip install requests`, a key in {variable}."""

import json
import os
import sys

import requests

URL = {url}
ROUNDS = {rounds}  # requests; a model that calls for ever is stopped here
BODY = {body}

'''
_LOOP = '''
FUNCTIONS = {functions}


def ask():
    """The model's next message."""
    key = os.environ.get("{variable}", "")
    response = requests.post(
        URL,
        headers={headers},
        json=BODY,
        timeout=(10, 300),  # seconds to connect, and to wait for the answer
        allow_redirects=False,
    )
    if response.status_code not in (200, 201):
        sys.exit(f"{{response.status_code}} {{response.reason}}\\n{{response.text}}")
    answer = response.json()
    if not answer.get("choices"):
        sys.exit(response.text)
    return answer["choices"][0]["message"]


def result_of(name, text):
    """What a call comes to, faults included: the model reads it and may do better."""
    try:
        given = json.loads(text or "{{}}")
        if not isinstance(given, dict):
            return "Error: the arguments must be a JSON object."
        if name not in FUNCTIONS:
            return f"Error: there is no tool named {{name!r}}."
        return FUNCTIONS[name](given)
    except ValueError as error:
        return f"Error: the arguments are not valid JSON: {{error}}"
    except Exception as error:
        return f"Error: {{type(error).__name__}}: {{error}}"


def main():
    for _ in range(ROUNDS):
        message = ask()
        calls = message.get("tool_calls") or []
        if not calls:
            print(message.get("content") or "")
            return
        # As it came: some servers refuse a call without what they sent along with it, reasoning for one.
        told = {{name: value for name, value in message.items() if value}}
        BODY["messages"].append({{"content": None, **told, "role": "assistant"}})
        for call in calls:
            name, text = call["function"]["name"], call["function"].get("arguments") or ""
            result = result_of(name, text)
            print(f"{{name}}({{text}}) -> {{result}}", file=sys.stderr)
            BODY["messages"].append({{"role": "tool", "tool_call_id": call["id"], "content": result}})
{free}    sys.exit(f"The model kept calling tools and was stopped after {{ROUNDS}} rounds.")


if __name__ == "__main__":
    main()
'''
_FREE = '        BODY["tool_choice"] = "auto"  # forced for the first round only, or it would never answer\n'
_FIXED = """
def {name}(given):
    # Put the real function here; `given` are the arguments.
    return {result}

"""
_ASKING = """
def {name}(given):
    # Put the real function here; `given` are the arguments.
    return input({question} + json.dumps(given) + " -> ")

"""
_RULES = """
def {name}(given):
    # Put the real function here; `given` are the arguments. Until then: the first of these that fits.
    for when, result in {rules}:
        if all(name in given and given[name] == value for name, value in when.items()):
            return result
    return {otherwise}

"""


def _headers(made: Asked) -> str:
    name, scheme = made.key_header
    headers = f'{{"{name}": f"{scheme}{{key}}"}} if key else {{}}'
    return f"{{**({headers}), {python_requests.own_headers(made)}}}" if made.headers else headers


def loop_code(
    request: ChatRequest,
    base_url: str,
    tools: Sequence[CustomTool],
    rounds: int = ROUNDS,
    own_headers: Iterable[str] = (),
) -> str:
    """The program. It begins where the request's last user message ends; `tools` say how each one answers.

    Raises BadInput for a request that source text cannot say, and for calls in another shape than OpenAI's.
    """
    if request.dialect.format != "chat" or request.dialect.blocks != "openai":
        raise errors.BadInput(title="The program calls tools in OpenAI's shape only, and this model in another.")
    made = asked(replace(request, messages=_question(request.messages), stream=False), base_url, own_headers)
    names = _names(tools)
    forced = made.body.get("tool_choice") not in (None, "auto", "none")
    head = _HEAD.format(
        variable=made.variable,
        url=python_quoted(made.url),
        rounds=max(1, rounds),
        body=literal(_whole(made), PYTHON, spread=True),
    )
    functions = "".join(_function(tool, names[tool.name]) for tool in tools)
    free = _FREE if forced else ""
    return (
        head
        + functions
        + _LOOP.format(headers=_headers(made), variable=made.variable, functions=_table(names), free=free)
    )


def recorded(tool: Tool, results: Iterable[tuple[ToolCall, str]]) -> CustomTool:
    """A built-in tool as a mock that knows what it answered here, but to arguments that were no JSON."""
    rules: list[Rule] = []
    for call, result in results:
        try:
            rules.append(Rule(arguments(call.arguments), result))
        except BadArguments:
            continue
    rules.sort(key=lambda rule: -len(rule.when))  # the most exact first: {} fits every call
    otherwise = "Error: no result was recorded for these arguments; put the real function here."
    return CustomTool(tool.name, tool.description, tool.parameters, "rules", otherwise, tuple(rules))


def _question(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The transcript up to the last thing the user said: the program runs the rounds after it anew."""
    last = max((place for place, message in enumerate(messages) if message.role == "user"), default=len(messages))
    return tuple(messages[: last + 1])


def _whole(made: Asked) -> JSON:
    """The body for an answer in one piece, whatever the request's extra fields say."""
    return {name: value for name, value in made.body.items() if name not in ("stream", "stream_options")}


def _names(tools: Sequence[CustomTool]) -> dict[str, str]:
    """A Python name for each tool: tools may be called `a-b`, `class` or `print`."""
    names: dict[str, str] = {}
    for tool in tools:
        name = "use_" + re.sub(r"\W", "_", tool.name, flags=re.ASCII)[:64]
        while name in names.values():
            name += "_"
        names[tool.name] = name
    return names


def _table(names: dict[str, str]) -> str:
    rows = "".join(f"    {python_quoted(tool)}: {name},\n" for tool, name in names.items())
    return f"{{\n{rows}}}" if rows else "{}"


def _function(tool: CustomTool, name: str) -> str:
    if tool.behaviour == "ask":
        return _ASKING.format(name=name, question=python_quoted(f"{tool.name} "))
    if tool.behaviour == "fixed":
        return _FIXED.format(name=name, result=_text(tool.result))
    rows: JSON = [[dict(rule.when), rule.result] for rule in tool.rules]
    return _RULES.format(
        name=name, rules=literal(rows, PYTHON, "    ", spread=bool(rows)), otherwise=_text(tool.result)
    )


def _text(value: str) -> str:
    return literal(cast(JSON, value), PYTHON, "    ", before=8)
