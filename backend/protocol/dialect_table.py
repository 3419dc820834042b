"""The table of dialects: which provider or model requires which form of a request. dialects.py chooses from it.

The rows are facts from providers' documentation. The last match wins, field by field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypedDict

from backend.types import JSON, WireFormat


class Changes(TypedDict, total=False):
    """Fields of a `Dialect` that differ from its defaults."""

    blocks: Literal["openai", "claude"]
    links: bool
    answered_pictures: bool
    system: Literal["message", "parameter", "folded"]
    developer: bool
    strict_turns: bool
    calls_as_text: bool
    call_ids: str
    result_names: bool
    returns_reasoning: bool
    keeps_reasoning: str
    marked_thoughts: bool
    unsigned: Mapping[str, JSON]
    unknown_fields: bool
    prefix: bool
    names: Mapping[str, str]
    caching: bool
    required: frozenset[str]
    streaming_only: frozenset[str]


@dataclass(frozen=True)
class Rule:
    """A difference from the default dialect, and its reason as a sentence for the visitor.

    All conditions must match: globs of hosts and models, the wire format, what the model's schema lists and what it
    lacks (a role, a field or a content part). `adds` are fields to send unless they are set; `without` are fields
    not to send, and `why_without` is the reason.
    """

    reason: str
    changes: Changes
    hosts: tuple[str, ...] = ("*",)
    models: tuple[str, ...] = ("*",)
    format: WireFormat | None = None
    lists: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()
    adds: Mapping[str, JSON] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    why_without: str = ""
    endpoint: WireFormat = "chat"  # of the rules in FORMATS


_SEARCH = (
    *("web_search_options", "search_mode", "search_recency_filter", "search_domain_filter"),
    *("search_after_date_filter", "search_before_date_filter"),
)
_AIMLAPI = ("aimlapi.com", "*.aimlapi.com")
_OPENAI = ("api.openai.com", "*.openai.azure.com", "*.services.ai.azure.com", "*.cognitiveservices.azure.com")
_MISTRAL = ("*mistral*", "*mixtral*", "*ministral*", "*magistral*", "*codestral*", "*devstral*", "*pixtral*")
_REASONING = ("o1*", "o3*", "o4*", "gpt-5*", "gpt-6*", "codex*")
# The reasoning models among them: not gpt-5-chat-latest.
_THINKING = (
    *("o1*", "o3*", "o4*", "codex*", "gpt-[5-9]", "gpt-[5-9]-[!c]*", "gpt-[5-9]-co*"),
    *("gpt-[5-9].[0-9]", "gpt-[5-9].[0-9]-[!c]*", "gpt-[5-9].[0-9]-co*"),
)
_LENGTHS = ("max_tokens", "max_completion_tokens")
MAX_TOKENS = 4096  # the default `max_tokens` on /messages: every Claude model supports it
USAGE: Mapping[str, JSON] = {"stream_options": {"include_usage": True}}
# Fields of chat completions that the other two formats lack.
_CHAT_ONLY = (
    *("n", "seed", "frequency_penalty", "presence_penalty", "logit_bias", "prediction"),
    *("modalities", "audio", "min_p", "top_a", "repetition_penalty", "enable_thinking", "thinking_budget", "echo"),
    "stream_options",
)

FORMATS: tuple[Rule, ...] = (
    Rule(
        "Asked on `/responses`, because OpenAI answers on no other endpoint with this model.",
        {},
        hosts=_OPENAI,
        models=("o1-pro*", "o3-pro*", "gpt-5*-pro*", "gpt-5*-codex*", "codex-mini*", "*-deep-research*"),
        endpoint="responses",
    ),
    Rule(
        "Asked on `/messages`, because Anthropic's own API is known there best.",
        {},
        hosts=("api.anthropic.com",),
        endpoint="messages",
    ),
)

RULES: tuple[Rule, ...] = (
    # ---- by what a model's own schema lists (https://docs.aimlapi.com) ------------------------------------
    Rule(
        "Without `stream_options`, because the model's schema does not list it.",
        {},
        format="chat",
        lists=frozenset({"field:stream"}),
        lacks=frozenset({"field:stream_options"}),
        without=("stream_options",),
        why_without="Not listed for this model.",
    ),
    Rule(
        "Messages of a developer go as system messages, because the model's schema lists no others.",
        {"developer": False},
        lacks=frozenset({"role:developer"}),
    ),
    Rule(
        "The system prompt is folded into the first question, because the model's schema lists no system messages.",
        {"system": "folded", "developer": False},
        lacks=frozenset({"role:system"}),
    ),
    Rule(
        "The system prompt goes as `system`, beside the messages, because the model's schema lists it there only.",
        {"system": "parameter", "developer": False},
        lists=frozenset({"field:system"}),
        lacks=frozenset({"role:system"}),
    ),
    Rule(
        "Calls of tools and their results are told in words, because the model's schema lists no such messages.",
        {"calls_as_text": True},
        lacks=frozenset({"role:tool"}),
    ),
    Rule(
        "Sent in Claude's form, because the model's schema lists pictures, tools and results in no other.",
        {
            "blocks": "claude",
            "calls_as_text": False,
            "links": False,
            "strict_turns": True,
            "call_ids": r"[A-Za-z0-9_-]{1,64}",
        },
        format="chat",
        lists=frozenset({"field:system", "part:image"}),
        lacks=frozenset({"role:system", "part:image_url"}),
        without=("thinking.type",),
        why_without="Older Claude models think within a budget only.",
    ),
    Rule(
        "The system prompt and the conversation can be marked for the provider's cache.",
        {"caching": True},
        hosts=_AIMLAPI,
        models=("*claude*",),
        lists=frozenset({"role:system"}),
    ),
    Rule(
        "Pictures in answers do not go along with the next question, because the model's schema lists no pictures.",
        {"answered_pictures": False},
        lacks=frozenset({"part:image_url", "part:image"}),
    ),
    # ---- by model -----------------------------------------------------------------------------------------
    Rule(
        "Question and answer alternate and call ids have nine letters, because Mistral's models take nothing else.",
        {"strict_turns": True, "call_ids": r"[A-Za-z0-9]{9}"},
        models=_MISTRAL,
    ),
    Rule(
        "Question and answer alternate, because the templates of these models take nothing else.",
        {"strict_turns": True},
        models=("*gemma*", "*sonar*"),
    ),
    Rule(
        "Thinking is asked for only while streaming: Qwen's models refuse it otherwise.",
        {"streaming_only": frozenset({"stream_options", "enable_thinking", "thinking_budget"})},
        hosts=(*_AIMLAPI, "dashscope*.aliyuncs.com"),
        models=("*qwen*", "*qwq*"),
    ),
    Rule(
        "With tools, thoughts go back with every later question: DeepSeek's models since V4, Kimi and MiMo refuse "
        "it otherwise.",
        {"keeps_reasoning": "reasoning_content"},
        models=(
            *("*deepseek-v[4-9]*", "*deepseek-flash*", "*kimi-k*-thinking*", "*kimi-k2[.-][5-9]*", "*kimi-k[3-9]*"),
            *("kimi-for-coding*", "mimo-v*"),
        ),
    ),
    Rule(
        "Thoughts in the text go back with it, because MiniMax's models go on from what they thought before.",
        {"marked_thoughts": True},
        models=("*minimax-m[2-9]*", "minimax/m[2-9]*"),
        format="chat",
    ),
    # ---- by host ------------------------------------------------------------------------------------------
    Rule(
        "Without `stream_options` and without reasoning, because Mistral's own API refuses fields that it does not "
        "know; an answer to go on with is marked as a prefix.",
        {"prefix": True, "returns_reasoning": False, "unknown_fields": False, "keeps_reasoning": ""},
        hosts=("api.mistral.ai",),
        without=("stream_options",),
        why_without="Mistral's own API refuses it.",
    ),
    Rule(
        "Answers go back with `reasoning` at most, because Groq refuses fields of messages that it does not know.",
        {"unknown_fields": False, "keeps_reasoning": ""},
        hosts=("api.groq.com",),
    ),
    Rule(
        "The system prompt is folded into the first question, because Google's API gives Gemma no other.",
        {"system": "folded"},
        hosts=("*.googleapis.com",),
        models=("*gemma*",),
    ),
    Rule(
        "Results name their tool, because Google's own API asks for it.",
        {"result_names": True},
        hosts=("*.googleapis.com",),
    ),
    Rule(
        "Calls that another model made say that they have no signature: Google refuses them otherwise.",
        {"unsigned": {"extra_content": {"google": {"thought_signature": "skip_thought_signature_validator"}}}},
        hosts=("*.googleapis.com",),
        models=("*gemini-[3-9]*",),
    ),
    Rule(
        "Call ids have at most 40 letters, because OpenAI takes no longer ones.", {"call_ids": r".{1,40}"}, _OPENAI
    ),
    Rule(
        "The longest answer goes as `max_completion_tokens`: OpenAI's reasoning models refuse `max_tokens`.",
        {"names": {"max_tokens": "max_completion_tokens"}},
        hosts=_OPENAI,
        models=_REASONING,
        format="chat",
    ),
    Rule(
        "The system prompt is folded into the first question, because the first o1 models take no other.",
        {"system": "folded"},
        hosts=_OPENAI,
        models=("o1-mini*", "o1-preview*"),
    ),
    Rule(
        "The system prompt and the conversation can be marked for the provider's cache.",
        {"caching": True},
        hosts=("openrouter.ai",),
    ),
    # ---- the other two formats ----------------------------------------------------------------------------
    Rule(
        "Sent in Anthropic's own format (`/messages`), which holds no answer to a schema.",
        {
            "blocks": "claude",
            "system": "parameter",
            "calls_as_text": False,
            "strict_turns": True,
            "call_ids": r"[A-Za-z0-9_-]{1,64}",
            "caching": True,
            "names": {"max_completion_tokens": "max_tokens", "stop": "stop_sequences"},
        },
        format="messages",
        without=(
            *(*_CHAT_ONLY, *_SEARCH, "logprobs", "top_logprobs"),
            *("response_format", "reasoning_effort", "reasoning"),
        ),
        why_without="Anthropic's own format has no such field.",
    ),
    Rule(
        "With `max_tokens`, because nothing is answered on `/messages` without it.",
        {"required": frozenset({"max_tokens"})},
        format="messages",
        adds={"max_tokens": MAX_TOKENS},
    ),
    Rule(
        "Sent in the format of OpenAI's Responses (`/responses`).",
        {
            "system": "parameter",
            "calls_as_text": False,
            "names": {
                **dict.fromkeys(_LENGTHS, "max_output_tokens"),
                "reasoning_effort": "reasoning",
                "response_format": "text",
            },
        },
        format="responses",
        without=(*_CHAT_ONLY, *_SEARCH, "stop", "stop_sequences", "top_k", "thinking"),
        why_without="The Responses format has no such field.",
    ),
    Rule(
        "With `store` off, because OpenAI keeps such answers otherwise.",
        {},
        hosts=_OPENAI,
        format="responses",
        adds={"store": False},
    ),
    Rule(
        "Thoughts are asked for in encrypted form, because OpenAI keeps none and wants them back in a tool loop.",
        {},
        hosts=_OPENAI,
        models=_THINKING,
        format="responses",
        adds={"include": ["reasoning.encrypted_content"]},
    ),
)
