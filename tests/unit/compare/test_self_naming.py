"""Which answers give away whose they are."""

from __future__ import annotations

import pytest

from backend.compare.self_naming import contains_name, names


@pytest.mark.parametrize(
    ("model", "answer"),
    [
        ("openai/gpt-4o-mini", "I am ChatGPT."),
        ("gpt-4o", "As GPT4, I cannot."),
        ("gpt-4o", "I was trained by **OpenAI**."),
        ("o3-mini", "OpenAI made me."),
        ("anthropic/claude-sonnet-4", "Ich bin claude."),
        ("google/gemini-2.5-flash", "I am a model of Google's."),
        ("meta-llama/Llama-3.3-70B", "I was made by Meta."),
        ("Qwen/Qwen3-8B", "我是Qwen，"),
        ("Qwen/Qwen3-8B", "阿里 Alibaba Cloud"),
        ("x-ai/grok-4", "Grok here, from xAI!"),
        ("microsoft/phi-4", "I am Phi, built by Microsoft"),
        ("HuggingFaceTB/SmolLM2-360M", "I'm SmolLM, trained by Hugging Face."),
        ("tiiuae/falcon-7b", "My name is Falcon."),
        ("acme/alpha", "I am acme/alpha"),
        ("mistral-small-latest", "Je suis un modèle de Mistral AI."),
    ],
)
def test_an_answer_that_names_its_model_or_its_maker_is_found(model: str, answer: str) -> None:
    assert contains_name(["Nothing here.", answer], names(model))


@pytest.mark.parametrize(
    ("model", "answer"),
    [
        ("meta-llama/Llama-3.3-70B", "The metadata and the meta level."),
        ("microsoft/phi-4", "The golden ratio is called phi."),
        ("cohere/command-r", "Type the command."),
        ("openai/gpt-4o", "Anthropic makes Claude."),
        ("tiiuae/falcon-7b", "A falcon is a bird."),
        ("o3-mini", "O30 is a street, CO2 a gas."),
        ("x-ai/grok-4", "AI is a wide field."),
        ("", "Anything at all."),
    ],
)
def test_ordinary_words_are_no_model_names(model: str, answer: str) -> None:
    assert not contains_name([answer], names(model))


def test_the_developer_that_the_catalogue_knows_is_a_maker() -> None:
    assert contains_name(["Made by Zeta labs."], names("house-model", "Zeta Labs"))
    assert contains_name(["Made by Zeta."], names("house-model", "Zeta"))
    assert not contains_name(["Eta, zeta, theta."], names("house-model", "Zeta"))
