"""Turns a pasted Python function into a tool: its signature, types and docstring become the schema.

The text is parsed, never run or imported: only built-in and `typing` types are recognised.
"""

from __future__ import annotations

import ast
import contextlib
import textwrap
from collections.abc import Callable, Iterator

from backend.schema import NAME
from backend.text import clean
from backend.tools.docstring import parse_docstring
from backend.types import JSON, Tool

LONGEST = 10_000  # characters of a text
DEEPEST = 12  # levels of a type
Schema = dict[str, JSON]
Parameter = tuple[ast.arg, ast.expr | None]


class SignatureError(ValueError):
    """The text is no function that can become a tool. The message is for the visitor, and begins with the line."""

    def __init__(self, line: int, words: str) -> None:
        super().__init__(f"Line {line}: {words}")
        self.line = line


def from_signature(text: str) -> Tool:
    """The tool a function describes; its body does not matter and may be missing. Raises SignatureError."""
    function = _function(clean(textwrap.dedent(text)).strip())
    if not NAME.fullmatch(function.name):
        raise SignatureError(function.lineno, f"the name {function.name[:80]!r} is not made of A-Z, digits and _.")
    about, descriptions = parse_docstring(ast.get_docstring(function) or "")
    properties: dict[str, JSON] = {}
    required: list[JSON] = []
    for argument, default in _parameters(function):
        properties[argument.arg] = _property(argument, default, descriptions.get(argument.arg, ""))
        if default is None:
            required.append(argument.arg)
    schema: Schema = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    schema["additionalProperties"] = function.args.kwarg is not None
    return Tool(function.name, about, schema)


def _function(text: str) -> ast.FunctionDef | ast.AsyncFunctionDef:
    """The only function in a text. A head without its body, or without its colon, is accepted too."""
    if len(text) > LONGEST:
        raise SignatureError(1, f"the text is longer than {LONGEST:,} characters; paste the one function only.")
    try:
        tree = _parsed(text)
    except SyntaxError as error:
        raise SignatureError(error.lineno or 1, f"this is not Python ({error.msg}).") from None
    except (ValueError, RecursionError, MemoryError):
        raise SignatureError(1, "this is not Python, or nested too deeply.") from None
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    if not functions:
        raise SignatureError(1, "there is no function; it begins with def name(...).")
    if len(functions) > 1:
        raise SignatureError(functions[1].lineno, "there is a second function; a tool is one.")
    return functions[0]


def _parsed(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError:
        for ending in (" ...", ": ..."):
            with contextlib.suppress(SyntaxError):
                return ast.parse(text + ending)
        raise


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Parameter]:
    """Each parameter with its default; `self` and `cls` are left out: callers do not pass them."""
    args = function.args
    if args.vararg:
        raise SignatureError(args.vararg.lineno, f"*{args.vararg.arg} has no name a model could use; take a list.")
    plain = [*args.posonlyargs, *args.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(args.defaults)) + list(args.defaults)
    for place, pair in enumerate(zip(plain, defaults, strict=True)):
        if place or pair[0].arg not in ("self", "cls"):
            yield pair
    yield from zip(args.kwonlyargs, args.kw_defaults, strict=True)


def _property(argument: ast.arg, default: ast.expr | None, about: str) -> Schema:
    value = _value(default) if default is not None else None
    schema = _type(argument.annotation, 0) if argument.annotation else _type_of_default(argument, value)
    if default is not None and value is None:
        schema = _without_null(schema)  # leaving it out means the same, and every server accepts that
    if value is not None:
        schema = {**schema, "default": value}
    if about and "description" not in schema:
        schema = {**schema, "description": about}
    return schema


def _type_of_default(argument: ast.arg, value: JSON) -> Schema:
    """The type of a parameter without annotation, from its default."""
    for kind, schema in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string")):
        if isinstance(value, kind):
            return {"type": schema}
    raise SignatureError(argument.lineno, f"{argument.arg!r} has no type; write {argument.arg}: str, for example.")


def _value(node: ast.expr) -> JSON:
    """A default as JSON; None if it is None, or known only when run."""
    try:
        return _json(ast.literal_eval(node))
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None


def _json(value: object) -> JSON:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    if isinstance(value, dict):
        return {str(name): _json(item) for name, item in value.items()}
    raise ValueError


# ---- types ----------------------------------------------------------------------------------------------

_PLAIN: dict[str, Schema] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "None": {"type": "null"},
    "Any": {},
    "object": {},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "dict": {"type": "object"},
    "Dict": {"type": "object"},
    "Mapping": {"type": "object"},
    "list": {"type": "array", "items": {}},
    "List": {"type": "array", "items": {}},
}
_KNOWN = (
    "str, int, float, bool, list[...], dict[str, ...], tuple, set, Literal, Optional, Union, X | None, Annotated"
)


def _type(node: ast.expr, depth: int) -> Schema:
    """The schema of an annotation."""
    if depth > DEEPEST:
        raise SignatureError(node.lineno, "the type is nested too deeply.")
    match node:
        case ast.Constant(value=None):
            return {"type": "null"}
        case ast.Constant(value=str() as words):
            return _quoted_type(words, node.lineno, depth)
        case ast.BinOp(op=ast.BitOr()):
            return _union([node.left, node.right], depth)
        case ast.Subscript():
            inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            name = _name(node.value)
            if inner and name in _GENERIC:
                return _GENERIC[name](inner, depth)
            return _unknown(node)
    return dict(_PLAIN[_name(node)]) if _name(node) in _PLAIN else _unknown(node)


def _name(node: ast.expr) -> str:
    """`List` for both `List` and `typing.List`."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _unknown(node: ast.expr) -> Schema:
    raise SignatureError(node.lineno, f"{ast.unparse(node)[:60]!r} is no type that is known here. Known: {_KNOWN}.")


def _quoted_type(source: str, line: int, depth: int) -> Schema:
    """A type in quotes, as in forward references."""
    try:
        annotation = ast.parse(source.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise SignatureError(line, f"{source[:60]!r} is no type.") from None
    for node in ast.walk(annotation):
        if hasattr(node, "lineno"):
            node.lineno = line
    return _type(annotation, depth + 1)


def _union(parts: list[ast.expr], depth: int) -> Schema:
    options: list[JSON] = []
    for part in parts:
        schema = _type(part, depth + 1)
        inner = schema.get("anyOf")
        options += inner if isinstance(inner, list) and len(schema) == 1 else [schema]
    unique = [option for place, option in enumerate(options) if option not in options[:place]]
    first = unique[0]
    return first if len(unique) == 1 and isinstance(first, dict) else {"anyOf": unique}


def _without_null(schema: Schema) -> Schema:
    options = schema.get("anyOf")
    if not isinstance(options, list):
        return schema
    rest = [option for option in options if option != {"type": "null"}]
    others = {name: value for name, value in schema.items() if name != "anyOf"}
    first = rest[0] if rest else None
    return (
        {**first, **others} if len(rest) == 1 and isinstance(first, dict) else {"anyOf": rest or options, **others}
    )


def _list(inner: list[ast.expr], depth: int) -> Schema:
    return {"type": "array", "items": _type(inner[0], depth + 1)}


def _set(inner: list[ast.expr], depth: int) -> Schema:
    return {**_list(inner, depth), "uniqueItems": True}


def _tuple(inner: list[ast.expr], depth: int) -> Schema:
    if len(inner) == 2 and isinstance(inner[1], ast.Constant) and inner[1].value is ...:
        return _list(inner, depth)
    items: list[JSON] = [_type(part, depth + 1) for part in inner]
    count = len(items)
    return {"type": "array", "prefixItems": items, "minItems": count, "maxItems": count}


def _dict(inner: list[ast.expr], depth: int) -> Schema:
    if len(inner) != 2 or _name(inner[0]) != "str":
        raise SignatureError(inner[0].lineno, "the names in a JSON object are texts: write dict[str, ...].")
    return {"type": "object", "additionalProperties": _type(inner[1], depth + 1)}


def _literal(inner: list[ast.expr], _depth: int) -> Schema:
    values = [_value(part) for part in inner]
    kinds = {type(value) for value in values}
    names: dict[type, str] = {str: "string", int: "integer", bool: "boolean"}
    if not kinds <= names.keys():
        raise SignatureError(inner[0].lineno, "Literal takes texts, whole numbers, True and False.")
    return {**({"type": names[kinds.pop()]} if len(kinds) == 1 else {}), "enum": values}


def _optional(inner: list[ast.expr], depth: int) -> Schema:
    return _union([inner[0], ast.Constant(None, lineno=inner[0].lineno)], depth)


_BOUNDS = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
_BOUNDS |= {"multiple_of": "multipleOf", "pattern": "pattern", "description": "description"}


def _annotated(inner: list[ast.expr], depth: int) -> Schema:
    """Annotated[int, "words"] and Annotated[int, Field(description="words", ge=1)]; other metadata is ignored."""
    schema = _type(inner[0], depth + 1)
    for note in inner[1:]:
        if isinstance(note, ast.Call) and _name(note.func) in ("Field", "Doc"):
            schema |= {_BOUNDS[word.arg]: _value(word.value) for word in note.keywords if word.arg in _BOUNDS}
            note = note.args[0] if _name(note.func) == "Doc" and note.args else note
        if isinstance(note, ast.Constant) and isinstance(note.value, str):
            schema["description"] = " ".join(note.value.split())
    return schema


_GENERIC: dict[str, Callable[[list[ast.expr], int], Schema]] = {
    **dict.fromkeys(("list", "List", "Sequence", "Iterable"), _list),
    **dict.fromkeys(("set", "Set", "frozenset"), _set),
    **dict.fromkeys(("tuple", "Tuple"), _tuple),
    **dict.fromkeys(("dict", "Dict", "Mapping"), _dict),
    "Literal": _literal,
    "Optional": _optional,
    "Union": _union,
    "Annotated": _annotated,
}
