"""What a model in another server's list is for, as far as its row or its name says it: chat or something else, and
what it reads.

A row that says it is believed. A name is a guess, and decides nothing but the order.
"""

from __future__ import annotations

import re

from backend.types import JSON
from backend.untrusted import Object, fields, items, string

_WORDS_LIMIT = 20  # of one row
_LONGEST = 60  # characters of a word
# The words of lists for models that answer no chat: Together, LM Studio, GitHub, Cloudflare, Ollama, LiteLLM.
_OTHERWISE = re.compile(
    r"embed|rerank|moderation|transcri|whisper|text-to-(?!text)|image-(?:gen|edit)|speech|tts|asr|^(?:image|audio|video)$"
)
_KINDS = ("type", "task", "mode", "model_type")
# Names of well-known models and families that answer no chat.
_NAMES = re.compile(
    r"embed|rerank|moderation|whisper|transcri|(?:^|[-_/])(?:bge|e5|gte|tts|asr|clip|imagen|veo|sora|flux|lyria)[-_.:\d]"
    r"|all-minilm|dall-e|gpt-image|chatgpt-image|stable-diffusion|sdxl|text-to-|-tts\b|-realtime\b"
    r"|(?:^|/)(?:davinci|babbage|ada|curie)(?:-|$)|gpt-[\d.]+-turbo-instruct"
)


def chats(row: Object) -> bool:
    """The row of a list does not say that its model is for something else than chat."""
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
    """The modalities that a model reads, where the row says it: OpenRouter, Hugging Face, GitHub, Mistral."""
    modalities = fields(row.get("architecture")).get("input_modalities") or row.get("supported_input_modalities")
    able = fields(row.get("capabilities"))
    if modalities or not isinstance(able.get("vision"), bool):
        return modalities
    return ["text", *(["image"] if able["vision"] else []), *(["audio"] if able.get("audio") is True else [])]


def _kinds(row: Object) -> list[str]:
    """What the row calls the kind of its model, in small letters."""
    kinds: list[JSON] = []
    for name in _KINDS:
        value = row.get(name)
        kinds.append(value.get("name") if isinstance(value, dict) else value)
    return [re.sub(r"[\s_]+", "-", string(word)[:_LONGEST].lower()) for word in kinds]


def sounds_like_chat(name: str) -> bool:
    """A name that no well-known model has which answers no chat, and no rule for many names (LiteLLM: openai/*)."""
    return "*" not in name and not _NAMES.search(name.lower())
