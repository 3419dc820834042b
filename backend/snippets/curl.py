"""A request as a curl command for a shell. A stream is shown as the server sends it, event by event."""

from __future__ import annotations

from shlex import quote

from backend.snippets.literals import JSON_TEXT, literal
from backend.snippets.snippet_request import SnippetRequest


def write(asked: SnippetRequest) -> str:
    """The command. The body is in a here-document whose end mark is no line of JSON; the shell interprets
    nothing in it.
    """
    flags = "--silent --show-error --fail-with-body"
    if asked.streaming:
        flags += " --no-buffer"
    if set("[]{}") & set(asked.url):  # curl would expand it to several addresses
        flags += " --globoff"
    return f"""\
curl {flags} \\
  --url {quote(asked.url)} \\
  --header {_authorization(asked)} \\
{_own(asked)}\
  --header 'Content-Type: application/json' \\
{_of_format(asked)}\
  --data-binary @- <<'JSON'
{literal(asked.body, JSON_TEXT, spread=True)}
JSON
"""


def _of_format(asked: SnippetRequest) -> str:
    return "".join(f"  --header '{name}: {value}' \\\n" for name, value in asked.format_headers.items())


def _authorization(asked: SnippetRequest) -> str:
    """The header with the key; curl omits an empty header."""
    name, scheme = asked.key_header
    if asked.key_needed:
        return f'"{name}: {scheme}${{{asked.variable}:?}}"'
    return f'"${{{asked.variable}:+{name}: {scheme}${asked.variable}}}"'


def _own(asked: SnippetRequest) -> str:
    return "".join(f'  --header "{name}: ${{{variable}:?}}" \\\n' for name, variable in asked.headers.items())
