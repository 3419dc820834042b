"""The token counts that a server reported, by price: servers use the same names for different counts.

A token belongs to one kind only. An implausible count (a prompt of no tokens) is treated as not reported. Nothing
is counted here: backend/answer/cost.py does that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backend.types import PriceKind, Usage
from backend.untrusted import Object, fields, numeral

_MOST = 10**12  # tokens; past that it is no count
_CACHED = ("cache_read_input_tokens", "cached_tokens")  # Anthropic, Moonshot; others say it in their details


@dataclass(frozen=True)
class Reported:
    """Tokens in and out, reasoning and what came from a cache included; None: not reported, or none.

    `cached`, `cache_writes` and `audio_in` are of `into`, `audio_out` is of `out`.
    """

    into: int | None = None
    out: int | None = None
    cached: int = 0
    cache_writes: int = 0
    audio_in: int = 0
    audio_out: int = 0

    def by_price(self, into: int, out: int) -> dict[PriceKind, int]:
        """Split token counts by price: those reported as cached, cache writes or audio have their own."""
        left, split = into, dict[PriceKind, int]()
        special: tuple[tuple[PriceKind, int], ...] = (
            ("cached", self.cached),
            ("cache write", self.cache_writes),
            ("audio in", self.audio_in),
        )
        for kind, count in special:
            split[kind] = min(left, count)
            left -= split[kind]
        audio_out = min(out, self.audio_out)
        return {**split, "in": left, "audio out": audio_out, "out": out - audio_out}


NOTHING = Reported()


def reported(usage: Usage | None) -> Reported:
    """The counts of a server, in whichever way it reports them."""
    if usage is None:
        return NOTHING
    prompt, completion = _details(usage.raw, "prompt", "input"), _details(usage.raw, "completion", "output")
    cached = usage.cached_tokens or _first(usage.raw, *_CACHED) or _first(prompt, "cached_tokens")
    writes = _first(usage.raw, "cache_creation_input_tokens") or _first(
        prompt, "cache_write_tokens", "cache_creation_tokens"
    )
    into = usage.prompt_tokens or 0
    # Anthropic counts what goes through its cache apart from its `input_tokens`; others count it in.
    anthropic = "prompt_tokens" not in usage.raw and "cache_read_input_tokens" in usage.raw
    if anthropic or cached + writes > into:
        into += cached + writes
    return Reported(
        into or None,
        _out(usage, into) or None,
        cached,
        writes,
        _first(prompt, "audio_tokens"),
        _first(completion, "audio_tokens"),
    )


def _out(usage: Usage, into: int) -> int:
    """Tokens out. Reasoning is in the count of most, beside it in that of some, and only in the total of others
    (Gemini, xAI): the total tells."""
    out, reasoning, total = usage.completion_tokens or 0, usage.reasoning_tokens or 0, usage.total_tokens or 0
    if reasoning > out or total >= into + out + reasoning:
        out += reasoning
    return max(out, total - into) if usage.prompt_tokens else out


def _details(raw: Mapping[str, object], *names: str) -> Object:
    for name in names:
        if details := fields(raw.get(f"{name}_tokens_details")):
            return details
    return {}


def _first(counts: Mapping[str, object], *names: str) -> int:
    """The first of these counts that is valid; 0 if there is none."""
    for name in names:
        number = numeral(counts[name]) if name in counts else None
        if number is not None and 0 < number < _MOST:
            return int(number)
    return 0
