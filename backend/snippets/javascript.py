"""A request as a JavaScript program with fetch, a module for Node 18 or later."""

from __future__ import annotations

import json

from backend.protocol.body import rounded
from backend.snippets.literals import JAVASCRIPT, literal, quoted
from backend.snippets.snippet_request import SnippetRequest
from backend.types import JSON, WireFormat

_REFUSED = """\
if (!response.ok) {
  console.error(`${response.status} ${response.statusText}\\n${await response.text()}`);
  process.exit(1);
}
"""
_EVENTS = """\

// The data of each server-sent event, as it arrives.
async function* events(response) {
  let rest = "";
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + piece).split(/\\r?\\n\\r?\\n|\\r\\r/);
    rest = blocks.pop();
    for (const block of blocks) {
      const lines = block.split(/\\r\\n|\\n|\\r/).filter((line) => line.startsWith("data:"));
      yield lines.map((line) => line.slice(5)).join("\\n").trim();
    }
  }
}

"""
_READ_STREAM = """\
let finished = false;
for await (const data of events(response)) {
  if (data === "[DONE]") {
    finished = true;
    break;
  }
  const chunk = JSON.parse(data || "{}");
  if (chunk.error) {
    console.error(`\\n${JSON.stringify(chunk.error)}`);
    process.exit(1);
  }
"""
# The handling of each format's chunks: the text and the end of the answer; then the tool calls; the end.
_STREAMED: dict[WireFormat, tuple[str, str, str]] = {
    "chat": (
        """\
  for (const choice of chunk.choices ?? []) {
    finished ||= Boolean(choice.finish_reason);
    const delta = choice.delta ?? {};
    if (typeof delta.content === "string") process.stdout.write(delta.content);
""",
        """\
    for (const call of delta.tool_calls ?? []) {
      if (call.function?.name) process.stdout.write(`\\n${call.function.name} `);
      process.stdout.write(call.function?.arguments ?? "");
    }
""",
        "  }\n",
    ),
    "messages": (
        """\
  finished ||= Boolean(chunk.delta?.stop_reason);
  process.stdout.write(chunk.delta?.text ?? "");
""",
        """\
  if (chunk.content_block?.type === "tool_use") process.stdout.write(`\\n${chunk.content_block.name} `);
  process.stdout.write(chunk.delta?.partial_json ?? "");
""",
        "",
    ),
    "responses": (
        """\
  if (["error", "response.failed"].includes(chunk.type)) {
    console.error(`\\n${JSON.stringify(chunk)}`);
    process.exit(1);
  }
  finished ||= ["response.completed", "response.incomplete"].includes(chunk.type);
  if (["response.output_text.delta", "response.refusal.delta"].includes(chunk.type)) {
    process.stdout.write(chunk.delta);
  }
""",
        """\
  if (chunk.type === "response.output_item.done" && chunk.item.type === "function_call") {
    process.stdout.write(`\\n${chunk.item.name} ${chunk.item.arguments}`);
  }
""",
        "",
    ),
}
_END = """\
}
console.log();
if (!finished) {
  console.error("The stream broke off.");
  process.exit(1);
}
"""
_READ_WHOLE = """\
const answer = await response.json();
if (!answer.%s) {
  console.error(JSON.stringify(answer));
  process.exit(1);
}
"""
_CONTENT: dict[WireFormat, str] = {"chat": "choices", "messages": "content", "responses": "output"}
_WHOLE: dict[WireFormat, tuple[str, str]] = {
    "chat": (
        """\
for (const { message } of answer.choices) {
  console.log(message.content ?? "");
""",
        """\
  for (const call of message.tool_calls ?? []) {
    console.log(call.function.name, call.function.arguments);
  }
""",
    ),
    "messages": (
        """\
for (const block of answer.content) {
  if (block.type === "text") console.log(block.text);
""",
        """\
  if (block.type === "tool_use") console.log(block.name, JSON.stringify(block.input));
""",
    ),
    "responses": (
        """\
for (const item of answer.output) {
  for (const part of item.content ?? []) {
    if (item.type === "message") console.log(part.text ?? part.refusal ?? "");
  }
""",
        """\
  if (item.type === "function_call") console.log(item.name, item.arguments);
""",
    ),
}


def write(asked: SnippetRequest) -> str:
    """The program. It throws if the connection breaks."""
    read = _streaming(asked) if asked.streaming else _blocking(asked)
    key = "" if asked.key_needed else f"const key = process.env.{asked.variable};\n"
    body, sent = _body(asked.body)
    return f"""\
const body = {body};

{key}const response = await fetch({quoted(asked.url)}, {{
  method: "POST",
  headers: {{
    "Content-Type": "application/json",
    {_authorization(asked)},
{_further(asked)}  }},
  {sent},
}});
{_REFUSED}{read}"""


def _streaming(asked: SnippetRequest) -> str:
    words, calls, end = _STREAMED[asked.format]
    return _EVENTS + _READ_STREAM + words + (calls if asked.has_tools else "") + end + _END


def _blocking(asked: SnippetRequest) -> str:
    words, calls = _WHOLE[asked.format]
    return _READ_WHOLE % _CONTENT[asked.format] + words + (calls if asked.has_tools else "") + "}\n"


def _authorization(asked: SnippetRequest) -> str:
    name, scheme = asked.key_header
    name = name if name.isalpha() else quoted(name)
    if asked.key_needed:
        return f"{name}: `{scheme}${{process.env.{asked.variable}}}`"
    return f"...(key && {{ {name}: `{scheme}${{key}}` }})"


def _further(asked: SnippetRequest) -> str:
    """The format's headers and the visitor's own."""
    fixed = (f"    {quoted(name)}: {quoted(value)},\n" for name, value in asked.format_headers.items())
    own = (f"    {quoted(name)}: process.env.{variable},\n" for name, variable in asked.headers.items())
    return "".join((*fixed, *own))


def _body(body: dict[str, JSON]) -> tuple[str, str]:
    """The body as source, and how it is sent: as JSON text if an object literal would not be exact."""
    if rounded(body):
        return quoted(json.dumps(body, ensure_ascii=False)), "body"
    return literal(body, JAVASCRIPT, spread=True), "body: JSON.stringify(body)"
