"""A request to `/messages` as a Python program with the anthropic SDK.

The SDK sends to `/v1` of a server and nowhere else; for another address the program uses requests.
"""

from __future__ import annotations

from dataclasses import replace

from backend.snippets import python_requests
from backend.snippets.literals import python_quoted
from backend.snippets.sdk_parts import arguments, headers, key, query
from backend.snippets.snippet_request import SnippetRequest

# Arguments of `messages.create` in anthropic 2.14: all other fields go through `extra_body`.
KEYWORDS = frozenset(
    """
    cache_control max_tokens messages metadata model service_tier stop_sequences stream system thinking
    tool_choice tools
    """.split()  # noqa: SIM905 - a list of words reads better than a column of them
)
NEEDED = frozenset({"max_tokens", "messages", "model"})  # the SDK sends nothing without these
_VERSION = "/v1"
_READ_STREAM = """\
for event in stream:
    if event.type == "content_block_delta" and event.delta.type == "text_delta":
        print(event.delta.text, end="", flush=True)
"""
_STREAM_TOOLS = """\
    if event.type == "content_block_start" and event.content_block.type == "tool_use":
        print(f"\\n{event.content_block.name} ", end="")
    if event.type == "content_block_delta" and event.delta.type == "input_json_delta":
        print(event.delta.partial_json, end="", flush=True)
"""
_READ_WHOLE = """\
for block in message.content:
    if block.type == "text":
        print(block.text)
"""
_WHOLE_TOOLS = """\
    if block.type == "tool_use":
        print(block.name, json.dumps(block.input, ensure_ascii=False))
"""


def write(asked: SnippetRequest) -> str:
    address = asked.base_url.partition("?")[0]
    if not address.endswith(_VERSION) or not asked.body.keys() >= NEEDED:
        return python_requests.write(asked)
    result, read = ("stream", _stream_code(asked)) if asked.streaming else ("message", _whole(asked))
    return f"""\
{"import json" + chr(10) if "json." in read else ""}import os

from anthropic import Anthropic

client = Anthropic(
    base_url={python_quoted(address.removesuffix(_VERSION))},
    {_credential(asked)}={key(asked)},
    timeout=600,  # seconds
{query(asked)}{headers(_for_sdk(asked))})

{result} = client.messages.create(
{arguments(asked.body, KEYWORDS)})
{read}"""


def _credential(asked: SnippetRequest) -> str:
    """The argument that puts the key into the header that the server expects."""
    return "auth_token" if asked.key_header[0] == "Authorization" else "api_key"


def _for_sdk(asked: SnippetRequest) -> SnippetRequest:
    """The headers for the SDK, which adds the version itself on Anthropic's own server."""
    return replace(asked, anthropic=_credential(asked) == "auth_token")


def _stream_code(asked: SnippetRequest) -> str:
    return f"{_READ_STREAM}{_STREAM_TOOLS if asked.has_tools else ''}print()\n"


def _whole(asked: SnippetRequest) -> str:
    return _READ_WHOLE + (_WHOLE_TOOLS if asked.has_tools else "")
