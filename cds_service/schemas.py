"""Compile and apply JSON Schemas; the sole importer of jsonschema, which is loaded only to explain a fault.

Problems of files are lines ``file::json-path: what, and what to do``. ``Schema.first`` repeats nothing of the
document, so that nothing of a patient gets into an error, and stops at one fault.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from cds_service.errors import ContentError

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

# Stands for what was sent wherever jsonschema-rs would quote it.
HIDDEN = "(hidden)"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a document: where, what is wrong, what to do, and the rule of the schema it breaks."""

    path: str
    what: str
    remedy: str
    rule: str = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.what}; {self.remedy}"


@dataclass(frozen=True, slots=True)
class Schema:
    """A JSON Schema, checked and compiled once: jsonschema-rs says whether, jsonschema says why not."""

    document: Mapping[str, Any]
    _fast: jsonschema_rs.Validator = field(repr=False, compare=False)

    def is_valid(self, document: object) -> bool:
        """Whether ``document`` satisfies the schema; cheap enough for every request."""
        return self._fast.is_valid(document)

    def first(self, document: object) -> Problem | None:
        """One fault of ``document`` in words that repeat nothing of it; ``None`` when there is none.

        Stops at that fault: for what strangers send, of which every fault could be a million.
        """
        try:
            self._fast.validate(document)
        except jsonschema_rs.ValidationError as error:
            return _unquoted(error, self.document)
        return None

    def problems(self, document: object) -> Iterator[Problem]:
        """Every fault of ``document``, ordered by place; for files of ours."""
        from jsonschema import Draft202012Validator

        errors = Draft202012Validator(dict(self.document)).iter_errors(document)
        for error in sorted(errors, key=lambda error: list(map(str, error.absolute_path))):
            yield from _problems(error)

    def check(self, document: object, *, file: str) -> None:
        """Raise a ContentError naming every fault of a data file.

        Raises:
            ContentError: ``file::json-path: what, and what to do``, one line each.
        """
        lines = self.lines(document, file=file)
        if lines:
            raise ContentError(lines)

    def lines(self, document: object, *, file: str) -> list[str]:
        """The faults of a data file as lines."""
        try:
            if self._fast.is_valid(document):
                return []
        except ValueError:
            pass  # a type of TOML that JSON does not have, such as a date: jsonschema says where
        return [f"{file}::{problem}" for problem in self.problems(document)]


@dataclass(frozen=True, slots=True)
class DepthLimit:
    """Refuses values nested deeper than ``levels``, by a schema: no recursion in Python."""

    levels: int
    _fast: jsonschema_rs.Validator = field(repr=False, compare=False)

    @classmethod
    def of(cls, levels: int) -> DepthLimit:
        """A limit of ``levels`` nested arrays and objects."""
        rooms: dict[str, Any] = {
            f"level-{level}": {
                "additionalProperties": {"$ref": f"#/$defs/level-{level + 1}"},
                "items": {"$ref": f"#/$defs/level-{level + 1}"},
            }
            for level in range(levels)
        }
        rooms[f"level-{levels}"] = {"type": ["string", "number", "boolean", "null"]}
        return cls(levels, jsonschema_rs.validator_for({"$ref": "#/$defs/level-0", "$defs": rooms}))

    def holds(self, document: object) -> bool:
        """Whether ``document`` keeps to the limit."""
        return self._fast.is_valid(document)


def compiled(document: Mapping[str, Any], *, file: str = "schema") -> Schema:
    """Compile a schema.

    Raises:
        ContentError: the schema itself is no JSON Schema (draft 2020-12).
    """
    try:
        return Schema(document, jsonschema_rs.validator_for(dict(document), mask=HIDDEN))
    except (ValueError, jsonschema_rs.ValidationError):
        raise ContentError([f"{file}::{_schema_fault(document)}; write it as JSON Schema 2020-12"]) from None


def load(path: Path, *, file: str = "") -> Schema:
    """Compile the schema in a JSON file; ``file`` is how to name it. Raises ContentError."""
    named = file or path.name
    document = read_json(path, file=named)
    if not isinstance(document, dict):
        raise ContentError([f"{named}::$: is not an object; write it as JSON Schema 2020-12"])
    return compiled(document, file=named)


def read_json(path: Path, *, file: str) -> Any:
    """A JSON data file.

    Raises:
        ContentError: the file is missing or is no JSON; ``file`` is how to name it.
    """
    try:
        return json.loads(_text(path, file))
    except json.JSONDecodeError as error:
        raise ContentError(
            [f"{file}::line {error.lineno}: is not JSON ({error.msg}); correct it there"]
        ) from None
    except RecursionError:
        raise ContentError([f"{file}::$: is nested too deeply; make it flatter"]) from None


def read_toml(path: Path, *, file: str) -> dict[str, Any]:
    """A TOML data file.

    Raises:
        ContentError: the file is missing or is no TOML; ``file`` is how to name it.
    """
    try:
        return tomllib.loads(_text(path, file))
    except tomllib.TOMLDecodeError as error:
        raise ContentError([f"{file}::$: is not TOML ({error}); correct it there"]) from None


def _text(path: Path, file: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        raise ContentError([f"{file}::$: the file is missing; add it"]) from None
    except OSError as error:
        why = (error.strerror or "unreadable").lower()
        raise ContentError([f"{file}::$: cannot be read ({why}); make it a readable file"]) from None
    except UnicodeDecodeError:
        raise ContentError([f"{file}::$: is not UTF-8; save it as UTF-8"]) from None


def _schema_fault(document: Mapping[str, Any]) -> str:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(dict(document))
    except SchemaError as error:
        return f"{error.json_path}: {error.message}"
    return "$: cannot be compiled"


def _unquoted(error: jsonschema_rs.ValidationError, schema: Any) -> Problem:
    path, keyword = _path(error.instance_path), str(error.schema_path[-1])
    match error.kind:
        case jsonschema_rs.ValidationErrorKind.Required(property=name):
            return Problem(_join(path, name), "is missing", "add it", keyword)
        case jsonschema_rs.ValidationErrorKind.AdditionalProperties():
            return Problem(path, "is not a known member", "remove it or correct it", keyword)
    for step in error.schema_path:
        schema = schema[step]
    return Problem(path, *_words(keyword, schema), keyword)


def _problems(error: ValidationError) -> Iterator[Problem]:
    """Turn one error into ours; a failed anyOf / oneOf speaks through its most relevant branch."""
    from jsonschema.exceptions import best_match, relevance

    if error.validator in ("anyOf", "oneOf") and error.context:
        fitting = [inner for inner in error.context if inner.validator != "type"]
        inner = best_match(fitting or error.context, key=relevance)
        if inner is not None:
            yield from _problems(inner)
            return
    keyword = str(error.validator)
    path = _path(error.absolute_path)
    if keyword == "required":
        # jsonschema reports each missing member by itself and names it only in the message.
        yield Problem(_join(path, error.message.split("'")[1]), "is missing", "add it")
    elif keyword in ("additionalProperties", "unevaluatedProperties"):
        for name in _unknown(error):
            yield Problem(_join(path, name), "is not a known member", "remove it or correct it")
    else:
        what, remedy = _words(keyword, error.validator_value)
        yield Problem(path, f"{_short(error.instance)} {what}", remedy)


def _words(keyword: str, expected: Any) -> tuple[str, str]:
    """(what, remedy) of a broken keyword."""
    match keyword:
        case "type":
            kind = _type_words(expected)
            return f"is not {kind}", f"make it {kind}"
        case "enum":
            return "is not an accepted value", f"use one of {', '.join(map(_short, expected))}"
        case "const":
            return "is not the accepted value", f"write {_short(expected)}"
        case "pattern":
            return "does not have the accepted form", f"write it to match {expected}"
    if keyword.startswith("min") and expected == 1 and keyword != "minimum":
        return "is empty", "fill it, or leave it out"
    what, remedy = BOUNDS.get(keyword, (f"breaks the schema's rule {keyword}", "see the schema"))
    return what, remedy.format(expected)


BOUNDS = {
    "minLength": ("is too short", "give at least {} characters"),
    "maxLength": ("is too long", "give at most {} characters"),
    "minItems": ("has too few entries", "give at least {}"),
    "maxItems": ("has too many entries", "give at most {}"),
    "minProperties": ("has too few members", "give at least {}"),
    "maxProperties": ("has too many members", "give at most {}"),
    "minimum": ("is too small", "give at least {}"),
    "exclusiveMinimum": ("is too small", "give more than {}"),
    "maximum": ("is too large", "give at most {}"),
    "exclusiveMaximum": ("is too large", "give less than {}"),
    "uniqueItems": ("names the same thing twice", "remove the repetition"),
}


def _unknown(error: ValidationError) -> list[str]:
    schema: Any = error.schema
    known = set(schema.get("properties", {}))
    patterns = list(schema.get("patternProperties", {}))
    members: Any = error.instance
    return [
        name
        for name in sorted(map(str, members))
        if name not in known and not any(re.search(pattern, name) for pattern in patterns)
    ]


def _type_words(expected: str | Iterable[str]) -> str:
    words = {
        "object": "an object",
        "array": "a list",
        "string": "a text",
        "integer": "a whole number",
        "number": "a number",
        "boolean": "true or false",
        "null": "null",
    }
    names = [expected] if isinstance(expected, str) else list(expected)
    return " or ".join(words.get(name, name) for name in names)


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."


def _path(parts: Iterable[str | int]) -> str:
    path = ""
    for part in parts:
        path = f"{path}[{part}]" if isinstance(part, int) else _join(path, str(part))
    return path or "$"


def _join(path: str, name: str) -> str:
    if not name:
        return path or "$"
    return name if path in ("", "$") else f"{path}.{name}"
