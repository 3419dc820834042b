"""Parameters of the table that decide which words a model takes, how many, and in what shape.

Ranges and options are those of the provider's schemas (https://docs.aimlapi.com).
"""

from __future__ import annotations

from backend.parameters.parameter import Parameter

SAMPLING: tuple[Parameter, ...] = (
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
        "Makes single tokens more or less likely: one `token: bias` a line. Most providers take only a token's "
        "number. -100 forbids, 100 forces.",
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
)
