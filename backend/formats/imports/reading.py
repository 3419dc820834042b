"""Shared by the readers of all formats: notes about what was not imported, pictures of the zip, roles and times."""

from __future__ import annotations

import base64
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from backend.formats.imports.opening import short_quote
from backend.types import JSON, ROLES, Media, Role
from backend.untrusted import fields, numeral, one_of

NOTES = 20  # of one conversation
_LARGEST = 20 * 2**20  # bytes of a picture
_SIGNS = ((b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF8", "gif"), (b"RIFF", "webp"))
# Names of the roles in other programs.
_ROLES: dict[str, Role] = {
    **dict.fromkeys(("human", "prompter", "prompt", "customer"), "user"),
    **dict.fromkeys(
        ("gpt", "bot", "model", "ai", "chatgpt", "claude", "bard", "agent", "llm", "gemini", "response"),
        "assistant",
    ),
    **dict.fromkeys(("function", "observation", "function_response", "tool_response", "tool_result"), "tool"),
}


@dataclass
class ImportReader:
    """One file while it is read. `notes` are those of the current conversation."""

    packed: zipfile.ZipFile | None = None
    notes: list[str] = field(default_factory=list)
    _names: Mapping[str, zipfile.ZipInfo] | None = None

    def note(self, words: str) -> None:
        """Note something that was not imported faithfully."""
        if len(self.notes) < NOTES and words not in self.notes:
            self.notes.append(words)

    def role(self, value: JSON, place: int) -> Role:
        """A role by any of its names. An unknown one is shown as the user's, with a note."""
        word = value.lower() if isinstance(value, str) else ""
        if role := one_of(word, ROLES) or _ROLES.get(word):
            return role
        quoted = f", {short_quote(value)}, " if value else " "
        self.note(
            f"Message {place} has a role{quoted}that is not known here: it is shown as a message of the user."
        )
        return "user"

    def picture(self, pointer: str) -> Media | None:
        """The picture that a ChatGPT message refers to (`sediment://file_1`), if it is in the zip."""
        id_ = pointer.rpartition("://")[2]
        entry = self._files().get(id_) if id_ else None
        if entry is None or self.packed is None or entry.flag_bits & 1:
            return None
        try:
            with self.packed.open(entry) as file:
                data = file.read(_LARGEST + 1)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError):
            return None
        kind = next((kind for sign, kind in _SIGNS if data.startswith(sign)), "")
        if not kind or len(data) > _LARGEST:
            return None
        return Media("image", f"data:image/{kind};base64,{base64.b64encode(data).decode()}")

    def _files(self) -> Mapping[str, zipfile.ZipInfo]:
        """The files of the zip by the id at the start of their names: `file-Ab1-cat.png`,
        `file_00a1-sanitized.dat`.
        """
        if self._names is None:
            self._names = {}
            for entry in self.packed.infolist() if self.packed else ():
                name = entry.filename.rpartition("/")[2]
                if name.startswith("file"):
                    parts = name.partition(".")[0].split("-")
                    self._names[parts[0] if parts[0] != "file" else "-".join(parts[:2])] = entry
        return self._names


def when(value: JSON) -> float:
    """Parse a time in seconds or milliseconds since 1970, or in ISO 8601; 0 if it is none.

    MongoDB's JSON wraps it: `{"$date": ...}`, `{"$date": {"$numberLong": "1705312200000"}}`.
    """
    for name in ("$date", "$numberLong"):
        value = fields(value).get(name, value)
    if (seconds := numeral(value)) is not None:
        return seconds
    try:
        moment = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() if moment else 0.0
    except (ValueError, OverflowError, OSError):
        return 0.0
