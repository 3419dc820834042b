"""Parameters of the table that ask for more than words: reasoning, web search, a provider behind the service.

Ranges and options are those of the provider's schemas (https://docs.aimlapi.com).
"""

from __future__ import annotations

from backend.parameters.parameter import Parameter
from backend.types import JSON

_BUDGET: JSON = {"type": "enabled", "budget_tokens": "$"}

SERVICES: tuple[Parameter, ...] = (
    # ---- thinking -----------------------------------------------------------------------------------------
    Parameter(
        "reasoning_effort",
        "Reasoning effort",
        "How long the model thinks before it answers. More is slower, dearer and often better.",
        "choice",
        group="reasoning",
        options=("low", "medium", "high"),
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
        "thinking",
        "Claude thinking budget",
        "The most tokens Claude may think with, 1,024 or more. It must be lower than max tokens.",
        "integer",
        (1024, None, 1),
        group="reasoning",
        template=_BUDGET,
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
