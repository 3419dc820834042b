"""Texts of promptfoo: Nunjucks templates, of which plain variables are imported, and references, which never are.

Nothing here is run, opened or fetched: a text that would make promptfoo do that is only recognised.
"""

from __future__ import annotations

import re

from backend.compare.suite import filling

MORE = "it is a template with more than plain variables"
REFERENCE = "it names a file, a program or an address; nothing is read, run or fetched"
READ_AS_REFERENCE = "promptfoo would read it as a reference"
_REFERENCE = re.compile(
    r"\s*(?:file|exec|python|javascript|ruby|golang|package|webhook|portkey|langfuse|helicone):", re.I
)
_PROMPT = re.compile(r"\s*(?:https?|s3|az|gs)://\S+\s*", re.I)
_PATH = re.compile(r"\S{1,500}\.(?:txt|jsonl?|ya?ml|csv|xlsx?|md|j2|[cm]?[jt]s|py|rb|go|sh|exe|bat)(?::\w+)?", re.I)
_LITERAL = re.compile(r"\{\{ \"(\{\{|\}\}|\{%|%\}|\{#|#\})\" \}\}")
_MARKS = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_PARTS = re.compile(rf"({filling.VARIABLE.pattern.replace('(', '(?:', 1)})")


def problem(text: str) -> str:
    """Why a text cannot be imported; "" if it can."""
    if _REFERENCE.match(text):
        return REFERENCE
    return MORE if filling.is_more(_LITERAL.sub("", text)) else ""


def prompt_problem(text: str) -> str:
    """`problem` for a prompt, which may also be a file path or an address."""
    return problem(text) or (REFERENCE if _PROMPT.fullmatch(text) or _PATH.fullmatch(text.strip()) else "")


def from_template(text: str) -> str:
    """A text without `problem` in this playground's syntax."""
    return _LITERAL.sub(lambda match: match[1], text)


def to_template(text: str) -> str:
    """A text of this playground as a template: marks that are no variables become literals."""
    parts = _PARTS.split(text)
    return "".join(
        part if place % 2 else _MARKS.sub(lambda match: f'{{{{ "{match[0]}" }}}}', part)
        for place, part in enumerate(parts)
    )


def is_reference(text: str) -> bool:
    return bool(_REFERENCE.match(text))


def unfit(value: str) -> str:
    """Why the value of a variable would not stay that text in promptfoo; "" if it would."""
    if is_reference(value):
        return READ_AS_REFERENCE
    return "promptfoo would fill in what is in {{ }}" if "{{" in value else ""
