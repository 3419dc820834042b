"""A request as a Python program with the requests library and nothing else."""

from __future__ import annotations

from backend.snippets.asked import Asked
from backend.snippets.literals import PYTHON, literal, python_quoted

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
        for choice in chunk.get("choices") or []:
            finished = finished or bool(choice.get("finish_reason"))
            delta = choice.get("delta") or {}
            print(delta.get("content") or "", end="", flush=True)
"""
_STREAM_TOOLS = """\
            for call in delta.get("tool_calls") or []:
                function = call.get("function") or {}
                if function.get("name"):
                    print(f"\\n{function['name']} ", end="")
                print(function.get("arguments") or "", end="", flush=True)
"""
_END = """\
print()
if not finished:
    sys.exit("The stream broke off.")
"""
_READ_WHOLE = """\
answer = response.json()
if not answer.get("choices"):
    sys.exit(response.text)
for choice in answer["choices"]:
    message = choice["message"]
    print(message.get("content") or "")
"""
_WHOLE_TOOLS = """\
    for call in message.get("tool_calls") or []:
        print(call["function"]["name"], call["function"]["arguments"])
"""


def write(asked: Asked) -> str:
    return _streaming(asked) if asked.streaming else _blocking(asked)


def _streaming(asked: Asked) -> str:
    read = _READ_STREAM + (_STREAM_TOOLS if asked.has_tools else "")
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


def _blocking(asked: Asked) -> str:
    return f"""\
import os
import sys

import requests

{_body(asked)}

{_key(asked)}response = requests.post(
{_arguments(asked)})
{_REFUSED}{_READ_WHOLE}{_WHOLE_TOOLS if asked.has_tools else ""}"""


def _body(asked: Asked) -> str:
    return f"body = {literal(asked.body, PYTHON, spread=True)}"


def _key(asked: Asked) -> str:
    return "" if asked.key_needed else f'key = os.environ.get("{asked.variable}")\n'


def own_headers(asked: Asked) -> str:
    """The visitor's own headers as items of a dict, without its brackets."""
    return ", ".join(f'"{name}": os.environ["{variable}"]' for name, variable in asked.headers.items())


def _arguments(asked: Asked) -> str:
    name, scheme = asked.key_header
    headers = f'{{"{name}": f"{scheme}{{key}}"}} if key else {{}}'
    if asked.key_needed:
        headers = f"""{{"{name}": f"{scheme}{{os.environ['{asked.variable}']}}"}}"""
    if asked.headers:
        headers = f"{{**({headers}), {own_headers(asked)}}}"
    return f"""\
    {python_quoted(asked.url)},
    headers={headers},
    json=body,
    timeout=(10, 300),  # seconds to connect, and between two pieces of the answer
"""
