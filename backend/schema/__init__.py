"""JSON schemas of tools: is a definition sound (`lint`), and do a model's arguments fit it (`check`).

Both are written here rather than taken from the jsonschema package, because schema and value are hostile: nothing
is ever fetched, every check has a budget of steps, and a pattern that could run for ever is not run. What is not
checked is said by `lint`. tests/unit/schema/test_schema.py compares the verdicts with jsonschema's.
"""

from backend.schema.check import answer, check
from backend.schema.lint import NAME, Problem, lint

__all__ = ["NAME", "Problem", "answer", "check", "lint"]
