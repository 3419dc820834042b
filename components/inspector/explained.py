"""Explains one answer in five sentences: what was sent, where, the duration, the cost, why it ended.

They are made from the answer's own figures; no model is asked. Unknown figures are left out or called unknown.
The names of models, servers and tools are untrusted: they are drawn as plain text.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from backend.answer import cost
from backend.answer.exchange_record import ExchangeRecord
from backend.answer.usage import reported
from backend.errors import is_filter
from backend.keys.endpoint import host
from backend.parameters import PARAMETERS
from backend.protocol.wire import is_paused
from backend.types import JSON, Message
from backend.untrusted import items, objects
from components import notices
from components.elements.markdown import plain
from components.inspector import words

_LONGEST = 60  # characters of a name from outside
_SETTINGS = 4  # settings that are named
_MESSAGES = 100_000
_FIELDS = {parameter.field for parameter in PARAMETERS} - {"stream_options", "response_format"}
_LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens")
_FULL, _PAUSED = "model_context_window_exceeded", "pause_turn"  # Anthropic's finish reasons


@dataclass(frozen=True)
class Circumstances:
    """What neither the answer nor its record tells. `name`: the display name of the model; `here`: it runs on
    this computer; `played`: it is from a recording; `pending`: a bill is expected.
    """

    name: str = ""
    here: bool = False
    played: bool = False
    pending: bool = False


def sentences(message: Message, record: ExchangeRecord | None, about: Circumstances) -> list[str]:
    """The sentences as Markdown, with untrusted parts escaped."""
    if record is None and not (message.usage or message.timing.total or message.state != "done" or message.model):
        return []
    unsent = record is not None and not record.tries and message.empty
    lines = (
        [words.NEVER_SENT]
        if unsent
        else [_request_sentence(message, record), _where(message, record, about), _time_sentence(message)]
    )
    lines += [_cost(message, about, unsent=unsent), _end_sentence(message, record, about)]
    return [sentence for sentence in lines if sentence]


# ---- what was sent, and where -----------------------------------------------------------------------------


def _request_sentence(message: Message, record: ExchangeRecord | None) -> str:
    body = dict(record.body or {}) if record else {}
    messages = [row for row in _messages(body) if row.get("role") not in ("system", "developer")]
    tokens = reported(message.usage).into
    more = "".join(f", {part}" for part in _with(body))
    more += words.SENT_TOKENS.format(count=_count(tokens)) if tokens else ""
    if message.by_hand:
        return words.SENT_BY_HAND.format(more=more)
    if message.continued_at:
        return words.SENT_TO_GO_ON.format(more=more)
    if messages and _is_result(messages[-1]):
        return words.SENT_RESULTS.format(count=_count(len(messages) - 1), more=more)
    if len(messages) > 1:
        return words.SENT_CONVERSATION.format(count=_count(len(messages) - 1), more=more)
    return words.SENT_QUESTION.format(more=more) if messages or more else ""


def _messages(body: Mapping[str, JSON]) -> list[Mapping[str, object]]:
    given = body.get("messages", body.get("input"))
    return list(objects(given, _MESSAGES)) or ([{"role": "user"}] if given else [])


def _is_result(row: Mapping[str, object]) -> bool:
    """Whether a message is the result of a tool, in any of the formats."""
    if row.get("role") == "tool" or row.get("type") == "function_call_output":
        return True
    return any(part.get("type") == "tool_result" for part in objects(row.get("content"), _MESSAGES))


def _with(body: Mapping[str, JSON]) -> list[str]:
    """What was sent besides the messages."""
    parts = []
    system = any(row.get("role") in ("system", "developer") for row in _messages(body))
    if system or body.get("system") or body.get("instructions"):
        parts.append(words.SENT_UNDER_PROMPT)
    if tools := len(items(body.get("tools"))):
        parts.append(words.SENT_WITH_TOOL if tools == 1 else words.SENT_WITH_TOOLS.format(count=_count(tools)))
    settings = [_setting(name, value) for name, value in body.items() if name in _FIELDS]
    if settings:
        parts.append(words.SENT_WITH_SETTINGS.format(settings=_list(settings[:_SETTINGS])))
    return parts


def _setting(name: str, value: JSON) -> str:
    """temperature 0.5; only the name if the value is not short."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return plain(name)
    shown = f"{value:g}" if isinstance(value, float) else str(value)
    return words.SENT_SETTING.format(name=plain(name), value=_name(shown))


def _where(message: Message, record: ExchangeRecord | None, about: Circumstances) -> str:
    name = _name(about.name or message.model or "")
    if about.here:
        return words.WENT_HERE.format(model=name)
    last = record.last_try if record else None
    server = "" if about.played or last is None else _name(host(last.url))
    count = len(record.tries) if record else 0
    tries = words.AT_TRY.format(count=count) if count > 1 else ""
    if name and server:
        return words.WENT_TO.format(model=name, host=server, tries=tries)
    if name:
        return words.WENT_TO_MODEL.format(model=name, tries=tries)
    return words.WENT_TO_HOST.format(host=server, tries=tries) if server else ""


# ---- how long, and what it cost ---------------------------------------------------------------------------


def _time_sentence(message: Message) -> str:
    first, total = _seconds(message.timing.first_token), _seconds(message.timing.total)
    if first and total:
        return words.TOOK_FIRST.format(first=first, total=total)
    if total:
        return words.TOOK_TOTAL.format(total=total)
    return words.TOOK_FIRST_ONLY.format(first=first) if first else ""


def _cost(message: Message, about: Circumstances, *, unsent: bool) -> str:
    """The cost in cents. A request that failed before the first token has a cost only if one was reported."""
    if message.cost is not None:
        return _amount(words.COST_REPORTED, message.cost)
    if unsent or (message.state == "failed" and message.empty):
        return ""
    if about.here:
        return words.COST_NOTHING_HERE
    if message.estimate is not None:
        template = words.COST_ESTIMATED_PENDING if about.pending else words.COST_ESTIMATED
        return _amount(template, message.estimate)
    if about.played:
        return ""  # a recording contains what was reported at that time, and nothing else can be found out
    return words.COST_PENDING if about.pending else words.COST_UNKNOWN


def _amount(template: str, usd: float) -> str:
    if not (math.isfinite(usd) and usd >= 0):
        return words.COST_UNKNOWN
    return template.format(amount=cost.cents(usd)) if usd else words.COST_NOTHING


# ---- why it ended -----------------------------------------------------------------------------------------


def _end_sentence(message: Message, record: ExchangeRecord | None, about: Circumstances) -> str:
    ended = _why(message, record, about)
    return words.WITH_HOLES.format(ended=ended) if message.unreadable else ended


def _why(message: Message, record: ExchangeRecord | None, about: Circumstances) -> str:
    if message.state == "stopped":
        return words.ENDED_STOPPED_THEN if about.played else words.ENDED_STOPPED
    if message.state == "interrupted":
        return words.ENDED_INTERRUPTED
    if message.state == "failed":
        return _failed(message)
    reason = message.finish_reason or ""
    if is_filter(reason):
        return words.ENDED_FILTERED
    if message.tool_calls:
        return _tools(message)
    if reason == _FULL:
        return words.ENDED_CONTEXT_FULL
    if reason == _PAUSED or notices.is_at_limit(message):
        ended = words.ENDED_PAUSED if reason == _PAUSED else _at_limit(record)
        goes_on = not about.played and (is_paused(message) or message.content.strip())
        return words.CAN_GO_ON.format(ended=ended) if goes_on else ended
    if message.refusal:
        return words.ENDED_REFUSED
    return words.ENDED_WHOLE if _is_whole(reason) else words.ENDED_OTHERWISE.format(reason=_name(reason))


def _is_whole(reason: str) -> bool:
    return not reason or notices.FINISHED.get(reason.lower()) == notices.COMPLETE


def _failed(message: Message) -> str:
    if not message.failure:
        return words.ENDED_FAILED_SOMEHOW
    template = words.ENDED_FAILED if message.empty else words.ENDED_CUT_OFF
    return template.format(title=plain(message.failure.title[:300]))


def _tools(message: Message) -> str:
    names = list(dict.fromkeys(_name(call.name) for call in message.tool_calls if call.name.strip()))
    template = words.ENDED_FOR_TOOL if len(names) == 1 else words.ENDED_FOR_TOOLS
    return template.format(names=_list(names[:_SETTINGS])) if names else words.ENDED_FOR_SOME_TOOL


def _at_limit(record: ExchangeRecord | None) -> str:
    body = record.body or {} if record else {}
    limit = next((value for name in _LIMITS if isinstance(value := body.get(name), int)), None)
    return words.ENDED_AT_LIMIT if not limit else words.ENDED_AT_LIMIT_OF.format(count=_count(limit))


# ---- in words ---------------------------------------------------------------------------------------------


def _name(text: str) -> str:
    """An untrusted name as plain text."""
    return plain(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


def _list(parts: list[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return words.LIST_AND.join((words.LIST_COMMA.join(parts[:-1]), parts[-1]))


def _count(number: int) -> str:
    return f"{number:,}"


def _seconds(value: float | None) -> str:
    if value is None:
        return ""
    digits = f"{value:.{1 if value >= 1 else 2}f}"
    return words.ONE_SECOND if digits == "1.0" else words.SECONDS_TAKEN.format(seconds=digits)
