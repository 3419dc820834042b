"""Makes backend/data/models.json, the bundled list of models, from scripts/models_source.json.

python scripts/models.py                  write the bundled list
python scripts/models.py --check          is it up to date? Leaves with 1 when it is not
python scripts/models.py --reduce FILE    make the source from an extraction of the provider's documents

The source holds one model per line, with the facts the playground uses and nothing else. Nobody types models
by hand: a new extraction is reduced, the difference of the source is read, the list is written.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "scripts" / "models_source.json"
BUNDLED = ROOT / "backend" / "data" / "models.json"

# The default model, then the models the project began with; both go before the alphabet.
FIRST = ("google/gemini-2.5-flash", "google/gemini-2.0-flash", "gemini-2.0-flash", "google/gemini-2.0-flash-exp")
CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"
PARTS = ("text", "image_url", "image", "file", "document", "input_audio", "video_url")
SETS = ("capabilities", "parameters", "parts", "roles")

Row = dict[str, Any]


# ---- an extraction of the documents -> the source -------------------------------------------------------


def reduced(rows: Iterable[Row]) -> Iterator[Row]:
    """The models worth listing, each with the facts that are used; missing facts are left out."""
    for row in rows:
        if row["status"] == "deprecated" and not row["in_seed"]:
            continue
        kept = {
            **{name: row[name] for name in ("id", "aliases", "name", "developer", "context_length", "status")},
            "endpoint": row["endpoint"],
            "began_with": row.get("seed_names", []),
            "hint": bool(row.get("generic_schema") or row.get("legacy_schema")),
            **{name: row[name] for name in ("capabilities", "parameters", "roles", "limits")},
            "parts": [part for part in PARTS if part in row["content_parts"]],
        }
        yield {name: value for name, value in kept.items() if value not in (None, [], {}, False, "")}


# ---- the source -> the bundled list ---------------------------------------------------------------------


def bundled(source: list[Row]) -> Row:
    """The bundled list: models in display order; shared sets of words are stored once, by number."""
    sets: dict[tuple[str, ...], int] = {}
    rows = [_model(row, taken) for row, taken in _with_unique_names(sorted(source, key=_order))]
    for row in rows:
        for name in SETS:
            if name in row:
                row[name] = sets.setdefault(tuple(sorted(row[name])), len(sets))
    return {"sets": [list(words) for words in sets], "models": rows}


def _order(row: Row) -> tuple[int, bool, bool, str, str]:
    """The first ones, then current models, then retired ones; by developer."""
    places = [FIRST.index(name) for name in _names(row) if name in FIRST]
    return (
        min(places, default=len(FIRST)),
        row["status"] == "deprecated",
        row["status"] == "unlisted",
        row["developer"].lower(),
        row["id"].lower(),
    )


def _names(row: Row) -> list[str]:
    """The id and its aliases; a name the project began with comes first."""
    names = [row["id"], *row.get("aliases", [])]
    return sorted(names, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))


def _with_unique_names(rows: list[Row]) -> Iterator[tuple[Row, tuple[list[str], list[str]]]]:
    """Each model with its unique names: (id and aliases, names of the first documents)."""
    taken: set[str] = set()
    kept = [(row, _free(_names(row)[:1], taken)) for row in rows]
    named = [(row, [*first, *_free(_names(row)[1:], taken)]) for row, first in kept if first]
    for row, names in named:
        yield row, (names, _free(row.get("began_with", []), taken))


def _free(names: Iterable[str], taken: set[str]) -> list[str]:
    """The names that are still free, in any spelling; they are taken from now on."""
    found = []
    for name in names:
        if name.lower() not in taken:
            taken.add(name.lower())
            found.append(name)
    return found


def _model(row: Row, names: tuple[list[str], list[str]]) -> Row:
    """One model as fields of ModelInfo without those at their default."""
    (model_id, *aliases), documented_as = names
    limits = row.get("limits", {})
    made = {
        "id": model_id,
        "aliases": aliases,
        "documented_as": documented_as,
        **{name: row.get(name) for name in ("name", "developer", "context_length", *SETS)},
        "limits": {name: pair for name, pair in limits.items() if isinstance(pair, list) and None not in pair},
        "default_max_tokens": limits.get("max_tokens_default"),
        "generic": row.get("hint", False),
        "retired": row["status"] == "deprecated",
        "unlisted": row["status"] == "unlisted",
    }
    kept = {name: value for name, value in made.items() if value not in (None, [], {}, False, "")}
    endpoint = row.get("endpoint", CHAT)
    if endpoint == RESPONSES:
        return {**kept, "answers_on": "responses"}
    return kept if endpoint == CHAT else {**kept, "chat": False}


# ---- files ----------------------------------------------------------------------------------------------


def lines(rows: Iterable[Any]) -> str:
    """JSON with one row per line, so that a difference can be read."""
    return ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)


def text() -> str:
    """The bundled list as file content."""
    made = bundled(json.loads(SOURCE.read_text("utf-8")))
    return f'{{"sets": [\n{lines(made["sets"])}\n], "models": [\n{lines(made["models"])}\n]}}\n'


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="say whether the bundled list is up to date")
    parser.add_argument("--reduce", type=Path, metavar="FILE", help="make the source from an extraction")
    options = parser.parse_args(arguments)
    if options.reduce:
        rows = reduced(json.loads(options.reduce.read_text("utf-8")))
        SOURCE.write_text(f"[\n{lines(rows)}\n]\n", "utf-8")
    if options.check:
        current = BUNDLED.exists() and BUNDLED.read_text("utf-8") == text()
        print("up to date" if current else "out of date: run python scripts/models.py")
        return 0 if current else 1
    BUNDLED.write_text(text(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
