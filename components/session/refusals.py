"""What servers refused in this tab, and what the visitor sends all the same. Nothing of it is kept longer."""

from __future__ import annotations

from typing import TypeVar

from backend.protocol.learned import Learned

Target = tuple[str, str]  # the base URL of a server ("" for the models of this computer), a model
Kept = TypeVar("Kept")
MOST = 200  # models of servers that are remembered
NOTHING = Learned()


class Refusals:
    """By server and model: a model of one name on two servers is two models."""

    def __init__(self) -> None:
        self._learned: dict[Target, Learned] = {}
        self._anyway: dict[Target, frozenset[str]] = {}

    def learned(self, target: Target) -> Learned:
        """What is not sent to this model, but for what the visitor sends anyway."""
        names = self.anyway(target)
        return self._learned.get(target, NOTHING).except_for(names | {_field(name) for name in names})

    def anyway(self, target: Target) -> frozenset[str]:
        """Wire names that go to this model although they do not fit it: the visitor says so."""
        return self._anyway.get(target, frozenset())

    def learn(self, target: Target, learned: Learned) -> None:
        """The server refused this: not sent again to this model unasked, whatever was said before."""
        refused = {name for name in self.anyway(target) if {name, _field(name)} & learned.without}
        _put(self._anyway, target, self.anyway(target) - refused)
        _put(self._learned, target, self._learned.get(target, NOTHING).also(learned))

    def forget(self, target: Target) -> None:
        """Send everything to this model again."""
        self._learned.pop(target, None)

    def toggle_anyway(self, target: Target, name: str) -> None:
        """Send a value although it does not fit the model; once more takes it back."""
        _put(self._anyway, target, self.anyway(target) ^ {name})


def _field(name: str) -> str:
    """The field of the body that a parameter is a part of."""
    return name.partition(".")[0]


def _put(kept: dict[Target, Kept], target: Target, value: Kept) -> None:
    """The newest last; the oldest goes where there are too many."""
    kept.pop(target, None)
    kept[target] = value
    if len(kept) > MOST:
        del kept[next(iter(kept))]
