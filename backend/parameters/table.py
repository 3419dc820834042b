"""The table. Ranges and options are those of the provider's schemas (AI/ML API reference, section 2.2); what fewer
than one model in twenty lists is left to the extra JSON, but for speech, which is nowhere else.
"""

from __future__ import annotations

from functools import cache

from backend.parameters.parameter import Group, Parameter
from backend.types import JSON

GROUPS: dict[Group, str] = {
    "common": "Sampling",
    "output": "Output",
    "sampling": "More sampling",
    "reasoning": "Reasoning",
    "search": "Web search",
    "provider": "Provider",
}
_BUDGET: JSON = {"type": "enabled", "budget_tokens": "$"}

PARAMETERS: tuple[Parameter, ...] = (
    Parameter(
        "temperature",
        "Temperature",
        "How adventurous the wording is. 0 nearly always says the likeliest thing; higher is more surprising.",
        "number",
        (0, 2, 0.05),
        neutral=1,
    ),
    Parameter(
        "top_p",
        "Top P",
        "Choose only among the likeliest words that together make up this share. Lower is more focused. "
        "Change this or temperature, not both.",
        "number",
        (0.01, 1, 0.01),
        neutral=1,
    ),
    Parameter(
        "max_tokens",
        "Max tokens",
        "The longest answer allowed, in tokens (about 4 characters each). Reasoning counts too: a small limit "
        "can leave no room for the answer.",
        "integer",
        (1, None, 1),
    ),
    Parameter(
        "frequency_penalty",
        "Frequency penalty",
        "Higher makes words less likely each time they are used again; negative invites repetition.",
        "number",
        (-2, 2, 0.1),
        neutral=0,
    ),
    Parameter(
        "presence_penalty",
        "Presence penalty",
        "Higher pushes towards words not used yet, so towards new topics.",
        "number",
        (-2, 2, 0.1),
        neutral=0,
    ),
    # ---- what comes out ---------------------------------------------------------------------------------
    Parameter(
        "stop",
        "Stop sequences",
        "",  # said in the widget's placeholder: a "Help for Stop sequences" button is taken for Stop by ear
        "strings",
        group="output",
    ),
    Parameter(
        "seed",
        "Seed",
        "The same seed and settings give (nearly) the same answer again, where the model supports it.",
        "integer",
        (1, 2**53 - 1, 1),
        group="output",
    ),
    Parameter(
        "max_completion_tokens",
        "Max completion tokens",
        "The newer name of max tokens. Some reasoning models take only this one. Set one of the two.",
        "integer",
        (1, None, 1),
        group="output",
    ),
    Parameter(
        "n",
        "Answers at once",
        "How many alternatives are written. Every one is paid for. The first is shown, the rest are beside it.",
        "integer",
        (1, 8, 1),
        group="output",
    ),
    Parameter(
        "response_format",
        "Answer format",
        "Plain text, any JSON, or JSON that follows a schema. For plain JSON, ask for JSON in the prompt too.",
        "object",
        group="output",
    ),
    Parameter(
        "prediction",
        "Predicted answer",
        "A text that the answer will mostly repeat, such as a file to be changed in one place. It makes it faster.",
        "text",
        group="output",
        template={"type": "content", "content": "$"},
    ),
    Parameter(
        "modalities",
        "Answer in",
        "Models that can speak answer in text, or in text and sound.",
        "strings",
        group="output",
        options=("text", "audio"),
    ),
    Parameter(
        "audio",
        "Voice",
        "Who speaks, when the answer is to be spoken.",
        "choice",
        group="output",
        options=("alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer"),
        template={"voice": "$", "format": "wav"},
    ),
    Parameter(
        "stop_sequences",
        "Claude stop sequences",
        "The same as stop sequences, under the name that some Claude models know.",
        "strings",
        group="output",
    ),
    # ---- which word is taken ------------------------------------------------------------------------------
    Parameter(
        "top_k",
        "Top K",
        "Choose only among this many likeliest words. Lower is more focused.",
        "integer",
        (0, None, 1),
        group="sampling",
    ),
    Parameter(
        "min_p",
        "Min P",
        "Leave out words that are less likely than this share of the likeliest one.",
        "number",
        (0.001, 0.999, None),
        group="sampling",
    ),
    Parameter(
        "top_a",
        "Top A",
        "Like min P, but stricter the surer the model is.",
        "number",
        (0, 1, 0.01),
        neutral=0,
        group="sampling",
    ),
    Parameter(
        "repetition_penalty",
        "Repetition penalty",
        "Above 1 makes words that were used already less likely, below 1 more likely.",
        "number",
        (0, 2, 0.05),
        neutral=1,
        group="sampling",
    ),
    Parameter(
        "logit_bias",
        "Logit bias",
        "Makes single tokens more or less likely: one `token id: bias` a line. -100 forbids, 100 forces.",
        "bias",
        (-100, 100, None),
        group="sampling",
    ),
    Parameter(
        "logprobs",
        "Token probabilities",
        "Ask how likely each token of the answer was.",
        "flag",
        group="sampling",
    ),
    Parameter(
        "top_logprobs",
        "Alternatives per token",
        "How many other tokens to report at each place. Needs token probabilities to be on.",
        "integer",
        (0, 20, 1),
        group="sampling",
    ),
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


@cache
def _by_name() -> dict[str, Parameter]:
    return {parameter.name: parameter for parameter in PARAMETERS}


def named(name: str) -> Parameter:
    """The parameter with this wire name. Raises KeyError."""
    return _by_name()[name]


_BY_GROUP: dict[Group, tuple[Parameter, ...]] = {
    group: tuple(parameter for parameter in PARAMETERS if parameter.group == group) for group in GROUPS
}


def shown(group: Group) -> tuple[Parameter, ...]:
    """The parameters of one group, in the order of the panel."""
    return _BY_GROUP[group]
