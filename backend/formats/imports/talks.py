"""Importers for plain lists of messages: ShareGPT, threads of Jan and OpenAI, Responses, Gemini."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backend.formats.archive import Record
from backend.formats.imports import openai
from backend.formats.imports.reading import ImportReader, when
from backend.types import JSON
from backend.untrusted import Object, fields, items, objects, text


def sharegpt(item: Object, here: ImportReader) -> Record:
    """`conversations`: each turn has `from` and `value` (also `role` and `content`)."""
    turns = items(item.get("conversations")) or items(item.get("conversation")) or items(item.get("items"))
    messages: list[JSON] = [
        {"role": turn.get("from") or turn.get("role"), "content": turn.get("value") or turn.get("content")}
        for turn in map(fields, turns)
    ]
    plain = {name: value for name, value in item.items() if name in ("system", "title", "tools", "model")}
    return openai.record({**plain, "messages": messages}, here)


def thread(entries: Sequence[Object], here: ImportReader) -> Record:
    """Messages of one Jan thread, each a line of messages.jsonl, sorted by time."""
    entries = sorted(entries, key=lambda entry: when(entry.get("created_at")))
    record = openai.record({"messages": [{**entry, "content": _content(entry)} for entry in entries]}, here)
    models = [fields(entry.get("metadata")).get("modelId") for entry in entries]
    model = next((model for model in reversed(models) if model), None)
    return replace(
        record,
        settings={**record.settings, "model": model},
        created=when(entries[0].get("created_at")),
        updated=when(entries[-1].get("completed_at")) or when(entries[-1].get("created_at")),
    )


def _content(entry: Object) -> JSON:
    """Parts of a message; in Jan, `reasoning` and pictures are parts of their own."""
    return [
        {"type": "thinking", "thinking": fields(part.get("text")).get("value")}
        if part.get("type") == "reasoning"
        else dict(part)
        for part in objects(entry.get("content"))
    ] or entry.get("content")


def responses(item: Object, here: ImportReader) -> Record:
    """A request to OpenAI's /responses: `input` and `instructions` for messages and the system prompt."""
    given = item.get("input")
    messages: list[JSON] = [{"role": "user", "content": given}] if isinstance(given, str) else []
    for entry in objects(given):
        messages.append(_response_item(entry))
    names = {"max_output_tokens": "max_tokens"}
    body = {names.get(name, name): value for name, value in item.items() if name not in ("input", "instructions")}
    return openai.record({**body, "system": item.get("instructions"), "messages": messages}, here)


def _response_item(entry: Object) -> JSON:
    if entry.get("type") == "function_call":
        call: JSON = {
            "id": entry.get("call_id"),
            "type": "function",
            "function": {"name": entry.get("name"), "arguments": entry.get("arguments")},
        }
        return {"role": "assistant", "content": None, "tool_calls": [call]}
    if entry.get("type") == "function_call_output":
        return {"role": "tool", "tool_call_id": entry.get("call_id"), "content": entry.get("output")}
    if entry.get("type") == "reasoning":
        thoughts = "\n\n".join(text(part.get("text")) for part in objects(entry.get("summary")))
        return {"role": "assistant", "content": "", "reasoning_content": thoughts}
    return {"role": entry.get("role"), "content": entry.get("content")}


def gemini(item: Object, here: ImportReader) -> Record:
    """A prompt of Google AI Studio (`chunkedPrompt`) or a request to Gemini (`contents`)."""
    turns = objects(item.get("contents")) or objects(fields(item.get("chunkedPrompt")).get("chunks"))
    messages: list[JSON] = []
    for turn in turns:
        parts = objects(turn.get("parts")) if "parts" in turn else [turn]
        thoughts = "".join(text(part.get("text")) for part in parts if _is_thought(part) or _is_thought(turn))
        answer = "".join(text(part.get("text")) for part in parts if not (_is_thought(part) or _is_thought(turn)))
        if _is_thought(turn):
            messages.append({"role": "assistant", "content": "", "reasoning_content": thoughts})
        else:
            messages.append({"role": turn.get("role"), "content": answer, "reasoning_content": thoughts})
    system = fields(item.get("systemInstruction") or item.get("system_instruction"))
    prompt = text(system.get("text")) or "\n\n".join(
        text(part.get("text")) for part in objects(system.get("parts"))
    )
    run = fields(item.get("runSettings"))
    record = openai.record({"messages": _attach_reasoning(messages), "system": prompt}, here)
    model = text(run.get("model")).removeprefix("models/")
    return replace(
        record, settings={**record.settings, "model": model or item.get("model"), "parameters": dict(run)}
    )


def _is_thought(part: Object) -> bool:
    return part.get("thought") is True or part.get("isThought") is True


def _attach_reasoning(messages: list[JSON]) -> list[JSON]:
    """Attach separate reasoning messages to the answer after them."""
    joined: list[JSON] = []
    thoughts = ""
    for message in map(fields, messages):
        if message.get("role") == "assistant" and not message.get("content"):
            thoughts += text(message.get("reasoning_content"))
            continue
        own = text(message.get("reasoning_content"))
        joined.append({**message, "reasoning_content": thoughts + own} if thoughts or own else dict(message))
        thoughts = ""
    return joined
