"""JSON schemas of tools and answers: is a definition sound (`lint`), do a model's arguments fit it (`check`), does
an answer keep to it (`answer`), and would a strict mode refuse it (`refused`).

Schema and value are hostile: nothing is ever fetched, and the library that checks runs in a child process with
limits of time and memory.
"""

from backend.schema.lint import NAME, Problem, lint
from backend.schema.strict import refused
from backend.schema.validation import answer, check

__all__ = ["NAME", "Problem", "answer", "check", "lint", "refused"]
