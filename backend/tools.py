"""Tool calling: a typed Python function as a Tool, a ToolCall run into an answer for the model, a bounded loop.

A fault inside a tool is a result for the model, not an error of ours: the model reads it and may do better.
Arguments come from a model and are hostile: they are validated against the signature before anything runs.
Does NOT limit what a tool itself may do: only register functions that are safe to run on any input.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ArgsKwargs

from backend.text import clean
from backend.types import JSON, Message, Tool, ToolCall

ROUNDS = 5  # requests in one run; a model that calls for ever is stopped here
ARGUMENTS_LIMIT = 100_000  # characters of arguments that are read
RESULT_LIMIT = 20_000  # characters of a result that are fed back
Function = Callable[..., Any]


def describe(function: Function) -> Tool:
    """The function as a model sees it: its name, its docstring's first paragraph, a schema of its arguments."""
    schema = cast(dict[str, JSON], _adapter(function).json_schema())
    return Tool(function.__name__, inspect.cleandoc(function.__doc__ or "").partition("\n\n")[0], schema)


def _adapter(function: Function) -> TypeAdapter[Any]:
    return TypeAdapter(cast(Any, function))


def run(call: ToolCall, functions: Mapping[str, Function]) -> Message:
    """The `tool` message that answers a call: its result as JSON or text, or what was wrong, in words."""
    return Message("tool", clean(_result(call, functions))[:RESULT_LIMIT], name=call.name, tool_call_id=call.id)


def _result(call: ToolCall, functions: Mapping[str, Function]) -> str:
    function = functions.get(call.name)
    if function is None:
        return f"Error: there is no tool named {call.name!r}. Available: {', '.join(functions)}."
    try:
        arguments = _arguments(call)
        result = _adapter(function).validate_python(arguments)
        return result if isinstance(result, str) else json.dumps(result, default=str, ensure_ascii=False)
    except ValidationError as error:
        return "Error: the arguments do not fit. " + "; ".join(_problems(error))
    except ValueError as error:
        return f"Error: {error}"
    except Exception as fault:  # noqa: BLE001  whatever a tool raises is the model's to read
        return f"Error: {type(fault).__name__}: {fault}"


def _arguments(call: ToolCall) -> object:
    """Keyword arguments as pydantic takes them. Raises ValueError in words when they are no JSON object."""
    if len(call.arguments) > ARGUMENTS_LIMIT:
        raise ValueError("the arguments are too long.")
    try:
        parsed = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError):
        raise ValueError("the arguments are not valid JSON.") from None
    if not isinstance(parsed, dict):
        raise ValueError("the arguments must be a JSON object.")
    return ArgsKwargs((), parsed)


def _problems(error: ValidationError) -> Iterable[str]:
    for problem in error.errors(include_url=False, include_input=False)[:5]:
        yield f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
