"""Parameters of the table that control the text: sampling, length, format.

Ranges and options are what servers accept; where AI/ML API's schemas (https://docs.aimlapi.com) are
narrower, those are `usual_span`. vLLM, SGLang and llama.cpp disable a sampler by a value outside of them.
"""

from __future__ import annotations

from backend.parameters.parameter import Parameter

SAMPLING: tuple[Parameter, ...] = (
    Parameter(
        "temperature",
        "Temperature",
        "number",
        (0, 2, 0.05),
        neutral=1,
    ),
    Parameter(
        "top_p",
        "Top P",
        "number",
        (0, 1, 0.01),
        neutral=1,
        usual_span=(0.01, 1),
    ),
    Parameter(
        "max_tokens",
        "Max tokens",
        "integer",
        (1, None, 1),
    ),
    Parameter(
        "frequency_penalty",
        "Frequency penalty",
        "number",
        (-2, 2, 0.1),
        neutral=0,
    ),
    Parameter(
        "presence_penalty",
        "Presence penalty",
        "number",
        (-2, 2, 0.1),
        neutral=0,
    ),
    # ---- what comes out ---------------------------------------------------------------------------------
    Parameter(
        "stop",
        "Stop sequences",
        "strings",
        group="output",
    ),
    Parameter(
        "seed",
        "Seed",
        "integer",
        (-(2**53) + 1, 2**53 - 1, 1),
        group="output",
        usual_span=(1, None),
    ),
    Parameter(
        "max_completion_tokens",
        "Max completion tokens",
        "integer",
        (1, None, 1),
        group="output",
    ),
    Parameter(
        "n",
        "Answers at once",
        "integer",
        (1, 8, 1),
        group="output",
    ),
    Parameter(
        "response_format",
        "Answer format",
        "object",
        group="output",
    ),
    Parameter(
        "prediction",
        "Predicted answer",
        "text",
        group="output",
        template={"type": "content", "content": "$"},
    ),
    Parameter(
        "modalities",
        "Answer in",
        "strings",
        group="output",
        options=("text", "audio"),
    ),
    Parameter(
        "audio",
        "Voice",
        "choice",
        group="output",
        options=("alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer"),
        template={"voice": "$", "format": "wav"},
        needs="modalities",
    ),
    Parameter(
        "stop_sequences",
        "Claude stop sequences",
        "strings",
        group="output",
    ),
    # ---- which word is taken ------------------------------------------------------------------------------
    Parameter(
        "top_k",
        "Top K",
        "integer",
        (-1, None, 1),
        group="sampling",
        usual_span=(0, None),
    ),
    Parameter(
        "min_p",
        "Min P",
        "number",
        (0, 1, None),
        group="sampling",
        usual_span=(0.001, 0.999),
    ),
    Parameter(
        "top_a",
        "Top A",
        "number",
        (0, 1, 0.01),
        neutral=0,
        group="sampling",
    ),
    Parameter(
        "repetition_penalty",
        "Repetition penalty",
        "number",
        (0, 2, 0.05),
        neutral=1,
        group="sampling",
    ),
    Parameter(
        "logit_bias",
        "Logit bias",
        "bias",
        (-100, 100, None),
        group="sampling",
    ),
    Parameter(
        "logprobs",
        "Token probabilities",
        "flag",
        group="sampling",
    ),
    Parameter(
        "top_logprobs",
        "Alternatives per token",
        "integer",
        (0, 20, 1),
        group="sampling",
        needs="logprobs",
    ),
)
