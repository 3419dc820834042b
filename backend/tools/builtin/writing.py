"""Counting in texts, which models see as tokens and therefore count badly."""

from __future__ import annotations

import re
from collections import Counter
from typing import Annotated

from pydantic import Field

LONGEST = 20_000  # characters of a text
WORDS_A_MINUTE = 230  # of silent reading, a usual figure for adults
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_SENTENCE = re.compile(r"[^.!?…。！？]*[^\s.!?…。！？][^.!?…。！？]*(?:[.!?…。！？]+|$)")


def text_statistics(
    text: Annotated[str, Field(description=f"The text itself, up to {LONGEST:,} characters.", max_length=LONGEST)],
    count: Annotated[
        str, Field(description="A letter, word or phrase to count in it: 'r'. Empty: none.", max_length=100)
    ] = "",
) -> dict[str, object]:
    """Count the characters, words, sentences, lines and most frequent words of a text, and how often a letter or
    word stands in it, large and small letters alike. Use it for every question about length or number of letters.
    """
    words = _WORD.findall(text)
    frequent = Counter(word.casefold() for word in words).most_common(5)
    return {
        "characters": len(text),
        "characters_without_spaces": sum(not char.isspace() for char in text),
        "letters": sum(char.isalpha() for char in text),
        "words": len(words),
        "sentences": len(_SENTENCE.findall(text)),
        "lines": len(text.splitlines()),
        "longest_word": max(words, key=len, default="")[:100],
        "frequent_words": {word[:100]: number for word, number in frequent},
        "reading_minutes": round(len(words) / WORDS_A_MINUTE, 1),
        **({f"count of {count!r}": text.casefold().count(count.casefold())} if count else {}),
    }
