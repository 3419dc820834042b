"""What servers rejected in this tab, and what the visitor sends nevertheless. Not saved."""

from __future__ import annotations

from typing import TypeVar

from backend.protocol.learned import Learned

Target = tuple[str, str]  # (the base URL of a server, "" for local models; a model)
Kept = TypeVar("Kept")
MOST = 200  # (server, model) pairs that are remembered
NOTHING = Learned()


class Refusals:
    """By server and model: a model with one name on two servers is two models."""

    def __init__(self) -> None:
        self._learned: dict[Target, Learned] = {}
        self._anyway: dict[Target, frozenset[str]] = {}

    def learned_of(self, target: Target) -> Learned:
        """What is not sent to this model, except what the visitor sends nevertheless."""
        names = self.anyway(target)
        return self._learned.get(target, NOTHING).except_for(names | {_field(name) for name in names})

    def anyway(self, target: Target) -> frozenset[str]:
        """Wire names that are sent to this model although they do not fit it, by the visitor's choice."""
        return self._anyway.get(target, frozenset())

    def learn(self, target: Target, learned: Learned) -> None:
        """Remember what the server rejected: it is not sent to this model again without the visitor's choice."""
        refused = {name for name in self.anyway(target) if {name, _field(name)} & learned.without}
        _put(self._anyway, target, self.anyway(target) - refused)
        _put(self._learned, target, self._learned.get(target, NOTHING).also(learned))

    def forget(self, target: Target) -> None:
        """Send everything to this model again."""
        self._learned.pop(target, None)

    def toggle_anyway(self, target: Target, name: str) -> None:
        """Send a value although it does not fit the model; a second call takes that back."""
        _put(self._anyway, target, self.anyway(target) ^ {name})


def _field(name: str) -> str:
    """The field of the body that a parameter is a part of."""
    return name.partition(".")[0]


def _put(kept: dict[Target, Kept], target: Target, value: Kept) -> None:
    """Append the newest; drop the oldest if there are too many."""
    kept.pop(target, None)
    kept[target] = value
    if len(kept) > MOST:
        del kept[next(iter(kept))]
