"""The purpose of a model in another server's list, by its row or its name: chat or something else, and its inputs.

A statement in the row is believed. A name is a guess, and decides only the order.
"""

from __future__ import annotations

import re

from backend.catalog.row_facts import reads_pictures
from backend.types import JSON
from backend.untrusted import Object, fields, items, string

_WORDS_LIMIT = 20  # values of one row
_LONGEST = 60  # characters of a word
# Kinds of non-chat models in lists: Together, LM Studio, GitHub, Cloudflare, Ollama, LiteLLM.
_OTHERWISE = re.compile(
    r"embed|rerank|moderation|transcri|whisper|text-to-(?!text)|image-(?:gen|edit)|speech|tts|asr|^(?:image|audio|video)$"
)
_KINDS = ("type", "task", "mode", "model_type")
# Names of well-known non-chat models and families.
_NAMES = re.compile(
    r"embed|rerank|moderation|whisper|transcri|(?:^|[-_/])(?:bge|e5|gte|tts|asr|clip|imagen|veo|sora|flux|lyria)[-_.:\d]"
    r"|all-minilm|dall-e|gpt-image|chatgpt-image|stable-diffusion|sdxl|text-to-|-tts\b|-realtime\b"
    r"|(?:^|/)(?:davinci|babbage|ada|curie)(?:-|$)|gpt-[\d.]+-turbo-instruct"
)


def chats(row: Object) -> bool:
    """Whether the row does not say that its model is for something other than chat."""
    if row.get("supports_chat") is False:  # Fireworks
        return False
    able, outputs = row.get("capabilities"), fields(row.get("architecture")).get("output_modalities")
    if isinstance(able, dict) and able.get("completion_chat") is False:  # Mistral
        return False
    if isinstance(outputs, list) and outputs and "text" not in outputs:  # OpenRouter, Hugging Face
        return False
    ends = [word for word in items(row.get("endpoints"), _WORDS_LIMIT) if isinstance(word, str)]  # Cohere
    if ends and not any("chat" in word.lower() for word in ends):
        return False
    return not any(_OTHERWISE.search(word) for word in _kinds(row))


def inputs(row: Object) -> JSON:
    """The input modalities of a model, if the row lists them (OpenRouter, Hugging Face, GitHub, Novita) or says
    whether it reads pictures (Mistral, Anthropic, Fireworks)."""
    architecture = fields(row.get("architecture"))
    names = ("supported_input_modalities", "input_modalities")
    listed: list[JSON] = [architecture.get("input_modalities"), *map(row.get, names)]
    if modalities := [value for value in listed if value]:
        return modalities[0]
    if (vision := reads_pictures(row)) is None:
        return None
    hears = fields(row.get("capabilities")).get("audio") is True
    return ["text", *(["image"] if vision else []), *(["audio"] if hears else [])]


def _kinds(row: Object) -> list[str]:
    """The row's values for the kind of its model, in lower case."""
    kinds: list[JSON] = []
    for name in _KINDS:
        value = row.get(name)
        kinds.append(value.get("name") if isinstance(value, dict) else value)
    return [re.sub(r"[\s_]+", "-", string(word)[:_LONGEST].lower()) for word in kinds]


def sounds_like_chat(name: str) -> bool:
    """Whether the name is neither that of a well-known non-chat model, nor a wildcard (LiteLLM: openai/*)."""
    return "*" not in name and not _NAMES.search(name.lower())
