"""`python -m backend.compare suite.yaml`: a test suite from the command line, for CI.

The file is a suite of this playground or of promptfoo (docs/suites.md). Server and key are the app's:
AIMLAPI_API_KEY, AIMLAPI_BASE_URL and PLAYGROUND_MODEL from the environment or `.env`. Exit codes: 0: every check
passed, 1: one failed or has no answer, 2: nothing could be run.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from backend import env_file, settings
from backend.compare.suite import file, job, report, results, rows, yaml_text
from backend.compare.suite.headless import asking_lanes, grading_lane, run
from backend.compare.suite.promptfoo import reading, writing
from backend.compare.suite.results import Results
from backend.compare.suite.suite import Plan, Suite, plan
from backend.jobs.job import AT_ONCE, Job
from backend.settings import Settings
from backend.store import StoreError
from backend.transport.client import ChatClient
from backend.untrusted import Unreadable, line

PASSED, FAILED, WRONG = 0, 1, 2  # exit codes


def main(arguments: list[str] | None = None) -> int:
    """Run the suite and print its results."""
    options = _options().parse_args(arguments)
    configured = settings.load([os.environ, env_file.values()])
    try:
        suite, left_out = _suite(options.file, options.rows)
        before = results.read(_content(options.since)) if options.since else None
        if options.export:
            return _exported(suite, options.export, configured, left_out)
        made = plan(suite)
        if options.output:
            options.output.open("a").close()  # before anything is paid for
    except (Unreadable, OSError) as error:
        _say(_words(error))
        return WRONG
    for words in left_out:
        _say(f"Not imported: {words}")
    client = ChatClient(configured.endpoint, configured.deadlines)
    try:
        found, why = _run(suite, made, client, configured, before, options)
    except StoreError as error:
        _say(str(error))
        return WRONG
    finally:
        client.close()
    print(_json(found) if options.json else report.table(found, before))
    if why:
        _say(f"The run stopped before its end. {why}")
    if options.output and not _is_written(options.output, _json(found)):
        return WRONG
    return PASSED if found.passed else FAILED


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m backend.compare", description="Run a test suite.")
    parser.add_argument("file", type=Path, help="the suite: YAML or JSON, of this playground or of promptfoo")
    parser.add_argument("--rows", type=Path, help="rows from a table instead: CSV or JSONL")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")
    parser.add_argument("--output", type=Path, help="write the results as JSON into this file, too")
    parser.add_argument("--since", type=Path, help="results of an earlier run: tells what has changed")
    parser.add_argument("--failed", action="store_true", help="ask only what did not pass in --since")
    parser.add_argument("--at-once", type=_count, default=AT_ONCE, help=f"requests at once ({AT_ONCE})")
    parser.add_argument("--export", type=Path, help="run nothing: write the suite into this file for promptfoo")
    return parser


def _count(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) <= 64:
        raise argparse.ArgumentTypeError("a number from 1 to 64")
    return int(text)


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise Unreadable(f"There is no file {path}.")
    if path.stat().st_size > results.FILE:
        raise Unreadable(f"The file {path} is too large.")
    return path.read_bytes()


def _suite(path: Path, table: Path | None) -> tuple[Suite, tuple[str, ...]]:
    """The suite in a file, and the parts of a promptfoo file that were left out."""
    value = yaml_text.parsed(_content(path))
    suite, left_out = (file.of_value(value), ()) if file.is_suite(value) else reading.of_value(value)
    if table:
        suite = replace(suite, rows=rows.read(_content(table), table.name))
    return suite, left_out


def _run(
    suite: Suite,
    made: Plan,
    client: ChatClient,
    configured: Settings,
    before: Results | None,
    options: argparse.Namespace,
) -> tuple[Results, str]:
    """The results, and why the run stopped early ("" if it did not)."""
    lanes = asking_lanes(suite, client, configured.model)
    grader = grading_lane(made.grading, client, configured.model) if made.needs_grader else None
    draft = job.draft(suite, made, lanes, grader, before, only_failed=options.failed)
    return run(draft, lanes, grader, client, _progress, options.at_once)


def _progress(kept: Job) -> None:
    """A progress line, if stderr is a terminal."""
    if sys.stderr.isatty():
        end = "\n" if kept.ended_steps == kept.total else ""
        print(f"\r{kept.ended_steps} of {kept.total}", end=end, file=sys.stderr, flush=True)


def _exported(suite: Suite, path: Path, configured: Settings, not_imported: tuple[str, ...]) -> int:
    text, left_out = writing.config_file(suite, configured.model, configured.endpoint.base_url)
    path.write_text(text, "utf-8")
    for words in not_imported:
        _say(f"Not imported: {words}")
    for words in left_out:
        _say(f"Not exported: {words}")
    return PASSED


def _is_written(path: Path, text: str) -> bool:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        _say(_words(error))
        return False
    return True


def _words(error: Unreadable | OSError) -> str:
    return str(error) if isinstance(error, Unreadable) else f"{error.filename or 'The file'}: {error.strerror}."


def _json(found: Results) -> str:
    return json.dumps(results.as_json(found), ensure_ascii=False, indent=1)


def _say(words: str) -> None:
    print(line(words, 2_000), file=sys.stderr)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a time limit of CI: what was paid for is printed
    sys.exit(main())
