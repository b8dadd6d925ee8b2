"""Says whether a FHIR resource is well formed, by the JSON Schema written from the fhir.resources models.

A Problem names the element and the rule it breaks and never holds anything the sender wrote: neither a
value nor a key that FHIR does not define.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
from jsonschema_rs import ValidationErrorKind as Kind

SCHEMA_FILE = Path(__file__).parent / "schema" / "fhir-r4b.schema.json"

# Each of them may be a problem, and a problem is dear: of more, one is named and nothing is compared.
MOST_ELEMENTS = 500

_WORD_FOR_TYPE = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "object": "an object",
    "string": "text",
}
_UNKNOWN_ELEMENT = "holds an element that FHIR R4B does not have here"
# Said in our words: these messages of the models quote what they were given, or name a pattern.
_WORD_FOR_MODEL_ERROR = {
    "extra_forbidden": _UNKNOWN_ELEMENT,
    "missing": "is required",
    "model_field_validation.missing": "is required",
    "string_pattern_mismatch": "is empty or not written as FHIR asks",
    "fhir-validation-wrong-resource-type": "is of another type than FHIR R4B has here",
    "model_validation_format": "is not of the type FHIR R4B has here",
    "uuid_parsing": "is not a valid uuid",
}


@dataclass(frozen=True, order=True)
class Problem:
    """One broken rule: `path` like "code.coding[0].system", `what` like "is not a valid dateTime"."""

    path: str
    what: str


@dataclass(frozen=True)
class _Checker:
    schema: dict[str, Any]
    types: frozenset[str]
    elements: frozenset[str]
    validator: jsonschema_rs.Validator


@lru_cache(maxsize=1)
def _checker() -> _Checker:
    schema: dict[str, Any] = orjson.loads(SCHEMA_FILE.read_bytes())
    keys = {name: definition.get("properties", {}) for name, definition in schema["$defs"].items()}
    types = frozenset(name for name, found in keys.items() if "const" in found.get("resourceType", {}))
    # One compiled schema serves all types: resources are handed over under the names of their types, all of a
    # chart at once, which costs one look-up where the way in of the file itself would try type after type.
    del schema["$ref"]
    schema["properties"] = {name: {"items": {"$ref": f"#/$defs/{name}"}} for name in types}
    return _Checker(
        schema=schema,
        types=types,
        elements=frozenset(element for found in keys.values() for element in found),
        # the linear engine: no text of a sender can make a pattern slow
        validator=jsonschema_rs.validator_for(
            schema, mask="(hidden)", pattern_options=jsonschema_rs.RegexOptions(), offline=True
        ),
    )


def is_valid(resource: object) -> bool:
    """True for a well formed resource of a type this service reads."""
    return are_valid((resource,))


def are_valid(resources: Iterable[object]) -> bool:
    """True when every one is; one look at all of them costs much less than a look at each."""
    checker = _checker()
    by_type: dict[str, list[object]] = {}
    for resource in resources:
        name = resource.get("resourceType") if isinstance(resource, dict) else None
        if not isinstance(name, str) or name not in checker.types:
            return False
        by_type.setdefault(name, []).append(resource)
    try:
        return checker.validator.is_valid(by_type)
    except ValueError:  # not JSON: a lone surrogate, a key that is no text
        return False


def errors_of(resource: object) -> tuple[Problem, ...]:
    """All problems in a fixed order, one of them where it is too large; none for a valid resource."""
    if not isinstance(resource, dict):
        return (Problem("", "must be an object"),)
    if "resourceType" not in resource:
        return (Problem("resourceType", "is required"),)
    checker = _checker()
    name = resource["resourceType"]
    if not isinstance(name, str) or name not in checker.types:
        return (Problem("resourceType", "is not a type this service reads"),)
    try:
        if _is_large(resource):
            checker.validator.validate({name: [resource]})
            return ()
        errors = list(checker.validator.iter_errors({name: [resource]}))
    except jsonschema_rs.ValidationError as error:
        return tuple(sorted(_problems(error, checker))[:1])
    except ValueError:
        return (Problem("", "cannot be written as JSON"),)
    return tuple(sorted(problem for error in errors for problem in _problems(error, checker)))


def adds_errors(before: object, after: object) -> bool:
    """True when `after` has a problem that `before` did not have, or is too large to tell."""
    if is_valid(after):
        return False
    if _is_large(before) or _is_large(after):
        return True
    return bool(Counter(errors_of(after)) - Counter(errors_of(before)))


def _is_large(resource: object) -> bool:
    """Whether it has more than ``MOST_ELEMENTS``; looks at no more than so many."""
    elements = [resource]
    for element in elements:
        if isinstance(element, dict | list):
            if len(elements) + len(element) > MOST_ELEMENTS:
                return True
            elements.extend(element.values() if isinstance(element, dict) else element)
    return False


def explain(resource: object) -> list[str]:
    """Why fhir.resources itself refuses a resource, in sentences; empty when it takes it."""
    from fhir.resources import R4B
    from pydantic import ValidationError

    name = resource.get("resourceType") if isinstance(resource, dict) else None
    try:
        model = R4B.get_fhir_model_class(name if isinstance(name, str) else "")
    except (AttributeError, ValueError):
        model = None
    if model is None or not model.has_resource_base():
        return ["resourceType: is not a resource type of FHIR R4B."]
    try:
        model.model_validate(resource)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        return [_sentence(each["loc"], each["type"], each["msg"]) for each in found]
    except (AttributeError, KeyError, TypeError):
        return ["A resource inside it has a type that FHIR R4B does not have."]
    except RecursionError:
        return ["It is nested too deeply to be read."]
    return []


def _problems(error: jsonschema_rs.ValidationError, checker: _Checker) -> Iterator[Problem]:
    parts = error.instance_path[2:]
    match error.kind:
        case Kind.AdditionalProperties(unexpected=names):
            for name in names:
                place = [*parts, name] if name in checker.elements else parts
                yield Problem(_path(place), _UNKNOWN_ELEMENT)
        case Kind.Required(property=name) if name.startswith("_"):
            yield _missing_sibling(parts, name, error.schema_path)
        case Kind.Required(property=name):
            yield Problem(_path([*parts, name]), "is required")
        case Kind.OneOfMultipleValid():
            yield Problem(_path([*parts, _choice(error, checker)]), "is given in more than one type")
        case Kind.OneOfNotValid():
            yield Problem(_path([*parts, _choice(error, checker)]), "is required")
        case _:
            yield Problem(_path(parts), _what(error))


def _missing_sibling(parts: list[str | int], name: str, schema_path: list[str | int]) -> Problem:
    if schema_path[-2] == "else":
        return Problem(_path([*parts, name[1:]]), "is required")
    return Problem(_path([*parts, name]), "is required beside a list that holds null")


def _choice(error: jsonschema_rs.ValidationError, checker: _Checker) -> str:
    """The name of a choice element such as value[x], which the schema keeps beside the rule."""
    rule: Any = checker.schema
    for step in error.schema_path[:-1]:
        rule = rule[step]
    return str(rule["title"])


def _what(error: jsonschema_rs.ValidationError) -> str:
    if error.instance is None:
        return "must not be null"
    primitive = str(error.schema_path[-2]).removesuffix("-or-null") if len(error.schema_path) > 1 else ""
    match error.kind:
        case Kind.Type(types=names):
            return "must be " + " or ".join(_WORD_FOR_TYPE[name] for name in names if name != "null")
        case Kind.MinLength() | Kind.MinItems() | Kind.MinProperties():
            return "must not be empty"
        case Kind.MaxLength():
            return "is too long"
        case Kind.Enum():
            return "is not a resource type of FHIR R4B"
        case Kind.Pattern() | Kind.Minimum() | Kind.Maximum():
            return "must not be empty" if error.instance == "" else f"is not a valid {primitive}"
        case _:
            return "breaks a rule of FHIR R4B"


def _sentence(loc: Iterable[str | int], kind: str, message: str) -> str:
    elements = _checker().elements
    path = _path([part for part in loc if isinstance(part, int) or part in elements])
    text = _WORD_FOR_MODEL_ERROR.get(kind, message)
    return f"{path or 'resource'}: {text.rstrip('.')}."


def _path(parts: Iterable[str | int]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return text.removeprefix(".")
