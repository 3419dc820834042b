"""A request as a Python program with only the requests library."""

from __future__ import annotations

from backend.snippets.literals import PYTHON, literal, python_quoted
from backend.snippets.snippet_request import SnippetRequest
from backend.types import WireFormat

_EVENTS = '''

def events(response):
    """The data of each server-sent event, as it arrives."""
    rest = b""
    for piece in response.iter_content(chunk_size=None):
        *blocks, rest = re.split(rb"\\r?\\n\\r?\\n|\\r\\r", rest + piece)
        for block in blocks:
            lines = [line[5:] for line in block.splitlines() if line.startswith(b"data:")]
            yield b"\\n".join(lines).strip()
'''
_REFUSED = """\
if not response.ok:
    sys.exit(f"{response.status_code} {response.reason}\\n{response.text}")
"""
_READ_STREAM = """\
    finished = False
    for data in events(response):
        if data == b"[DONE]":
            finished = True
            break
        chunk = json.loads(data or b"{}")
        if chunk.get("error"):
            sys.exit(f"\\n{chunk['error']}")
"""
# The handling of each format's chunks: the text and the end of the answer; then the tool calls.
_STREAMED: dict[WireFormat, str] = {
    "chat": """\
        for choice in chunk.get("choices") or []:
            finished = finished or bool(choice.get("finish_reason"))
            delta = choice.get("delta") or {}
            print(delta.get("content") or "", end="", flush=True)
""",
    "messages": """\
        delta = chunk.get("delta") or {}
        finished = finished or bool(delta.get("stop_reason"))
        print(delta.get("text") or "", end="", flush=True)
""",
    "responses": """\
        kind = chunk.get("type")
        if kind in ("error", "response.failed"):
            sys.exit(f"\\n{chunk}")
        finished = finished or kind in ("response.completed", "response.incomplete")
        if kind in ("response.output_text.delta", "response.refusal.delta"):
            print(chunk["delta"], end="", flush=True)
""",
}
_STREAMED_CALLS: dict[WireFormat, str] = {
    "chat": """\
            for call in delta.get("tool_calls") or []:
                function = call.get("function") or {}
                if function.get("name"):
                    print(f"\\n{function['name']} ", end="")
                print(function.get("arguments") or "", end="", flush=True)
""",
    "messages": """\
        block = chunk.get("content_block") or {}
        if block.get("type") == "tool_use":
            print(f"\\n{block['name']} ", end="")
        print(delta.get("partial_json") or "", end="", flush=True)
""",
    "responses": """\
        item = chunk.get("item") or {}
        if kind == "response.output_item.done" and item.get("type") == "function_call":
            print(f"\\n{item['name']} {item['arguments']}", end="", flush=True)
""",
}
_END = """\
print()
if not finished:
    sys.exit("The stream broke off.")
"""
_READ_WHOLE = """\
answer = response.json()
if not answer.get("{content}"):
    sys.exit(response.text)
"""
_CONTENT: dict[WireFormat, str] = {"chat": "choices", "messages": "content", "responses": "output"}
_WHOLE: dict[WireFormat, str] = {
    "chat": """\
for choice in answer["choices"]:
    message = choice["message"]
    print(message.get("content") or "")
""",
    "messages": """\
for block in answer["content"]:
    if block["type"] == "text":
        print(block["text"])
""",
    "responses": """\
for item in answer["output"]:
    for part in item.get("content") or []:
        if item["type"] == "message":
            print(part.get("text") or part.get("refusal") or "")
""",
}
_WHOLE_CALLS: dict[WireFormat, str] = {
    "chat": """\
    for call in message.get("tool_calls") or []:
        print(call["function"]["name"], call["function"]["arguments"])
""",
    "messages": """\
    if block["type"] == "tool_use":
        print(block["name"], json.dumps(block["input"], ensure_ascii=False))
""",
    "responses": """\
    if item["type"] == "function_call":
        print(item["name"], item["arguments"])
""",
}


def write(asked: SnippetRequest) -> str:
    return _streaming(asked) if asked.streaming else _blocking(asked)


def _streaming(asked: SnippetRequest) -> str:
    read = _READ_STREAM + _STREAMED[asked.format] + (_STREAMED_CALLS[asked.format] if asked.has_tools else "")
    refused = "".join(f"    {line}\n" for line in _REFUSED.splitlines())
    return f"""\
import json
import os
import re
import sys

import requests

{_body(asked)}
{_EVENTS}

{_key(asked)}with requests.post(
{_arguments(asked)}    stream=True,
) as response:
{refused}{read}{_END}"""


def _blocking(asked: SnippetRequest) -> str:
    read = _READ_WHOLE.format(content=_CONTENT[asked.format]) + _WHOLE[asked.format]
    read += _WHOLE_CALLS[asked.format] if asked.has_tools else ""
    return f"""\
{"import json" + chr(10) if "json." in read.replace("response.json", "") else ""}import os
import sys

import requests

{_body(asked)}

{_key(asked)}response = requests.post(
{_arguments(asked)})
{_REFUSED}{read}"""


def _body(asked: SnippetRequest) -> str:
    return f"body = {literal(asked.body, PYTHON, spread=True)}"


def _key(asked: SnippetRequest) -> str:
    return "" if asked.key_needed else f'key = os.environ.get("{asked.variable}")\n'


def further_headers(asked: SnippetRequest) -> str:
    """Headers besides the key's, as items of a dict without its brackets: the format's and the visitor's own."""
    fixed = (f'"{name}": "{value}"' for name, value in asked.format_headers.items())
    own = (f'"{name}": os.environ["{variable}"]' for name, variable in asked.headers.items())
    return ", ".join((*fixed, *own))


def headers(asked: SnippetRequest) -> str:
    """All headers as an expression: with `key`, or with the variable itself if a key is required."""
    name, scheme = asked.key_header
    key = f'{{"{name}": f"{scheme}{{key}}"}} if key else {{}}'
    if asked.key_needed:
        key = f"""{{"{name}": f"{scheme}{{os.environ['{asked.variable}']}}"}}"""
    further = further_headers(asked)
    return f"{{**({key}), {further}}}" if further else key


def _arguments(asked: SnippetRequest) -> str:
    return f"""\
    {python_quoted(asked.url)},
    headers={headers(asked)},
    json=body,
    timeout=(10, 300),  # seconds to connect, and between two pieces of the answer
"""
