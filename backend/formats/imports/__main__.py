"""`python -m backend.formats.imports FILE ...`: imports files of any size into the saved conversations, on the
server.

In a private app they belong to its only owner. A shared app has many owners: `--owner` has to name one.
The database is the app's: DATABASE_URL, otherwise the file in the data folder.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from backend import env_file, settings
from backend.backups.import_job import ImportJob
from backend.folders import APP
from backend.store import Store, default_url


def main(arguments: list[str] | None = None) -> int:
    """Import with a progress line. Exit code 0: everything is imported, 1: something is not, 2: wrong usage."""
    options = _options().parse_args(arguments)
    loaded = settings.load([os.environ, env_file.values()])
    if loaded.shared and not options.owner:
        print("This app is shared: say with --owner whose the conversations are.", file=sys.stderr)
        return 2
    missing = [name for name in options.files if not Path(name).is_file()]
    if missing:
        print(f"There is no file {missing[0]}.", file=sys.stderr)
        return 2
    store = Store.open(loaded.database_url or default_url())
    try:
        return _imported(store, options.owner or "local", options.files, options.again)
    finally:
        store.close()


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m backend.formats.imports", description="Import conversations.")
    parser.add_argument("files", nargs="+", metavar="FILE", help="JSON, JSON Lines or zip, of any size")
    parser.add_argument("--owner", default="", help='whose they will be; "local" on an app that is not shared')
    parser.add_argument("--again", action="store_true", help="also conversations that are here already")
    return parser


def _imported(store: Store, owner: str, names: list[str], again: bool) -> int:
    paths = [Path(name) for name in names]
    files = [(path.name, path.open("rb"), path.stat().st_size) for path in paths]
    taking = ImportJob(store, owner, files, again=again)
    show = sys.stderr.isatty()

    def told() -> None:
        if show:
            print(f"\r{taking.share:4.0%}  {taking.came:,} imported", end="", file=sys.stderr, flush=True)

    taking.run(told)
    print(
        "\r" * show + f"{taking.came:,} conversations imported for {owner!r}, {taking.known:,} were here already."
    )
    for refused in taking.refused:
        print(f"Not imported: {f'{refused.where}: ' if refused.where else ''}{refused.why}")
    if taking.refused_count > len(taking.refused):
        print(f"... and {taking.refused_count - len(taking.refused):,} more.")
    for title, note in taking.notes:
        print(f"{title[:60] or APP}: {note}")
    if taking.trouble:
        print(taking.trouble, file=sys.stderr)
    return 1 if taking.refused_count or taking.trouble else 0


if __name__ == "__main__":
    sys.exit(main())
