"""Parameters of the table beyond sampling: reasoning, web search, routing to providers."""

from __future__ import annotations

from backend.parameters.parameter import Parameter
from backend.types import JSON

_BUDGET: JSON = {"type": "enabled", "budget_tokens": "$"}

_EFFORTS = ("low", "medium", "high")


def _place(part: str) -> JSON:
    """The location of a search, of which this is a part."""
    return {"user_location": {"type": "approximate", "approximate": {part: "$"}}}


SERVICES: tuple[Parameter, ...] = (
    # ---- thinking -----------------------------------------------------------------------------------------
    Parameter(
        "reasoning_effort",
        "Reasoning effort",
        "choice",
        group="reasoning",
        options=("none", "minimal", "low", "medium", "high", "xhigh", "max"),
        usual=_EFFORTS,
    ),
    Parameter(
        "reasoning",
        "Reasoning tokens",
        "integer",
        (1, None, 1),
        group="reasoning",
        template={"max_tokens": "$"},
    ),
    Parameter(
        "reasoning.effort",
        "Effort of reasoning",
        "choice",
        group="reasoning",
        options=("none", "minimal", "low", "medium", "high", "xhigh", "max"),
        usual=_EFFORTS,
        template={"effort": "$"},
    ),
    Parameter(
        "reasoning.exclude",
        "Leave the reasoning out",
        "flag",
        group="reasoning",
        template={"exclude": "$"},
    ),
    Parameter(
        "thinking",
        "Claude thinking budget",
        "integer",
        (1024, None, 1),
        group="reasoning",
        template=_BUDGET,
        unless=("thinking.type", ("adaptive", "disabled")),
    ),
    Parameter(
        "thinking.type",
        "Claude thinking",
        "choice",
        group="reasoning",
        options=("adaptive", "disabled"),
        template={"type": "$"},
    ),
    Parameter(
        "enable_thinking",
        "Qwen thinking",
        "flag",
        group="reasoning",
    ),
    Parameter(
        "thinking_budget",
        "Qwen thinking budget",
        "integer",
        (1, None, 1),
        group="reasoning",
    ),
    # ---- the web ------------------------------------------------------------------------------------------
    Parameter(
        "web_search_options",
        "How much to read",
        "choice",
        group="search",
        options=("low", "medium", "high"),
        template={"search_context_size": "$"},
    ),
    Parameter(
        "web_search_options.country",
        "Search as in this country",
        "text",
        group="search",
        pattern="[A-Z]{2}",
        template=_place("country"),
    ),
    Parameter(
        "web_search_options.city",
        "Search as in this city",
        "text",
        group="search",
        template=_place("city"),
    ),
    Parameter(
        "search_mode",
        "Where to search",
        "choice",
        group="search",
        options=("web", "academic"),
    ),
    Parameter(
        "search_recency_filter",
        "Not older than",
        "choice",
        group="search",
        options=("day", "week", "month", "year"),
    ),
    Parameter(
        "search_domain_filter",
        "Only these sites",
        "strings",
        group="search",
        most=10,
    ),
    Parameter(
        "search_after_date_filter",
        "Published after",
        "date",
        group="search",
    ),
    Parameter(
        "search_before_date_filter",
        "Published before",
        "date",
        group="search",
    ),
    Parameter(
        "last_updated_after_filter",
        "Updated after",
        "date",
        group="search",
    ),
    Parameter(
        "last_updated_before_filter",
        "Updated before",
        "date",
        group="search",
    ),
    Parameter(
        "return_images",
        "Pictures from the web",
        "flag",
        group="search",
    ),
    Parameter(
        "return_related_questions",
        "Related questions",
        "flag",
        group="search",
    ),
    # ---- the service --------------------------------------------------------------------------------------
    Parameter(
        "stream_options",
        "Report tokens in a stream",
        "flag",
        group="provider",
        template={"include_usage": "$"},
    ),
    Parameter(
        "cache_control",
        "Keep in the cache",
        "choice",
        group="provider",
        options=("5m", "1h"),
        template={"type": "ephemeral", "ttl": "$"},
    ),
    Parameter(
        "provider",
        "Upstream",
        "text",
        group="provider",
    ),
    Parameter(
        "normalize_tool_schemas",
        "Tidy tool schemas",
        "flag",
        group="provider",
    ),
    Parameter(
        "echo",
        "Echo the prompt",
        "flag",
        group="provider",
    ),
)
