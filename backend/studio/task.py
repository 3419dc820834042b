"""One run as it is stored in a job: the body as it is sent, except files, which stay on the shelf until it is
sent.
"""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace

from backend.studio.families import FAMILIES, Family, Name, Way
from backend.studio.replies import Reply
from backend.studio.shelf import KeptFile, Shelf
from backend.types import JSON
from backend.untrusted import Object, clean_json, fields, items, number, one_of, parsed, text


class FileGone(Exception):
    """A file that was uploaded for a run is no longer on the shelf."""


@dataclass(frozen=True)
class Given:
    """A file for a field: an id on the shelf, and the visitor's name for it."""

    id: str
    name: str


@dataclass(frozen=True)
class Task:
    """`path` and `poll` as in the chosen way; `files`: the uploads of a field.

    How files of a field are sent, if not as one data URI: in `lists` as a list even if there is only one, in
    `typed` in an object with a type, in `bare` as plain Base64. `mark`: the id on the shelf for a file that
    is the reply itself, so that it can be played while it arrives. `beside`: the run with the same input that
    this one is compared with. `query_of`: the run whose texts are ranked by the vector of this one.
    """

    family: Name
    model: str
    path: str
    poll: str = ""
    form: str = ""
    body: Mapping[str, JSON] = field(default_factory=dict)
    files: Mapping[str, tuple[Given, ...]] = field(default_factory=dict)
    lists: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()
    mark: str = ""
    beside: str = ""
    query_of: str = ""

    def as_json(self) -> dict[str, JSON]:
        return dict(fields(clean_json(asdict(self))))

    @property
    def input_text(self) -> str:
        """The input in the visitor's words: the title of a run."""
        for name in ("prompt", "text", "script", "input", "lyrics", "message"):
            value = self.body.get(name)
            if isinstance(value, str | list) and value:
                return "\n".join(map(str, value)) if isinstance(value, list) else value
        messages = items(self.body.get("messages"))
        return text(fields(messages[-1]).get("content")) if messages else ""

    @property
    def is_form(self) -> bool:
        """Whether its files are sent as parts of a form."""
        return bool(self.form and self.files.get(self.form))

    def parts(self) -> Iterator[tuple[str, Given]]:
        """The files of a form with the names of their parts. For several of one field, OpenAI's reference
        appends [], the documentation of AI/ML API, whose paths begin with a slash, repeats the name.
        """
        for name, several in self.files.items():
            marked = len(several) > 1 and not self.path.startswith("/")
            yield from ((f"{name}[]" if marked else name, one) for one in several)

    @property
    def about(self) -> Family:
        return FAMILIES[self.family]

    @property
    def way(self) -> Way:
        return Way(self.path, "", self.poll, self.form)


def by_its_family(task: Task) -> Task:
    """The task with the paths of its family: a path from a file could point anywhere on the server, with the key
    in use.
    """
    ways = [way for way in (task.about.own, task.about.open) if way]
    way = next((way for way in ways if task.path in (way.path, way.edits)), ways[0])
    path = task.path if task.path and task.path == way.edits else way.path
    return replace(task, path=path, poll=way.poll)


def read(value: Mapping[str, JSON]) -> Task:
    """A task from the store, which this app wrote."""
    files = {
        field_: tuple(Given(text(row.get("id")), text(row.get("name"))) for row in map(fields, items(rows)))
        for field_, rows in fields(value.get("files")).items()
    }
    lists, typed, bare = (tuple(map(str, items(value.get(name)))) for name in ("lists", "typed", "bare"))
    return Task(
        one_of(value.get("family"), tuple(FAMILIES)) or "image",
        text(value.get("model")),
        text(value.get("path")),
        text(value.get("poll")),
        text(value.get("form")),
        fields(value.get("body")),
        files,
        lists,
        typed,
        bare,
        text(value.get("mark")),
        text(value.get("beside")),
        text(value.get("query_of")),
    )


# ---- as it is sent ------------------------------------------------------------------------------------------


def encoded(task: Task, shelf: Shelf) -> tuple[bytes, str]:
    """The body and its media type: JSON with files as data URIs, or a form with files. Raises FileGone."""
    if task.is_form:
        return _form(task, shelf)
    body = dict(task.body)
    for name, given in task.files.items():
        sent = [_file_value(name, task, _find(shelf, one)) for one in given]
        before = body.get(name)
        sent = [*(before if isinstance(before, list) else [before] if before else []), *sent]
        body[name] = sent if name in task.lists or len(sent) > 1 else sent[0]
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"), "application/json"


def _file_value(name: str, task: Task, file: KeptFile) -> JSON:
    uri = data_uri(file)
    if name in task.bare:
        return uri.partition(",")[2]
    return typed_address(uri, picture=file.type.show == "image") if name in task.typed else uri


def typed_address(address: str, *, picture: bool) -> JSON:
    """A link or a data URI in an object with its type."""
    kind = "image_url" if picture else "document_url"
    return {"type": kind, kind: address}


def data_uri(file: KeptFile) -> str:
    return f"data:{file.type.name};base64,{base64.b64encode(file.path.read_bytes()).decode()}"


def _form(task: Task, shelf: Shelf) -> tuple[bytes, str]:
    """multipart/form-data (RFC 7578): the other parameters are sent as text."""
    mark = secrets.token_hex(16)
    parts = []
    for name, value in task.body.items():
        written = value if isinstance(value, str) else json.dumps(value)
        parts.append(
            f'--{mark}\r\nContent-Disposition: form-data; name="{_token(name)}"\r\n\r\n{written}\r\n'.encode()
        )
    for name, given in task.parts():
        file = _find(shelf, given)
        head = f'Content-Disposition: form-data; name="{_token(name)}"; filename="upload.{file.type.ending}"'
        parts += [f"--{mark}\r\n{head}\r\nContent-Type: {file.type.name}\r\n\r\n".encode(), file.path.read_bytes()]
        parts.append(b"\r\n")
    return b"".join([*parts, f"--{mark}--\r\n".encode()]), f"multipart/form-data; boundary={mark}"


def _find(shelf: Shelf, given: Given) -> KeptFile:
    if (file := shelf.find(given.id)) is None:
        raise FileGone
    return file


def stored_requests(shelf: Shelf, given: Given) -> JSON:
    """The requests in a JSON file that this app wrote for a run. Raises FileGone."""
    return parsed(_find(shelf, given).path.read_text("utf-8"))


def _token(name: str) -> str:
    return "".join(letter for letter in name if letter.isalnum() or letter in "_-[]")


# ---- a job of the server ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Handle:
    """What is needed to poll a job of the server: its id there ("": it has not begun), when it began (seconds
    since 1970), its cost (None: not reported), the last status, `so_far` the result so far, the number of polls
    in a row that were `refused`, and the id of the reservation in a guest's `budget`.
    """

    id: str
    began: float = 0.0
    usd: float | None = None
    word: str = ""
    known: bool = True
    polls: int = 0
    so_far: Mapping[str, JSON] = field(default_factory=dict)
    refused: int = 0
    budget: str = ""

    def dump(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    def after(self, reply: Reply) -> Handle:
        so_far = reply.so_far or self.so_far
        return replace(self, word=reply.word, known=reply.known, polls=self.polls + 1, refused=0, so_far=so_far)


def read_handle(written: str) -> Handle | None:
    """The handle; None for a step that has not begun."""
    if not written:
        return None
    kept: Object = fields(parsed(written))
    return Handle(
        text(kept.get("id")),
        number(kept.get("began")) or time.time(),
        number(kept.get("usd")),
        text(kept.get("word"), 100),
        kept.get("known") is not False,
        int(number(kept.get("polls")) or 0),
        fields(kept.get("so_far")),
        int(number(kept.get("refused")) or 0),
        text(kept.get("budget"), 100),
    )
