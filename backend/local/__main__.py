"""`python -m backend.local fetch [model id]`: downloads the model file before it is needed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from backend.errors import LocalModelFailed
from backend.local.files import fetch
from backend.local.machine import unavailable
from backend.local.models import MODELS, SMOLLM2
from backend.types import Preparing


def main(arguments: Sequence[str], say: Callable[[str], None] = print) -> int:
    """Run `fetch [model id]`: download the model file unless it exists."""
    named = {model.id: model for model in MODELS}
    match arguments:
        case ["fetch"]:
            model = SMOLLM2
        case ["fetch", name] if name in named:
            model = named[name]
        case _:
            say(f"Use: python -m backend.local fetch [{' | '.join(named)}]")
            return 2
    if problem := unavailable():
        say(problem)
        return 1
    try:
        path = fetch(model, progress=_tenths(say))
    except LocalModelFailed as error:
        say(f"{error.title} {error.hint}")
        return 1
    say(f"{model.label} is here: {path}")
    return 0


def _tenths(say: Callable[[str], None]) -> Callable[[Preparing], None]:
    """Print a progress line for every tenth, not for every block."""
    last = ""

    def tell(news: Preparing) -> None:
        nonlocal last
        line = news.text if news.fraction is None else f"{news.text}: {int(news.fraction * 10) * 10} %"
        if line != last:
            last = line
            say(line)

    return tell


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
