"""Servers of well-known providers in a tool loop: what they say in STORY, and what of a body they refuse.

    PROVIDERS["Mistral"].faults(body)  ->  ["body: extra field stream_options is not permitted"]

A row of PROVIDERS is a provider: its address and a model, what its server says, and `judge`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

import jsonschema
from fake_api import USAGE, Reply, chunk, events
from schemas import SCHEMAS, as_meant

from backend.protocol import dialects
from backend.types import Dialect

Body = dict[str, Any]
Said = str | tuple[tuple[str, str], ...]  # a text, or calls: (name, arguments)


def total(expression: str) -> tuple[str, str]:
    return "calculator", json.dumps({"expression": expression})


ORDER = ("find_order", '{"number": 1042}')
# What the server says to each request; the second question begins with the fifth.
STORY: tuple[Said, ...] = (
    (ORDER,),
    (total("6 * 7"), total("1 + 1")),
    (total("2 + 3"),),
    "It is late.",
    (total("9 - 1"),),
    "By eight days.",
)
QUESTIONS = ("Is it late?", "By how much?")
REDACTED = 2  # the round in which Claude's thoughts come encrypted


# ---- what each server says ------------------------------------------------------------------------------


def calls(said: Said, turn: int, prefix: str) -> list[tuple[str, str, str]]:
    """(id, name, arguments) of what is called in a turn."""
    listed = () if isinstance(said, str) else said
    return [(f"{prefix}{turn:02}{place}", *call) for place, call in enumerate(listed)]


def whole(said: Said, turn: int, prefix: str) -> list[Body]:
    """Deltas with each call in one piece; a text as it is."""
    made = [
        {"index": place, "id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}
        for place, (id_, name, arguments) in enumerate(calls(said, turn, prefix))
    ]
    return [{"tool_calls": [call]} for call in made] or [{"content": said}]


def pieces(said: Said, turn: int) -> list[Body]:
    """Deltas with the arguments of each call in pieces."""
    made: list[Body] = []
    for place, (id_, name, arguments) in enumerate(calls(said, turn, "call_")):
        head = {"index": place, "id": id_, "type": "function", "function": {"name": name, "arguments": ""}}
        parts = [arguments[start : start + 7] for start in range(0, len(arguments), 7)]
        made.append({"tool_calls": [head]})
        made += [{"tool_calls": [{"index": place, "function": {"arguments": part}}]} for part in parts]
    return made or [{"content": said}]


def gemini_says(said: Said, turn: int, *, named: bool = True) -> list[Body]:
    """Calls come whole, all at index 0; the first of a round is signed. Ids were empty for a long time."""
    deltas = whole(said, turn, "function-call-")
    for place, call in enumerate(call for delta in deltas for call in delta.get("tool_calls", ())):
        call |= {"index": 0, "id": call["id"] if named else ""}
        if place == 0:
            call["extra_content"] = {"google": {"thought_signature": f"SIG {turn}"}}
    return deltas


def deepseek_says(said: Said, turn: int) -> list[Body]:
    return [{"reasoning_content": piece} for piece in ("Thought", f" {turn}.")] + pieces(said, turn)


def mistral_says(said: Said, turn: int) -> list[Body]:
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": f"Thought {turn}."}]}
    return [{"content": [thought]}, *whole(said, turn, "callid")]


def groq_says(said: Said, turn: int) -> list[Body]:
    """`executed_tools`: what ran on Groq's own machines."""
    thought = {"reasoning": f"Thought {turn}.", "channel": "analysis", "executed_tools": [{"type": "search"}]}
    return [thought, *whole(said, turn, "fc_")]


def chat(deltas: Sequence[Body], model: str) -> Reply:
    """A stream of chat completions. The server names a dated version of the model."""
    finish = "tool_calls" if "tool_calls" in deltas[-1] else "stop"
    chunks = [chunk({"role": "assistant", "content": ""}), *map(chunk, deltas), chunk(finish=finish)]
    return events(
        *({**item, "model": f"{model}-0925"} for item in chunks), chunk(choices=[], usage=USAGE), "[DONE]"
    )


def claude_thought(turn: int) -> Body:
    if turn == REDACTED:
        return {"type": "redacted_thinking", "data": f"DATA {turn}"}
    return {"type": "thinking", "thinking": f"Thought {turn}.", "signature": f"SIG {turn}"}


def claude_blocks(said: Said, turn: int) -> Iterator[tuple[Body, list[Body]]]:
    """Blocks as they begin, and their pieces."""
    thought = claude_thought(turn)
    if turn == REDACTED:
        yield thought, []
    else:
        yield (
            {"type": "thinking", "thinking": "", "signature": ""},
            [
                {"type": "thinking_delta", "thinking": thought["thinking"]},
                {"type": "signature_delta", "signature": thought["signature"]},
            ],
        )
    text = said if isinstance(said, str) else "I look it up. "
    yield {"type": "text", "text": ""}, [{"type": "text_delta", "text": text}]
    for id_, name, arguments in calls(said, turn, "toolu_"):
        begun = {"type": "tool_use", "id": id_, "name": name, "input": {}}
        yield begun, [{"type": "input_json_delta", "partial_json": part} for part in (arguments[:9], arguments[9:])]


def messages_reply(said: Said, turn: int, model: str) -> Reply:
    items: list[Body] = [{"type": "message_start", "message": {"model": f"{model}-0925", "usage": {}}}]
    for place, (begun, deltas) in enumerate(claude_blocks(said, turn)):
        items.append({"type": "content_block_start", "index": place, "content_block": begun})
        items += [{"type": "content_block_delta", "index": place, "delta": delta} for delta in deltas]
        items.append({"type": "content_block_stop", "index": place})
    reason = "end_turn" if isinstance(said, str) else "tool_use"
    return events(*items, {"type": "message_delta", "delta": {"stop_reason": reason}}, {"type": "message_stop"})


def openai_thought(turn: int) -> Body:
    return {"type": "reasoning", "id": f"rs_{turn}", "summary": [], "encrypted_content": f"SIG {turn}"}


def responses_reply(said: Said, turn: int, model: str) -> Reply:
    output = [openai_thought(turn)]
    output += [
        {"type": "function_call", "id": f"fc_{id_}", "call_id": id_, "name": name, "arguments": arguments}
        for id_, name, arguments in calls(said, turn, "call_")
    ]
    items: list[Body] = [{"type": "response.created", "response": {"status": "in_progress", "output": []}}]
    if isinstance(said, str):
        part = {"type": "output_text", "text": said, "annotations": []}
        output.append({"type": "message", "id": f"msg_{turn}", "role": "assistant", "content": [part]})
        items.append({"type": "response.output_text.delta", "output_index": 1, "content_index": 0, "delta": said})
    for place, item in enumerate(output):
        begun = {**item, "arguments": ""} if "arguments" in item else item
        items.append({"type": "response.output_item.added", "output_index": place, "item": begun})
        if "arguments" in item:
            piece = {"output_index": place, "delta": item["arguments"]}
            items.append({"type": "response.function_call_arguments.delta", **piece})
        items.append({"type": "response.output_item.done", "output_index": place, "item": item})
    done = {"status": "completed", "model": f"{model}-0925", "output": output, "usage": {"input_tokens": 3}}
    return events(*items, {"type": "response.completed", "response": done})


# ---- what each server refuses ---------------------------------------------------------------------------

CHAT_BODY = "model messages stream tools tool_choice temperature top_p parallel_tool_calls response_format"
ROLES = {
    "system": "content",
    "user": "content",
    "assistant": "content tool_calls",
    "tool": "content tool_call_id",
}


def unknown(where: str, item: Mapping[str, Any], allowed: str) -> Iterator[str]:
    for name in sorted(item.keys() - set(allowed.split())):
        yield f"{where}: extra field {name} is not permitted"


def unpaired(messages: Sequence[Body]) -> Iterator[str]:
    """Calls without a result right after them, and results without a call."""
    waiting: list[str] = []
    for message in messages:
        if message["role"] == "tool" and message["tool_call_id"] in waiting:
            waiting.remove(message["tool_call_id"])
        elif message["role"] == "tool" or waiting:
            yield f"calls and results do not pair: {waiting}, {message}"
        waiting += [call["id"] for call in message.get("tool_calls", ())]
    if waiting:
        yield f"no results of {waiting}"


def request_faults(body: Body, fields: str, call: str = "", **roles: str) -> Iterator[str]:
    """What is wrong with chat completions; `fields`, `call` and `roles` are what this server takes besides."""
    yield from unknown("body", body, f"{CHAT_BODY} {fields}")
    yield from unpaired(body["messages"])
    for place, message in enumerate(body["messages"]):
        role = message["role"]
        yield from unknown(f"messages[{place}]", message, f"role {ROLES[role]} {roles.get(role, '')}")
        if not isinstance(message.get("content", ""), str):
            yield f"messages[{place}].content: must be a string"
        for asked in message.get("tool_calls", ()):
            yield from unknown(f"messages[{place}].tool_calls", asked, f"id type function {call}")
            yield from unknown(f"messages[{place}].function", asked["function"], "name arguments")


def loop(messages: Sequence[Body]) -> list[Body]:
    """The answers to the last question so far."""
    last = max(place for place, message in enumerate(messages) if message["role"] == "user")
    return [message for message in messages[last:] if message["role"] == "assistant"]


def first_turn(messages: Sequence[Body]) -> int:
    """The number of the first reply to the last question."""
    return 4 if QUESTIONS[1] in json.dumps(messages) else 0


def gemini(body: Body) -> Iterator[str]:
    messages = body["messages"]
    yield from request_faults(body, "stream_options", call="extra_content", tool="name")
    for turn, answer in enumerate(loop(messages), first_turn(messages)):
        signed = answer["tool_calls"][0].get("extra_content")
        if signed != {"google": {"thought_signature": f"SIG {turn}"}}:
            yield f"function call {turn} is missing its thought_signature: {signed}"
    names = {call["id"]: call["function"]["name"] for answer in messages for call in answer.get("tool_calls", ())}
    for message in messages:
        if message["role"] == "tool" and message.get("name") != names.get(message["tool_call_id"]):
            yield "function_response.name: cannot be empty"


def deepseek(body: Body, *, v4: bool = False) -> Iterator[str]:  # it keeps thoughts: its guide, thinking_mode
    yield from request_faults(body, "stream_options max_tokens", assistant="reasoning_content")
    running = loop(messages := body["messages"])
    for turn, answer in enumerate(running, first_turn(messages)):
        if answer.get("reasoning_content") != f"Thought {turn}.":
            yield f"Missing `reasoning_content` field in the assistant message of turn {turn}"
    earlier = [message for message in messages if message["role"] == "assistant" and message not in running]
    if any(("reasoning_content" in message) != v4 for message in earlier):
        yield "reasoning_content of an earlier question " + ("must be passed back" if v4 else "is not allowed")


def mistral(body: Body) -> Iterator[str]:
    messages = body["messages"]
    yield from request_faults(body, "max_tokens", assistant="prefix", tool="name")
    for first, second in pairwise(message["role"] for message in messages):
        if (first, second) in {("tool", "user"), ("user", "user"), ("assistant", "assistant")}:
            yield f"Unexpected role '{second}' after role '{first}'"
    if messages[-1]["role"] not in ("user", "tool"):
        yield "Expected last role User or Tool"
    for id_ in (call["id"] for message in messages for call in message.get("tool_calls", ())):
        if not re.fullmatch("[a-zA-Z0-9]{9}", id_):
            yield f"Tool call id was {id_} but must be a-z, A-Z, 0-9, with a length of 9"


def groq(body: Body) -> Iterator[str]:
    own = "stream_options max_completion_tokens max_tokens"
    yield from request_faults(body, own, assistant="reasoning name", tool="name")


def openai_chat(body: Body) -> Iterator[str]:
    yield from request_faults(body, "stream_options max_completion_tokens reasoning_effort")


BLOCKS = {
    "text": "text",
    "thinking": "thinking signature",
    "redacted_thinking": "data",
    "tool_use": "id name input",
    "tool_result": "tool_use_id content is_error",
}


def claude(body: Body) -> Iterator[str]:
    fields = "model messages max_tokens system stream tools tool_choice thinking temperature stop_sequences"
    yield from unknown("body", body, fields)
    if body.get("max_tokens", 0) <= body["thinking"]["budget_tokens"]:
        yield "max_tokens: field required, greater than thinking.budget_tokens"
    roles = [message["role"] for message in body["messages"]]
    if roles[0] != "user" or any(first == second for first, second in pairwise(roles)):
        yield f"messages: roles must alternate, from user: {roles}"
    waiting, running = list[str](), list[list[Body]]()
    for message in body["messages"]:
        content = message["content"]
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        yield from (fault for block in blocks for fault in unknown("block", block, f"type {BLOCKS[block['type']]}"))
        if any(block["type"] == "text" and not block["text"].strip() for block in blocks):
            yield "text content blocks must be non-empty"
        results = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
        if results != waiting or any(block["type"] != "tool_result" for block in blocks[: len(results)]):
            yield f"tool_use ids {waiting} without tool_result blocks immediately after: {results}"
        waiting = [block["id"] for block in blocks if block["type"] == "tool_use"]
        if message["role"] == "assistant":
            running.append(blocks)
        elif not results:
            running.clear()
    for turn, blocks in enumerate(running, first_turn(body["messages"])):
        if blocks[0] != claude_thought(turn):
            yield f"Expected the thinking block of turn {turn} as it came, but found {blocks[0]}"


ITEMS = {
    "message": "role content type id status",
    "function_call": "call_id name arguments type id status",
    "function_call_output": "call_id output type",
    "reasoning": "id summary encrypted_content content type status",
}


def openai_responses(body: Body) -> Iterator[str]:
    yield from unknown(
        "body", body, "model input instructions stream tools tool_choice store include max_output_tokens"
    )
    if body.get("store") is not False or body.get("include") != ["reasoning.encrypted_content"]:
        yield "nothing may be kept, so thoughts are asked for in encrypted form"
    kinds = [item.get("type", "message") for item in body["input"]]
    for kind, item in zip(kinds, body["input"], strict=True):
        yield from unknown(kind, item, ITEMS[kind])
    for first, second in pairwise([*kinds, "nothing"]):
        if first == "reasoning" and second not in ("message", "function_call"):
            yield f"Item of type 'reasoning' was provided without its required following item, but {second}"
    called = [item["call_id"] for item in body["input"] if item.get("type") == "function_call"]
    if called != [item["call_id"] for item in body["input"] if item.get("type") == "function_call_output"]:
        yield f"No tool output found for function calls {called}"
    last = max(place for place, item in enumerate(body["input"]) if item.get("role") == "user")
    thoughts = [item for item in body["input"][last:] if item.get("type") == "reasoning"]
    starts = sum(one != "function_call" == two for one, two in pairwise(kinds[last:]))
    begun = first_turn(body["input"])
    if thoughts != [openai_thought(turn) for turn in range(begun, begun + starts)]:
        yield f"'function_call' was provided without its required 'reasoning' item: {thoughts}"


@dataclass(frozen=True)
class Provider:
    """`says` gives the deltas of chat completions, or a whole reply; `schema` is a name in SCHEMAS."""

    base_url: str
    model: str
    judge: Callable[[Body], Iterator[str]]
    says: Callable[[Said, int], list[Body]] | None = None
    replies: Callable[[Said, int, str], Reply] | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    schema: str = ""

    @property
    def dialect(self) -> Dialect:
        return dialects.choose(self.model, self.base_url)

    def reply(self, turn: int) -> Reply:
        if self.replies:
            return self.replies(STORY[turn], turn, self.model)
        assert self.says
        return chat(self.says(STORY[turn], turn), self.model)

    def faults(self, body: Body) -> list[str]:
        found = list(self.judge(body))
        if schema := SCHEMAS.get(self.schema):
            listed = {**body, "model": schema["properties"]["model"].get("enum", ["m"])[0]}
            if "input" in body:  # the schema is AI/ML API's, which lists none of OpenAI's reasoning items
                listed["input"] = [item for item in body["input"] if item.get("type") != "reasoning"]
            found += [one.message for one in jsonschema.Draft202012Validator(as_meant(schema)).iter_errors(listed)]
        return found


GOOGLE = "https://generativelanguage.googleapis.com/v1beta/openai"
OPENAI = "https://api.openai.com/v1"
LONGEST = {"max_tokens": 2000}
PROVIDERS = {
    "Gemini": Provider(GOOGLE, "gemini-3-pro-preview", gemini, gemini_says),
    "Gemini without ids": Provider(GOOGLE, "gemini-3-pro-preview", gemini, partial(gemini_says, named=False)),
    "Claude": Provider(
        "https://api.anthropic.com/v1",
        "claude-sonnet-4-5",
        claude,
        replies=messages_reply,
        parameters={"thinking": {"type": "enabled", "budget_tokens": 1024}},
        schema="messages-claude-sonnet-5",
    ),
    "DeepSeek": Provider("https://api.deepseek.com/v1", "deepseek-reasoner", deepseek, deepseek_says),
    "DeepSeek V4": Provider("https://api.deepseek.com", "deepseek-v4", partial(deepseek, v4=True), deepseek_says),
    "Kimi": Provider("https://api.moonshot.ai/v1", "kimi-k2.6", partial(deepseek, v4=True), deepseek_says),
    "Mistral": Provider("https://api.mistral.ai/v1", "magistral-medium-latest", mistral, mistral_says),
    "Groq": Provider("https://api.groq.com/openai/v1", "openai/gpt-oss-120b", groq, groq_says),
    "OpenAI chat": Provider(OPENAI, "gpt-5-mini", openai_chat, pieces, parameters=LONGEST),
    "OpenAI responses": Provider(
        f"{OPENAI}/responses",
        "gpt-5-mini",
        openai_responses,
        replies=responses_reply,
        parameters=LONGEST,
        schema="responses-gpt-5-5-pro",
    ),
}
