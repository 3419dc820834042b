"""A request as a Python program with the openai SDK.

Fields that the SDK knows are its keyword arguments; all others go through `extra_body`, which it merges over them.
"""

from __future__ import annotations

from backend.snippets import anthropic_sdk
from backend.snippets.literals import python_quoted
from backend.snippets.sdk_parts import arguments, headers, key, query
from backend.snippets.snippet_request import SnippetRequest

# Arguments of `chat.completions.create` in openai 3.54: newer fields go through `extra_body` as well.
KEYWORDS = frozenset(
    """
    audio frequency_penalty logit_bias logprobs max_completion_tokens max_tokens messages metadata modalities model
    n parallel_tool_calls prediction presence_penalty reasoning_effort response_format seed service_tier stop store
    stream stream_options temperature tool_choice tools top_logprobs top_p user
    """.split()  # noqa: SIM905 - a list of 28 words reads better than a column of them
)
# Arguments of `responses.create`.
RESPONSES_KEYWORDS = frozenset(
    """
    background include input instructions max_output_tokens max_tool_calls metadata model
    parallel_tool_calls previous_response_id prompt reasoning service_tier store stream temperature text
    tool_choice tools top_logprobs top_p truncation user
    """.split()  # noqa: SIM905 - a list of words reads better than a column of them
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
_READ_EVENTS = """\
for event in stream:
    if event.type == "response.failed":
        sys.exit(f"\\n{event.response.error}")
    if event.type in ("response.output_text.delta", "response.refusal.delta"):
        print(event.delta, end="", flush=True)
"""
_EVENT_TOOLS = """\
    if event.type == "response.output_item.done" and event.item.type == "function_call":
        print(f"\\n{event.item.name} {event.item.arguments}", end="", flush=True)
"""
_READ_RESPONSE = """\
if response.error:
    sys.exit(str(response.error))
print(response.output_text)
"""
_RESPONSE_TOOLS = """\
for item in response.output:
    if item.type == "function_call":
        print(item.name, item.arguments)
"""


def write(asked: SnippetRequest) -> str:
    """The program; for Anthropic's format with Anthropic's own SDK."""
    if asked.format == "messages":
        return anthropic_sdk.write(asked)
    in_responses = asked.format == "responses"
    method, result = ("responses", "response") if in_responses else ("chat.completions", "completion")
    read = _events(asked) if in_responses else _chunks(asked)
    return f"""\
import os
{"import sys" + chr(10) if "sys." in read else ""}
from openai import OpenAI

client = OpenAI(
    base_url={python_quoted(asked.base_url.partition("?")[0])},
    api_key={key(asked)},
{query(asked)}{headers(asked, *_key_elsewhere(asked))})

{"stream" if asked.streaming else result} = client.{method}.create(
{arguments(asked.body, RESPONSES_KEYWORDS if in_responses else KEYWORDS)})
{read}"""


def _key_elsewhere(asked: SnippetRequest) -> list[str]:
    """The key as an item of the headers, if its header is not the SDK's."""
    name, _ = asked.key_header
    return [] if name == "Authorization" else [f'"{name}": os.environ["{asked.variable}"]']


def _chunks(asked: SnippetRequest) -> str:
    if asked.streaming:
        return f"{_READ_STREAM}{_STREAM_TOOLS if asked.has_tools else ''}print()\n"
    return _READ_WHOLE + (_WHOLE_TOOLS if asked.has_tools else "")


def _events(asked: SnippetRequest) -> str:
    if asked.streaming:
        return f"{_READ_EVENTS}{_EVENT_TOOLS if asked.has_tools else ''}print()\n"
    return _READ_RESPONSE + (_RESPONSE_TOOLS if asked.has_tools else "")
