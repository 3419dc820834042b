"""The prompt library: system prompts and message templates with fields to fill in, bundled ones and one's own.

A field is written {{topic}}, with a default {{tone=friendly}}, for several lines {{notes...}}; docs/formats.md
has the rules. Filling is plain replacement in one pass: nothing is evaluated, and a filled-in value is
not searched for fields again. It does NOT make a prompt safe to render.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from backend.text import clean
from backend.types import JSON
from backend.untrusted import Object, Unreadable, integer, items, one_of, parsed
from backend.untrusted import fields as fields_of
from backend.untrusted import text as text_of

Kind = Literal["system", "message"]
KINDS: tuple[Kind, ...] = get_args(Kind)
FORMAT = "llm-playground/prompts"
VERSION = 1
NAME, ABOUT, TEXT = 100, 200, 100_000  # characters
FIELDS = 30  # fields in one prompt; further ones are text, so that the form stays usable
FILLED = 400_000  # characters of a filled prompt
MOST = 500  # prompts in a file
FILE = 20_000_000  # characters of a file
_BUNDLED = Path(__file__).parents[1] / "data" / "prompts.json"
# Three braces are Handlebars, LaTeX or an f-string. The content is parsed by _field, piece by piece: one
# expression for everything would take quadratic time on a hostile text.
_BRACES = re.compile(r"(\\?)(?<!\{)\{\{([^{}\n]{1,300})\}\}(?!\})")
_WORDS = re.compile(r"[^\W\d_][\w-]*(?: [\w-]+)*")
_LONGEST_NAME = 40  # characters of a field's name


@dataclass(frozen=True)
class Prompt:
    """A text with a name. `id` is "" until it is saved; `about` is one plain sentence."""

    name: str
    text: str
    kind: Kind = "system"
    about: str = ""
    id: str = ""
    category: str = ""
    bundled: bool = False


@dataclass(frozen=True)
class PromptField:
    """A field to fill in. With a `default` of "" it may stay empty, with None it may not."""

    name: str
    default: str | None = None
    long: bool = False

    @property
    def label(self) -> str:
        """The name as people would write it."""
        words = self.name.replace("_", " ").strip()
        return words[:1].upper() + words[1:]


class Unfilled(ValueError):
    """The prompt cannot be used yet. The message is for the visitor; `missing` names the empty fields."""

    def __init__(self, words: str, missing: tuple[str, ...] = ()) -> None:
        super().__init__(words)
        self.missing = missing


# ---- fields -------------------------------------------------------------------------------------------


def fields(text: str) -> tuple[PromptField, ...]:
    """The fields of a text in order, each once. The first default counts; one mention with dots makes it
    multi-line.
    """
    by_name: dict[str, PromptField] = {}
    for match in _BRACES.finditer(text):
        new = None if match[1] else _field(match[2])
        if new is None or (new.name not in by_name and len(by_name) == FIELDS):
            continue
        old = by_name.get(new.name, new)
        default = new.default if old.default is None else old.default
        by_name[new.name] = PromptField(new.name, default, old.long or new.long)
    return tuple(by_name.values())


def variables(text: str) -> tuple[str, ...]:
    """The names of the fields."""
    return tuple(field.name for field in fields(text))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with every field replaced by its value, otherwise by its default. Raises Unfilled."""
    chosen = _field_values(text, values)
    missing = tuple(name for name, value in chosen.items() if value is None)
    if missing:
        labels = ", ".join(PromptField(name).label for name in missing)
        raise Unfilled(f"Still empty: {labels}.", missing)
    return _replace_fields(text, {name: value for name, value in chosen.items() if value is not None})


def preview(text: str, values: Mapping[str, str]) -> str:
    """Like `fill`, but missing values are shown as {{name}}. Raises Unfilled only if it gets too long."""
    shown = {
        name: f"{{{{{name}}}}}" if value is None else value for name, value in _field_values(text, values).items()
    }
    return _replace_fields(text, shown)


def _field_values(text: str, values: Mapping[str, str]) -> dict[str, str | None]:
    """The content of each field: the value unless it is blank, otherwise the default, otherwise None."""
    typed = {field.name: clean(values.get(field.name, "")).strip() for field in fields(text)}
    return {field.name: typed[field.name] or field.default for field in fields(text)}


def _replace_fields(text: str, values: Mapping[str, str]) -> str:
    """The text with every mention of a field replaced; one without a value stays unchanged."""
    pieces: list[str] = []
    position = size = 0
    for match in _BRACES.finditer(text):
        pieces += [text[position : match.start()], _instead(match, values)]
        size += len(pieces[-2]) + len(pieces[-1])
        position = match.end()
        if size > FILLED:
            raise Unfilled(f"Filled in, the prompt is longer than {FILLED:,} characters. Shorten a field.")
    return "".join([*pieces, text[position:]])


def _instead(match: re.Match[str], values: Mapping[str, str]) -> str:
    field = _field(match[2])
    if field is None:
        return match[0]
    return match[0].removeprefix("\\") if match[1] else values.get(field.name, match[0])


def _field(inside: str) -> PromptField | None:
    """The field between double braces, None if it is none. Code of template languages is none."""
    name, equals, default = inside.partition("=")
    if default[:1] in ("=", ">") or '"' in default:  # {{a == b}}, {{a => b}}, {{input type="text"}}
        return None
    name = name.strip()
    short = name.removesuffix("...").removesuffix("…")  # some keyboards turn three dots into one character
    long, name = short != name, " ".join(short.split())
    if len(name) > _LONGEST_NAME or not _WORDS.fullmatch(name):
        return None
    return PromptField(name, default.strip() if equals else None, long=long)


# ---- finding ------------------------------------------------------------------------------------------


@cache
def bundled() -> tuple[Prompt, ...]:
    """The prompts that come with the playground."""
    return tuple(
        Prompt(row["name"], row["text"], row["kind"], row["about"], row["id"], row["category"], bundled=True)
        for row in json.loads(_BUNDLED.read_text("utf-8"))
    )


def find(prompts: Iterable[Prompt], query: str) -> tuple[Prompt, ...]:
    """The prompts that contain every word of the query; those with all of them in the name come first."""
    words = clean(query).casefold().split()[:10]
    hits = [prompt for prompt in prompts if _contains_all(" ".join(_searched_texts(prompt)), words)]
    return tuple(sorted(hits, key=lambda prompt: not _contains_all(prompt.name, words)))


def _searched_texts(prompt: Prompt) -> tuple[str, ...]:
    return prompt.name, prompt.about, prompt.category, prompt.text


def _contains_all(text: str, words: Iterable[str]) -> bool:
    folded = text.casefold()
    return all(word in folded for word in words)


def tidy(prompt: Prompt) -> Prompt:
    """A prompt as it is saved: clean text, name and description on one line and limited. The text is never cut."""
    return replace(
        prompt, name=_line(prompt.name)[:NAME].strip(), text=clean(prompt.text), about=_line(prompt.about)[:ABOUT]
    )


def _line(text: str) -> str:
    return " ".join(clean(text[: 10 * ABOUT]).split())


def with_number(name: str, number: int) -> str:
    """A numbered name for a duplicate: "Tutor (2)", within the limit."""
    tail = f" ({number})"
    return name[: NAME - len(tail)].rstrip() + tail


# ---- as a file ----------------------------------------------------------------------------------------


def export(prompts: Iterable[Prompt]) -> str:
    """Prompts as a file for people and for `read`."""
    rows = [
        {"name": prompt.name, "kind": prompt.kind, "about": prompt.about, "text": prompt.text}
        for prompt in map(tidy, prompts)
    ]
    return json.dumps({"format": FORMAT, "version": VERSION, "prompts": rows}, ensure_ascii=False, indent=1)


def read(source: str | bytes) -> tuple[Prompt, ...]:
    """Prompts from a file that `export` made. Raises Unreadable with a message for the visitor."""
    prompts = tuple(_read_all(items(_prompt_file(source).get("prompts"))))
    if not prompts:
        raise Unreadable("There is no prompt in the file.")
    return prompts


def _read_all(rows: list[JSON]) -> Iterator[Prompt]:
    if len(rows) > MOST:
        raise Unreadable(f"There are more than {MOST} prompts in the file.")
    for place, row in enumerate(rows, 1):
        item = fields_of(row)
        name, text, about = (text_of(item.get(key)) for key in ("name", "text", "about"))
        prompt = tidy(Prompt(name, text, one_of(item.get("kind"), KINDS) or "system", about))
        if len(prompt.text) > TEXT:
            raise Unreadable(f"Prompt {place} of the file is longer than {TEXT:,} characters.")
        if prompt.name and prompt.text.strip():  # anything else is ignored
            yield prompt


def _prompt_file(source: str | bytes) -> Object:
    item = fields_of(parsed(source, FILE, "The file is too large for a file of prompts."))
    if item.get("format") != FORMAT:
        raise Unreadable("The file does not hold prompts of this playground.")
    version = integer(item.get("version"))
    if version is None or version < 1:
        raise Unreadable("The file does not say which version of the format it is.")
    if version > VERSION:
        raise Unreadable("The file comes from a newer playground. Update this one to open it.")
    return item
