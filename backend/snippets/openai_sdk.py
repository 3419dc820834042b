"""A request as a Python program with the openai SDK.

Fields that the SDK knows are its keyword arguments; all others go through `extra_body`, which it merges over them.
"""

from __future__ import annotations

from typing import cast
from urllib.parse import parse_qsl

from backend.snippets.asked import Asked
from backend.snippets.literals import PYTHON, literal, python_quoted
from backend.snippets.python_requests import own_headers
from backend.types import JSON

# Those that `chat.completions.create` of openai 3.54 takes: newer ones go through `extra_body` as well.
KEYWORDS = frozenset(
    """
    audio frequency_penalty logit_bias logprobs max_completion_tokens max_tokens messages metadata modalities model
    n parallel_tool_calls prediction presence_penalty reasoning_effort response_format seed service_tier stop store
    stream stream_options temperature tool_choice tools top_logprobs top_p user
    """.split()  # noqa: SIM905 - a list of 28 words reads better than a column of them
)
_READ_STREAM = """\
for chunk in stream:
    for choice in chunk.choices or []:
        print(choice.delta.content or "", end="", flush=True)
"""
_STREAM_TOOLS = """\
        for call in choice.delta.tool_calls or []:
            if call.function.name:
                print(f"\\n{call.function.name} ", end="")
            print(call.function.arguments or "", end="", flush=True)
"""
_READ_WHOLE = """\
for choice in completion.choices:
    print(choice.message.content or "")
"""
_WHOLE_TOOLS = """\
    for call in choice.message.tool_calls or []:
        print(call.function.name, call.function.arguments)
"""


def write(asked: Asked) -> str:
    result, read = ("stream", _streamed(asked)) if asked.streaming else ("completion", _whole(asked))
    return f"""\
import os

from openai import OpenAI

client = OpenAI(
    base_url={python_quoted(asked.base_url.partition("?")[0])},
    api_key={_key(asked)},
{_query(asked)}{_headers(asked)})

{result} = client.chat.completions.create(
{_arguments(asked.body)})
{read}"""


def _query(asked: Asked) -> str:
    """What the address has behind its question mark, as an argument of the client."""
    query = dict(parse_qsl(asked.base_url.partition("?")[2], keep_blank_values=True))
    return f"    default_query={literal(cast(JSON, query), PYTHON)},\n" if query else ""


def _headers(asked: Asked) -> str:
    """What the SDK does not send by itself: the visitor's own headers, and the key where it goes elsewhere."""
    name, _ = asked.key_header
    elsewhere = "" if name == "Authorization" else f'"{name}": os.environ["{asked.variable}"]'
    items = ", ".join(filter(None, [elsewhere, own_headers(asked)]))
    return f"    default_headers={{{items}}},\n" if items else ""


def _streamed(asked: Asked) -> str:
    return f"{_READ_STREAM}{_STREAM_TOOLS if asked.has_tools else ''}print()\n"


def _whole(asked: Asked) -> str:
    return _READ_WHOLE + (_WHOLE_TOOLS if asked.has_tools else "")


def _key(asked: Asked) -> str:
    """The SDK does not start without a key; servers that need none ignore it."""
    if asked.key_needed:
        return f'os.environ["{asked.variable}"]'
    return f'os.environ.get("{asked.variable}") or "none"'


def _arguments(body: dict[str, JSON]) -> str:
    known = {name: value for name, value in body.items() if name in KEYWORDS}
    extra = {name: value for name, value in body.items() if name not in KEYWORDS}
    if extra:
        known["extra_body"] = extra
    lines = (f"{name}={literal(value, PYTHON, '    ', len(name) + 1)}" for name, value in known.items())
    return "".join(f"    {line},\n" for line in lines)
