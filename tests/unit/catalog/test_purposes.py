"""Other servers' lists in their shapes: what is asked for by which name, what does not chat, what comes first."""

from __future__ import annotations

from typing import Any

import pytest

from backend.catalog import Listing
from backend.catalog.purposes import sounds_like_chat
from backend.catalog.server_list import bare

GITHUB = "azureml://registries/azure-openai/models/gpt-4o/versions/2"
TOGETHER = {"id": "t/flux", "type": "image", "display_name": "FLUX", "context_length": 0}


def offered(body: Any) -> tuple[str, ...]:
    """The ids on offer, in order."""
    return Listing(bare(body)).ids


@pytest.mark.parametrize(
    "body",
    [
        {"models": [{"name": "command-r", "endpoints": ["chat"]}, {"name": "embed-v4", "endpoints": ["embed"]}]},
        {"models": [{"model": "x", "name": "command-r"}]},  # Ollama's own list
        {"object": "list", "data": [{"id": "command-r"}], "models": [{"name": "/models/a.gguf"}]},  # llama.cpp
        [{"id": GITHUB, "name": "command-r", "task": "chat-completion"}, {"id": GITHUB, "task": "embeddings"}],
        [{"id": "command-r", "type": "chat"}, TOGETHER, {"id": "t/m2", "type": "embedding"}],
        {"data": [{"id": "command-r", "type": "llm"}, {"id": "nomic", "type": "embeddings"}]},  # LM Studio
        {"data": [{"id": "command-r", "supports_chat": True}, {"id": "img", "supports_chat": False}]},  # Fireworks
        {
            "data": [
                {"id": "command-r", "capabilities": {"completion_chat": True}},
                {"id": "ocr", "capabilities": {"completion_chat": False}},
            ]
        },  # Mistral
        {
            "data": [
                {"id": "command-r", "architecture": {"output_modalities": ["text", "image"]}},
                {"id": "emb", "architecture": {"output_modalities": ["embeddings"]}},
            ]
        },  # OpenRouter
        {"models": [{"name": "command-r", "task": {"name": "Text Generation"}}]},  # Cloudflare
        {"data": [{"id": "command-r", "type": "model", "display_name": "Command R"}]},  # Anthropic
    ],
)
def test_a_list_in_any_providers_shape_offers_what_chats_by_the_name_it_is_asked_for(body: Any) -> None:
    assert offered(body)[0] == "command-r"
    assert set(offered(body)) <= {"command-r", GITHUB}


def test_a_model_that_its_list_says_not_to_chat_is_known_and_not_offered() -> None:
    listing = Listing(bare([{"id": "a"}, TOGETHER]))
    assert listing.ids == ("a",)
    assert (listing.find("t/flux").chat, listing.find("t/flux").name) == (False, "FLUX")


def test_a_models_inputs_are_known_where_its_list_says_them() -> None:
    rows = [
        {"id": "router", "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]}},
        {"id": "github", "supported_input_modalities": ["text"]},
        {"id": "mistral", "capabilities": {"completion_chat": True, "vision": True}},
        {"id": "blind", "capabilities": {"vision": False, "audio": True}},
        {"id": "silent"},
    ]
    assert [model.takes("image") for model in bare(rows)] == [True, False, True, False, None]
    assert [model.takes("audio") for model in bare(rows)] == [False, False, False, True, None]


def test_two_rows_of_one_name_are_told_apart_by_their_ids() -> None:
    """Mistral lists a model under each of its aliases."""
    rows = [{"id": "m-2410", "name": "m-2410"}, {"id": "m-latest", "name": "m-2410"}, {"id": "n", "name": "N"}]
    assert [model.name for model in bare(rows)] == ["", "", "N"]


def test_googles_folder_is_no_part_of_an_id_and_a_rule_for_many_names_comes_last() -> None:
    google = {"id": "models/gemini-3-flash", "owned_by": "google"}
    assert offered([google, {"id": "models/a.gguf", "owned_by": "llamacpp"}]) == ("gemini-3-flash", "models/a.gguf")
    assert offered([{"id": "*"}, {"id": "openai/*"}, {"id": "gpt-5"}]) == ("gpt-5", "*", "openai/*")


def test_models_not_named_like_chat_come_last_and_are_still_offered() -> None:
    """The first of a list is asked by default; Ollama's begins with what was fetched last."""
    ids = ["nomic-embed-text:latest", "qwen3:8b", "whisper-1", "gpt-5", "dall-e-3", "davinci-002"]
    assert offered({"data": [{"id": name} for name in ids]}) == (ids[1], ids[3], ids[0], ids[2], ids[4], ids[5])


@pytest.mark.parametrize(
    ("name", "chats"),
    [
        *((name, True) for name in ("llama3.2", "gpt-4o-audio-preview", "google/gemma-3-4b-it", "claude-opus-4-8")),
        *((name, True) for name in ("deepseek-v4", "o3", "adapter-7b", "veolia-7b", "qwen3-coder", "e5")),
        *((name, False) for name in ("text-embedding-3-small", "bge-m3", "BAAI/bge-large", "all-minilm:l6")),
        *(
            (name, False)
            for name in ("gpt-image-1", "tts-1-hd", "gpt-4o-mini-tts", "gpt-realtime-mini", "omni-moderation")
        ),
        *(
            (name, False)
            for name in ("models/imagen-4.0-generate", "models/veo-3.0", "sora-2", "mxbai-embed-large")
        ),
        *(
            (name, False)
            for name in ("gpt-3.5-turbo-instruct", "babbage-002", "jina-reranker-v2", "gpt-4o-transcribe")
        ),
    ],
)
def test_a_name_says_what_a_model_is_for(name: str, chats: bool) -> None:
    assert sounds_like_chat(name) is chats


@pytest.mark.parametrize("odd", [None, 5, [], {}, "", ["chat", 3], {"name": 7}])
def test_a_malformed_purpose_hides_no_model(odd: Any) -> None:
    fields = ("type", "task", "mode", "model_type", "endpoints", "supports_chat", "capabilities", "architecture")
    assert offered([{"id": "a", **dict.fromkeys(fields, odd)}]) == ("a",)
