"""The parts of an exported tool loop that differ by wire format: where calls and text are in an answer, and how
both are
sent back with the results. Each is three functions of the program; `answer` is the JSON of a reply.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """`content`: the field of a reply that contains the answer. `auto`: the tool choice that forces none."""

    content: str
    functions: str
    auto: str = '"auto"'


_CHAT_READ = '''
def calls_in(answer):
    """What is called: id, name, arguments as text."""
    calls = answer["choices"][0]["message"].get("tool_calls") or []
    return [(call["id"], call["function"]["name"], call["function"].get("arguments")) for call in calls]


def text_of(answer):
    return answer["choices"][0]["message"].get("content") or ""

'''
_CHAT = '''
def go_on(answer, results):
    """The answer and the results of its calls, for the next round."""
    # As it came: some servers refuse a call without what they sent along with it, reasoning for one.
    told = {name: value for name, value in answer["choices"][0]["message"].items() if value}
    BODY["messages"].append({"content": None, **told, "role": "assistant"})
    for call_id, result in results:
        BODY["messages"].append({"role": "tool", "tool_call_id": call_id, "content": result})
'''
_RESULTS = """\
    BODY["messages"].append({"role": "assistant", "content": blocks})
    content = [
        {"type": "tool_result", "tool_use_id": call_id, "content": result}
        for call_id, result in results
    ]
    BODY["messages"].append({"role": "user", "content": content})
"""
_CHAT_IN_BLOCKS = f'''
def given(text):
    """Arguments are an object in blocks."""
    try:
        value = json.loads(text or "{{}}")
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {{"arguments": text}}


def go_on(answer, results):
    """The answer and the results of its calls, for the next round."""
    blocks = [{{"type": "text", "text": text_of(answer)}}] if text_of(answer).strip() else []
    for call_id, name, text in calls_in(answer):
        blocks.append({{"type": "tool_use", "id": call_id, "name": name, "input": given(text)}})
{_RESULTS}'''
_MESSAGES = f'''
def calls_in(answer):
    """What is called: id, name, arguments as text."""
    blocks = [block for block in answer["content"] if block["type"] == "tool_use"]
    return [(block["id"], block["name"], json.dumps(block["input"], ensure_ascii=False)) for block in blocks]


def text_of(answer):
    return "".join(block["text"] for block in answer["content"] if block["type"] == "text")


def go_on(answer, results):
    """The answer and the results of its calls, for the next round."""
    blocks = answer["content"]  # as they came: signed thoughts go back with their calls
{_RESULTS}'''
_RESPONSES = '''
def calls_in(answer):
    """What is called: id, name, arguments as text."""
    items = [item for item in answer["output"] if item["type"] == "function_call"]
    return [(item["call_id"], item["name"], item["arguments"]) for item in items]


def text_of(answer):
    parts = [part for item in answer["output"] if item["type"] == "message" for part in item["content"]]
    return "".join(part.get("text") or part.get("refusal") or "" for part in parts)


def go_on(answer, results):
    """The answer and the results of its calls, for the next round."""
    BODY["input"] += answer["output"]  # as they came: encrypted thoughts go back with their calls
    for call_id, result in results:
        BODY["input"].append({"type": "function_call_output", "call_id": call_id, "output": result})
'''
# By format, and by "blocks" where chat completions take Anthropic's blocks.
SHAPES = {
    "chat": Shape("choices", _CHAT_READ + _CHAT),
    "blocks": Shape("choices", _CHAT_READ + _CHAT_IN_BLOCKS, '{"type": "auto"}'),
    "messages": Shape("content", _MESSAGES, '{"type": "auto"}'),
    "responses": Shape("output", _RESPONSES),
}
