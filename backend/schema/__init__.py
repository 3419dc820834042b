"""JSON schemas of tools and answers: is a definition valid (`lint`), do a model's arguments match it (`check`),
does
an answer match it (`answer`), and would a strict mode reject it (`refusal_reasons`).

Schema and value are hostile: nothing is ever fetched, and the validating library runs in a child process with
limits of time and memory.
"""

from backend.schema.lint import NAME, Problem, lint
from backend.schema.strict import refusal_reasons
from backend.schema.validation import answer, check

__all__ = ["NAME", "Problem", "answer", "check", "lint", "refusal_reasons"]
