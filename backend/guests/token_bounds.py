"""Estimates the tokens of a request before the provider has counted them: an upper and a lower bound.

Computed from the bytes of its texts; there is no tokenizer of any model here.
"""

from __future__ import annotations

from collections.abc import Mapping

from backend.tokens import tokens
from backend.types import JSON
from backend.untrusted import fields, items, string

BYTES_PER_TOKEN_CAUTIOUS = 3  # bytes of UTF-8 per token for the upper bound
BYTES_PER_TOKEN_TYPICAL = 4  # bytes per token of most texts
PICTURE = 1_600  # tokens of a picture: the maximum of the well-known providers
DOCUMENT = 100_000  # tokens of a document that the provider has or fetches: unknown in advance
DATA = 50  # characters of base64 per token, for sounds and documents
_DATA_NAMES = ("url", "image_url", "data", "file_data")  # keys of attachments in a message
_DOCUMENTS = ("document", "file", "input_file")
_FORM = ("role", "type", "id", "tool_call_id", "tool_use_id", "detail", "format", "media_type")
_PER_MESSAGE = 4
# The fields of a body that a model reads, in each of the formats.
_TEXTS = ("messages", "system", "tools", "input", "instructions")
_READ = (*_TEXTS, "response_format", "prediction", "text")


def prompt_tokens(body: Mapping[str, JSON]) -> int:
    """An upper estimate of the tokens in the body of a request."""
    count = len(items(body.get("messages")))
    parts = (body.get(name) for name in _READ)
    return _PER_MESSAGE * count + sum(_tokens(value) for value in parts)


def least_prompt_tokens(body: Mapping[str, JSON]) -> int:
    """A lower bound of the tokens in the texts of a request: a server's report below it is not believed."""
    return sum(_text_tokens(body.get(name)) for name in _TEXTS)


def _text_tokens(value: JSON, name: str = "") -> int:
    """Tokens of the texts in any JSON, without its structural keys."""
    if isinstance(value, str):
        return 0 if name in _FORM or name in _DATA_NAMES else size(value) // BYTES_PER_TOKEN_TYPICAL
    if isinstance(value, list):
        return sum(_text_tokens(item, name) for item in value)
    return sum(_text_tokens(item, key) for key, item in value.items()) if isinstance(value, dict) else 0


def _tokens(value: JSON, name: str = "") -> int:
    """Tokens of any JSON: texts by their length, pictures at a flat rate, other data by its size."""
    if isinstance(value, str):
        return _data_tokens(value) if name in _DATA_NAMES else _cautious(value)
    if isinstance(value, list):
        return sum(_tokens(item) for item in value)
    if isinstance(value, dict):
        picture = string(value.get("media_type")).startswith("image/")  # beside its `data`, in Anthropic's format
        return (DOCUMENT if _is_elsewhere(value) else 0) + sum(
            1 + (PICTURE if picture and key == "data" else _tokens(item, key)) for key, item in value.items()
        )
    return 1


def _is_elsewhere(part: Mapping[str, JSON]) -> bool:
    """Whether a document is given by its address, or by an id of the provider."""
    if part.get("type") not in _DOCUMENTS:
        return False
    source = {**part, **fields(part.get("source")), **fields(part.get("file"))}
    links = (string(source.get(name)) for name in ("url", "file_url", "file_data"))
    return bool(source.get("file_id")) or any(link.startswith(("https://", "http://")) for link in links)


def _cautious(text: str) -> int:
    """An upper estimate for a text: more than most texts have, and no less than numbers have, which take many
    tokens.
    """
    return max(-(-size(text) // BYTES_PER_TOKEN_CAUTIOUS), tokens(text))


def _data_tokens(value: str) -> int:
    if value.startswith(("data:image/", "https://", "http://")):
        return PICTURE
    return max(PICTURE, len(value) // DATA)


def size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
