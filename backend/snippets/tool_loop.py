"""A whole tool loop as one Python program: the question, the schemas, the mocks, and the limit of rounds.

It needs `requests` and a key in the environment, nothing of this project. Built-in tools are exported as mocks
with the results they gave here, by their arguments: their code depends on data and limits that are not part of a
file. Each function says where the real one goes. Tools of servers (MCP) are called on their servers, with the
official client. All text from outside is a literal in the program, never code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from backend.snippets import python_requests, tool_servers
from backend.snippets.literals import PYTHON, literal, python_quoted
from backend.snippets.loop_shapes import SHAPES, Shape
from backend.snippets.snippet_request import SnippetRequest, request_for_snippet
from backend.snippets.tool_servers import ServerToolInCode
from backend.tools.calls import ROUNDS, BadArguments, arguments
from backend.tools.custom import CustomTool, Rule
from backend.types import JSON, ChatRequest, Message, Tool, ToolCall

_HEAD = '''\
"""A conversation with tools as one program. Needs {needs}, a key in {variable}.{more}"""

{standard}import json
import os
import sys

{imports}import requests

URL = {url}
ROUNDS = {rounds}  # requests; a model that calls for ever is stopped here
BODY = {body}

'''
_LOOP = '''
FUNCTIONS = {functions}


def ask():
    """The model's next answer."""
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
    if not answer.get("{content}"):
        sys.exit(response.text)
    return answer

{shape}

def result_of(name, text):
    """What a call comes to, faults included: the model reads it and may do better."""
    try:
        given = text if isinstance(text, dict) else json.loads(text or "{{}}") or {{}}
        if not isinstance(given, dict):
            return "Error: the arguments must be a JSON object."
        if name not in FUNCTIONS:
            return f"Error: there is no tool named {{name!r}}."
        return FUNCTIONS[name](given)
    except ValueError as error:
        return f"Error: the arguments are not valid JSON: {{error}}"
    except Exception as error:
        return f"Error: {{type(error).__name__}}: {{error}}"


def {run}():
    for _ in range(ROUNDS):
        answer = ask()
        calls = calls_in(answer)
        if not calls:
            print(text_of(answer))
            return
        results = []
        for call_id, name, text in calls:
            result = result_of(name, text)
            print(f"{{name}}({{text or ''}}) -> {{result}}", file=sys.stderr)
            results.append((call_id, result))
        go_on(answer, results)
{free}    sys.exit(f"The model kept calling tools and was stopped after {{ROUNDS}} rounds.")

{main}
if __name__ == "__main__":
    main()
'''
_MAIN = """
def main():
    with start_blocking_portal() as portal, contextlib.ExitStack() as stack:
        connect(portal, stack)
        rounds()

"""
_FREE = '        BODY["tool_choice"] = {auto}  # forced for the first round only, or it would never answer\n'
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


def loop_code(
    request: ChatRequest,
    base_url: str,
    tools: Sequence[CustomTool],
    rounds: int = ROUNDS,
    own_headers: Iterable[str] = (),
    at_servers: Sequence[ServerToolInCode] = (),
) -> str:
    """The program. It begins after the request's last user message; `tools` say how each one answers, and
    `at_servers` are called on their servers.

    Raises BadInput for a request that cannot be written as source code.
    """
    made = request_for_snippet(
        replace(request, messages=_question(request.messages), stream=False), base_url, own_headers
    )
    names = _names([*(tool.name for tool in tools), *(tool.name for tool in at_servers)])
    shape = _shape(request)
    needed = tool_servers.variables(at_servers).values()
    head = _HEAD.format(
        variable=made.variable,
        needs='Python 3.10, `pip install requests "mcp>=2"`'
        if at_servers
        else "Python 3.9, `pip install requests`",
        more=f"\n\nThe servers of its tools want {', '.join(needed)} in the environment.\n" if needed else "",
        standard="import contextlib\n" if at_servers else "",
        imports=tool_servers.imports(at_servers),
        url=python_quoted(made.url),
        rounds=max(1, rounds),
        body=literal(_whole(made), PYTHON, spread=True),
    )
    functions = "".join(_function(tool, names[tool.name]) for tool in tools)
    functions += tool_servers.functions(at_servers, names)
    return (
        head
        + functions
        + _LOOP.format(
            content=shape.content,
            shape=shape.functions,
            headers=python_requests.headers(replace(made, key_needed=False)),
            variable=made.variable,
            functions=_table(names),
            run="rounds" if at_servers else "main",
            main=_MAIN if at_servers else "",
            free=_FREE.format(auto=shape.auto) if _forced(made.body.get("tool_choice")) else "",
        )
    )


def _shape(request: ChatRequest) -> Shape:
    in_blocks = request.dialect.format == "chat" and request.dialect.blocks == "claude"
    return SHAPES["blocks" if in_blocks else request.dialect.format]


def _forced(choice: JSON) -> bool:
    """Whether the tool choice prevents a plain answer."""
    kind = choice.get("type") if isinstance(choice, dict) else choice
    return kind not in (None, "auto", "none")


def recorded_mock(tool: Tool, results: Iterable[tuple[ToolCall, str]]) -> CustomTool:
    """A built-in tool as a mock with its recorded results, except those for invalid JSON arguments."""
    rules: list[Rule] = []
    for call, result in results:
        try:
            rules.append(Rule(arguments(call.arguments), result))
        except BadArguments:
            continue
    rules.sort(key=lambda rule: -len(rule.when))  # the most specific first: {} matches every call
    otherwise = "Error: no result was recorded for these arguments; put the real function here."
    return CustomTool(tool.name, tool.description, tool.parameters, "rules", otherwise, tuple(rules))


def _question(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The transcript up to the last user message: the program runs the later rounds anew."""
    last = max((place for place, message in enumerate(messages) if message.role == "user"), default=len(messages))
    return tuple(messages[: last + 1])


def _whole(made: SnippetRequest) -> JSON:
    """The body for a non-streamed answer, whatever the request's extra fields say."""
    return {name: value for name, value in made.body.items() if name not in ("stream", "stream_options")}


def _names(tools: Sequence[str]) -> dict[str, str]:
    """A Python name for each tool: tools may be called `a-b`, `class` or `print`."""
    names: dict[str, str] = {}
    for tool in tools:
        name = "use_" + re.sub(r"\W", "_", tool, flags=re.ASCII)[:64]
        while name in names.values():
            name += "_"
        names[tool] = name
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
    return literal(value, PYTHON, "    ", before=8)
