"""How strong each model is, from who beat whom: the Bradley-Terry model, with intervals by bootstrap.

The chance that one beats another is p / (p + q); a strength is log p, and all strengths of a table have the mean 0.
The prior (ALPHA) is that of `choix` and of Caron and Doucet (2012), so that a model that always won has a
large but finite strength. The likelihood is Hunter's (2004); his MM algorithm, which choix offers too, needs
thousands of rounds where somebody won every time, Newton's method about ten. choix itself would bring SciPy: 113 MB
on disk and 75 MB of memory, beside a model on a host with 1 GB, for these lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

ALPHA = 0.01
SEED, SAMPLES = 1952, 200  # seed of the bootstrap: the year of Bradley's and Terry's paper
_ROUNDS = 200  # iterations of Newton's method: ten are usual
_LONGEST = 2.0  # the maximum length of a step
Floats = NDArray[np.float64]
Win = tuple[int, int, float]  # winner, loser, and weight: a tie is half a win for each


def strengths(wins: Floats, alpha: float = ALPHA, begin: Floats | None = None) -> Floats:
    """One strength per model. `wins[i, j]`: how often i beat j. `begin`: initial strengths."""
    games, total = wins + wins.T, wins.sum(axis=1)
    found = np.zeros(len(wins)) if begin is None else begin.copy()
    for _ in range(_ROUNDS):
        odds = np.exp(found)
        chances = odds[:, None] / (odds[:, None] + odds)
        slope = total - (games * chances).sum(axis=1) + alpha * (1 - odds)
        bends = games * chances * chances.T
        step = np.linalg.lstsq(np.diag(bends.sum(axis=1) + alpha * odds) - bends, slope, rcond=None)[0]
        longest = float(np.abs(step).max(initial=0.0))
        found = found + step * min(1.0, _LONGEST / max(longest, 1e-300))
        if longest < 1e-9:
            break
    centred: Floats = found - found.mean()
    return centred


def table(ballots: Mapping[tuple[Win, ...], int], models: int) -> tuple[Floats, Floats, Floats]:
    """Strengths with their 95 % intervals, from resampled votes.

    `ballots`: what one vote says about pairs of models, and the number of such votes. A vote is drawn as a whole.
    For a unanimous ballot one contrary vote is added: otherwise all tables drawn from 3 equal votes would be the
    same.
    """
    mirrored = {_mirrored(ballot) for ballot in ballots} - ballots.keys()
    candidates = [*ballots, *sorted(mirrored)]
    counts = np.array([*ballots.values(), *(0 for _ in mirrored)], dtype=np.float64)
    weights = counts + (counts == 0)
    listed = [(at, *win) for at, ballot in enumerate(candidates) for win in ballot]
    ballot, winner, loser = (np.array([win[part] for win in listed], dtype=np.intp) for part in range(3))
    share = np.array([win[3] for win in listed])

    def wins(drawn: Floats) -> Floats:
        matrix = np.zeros((models, models))
        np.add.at(matrix, (winner, loser), share * drawn[ballot])
        return matrix

    found = strengths(wins(counts))
    random = np.random.default_rng(SEED)
    draws = random.multinomial(int(counts.sum()), weights / weights.sum(), size=SAMPLES)
    samples = np.array([strengths(wins(drawn.astype(np.float64)), begin=found) for drawn in draws])
    low, high = np.percentile(samples, (2.5, 97.5), axis=0)
    return found, np.minimum(low, found), np.maximum(high, found)


def _mirrored(ballot: tuple[Win, ...]) -> tuple[Win, ...]:
    """The contrary vote; that to a tie is the tie."""
    return tuple(sorted((loser, winner, share) for winner, loser, share in ballot))


def together(pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Groups of models that can be compared, directly or indirectly, the largest first."""
    group: dict[str, list[str]] = {}
    for one, other in pairs:
        mine, theirs = group.setdefault(one, [one]), group.setdefault(other, [other])
        if mine is theirs:
            continue
        small, large = (mine, theirs) if len(mine) < len(theirs) else (theirs, mine)
        large.extend(small)
        for name in small:
            group[name] = large
    groups = {id(members): members for members in group.values()}
    return sorted(groups.values(), key=len, reverse=True)
