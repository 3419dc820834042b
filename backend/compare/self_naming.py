"""Tells whether an answer names its own model: a vote on such an answer is not blind.

Searched for are the first word of the model's name, its developer, and other names of both. An answer
that writes the name in another alphabet, or only hints at it, is NOT found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# Common model families, by a word in the model's id, and the names that their answers use for themselves and their
# developer.
_CALLED = {
    "gpt": ("gpt", "chatgpt", "openai"),
    "o1": ("chatgpt", "openai"),
    "o3": ("chatgpt", "openai"),
    "o4": ("chatgpt", "openai"),
    "chatgpt": ("gpt", "chatgpt", "openai"),
    "claude": ("claude", "anthropic"),
    "gemini": ("gemini", "google", "deepmind", "bard"),
    "gemma": ("gemma", "google", "deepmind"),
    "llama": ("llama", "Meta"),
    "qwen": ("qwen", "tongyi", "alibaba"),
    "qwq": ("qwq", "qwen", "alibaba"),
    "mistral": ("mistral",),
    "mixtral": ("mixtral", "mistral"),
    "codestral": ("codestral", "mistral"),
    "ministral": ("ministral", "mistral"),
    "magistral": ("magistral", "mistral"),
    "deepseek": ("deepseek",),
    "grok": ("grok", "xai"),
    "kimi": ("kimi", "moonshot"),
    "glm": ("glm", "chatglm", "zhipu", "z.ai"),
    "phi": ("Phi", "microsoft"),
    "command": ("Command", "cohere"),
    "nova": ("Nova", "amazon"),
    "minimax": ("minimax",),
    "ernie": ("ernie", "baidu"),
    "hunyuan": ("hunyuan", "tencent"),
    "granite": ("Granite", "ibm"),
    "nemotron": ("nemotron", "nvidia"),
    "sonar": ("Sonar", "perplexity"),
    "smollm": ("smollm", "hugging face"),
}
_PLAIN = {"ai", "chat", "text", "code", "fast", "mini", "small", "large", "instruct", "the", "free", "auto", "open"}
_LATIN = "A-Za-z\u00c0-\u024f"  # a name is in Latin letters, even in the middle of a Chinese sentence
_SHORT = 2  # minimum of letters: "ai" is part of too many words
_WORD = re.compile(r"[^\W\d_]{2,}|[oO]\d")


def names(model: str, developer: str = "") -> frozenset[str]:
    """The words by which an answer of this model would name itself or its developer. A word with a capital letter
    has to match with it, as it may also be an ordinary word.
    """
    id_ = model.lower()
    maker, _, name = id_.rpartition("/")
    found = {called for family, words in _CALLED.items() if _has(id_, family) for called in words}
    own = [word.group() for word in _WORD.finditer(maker.rpartition("/")[2])]
    own += [word.group() for word in list(_WORD.finditer(name))[:1]]
    makers = [part.strip().lower() for part in developer.split(",")]
    own += [maker for maker in makers if maker.isalpha()]
    whole = {part for part in (id_, name, *makers) if not part.isalpha() and len(part) > _SHORT}
    known = {word.lower() for word in found}
    return frozenset(
        found | whole | {word.capitalize() for word in own if len(word) > _SHORT and word not in known | _PLAIN}
    )


def _has(id_: str, family: str) -> bool:
    """Whether a word of the id begins with the name: "qwen" in "qwen3-8b"; "o1" must be the whole word."""
    end = r"(?![a-z0-9])" if len(family) < 3 else ""
    return re.search(rf"(?<![a-z0-9]){family}{end}", id_) is not None


def contains_name(texts: Iterable[str], looked_for: frozenset[str]) -> bool:
    """Whether one of the texts contains one of these names as a word: "GPT" also in "GPT4", but not in "egpt"."""
    if not looked_for:
        return False
    parts = [
        rf"(?:{re.escape(name)}|{re.escape(name.upper())})" if name != name.lower() else rf"(?i:{re.escape(name)})"
        for name in sorted(looked_for)
    ]
    pattern = re.compile(rf"(?<![{_LATIN}\d])(?:{'|'.join(parts)})(?![{_LATIN}])")
    return any(pattern.search(text) for text in texts)
