"""Dice with a reported seed, so that a roll can be repeated. Not for secrets."""

from __future__ import annotations

import random
from typing import Annotated

from pydantic import Field


def roll_dice(
    dice: Annotated[int, Field(description="How many dice.", ge=1, le=100)] = 1,
    sides: Annotated[
        int, Field(description="Sides of each: 6 for a die, 2 for a coin, 20 for d20.", ge=2, le=10_000)
    ] = 6,
    add: Annotated[int, Field(description="Added to the sum, as in 2d6+3.", ge=-10_000, le=10_000)] = 0,
    seed: Annotated[
        int | None,
        Field(description="A number that makes the roll repeatable; leave it out for chance.", ge=0, le=2**31),
    ] = None,
) -> dict[str, object]:
    """Roll dice, toss coins or draw random whole numbers: each from 1 to `sides`. Use it for anything left to
    chance, because a model cannot roll dice by itself. The seed in the result repeats the same roll.
    """
    chosen = random.SystemRandom().randrange(2**31) if seed is None else seed
    source = random.Random(chosen)
    rolls = [source.randint(1, sides) for _ in range(dice)]
    return {"rolls": rolls, "total": sum(rolls) + add, "seed": chosen}
