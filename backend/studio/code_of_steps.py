"""The code of runs that need more than one request and polling: assistants, batches. See backend/studio/code.py."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from shlex import quote

from backend.keys.endpoint import Endpoint
from backend.snippets.literals import (
    JAVASCRIPT,
    JSON_TEXT,
    PYTHON,
    LiteralSyntax,
    literal,
    python_quoted,
    quoted,
)
from backend.studio.assistant_steps import AssistantStep, plan
from backend.studio.families import address
from backend.studio.form_requests import display_body
from backend.studio.task import Task

_SECONDS = 10
_GOES_ON = "queued|in_progress|cancelling"  # of a run
_OVER = '"custom_id"|"status" ?: ?"(canceled|cancelled|failed|expired)"'  # of a batch
_BETA = "assistants=v2"
_ASSISTANT = "\ue000assistant\ue000"  # placeholder for the id of an assistant that is known only when the code runs


def has_steps(task: Task) -> bool:
    """Whether its code is written here."""
    return task.about.gives in ("thread", "rows")


def _steps(task: Task) -> list[AssistantStep]:
    """The requests of a task, in order; one with `poll` is repeated until it has ended, so no run is streamed."""
    if not _is_batch(task):
        return plan(replace(task, body={**task.body, "stream": False}))
    body = display_body(task)
    return [
        AssistantStep("POST", task.path, body if isinstance(body, dict) else {}, "id"),
        AssistantStep("GET", task.poll, poll=True),
    ]


def _is_batch(task: Task) -> bool:
    return task.about.gives == "rows"


def _body(step: AssistantStep, dialect: LiteralSyntax, assistant: str) -> str:
    """The body as source text; `assistant`: the expression for the id of the assistant that was created before."""
    body = dict(step.body or {})
    if body.get("assistant_id") == "{assistant}":
        body["assistant_id"] = _ASSISTANT
    return literal(body, dialect, spread=True).replace(dialect.text(_ASSISTANT), assistant)


# ---- curl ---------------------------------------------------------------------------------------------------


def curl(task: Task, endpoint: Endpoint, key: str) -> str:
    """The commands; `key`: the argument of curl that sends the key."""
    parts = ["set -e\n"]
    for step in _steps(task):
        ask = _curl(step, endpoint, key if _is_batch(task) else f"{key} --header 'OpenAI-Beta: {_BETA}'")
        parts.append(_curl_wait(task, ask) if step.poll else f"answer=$({ask})\n")
        if step.gives:
            first = """grep -oE '"id" ?: ?"[^"]+"' | head -n 1 | cut -d '"' -f 4"""
            parts.append(f"""{step.gives}=$(printf '%s' "$answer" | {first})\n""")
    return "".join([*parts, "printf '%s\\n' \"$answer\"\n"])


def _curl(step: AssistantStep, endpoint: Endpoint, headers: str) -> str:
    path, _, query = step.path.partition("?")
    begin = f"curl --silent --show-error --fail-with-body {headers}"
    url = "".join(
        f'"${piece[1:-1]}"' if piece.startswith("{") else quote(piece)
        for piece in re.split(r"(\{\w+\})", address(endpoint, path))
        if piece
    )
    if query:
        return f'{begin} --get --data-urlencode "{query.partition("=")[0]}=$id" --url {url}'
    if step.body is None:
        return f"{begin} --url {url}"
    # Close the shell's quotes for the one value that is a shell variable.
    parts = literal_for_shell(step)
    return f"{begin} --header 'Content-Type: application/json' \\\n  --url {url} --data-binary {parts}"


def literal_for_shell(step: AssistantStep) -> str:
    """The body in single quotes."""
    mark = "ASSISTANT-OF-ABOVE"
    return quote(_body(step, JSON_TEXT, f'"{mark}"')).replace(mark, "'\"$assistant\"'")


def _curl_wait(task: Task, ask: str) -> str:
    over = (
        f"grep -qE {quote(_OVER)} && break"
        if _is_batch(task)
        else (f'grep -qE \'"status" ?: ?"({_GOES_ON})"\' || break')
    )
    return f"""\
while :; do
  sleep {_SECONDS}
  answer=$({ask})
  printf '%s' "$answer" | {over}
done
"""


# ---- Python and JavaScript ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Language:
    """The syntax for a program of several requests."""

    dialect: LiteralSyntax
    url: Callable[[str], str]  # formats an address with variables in braces
    ask: str  # text before the arguments
    wait: Callable[[Task, str], str]  # repeats until the step has ended
    end: str  # the end of a statement
    gives: Callable[[str], str]  # assigns the id of what was created to this name


def _in_turn(task: Task, endpoint: Endpoint, language: _Language) -> Iterator[str]:
    for step in _steps(task):
        body = "" if step.body is None else f", {_body(step, language.dialect, 'assistant')}"
        ask = f'{language.ask}("{step.method}", {language.url(address(endpoint, step.path))}{body})'
        yield language.wait(task, ask) if step.poll else f"answer = {ask}{language.end}"
        if step.gives:
            yield language.gives(step.gives)


def python(task: Task, endpoint: Endpoint, headers: str) -> str:
    """The program; `headers`: the lines that define the variable of that name."""
    parts = [
        "import os\nimport re\nimport sys\nimport time\nfrom urllib.parse import quote\n\nimport requests\n\n",
        f"{headers}\n" + ("" if _is_batch(task) else 'headers["OpenAI-Beta"] = "assistants=v2"\n'),
        '''

def ask(method, url, body=None):
    """The text of an answer."""
    response = requests.request(method, url, headers=headers, json=body, timeout=(10, 300))
    if not response.ok:
        sys.exit(f"{response.status_code} {response.reason}\\n{response.text}")
    return response


''',
    ]
    parts += _in_turn(task, endpoint, _PYTHON)
    return "".join([*parts, "print(answer.text)\n"])


def _python_wait(task: Task, ask: str) -> str:
    over = f"re.search(r'{_OVER}', answer.text)"
    if not _is_batch(task):
        over = f"not re.fullmatch(r'{_GOES_ON}', answer.json()[\"status\"])"
    return f"""\
while True:
    time.sleep({_SECONDS})
    answer = {ask}
    if {over}:
        break
"""


def _python_name(name: str) -> str:
    return f"{name}_" if name == "id" else name


def javascript(task: Task, endpoint: Endpoint, headers: str) -> str:
    """The program; `headers`: the object of them."""
    beta = "" if _is_batch(task) else 'headers["OpenAI-Beta"] = "assistants=v2";\n'
    parts = [
        f"""\
const headers = {headers};
{beta}const ask = async (method, url, body) => {{
  const response = await fetch(url, {{ method, headers, body: body && JSON.stringify(body) }});
  if (!response.ok) {{
    console.error(`${{response.status}} ${{response.statusText}}\\n${{await response.text()}}`);
    process.exit(1);
  }}
  return response.text();
}};
let answer;
"""
    ]
    parts += _in_turn(task, endpoint, _JAVASCRIPT)
    return "".join([*parts, "console.log(answer);\n"])


def _javascript_wait(task: Task, ask: str) -> str:
    over = f"/{_OVER}/.test(answer)" if _is_batch(task) else f"!/^({_GOES_ON})$/.test(JSON.parse(answer).status)"
    return f"""\
do {{
  await new Promise((done) => setTimeout(done, {_SECONDS}_000));
  answer = {ask};
}} while (!({over}));
"""


def _python_url(url: str) -> str:
    text = python_quoted(url)
    if "{" not in text:
        return text
    return f"f{_in_braces(text, lambda name: f'''{{quote({_python_name(name)}, safe='')}}''')}"


def _javascript_url(url: str) -> str:
    return _in_braces(quoted(url), lambda name: f'" + encodeURIComponent({name}) + "').removesuffix(' + ""')


def _in_braces(url: str, write: Callable[[str], str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda name: write(name[1]), url)


_PYTHON = _Language(
    PYTHON, _python_url, "ask", _python_wait, "\n", lambda name: f'{_python_name(name)} = answer.json()["id"]\n'
)
_JAVASCRIPT = _Language(
    JAVASCRIPT,
    _javascript_url,
    "await ask",
    _javascript_wait,
    ";\n",
    lambda name: f"const {name} = JSON.parse(answer).id;\n",
)
