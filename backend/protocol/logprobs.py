"""The `logprobs` of an answer: parsed, stored compactly, and aligned with the text.

Everything here is untrusted: a wrong type reads as absent, and each list is limited. The probabilities
themselves cannot be verified.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest

from backend.types import JSON, Message, Token
from backend.untrusted import Object, fields, items, object_list, text

TOKENS = 4_096  # of one answer
ALTERNATIVES = 8  # per token
_TEXT = 100  # characters of one token
_FLOOR = -100.0  # some servers send -9999 for a probability of 0
_WINDOW = 8  # characters that a token may begin late: a token that is half a character is no text


@dataclass(frozen=True)
class WordProbability:
    """Tokens that form a word. `probability` (0..1) is that of the least likely one, at index `place`."""

    text: str
    probability: float
    place: int


def tokens(logprobs: object) -> tuple[Token, ...]:
    """The tokens in `choices[].logprobs` of a chunk or an answer, also in the format of the older completions
    (Together, Fireworks).
    """
    source = fields(logprobs)
    rows = object_list(source.get("content"), TOKENS) or _columns(source)
    return tuple(token for row in rows if (token := _token(row)))


def _columns(source: Object) -> list[Object]:
    """Rows from parallel lists: tokens, their logarithms, and alternatives by text."""
    names, values = items(source.get("tokens"), TOKENS), items(source.get("token_logprobs"), TOKENS)
    tops = items(source.get("top_logprobs"), TOKENS)
    rows = list[Object]()
    for name, value, top in zip_longest(names, values, tops[: len(names)]):
        others: list[JSON] = [{"token": text, "logprob": log} for text, log in islice(fields(top).items(), 20)]
        rows.append({"token": name, "logprob": value, "top_logprobs": others})
    return rows


def _token(item: object) -> Token | None:
    pair = _text_and_logprob(item)
    if pair is None:
        return None
    top = items(fields(item).get("top_logprobs"), 20)
    others = [other for candidate in top if (other := _text_and_logprob(candidate))]
    return Token(*pair, tuple(others[:ALTERNATIVES]))


def _text_and_logprob(item: object) -> tuple[str, float] | None:
    """The text of a token and its logarithm; None if either is missing."""
    token, logprob = fields(item).get("token"), _logprob(fields(item).get("logprob"))
    if not isinstance(token, str) or logprob is None:
        return None
    return text(token)[:_TEXT], logprob


def _logprob(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return None if math.isnan(number) else round(min(0.0, max(_FLOOR, number)), 4)


# ---- stored form ------------------------------------------------------------------------------------------


def body(tokens: Sequence[Token]) -> list[JSON]:
    """Tokens as short JSON: [text, logprob, [[text, logprob], ...]]."""
    return [_short(token) for token in tokens]


def _short(token: Token) -> list[JSON]:
    others: list[JSON] = [[text, logprob] for text, logprob in token.alternatives]
    return [token.text, token.logprob, others] if others else [token.text, token.logprob]


def read(value: object) -> tuple[Token, ...]:
    """The tokens that `body` wrote."""
    tokens: list[Token] = []
    for row in items(value, TOKENS):
        pair = _pair(row)
        if pair is None:
            continue
        others = next(iter(items(row)[2:]), None)
        alternatives = [alternative for other in items(others, ALTERNATIVES) if (alternative := _pair(other))]
        tokens.append(Token(*pair, tuple(alternatives)))
    return tuple(tokens)


def _pair(item: object) -> tuple[str, float] | None:
    pair = items(item, 2)
    return _text_and_logprob({"token": pair[0], "logprob": pair[1]}) if len(pair) == 2 else None


# ---- beside the text --------------------------------------------------------------------------------------


def probability(logprob: float) -> float:
    """A probability from 0 to 1; some servers round a logarithm to slightly above 0."""
    return math.exp(min(0.0, logprob))


def starts(message: Message) -> list[int]:
    """The position in the answer at which each token begins. A token that is half a character begins with the
    other half.
    """
    text, position, places = message.content, 0, list[int]()
    for token in message.logprobs:
        if token.text and not text.startswith(token.text, position):
            start = text.find(token.text, position, position + _WINDOW + len(token.text))
            if start < 0:
                places.append(position)
                continue
            position = start
        places.append(position)
        position += len(token.text)
    return places


def until(message: Message, place: int) -> str:
    """The answer before a token."""
    return message.content[: starts(message)[place]]


def words(message: Message) -> list[WordProbability]:
    """The words of the answer, each as likely as its least likely token."""
    return [
        WordProbability("".join(token.text for _, token in group).strip(), *_least(group))
        for group in _grouped(message.logprobs)
        if any(token.text.strip() for _, token in group)
    ]


def least_certain(message: Message, count: int = 10) -> list[WordProbability]:
    """The words with the lowest probability, the lowest first."""
    return sorted(words(message), key=lambda word: word.probability)[:count]


def _least(group: Sequence[tuple[int, Token]]) -> tuple[float, int]:
    place, token = min(group, key=lambda pair: pair[1].logprob)
    return probability(token.logprob), place


def _grouped(tokens: Sequence[Token]) -> Iterator[list[tuple[int, Token]]]:
    """Tokens grouped by word: a new word begins with a space or after one."""
    group: list[tuple[int, Token]] = []
    for place, token in enumerate(tokens):
        if group and (token.text[:1].isspace() or group[-1][1].text[-1:].isspace()):
            yield group
            group = []
        group.append((place, token))
    if group:
        yield group
