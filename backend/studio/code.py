"""A run as code to paste: curl, Python with requests, JavaScript with fetch, including polling a job.

The code sends the same body as the app (tests/unit/studio/test_code.py executes every kind). It reads the key
from the environment: nothing here accepts one. Files are read from the folder that the code runs in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from shlex import quote

from backend.keys.endpoint import Endpoint
from backend.snippets.literals import JAVASCRIPT, JSON_TEXT, PYTHON, LiteralSyntax, literal, python_quoted, quoted
from backend.studio import code_of_steps
from backend.studio.families import address
from backend.studio.task import Task, typed_address
from backend.types import JSON

_PENDING = ("queued", "generating", "waiting", "active", "processing", "in_progress")
_FILE = "\ue000file\ue000"  # placeholder for the data URI of a file until the code around it is written
_SECONDS = 10


def write(language: str, task: Task, endpoint: Endpoint) -> str:
    """The program of one language: curl, requests or fetch."""
    return _WRITERS[language](task, endpoint)


def _variable(endpoint: Endpoint) -> str:
    return "AIMLAPI_API_KEY" if endpoint.is_aimlapi else "API_KEY"


def _names(task: Task) -> dict[str, list[str]]:
    """The files of each field by the visitor's names, made safe as file names."""
    return {field: [_file_name(one.name) for one in many] for field, many in task.files.items()}


def _file_name(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in name)


def _parts(task: Task) -> list[tuple[str, str]]:
    """The file parts of a form: their names, and the files."""
    names = _names(task)
    order = [name for field in task.files for name in names[field]]
    return [(part, name) for (part, _), name in zip(task.parts(), order, strict=True)]


def _body(task: Task) -> dict[str, JSON]:
    """The body with a placeholder for each file."""
    body = dict(task.body)
    for field, names in ({} if task.is_form else _names(task)).items():
        marks: list[JSON] = [f"{_FILE}{name}{_FILE}" for name in names]
        if field in task.typed:
            pictures = (".png", ".jpg", ".jpeg", ".webp", ".gif")
            marks = [
                typed_address(str(mark), picture=name.endswith(pictures))
                for mark, name in zip(marks, names, strict=True)
            ]
        before = body.get(field)
        marks = [*(before if isinstance(before, list) else [before] if before else []), *marks]
        body[field] = marks if field in task.lists or len(marks) > 1 else marks[0]
    return body


def _with_files(source: str, call: str, dialect: LiteralSyntax) -> str:
    """Replace the placeholders by calls of a function that reads a file."""
    for part in source.split(f'"{_escaped(_FILE, dialect)}')[1:]:
        name = part.partition(_escaped(_FILE, dialect))[0]
        mark = f'"{_escaped(_FILE, dialect)}{name}{_escaped(_FILE, dialect)}"'
        source = source.replace(mark, f'{call}("{name}")')
    return source


def _escaped(text: str, dialect: LiteralSyntax) -> str:
    return dialect.text(text)[1:-1]


# ---- curl ---------------------------------------------------------------------------------------------------


def _curl(task: Task, endpoint: Endpoint) -> str:
    (name, scheme), variable = endpoint.key_header, _variable(endpoint)
    needed, optional = f'"{name}: {scheme}${{{variable}:?}}"', f'"${{{variable}:+{name}: {scheme}${variable}}}"'
    key = f"--header {needed if endpoint.is_aimlapi else optional}"
    if code_of_steps.has_steps(task):
        return code_of_steps.curl(task, endpoint, key)
    url = quote(address(endpoint, task.path))
    if task.is_form:
        parts = [f"--form-string {quote(f'{name}={_text(value)}')}" for name, value in task.body.items()]
        parts += [f"--form {quote(f'{part}=@{name}')}" for part, name in _parts(task)]
        ask = " \\\n  ".join([f"curl --silent --show-error --fail-with-body --url {url}", key, *parts]) + "\n"
    else:
        body = literal(_body(task), JSON_TEXT, spread=True)
        body = (
            _with_files(body, "data URI of ", JSON_TEXT)
            .replace('data URI of ("', '"data URI of ')
            .replace('")', '"')
        )
        ask = f"""\
curl --silent --show-error --fail-with-body \\
  --url {url} \\
  {key} \\
  --header 'Content-Type: application/json' \\
  --data-binary @- <<'JSON'
{body}
JSON
"""
    if not task.poll:
        return ask.replace("curl ", "curl --output result ", 1) if task.family == "speech" else ask
    return f"""\
answer=$({ask})
id=$(printf '%s' "$answer" | grep -oE '"(generation_)?id" ?: ?"[^"]+"' | head -n 1 | cut -d '"' -f 4)
while :; do
  sleep {_SECONDS}
  answer=$({_curl_poll(task, endpoint, key)})
  printf '%s' "$answer" | grep -qE '"status" ?: ?"({"|".join(_PENDING)})"' || break
done
printf '%s\\n' "$answer"
"""


def _curl_poll(task: Task, endpoint: Endpoint, key: str) -> str:
    """The polling command. The id may contain slashes and colons: curl encodes it for the query."""
    path, _, query = task.poll.partition("?")
    begin = f"curl --silent --show-error {key}"
    if query:
        name = query.partition("=")[0]
        return f'{begin} --get --data-urlencode "{name}=$id" --url {quote(address(endpoint, path))}'
    return f'{begin} --url {quote(address(endpoint, path.removesuffix("{id}")))}"$id"'


def _text(value: JSON) -> str:
    return value if isinstance(value, str) else literal(value, JSON_TEXT)


# ---- Python -------------------------------------------------------------------------------------------------

_PYTHON_FILE = '''

def data_uri(name):
    """A file of this folder as a data URI."""
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    with open(name, "rb") as file:
        return f"data:{kind};base64,{base64.b64encode(file.read()).decode()}"

'''
_PYTHON_REFUSED = """\
if not response.ok:
    sys.exit(f"{response.status_code} {response.reason}\\n{response.text}")
"""


def _python(task: Task, endpoint: Endpoint) -> str:
    if code_of_steps.has_steps(task):
        return code_of_steps.python(task, endpoint, _python_headers(endpoint))
    body, reads = literal(_body(task), PYTHON, spread=True), bool(task.files) and not task.is_form
    body = _with_files(body, "data_uri", PYTHON)
    imports = ["os", "sys", *(["base64", "mimetypes"] if reads else []), *(["json", "time"] if task.poll else [])]
    sent = "json=body"
    files = ""
    if task.is_form:
        rows = [f'    ("{part}", open({python_quoted(name)}, "rb")),\n' for part, name in _parts(task)]
        files, sent = f"files = [\n{''.join(rows)}]\n", "data=body, files=files"
    return f"""\
{"".join(f"import {name}{chr(10)}" for name in sorted(imports))}\
{"from urllib.parse import quote" + chr(10) if task.poll else ""}
import requests
{_PYTHON_FILE if reads else chr(10)}body = {body}
{files}\
{_python_headers(endpoint)}
response = requests.post({python_quoted(address(endpoint, task.path))}, headers=headers, {sent}, timeout=(10, 300))
{_PYTHON_REFUSED}{_python_poll(task, endpoint) if task.poll else _PYTHON_END}"""


def _python_headers(endpoint: Endpoint) -> str:
    """The headers. None for the key if there is none: many self-hosted servers need none."""
    (name, scheme), variable = endpoint.key_header, _variable(endpoint)
    if endpoint.is_aimlapi:
        return f"""headers = {{"{name}": f"{scheme}{{os.environ['{variable}']}}"}}"""
    return f"""\
key = os.environ.get("{variable}")
headers = {{"{name}": f"{scheme}{{key}}"}} if key else {{}}"""


_PYTHON_END = """\
if "json" in response.headers.get("Content-Type", ""):
    print(response.text)
else:
    with open("result", "wb") as file:
        file.write(response.content)
"""


def _python_poll(task: Task, endpoint: Endpoint) -> str:
    url = python_quoted(address(endpoint, task.poll)).replace("{id}", "{quote(id_, safe='')}")
    return f"""\
answer = response.json()
id_ = answer.get("id") or answer.get("generation_id")
print(f"The id is {{id_}}", file=sys.stderr)
while answer.get("status") in (None, {", ".join(f'"{word}"' for word in _PENDING)}):
    time.sleep({_SECONDS})
    response = requests.get(f{url}, headers=headers, timeout=(10, 60))
    if response.status_code == 429 or response.status_code >= 500:
        continue  # the job goes on there
    if not response.ok:
        sys.exit(f"{{response.status_code}} {{response.reason}}\\n{{response.text}}")
    answer = response.json()
print(json.dumps(answer, ensure_ascii=False, indent=1))
"""


# ---- JavaScript ---------------------------------------------------------------------------------------------

_JAVASCRIPT_FILE = """
// A file of this folder as a data URI.
const dataUri = (name) => {
  const kinds = { png: "image/png", jpg: "image/jpeg", webp: "image/webp", gif: "image/gif", mp3: "audio/mpeg",
    wav: "audio/wav", mp4: "video/mp4" };
  const kind = kinds[name.split(".").pop()] ?? "application/octet-stream";
  return `data:${kind};base64,${readFileSync(name, "base64")}`;
};

"""
_JAVASCRIPT_REFUSED = """\
if (!response.ok) {
  console.error(`${response.status} ${response.statusText}\\n${await response.text()}`);
  process.exit(1);
}
"""


def _javascript(task: Task, endpoint: Endpoint) -> str:
    body = _with_files(literal(_body(task), JAVASCRIPT, spread=True), "dataUri", JAVASCRIPT)
    writes = not task.poll
    taken = [name for name, used in (("readFileSync", bool(task.files)), ("writeFileSync", writes)) if used]
    imports = f'import {{ {", ".join(taken)} }} from "node:fs";\n' if taken else ""
    (name, scheme), variable = endpoint.key_header, _variable(endpoint)
    authorization = f'"{name}": `{scheme}${{process.env.{variable}}}`'
    if not endpoint.is_aimlapi:
        authorization = f"...(process.env.{variable} ? {{ {authorization} }} : {{}})"
    sent, headers = "JSON.stringify(body)", f'{{ {authorization}, "Content-Type": "application/json" }}'
    if code_of_steps.has_steps(task):
        return code_of_steps.javascript(task, endpoint, headers)
    form = ""
    if task.is_form:
        sent, headers = "form", f"{{ {authorization} }}"
        form = """\
const form = new FormData();
for (const [name, value] of Object.entries(body)) {
  form.append(name, typeof value === "string" ? value : JSON.stringify(value));
}
"""
        form += "".join(
            f'form.append("{part}", new Blob([readFileSync({quoted(name)})]), {quoted(name)});\n'
            for part, name in _parts(task)
        )
    return f"""\
{imports}{_JAVASCRIPT_FILE if task.files and not task.is_form else chr(10) if imports else ""}\
const body = {body};
{form}const headers = {headers};
let response = await fetch({quoted(address(endpoint, task.path))}, {{ method: "POST", headers, body: {sent} }});
{_JAVASCRIPT_REFUSED}{_javascript_poll(task, endpoint) if task.poll else _JAVASCRIPT_END}"""


_JAVASCRIPT_END = """\
if (response.headers.get("content-type")?.includes("json")) console.log(await response.text());
else writeFileSync("result", Buffer.from(await response.arrayBuffer()));
"""


def _javascript_poll(task: Task, endpoint: Endpoint) -> str:
    url = quoted(address(endpoint, task.poll)).replace("{id}", '" + encodeURIComponent(id) + "')
    url = url.removesuffix(' + ""')
    return f"""\
let answer = await response.json();
const id = answer.id ?? answer.generation_id;
console.error(`The id is ${{id}}`);
const pending = [undefined, null, {", ".join(f'"{word}"' for word in _PENDING)}];
while (pending.includes(answer.status)) {{
  await new Promise((done) => setTimeout(done, {_SECONDS}_000));
  response = await fetch({url}, {{ headers }});
  if (response.status === 429 || response.status >= 500) continue;  // the job goes on there
  if (!response.ok) throw new Error(`${{response.status}} ${{await response.text()}}`);
  answer = await response.json();
}}
console.log(JSON.stringify(answer, null, 1));
"""


_WRITERS: Mapping[str, Callable[[Task, Endpoint], str]] = {
    "curl": _curl,
    "requests": _python,
    "fetch": _javascript,
}
