"""Parameters of the table that ask for more than words: reasoning, web search, a provider behind the service.

Ranges and options are those of the provider's schemas (https://docs.aimlapi.com).
"""

from __future__ import annotations

from backend.parameters.parameter import Parameter
from backend.types import JSON

_BUDGET: JSON = {"type": "enabled", "budget_tokens": "$"}

_EFFORTS = ("low", "medium", "high")


def _place(part: str) -> JSON:
    """Where a search is made from, of which this is a part."""
    return {"user_location": {"type": "approximate", "approximate": {part: "$"}}}


SERVICES: tuple[Parameter, ...] = (
    # ---- thinking -----------------------------------------------------------------------------------------
    Parameter(
        "reasoning_effort",
        "Reasoning effort",
        "How long the model thinks before it answers. More is slower, dearer and often better.",
        "choice",
        group="reasoning",
        options=("none", "minimal", "low", "medium", "high", "xhigh"),
        usual=_EFFORTS,
    ),
    Parameter(
        "reasoning",
        "Reasoning tokens",
        "The most tokens to think with. xAI, Nemotron and others take it.",
        "integer",
        (1, None, 1),
        group="reasoning",
        template={"max_tokens": "$"},
    ),
    Parameter(
        "reasoning.effort",
        "Effort of reasoning",
        "The same as reasoning effort, under the name that OpenRouter, xAI and others know.",
        "choice",
        group="reasoning",
        options=("none", "minimal", "low", "medium", "high", "xhigh"),
        usual=_EFFORTS,
        template={"effort": "$"},
    ),
    Parameter(
        "reasoning.exclude",
        "Leave the reasoning out",
        "The model thinks, and its thoughts are not sent along.",
        "flag",
        group="reasoning",
        template={"exclude": "$"},
    ),
    Parameter(
        "thinking",
        "Claude thinking budget",
        "The most tokens Claude may think with, 1,024 or more. It must be lower than max tokens.",
        "integer",
        (1024, None, 1),
        group="reasoning",
        template=_BUDGET,
        unless=("thinking.type", ("adaptive", "disabled")),
    ),
    Parameter(
        "thinking.type",
        "Claude thinking",
        "Adaptive: Claude decides how long it thinks. Disabled: it does not. Newer Claude models take both.",
        "choice",
        group="reasoning",
        options=("adaptive", "disabled"),
        template={"type": "$"},
    ),
    Parameter(
        "enable_thinking",
        "Qwen thinking",
        "Some Qwen, GLM and ERNIE models think only when told to.",
        "flag",
        group="reasoning",
    ),
    Parameter(
        "thinking_budget",
        "Qwen thinking budget",
        "The most tokens those models may think with.",
        "integer",
        (1, None, 1),
        group="reasoning",
    ),
    # ---- the web ------------------------------------------------------------------------------------------
    Parameter(
        "web_search_options",
        "How much to read",
        "How much of what is found on the web goes into the answer. More costs more.",
        "choice",
        group="search",
        options=("low", "medium", "high"),
        template={"search_context_size": "$"},
    ),
    Parameter(
        "web_search_options.country",
        "Search as in this country",
        "Its two letters, such as DE.",
        "text",
        group="search",
        pattern="[A-Z]{2}",
        template=_place("country"),
    ),
    Parameter(
        "web_search_options.city",
        "Search as in this city",
        "What is near that city comes first.",
        "text",
        group="search",
        template=_place("city"),
    ),
    Parameter(
        "search_mode",
        "Where to search",
        "The whole web, or papers and journals first. Perplexity searches papers when nothing is said.",
        "choice",
        group="search",
        options=("web", "academic"),
    ),
    Parameter(
        "search_recency_filter",
        "Not older than",
        "Only pages from the last day, week, month or year.",
        "choice",
        group="search",
        options=("day", "week", "month", "year"),
    ),
    Parameter(
        "search_domain_filter",
        "Only these sites",
        "Up to ten domains to search, such as arxiv.org. With a minus in front a domain is left out.",
        "strings",
        group="search",
        most=10,
    ),
    Parameter(
        "search_after_date_filter",
        "Published after",
        "Only pages published after this day, written month first: 12/31/2025.",
        "date",
        group="search",
    ),
    Parameter(
        "search_before_date_filter",
        "Published before",
        "Only pages published before this day, written month first: 12/31/2025.",
        "date",
        group="search",
    ),
    Parameter(
        "last_updated_after_filter",
        "Updated after",
        "Only pages changed after this day, written month first: 12/31/2025.",
        "date",
        group="search",
    ),
    Parameter(
        "last_updated_before_filter",
        "Updated before",
        "Only pages changed before this day, written month first: 12/31/2025.",
        "date",
        group="search",
    ),
    Parameter(
        "return_images",
        "Pictures from the web",
        "Let the answer bring pictures that were found.",
        "flag",
        group="search",
    ),
    Parameter(
        "return_related_questions",
        "Related questions",
        "Let the answer bring questions that one could ask next.",
        "flag",
        group="search",
    ),
    # ---- the service --------------------------------------------------------------------------------------
    Parameter(
        "stream_options",
        "Report tokens in a stream",
        "Counts of tokens at the end of a stream. Unless you choose, they are asked for where they can be.",
        "flag",
        group="provider",
        template={"include_usage": "$"},
    ),
    Parameter(
        "cache_control",
        "Keep in the cache",
        "Marks the system prompt and the conversation so far for the provider's cache: cheaper and faster the next "
        "time. It costs more the first time.",
        "choice",
        group="provider",
        options=("5m", "1h"),
        template={"type": "ephemeral", "ttl": "$"},
    ),
    Parameter(
        "provider",
        "Upstream",
        "Pin the service behind the service, without a fallback: openai, google, togetherai and so on.",
        "text",
        group="provider",
    ),
    Parameter(
        "normalize_tool_schemas",
        "Tidy tool schemas",
        "Let the service rewrite tool schemas into what the model takes.",
        "flag",
        group="provider",
    ),
    Parameter(
        "echo",
        "Echo the prompt",
        "Let the answer begin with the prompt, on the few models that can.",
        "flag",
        group="provider",
    ),
)
