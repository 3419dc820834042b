"""What other servers' lists tell of a model, each in its own words: sizes, prices, abilities."""

from __future__ import annotations

from typing import Any

import pytest

from backend.catalog.model import ModelInfo
from backend.catalog.server_list import bare

TWO_HOSTS = [
    {"context_length": 8_000, "pricing": {"input": 0.5, "output": 2}, "supports_tools": True},
    {"context_length": 32_000, "pricing": {"input": 0.3, "output": 2}, "supports_structured_output": False},
    {"provider": "silent"},
]
ROWS: dict[str, dict[str, Any]] = {
    "OpenRouter": {
        "context_length": 32_000,
        "pricing": {"prompt": "0.0000003", "completion": "0.000002", "input_cache_read": "0.00000003"},
        "top_provider": {"max_completion_tokens": 4_000},
        "supported_parameters": ["tools", "include_reasoning", "reasoning", "top_p"],
    },
    "Vercel": {
        "context_window": 32_000,
        "max_tokens": 4_000,
        "pricing": {"input": "0.0000003", "output": "0.000002", "input_cache_read": "0.00000003"},
        "tags": ["tool-use", "reasoning", "implicit-caching"],
    },
    "SambaNova": {
        "context_length": 32_000,
        "max_completion_tokens": 4_000,
        "pricing": {"prompt": "0.00000030", "completion": "0.00000200", "duration_per_minute": "0"},
    },
    "Together": {"context_length": 32_000, "pricing": {"hourly": 0, "input": 0.3, "output": 2, "base": 0}},
    "Hugging Face": {"providers": TWO_HOSTS},
    "Chutes": {
        "context_length": 32_000,
        "max_output_length": 4_000,
        "pricing": {"prompt": 0.3, "completion": 2},
        "supported_features": ["json_mode", "tools", "reasoning"],
    },
    "DeepInfra": {
        "metadata": {
            "context_length": 32_000,
            "max_tokens": 4_000,
            "pricing": {"input_tokens": 0.3, "output_tokens": 2, "cache_read_tokens": 0.03},
            "tags": ["reasoning"],
        }
    },
    "Venice": {
        "model_spec": {
            "availableContextTokens": 32_000,
            "pricing": {"input": {"usd": 0.3, "diem": 0.3}, "output": {"usd": 2}},
            "capabilities": {"supportsFunctionCalling": True, "supportsVision": False, "supportsReasoning": True},
        }
    },
    "GitHub": {
        "limits": {"max_input_tokens": 32_000, "max_output_tokens": 4_000},
        "capabilities": ["tool-calling"],
    },
    "Copilot": {
        "capabilities": {
            "limits": {"max_context_window_tokens": 32_000, "max_output_tokens": 4_000},
            "supports": {"tool_calls": True, "vision": True, "structured_outputs": True},
        }
    },
    "Anthropic": {
        "max_input_tokens": 32_000,
        "max_tokens": 4_000,
        "capabilities": {"image_input": {"supported": True}, "thinking": {"supported": True}, "batch": {}},
    },
    "Mistral": {"max_context_length": 32_000, "capabilities": {"function_calling": True, "vision": False}},
    "Fireworks": {"context_length": 32_000, "supports_image_input": True, "supports_tools": True},
    "llama.cpp": {"meta": {"n_ctx_train": 128_000, "n_ctx": 32_000}},
    "Groq": {"context_window": 32_000, "max_completion_tokens": 4_000},
}
PRICED = ("OpenRouter", "Vercel", "SambaNova", "Together", "Hugging Face", "Chutes", "DeepInfra", "Venice")


def model(row: Any) -> ModelInfo:
    (read,) = bare([{"id": "m", **row}])
    return read


def claims(row: Any) -> set[str]:
    return {name for name in ("tools", "reasoning", "structured_output", "vision") if model(row).can(name)}


def test_how_much_a_model_takes_and_writes_is_read_wherever_its_list_has_it() -> None:
    assert {name: model(row).context_length for name, row in ROWS.items()} == dict.fromkeys(ROWS, 32_000)
    assert {model(row).max_output for row in ROWS.values()} == {None, 4_000}


def test_a_price_is_that_of_a_million_tokens_whether_the_list_gives_it_for_one_or_for_a_million() -> None:
    for name in PRICED:
        assert (model(ROWS[name]).price_in, model(ROWS[name]).price_out) == (0.3, 2.0), name
    assert model(ROWS["OpenRouter"]).other_prices == model(ROWS["DeepInfra"]).other_prices == {"cached": 0.03}
    assert [name for name in ROWS if model(ROWS[name]).price_varies] == ["Hugging Face"]


@pytest.mark.parametrize(
    "pricing",
    [
        {"prompt": "-1", "completion": "-1"},  # OpenRouter's choice among models
        {"hourly": 1, "input": 0, "output": 0},
        {"input": 2, "output": 6, "currency": "CNY"},
        {"input": 10**9, "output": "a lot"},
        {"input": True, "output": [1]},
        {"image": "0.04"},
        [],
        None,
    ],
)
def test_what_is_no_price_of_tokens_is_not_known(pricing: Any) -> None:
    assert (model({"pricing": pricing}).price_in, model({"pricing": pricing}).price_out) == (None, None)


def test_a_model_for_nothing_costs_nothing() -> None:
    assert model({"pricing": {"prompt": "0", "completion": "0"}}).price_in == 0


def test_what_a_model_can_do_is_known_by_the_words_of_its_list() -> None:
    assert {name: found for name in ROWS if (found := claims(ROWS[name]))} == {
        "OpenRouter": {"tools", "reasoning"},
        "Vercel": {"tools", "reasoning"},
        "Hugging Face": {"tools"},
        "Chutes": {"tools", "reasoning"},
        "DeepInfra": {"reasoning"},
        "Venice": {"tools", "reasoning"},
        "GitHub": {"tools"},
        "Copilot": {"tools", "structured_output", "vision"},
        "Anthropic": {"reasoning", "vision"},
        "Mistral": {"tools"},
        "Fireworks": {"tools", "vision"},
    }
    assert [model(ROWS[name]).takes("image") for name in ("Venice", "Mistral", "Groq")] == [False, False, None]


def test_an_ability_that_a_list_does_not_name_is_not_known_to_be_missing() -> None:
    assert model(ROWS["OpenRouter"]).can("structured_output") is None
    assert model({"supports_tools": False}).can("tools") is None


@pytest.mark.parametrize("odd", [None, 5, "x", [[]], {"a": {"b": 1}}, [{"pricing": 3}], True])
def test_whatever_stands_in_a_row_is_read_as_not_told(odd: Any) -> None:
    names = ("pricing", "providers", "metadata", "capabilities", "tags", "limits", "context_length", "max_tokens")
    read = model(dict.fromkeys(names, odd))
    assert (read.price_in, read.capabilities, read.max_output) == (None, None, 5 if odd == 5 else None)
