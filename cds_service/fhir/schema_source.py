"""Writes the JSON Schema of the FHIR R4B types this service reads, from the fhir.resources models.

Run at build time only: `python -m cds_service.fhir.schema_source --write` (or `--check`). The service
itself loads the written file, so that no request and no start-up pays for pydantic models.
"""

import argparse
import inspect
import json
import re
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, get_args, get_origin

from fhir.resources import R4B
from fhir_core.constraints import FHIR_PRIMITIVES_MAPS
from fhir_core.fhirabstractmodel import FHIR_COMMENTS_FIELD_NAME, FHIRAbstractModel
from fhir_core.types import FhirBase, FhirElementOrResourceBase

_REWRITE = "run `python -m cds_service.fhir.schema_source --write`."
SCHEMA_FILE = Path(__file__).parent / "schema" / "fhir-r4b.schema.json"

RESOURCE_TYPES = (
    "AllergyIntolerance", "Bundle", "CarePlan", "Condition", "Coverage", "Device", "DeviceRequest",
    "DeviceUseStatement", "DiagnosticReport", "DocumentReference", "Encounter", "Location", "Medication",
    "MedicationDispense", "MedicationRequest", "MedicationStatement", "Observation", "OperationOutcome",
    "Organization", "Patient", "Practitioner", "PractitionerRole", "Procedure", "Questionnaire",
    "QuestionnaireResponse", "ServiceRequest", "Task",
)  # fmt: skip

Schema = dict[str, Any]

# Space is what the Rust regex of pydantic calls \s; ECMA 262 draws that line elsewhere, so it is spelled out.
_RARE_SPACE = r"\u000b\u000c\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_SPACE = r"\t\n\r " + _RARE_SPACE
_YEAR = "(?:[0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"
_LEAP = "(?:0[48]|[2468][048]|[13579][26])"
_DAY = (
    f"(?:{_YEAR}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    f"|02-(?:0[1-9]|1[0-9]|2[0-8]))|(?:[0-9]{{2}}{_LEAP}|{_LEAP}00)-02-29)"
)
_MONTH = f"{_YEAR}(?:-(?:0[1-9]|1[0-2]))?"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
_ZONE = "(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_B64 = "[A-Za-z0-9+/]"
_HEX = "[0-9a-fA-F]"


def _text(pattern: str, **more: Any) -> Schema:
    return {"type": "string", "pattern": pattern, **more}


_ANY_TEXT: Schema = {"type": "string", "minLength": 1}

PRIMITIVES: dict[str, Schema] = {
    "base64Binary": _text(
        rf"^\s*(?:(?:{_B64}\s*){{4}})*(?:(?:{_B64}\s*){{2}}=\s*=\s*|(?:{_B64}\s*){{3}}=\s*)?$", minLength=1
    ),
    "boolean": {"type": "boolean"},
    "canonical": _ANY_TEXT,
    "code": _text(f"^[^{_SPACE}]+(?:[{_SPACE}][^{_SPACE}]+)*$"),
    "date": _text(f"^(?:{_MONTH}|{_DAY})$"),
    "dateTime": _text(f"^(?:{_MONTH}|{_DAY}(?:T{_TIME}{_ZONE})?)$"),
    "decimal": {"type": "number"},
    "id": _text(r"^[A-Za-z0-9.\-]+$", maxLength=255),
    "instant": _text(f"^{_DAY}T{_TIME}{_ZONE}$"),
    "integer": {"type": "integer", "minimum": -2147483648, "maximum": 2147483647},
    "markdown": _ANY_TEXT,
    "oid": _text(r"^urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+$"),
    "positiveInt": {"type": "integer", "minimum": 1, "maximum": 2147483647},
    "string": _text(f"[^{_RARE_SPACE}]"),
    "time": _text(f"^{_TIME}$"),
    "unsignedInt": {"type": "integer", "minimum": 0, "maximum": 2147483647},
    "uri": _ANY_TEXT,
    "url": _ANY_TEXT,
    "uuid": _text(rf"^(?:urn:uuid:)?{_HEX}{{8}}-{_HEX}{{4}}-4{_HEX}{{3}}-[89abAB]{_HEX}{{3}}-{_HEX}{{12}}$"),
    "xhtml": _ANY_TEXT,
}  # fmt: skip


def generate() -> Schema:
    """The whole schema: one definition per type, `Resource` being the way in."""
    definitions: dict[str, Schema] = {"Resource": _any_resource()}
    waiting: list[type[FHIRAbstractModel]] = [R4B.get_fhir_model_class(name) for name in RESOURCE_TYPES]
    while waiting:
        model = waiting.pop()
        if model.__name__ not in definitions:
            definitions[model.__name__] = _definition(model)
            waiting.extend(_models_of(model))
    for name, primitive in PRIMITIVES.items():
        definitions[name] = primitive
        definitions[_or_null(name)] = {**primitive, "type": [primitive["type"], "null"]}
    used = set(re.findall(r'"#/\$defs/([^"]+)"', json.dumps(definitions)))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": f"Generated from {_source()}.",
        "$ref": "#/$defs/Resource",
        "$defs": {
            name: definitions[name] for name in sorted(definitions) if name in used or name == "Resource"
        },
    }


def _definition(model: type[FHIRAbstractModel]) -> Schema:
    properties: Schema = {}
    required: list[str] = []
    if model.has_resource_base():
        properties["resourceType"] = {"const": model.get_resource_type()}
        required.append("resourceType")
    for name, field, key in _fields_of(model):
        properties[key] = _property(field.annotation, sibling=name.endswith("__ext"))
        if field.is_required():
            required.append(key)
    either = _required_primitives(model)
    required += [key for key, sibling in either if sibling is None]
    rules = [_value_or_extension(key, sibling) for key, sibling in either if sibling is not None]
    rules += _choices(model, taken=len(required) + len(rules))
    rules += [_null_needs_sibling(key) for key, prop in properties.items() if _takes_null(prop, key)]
    definition: Schema = {"type": "object", "properties": dict(sorted(properties.items()))}
    definition["additionalProperties"] = False
    definition |= {"required": sorted(required)} if required else {"minProperties": 1}
    return definition | ({"allOf": rules} if rules else {})


def _property(annotation: Any, *, sibling: bool) -> Schema:
    leaf = _leaf(annotation)
    if not _is_list(annotation):
        return _ref(leaf if isinstance(leaf, str) else _definition_name(leaf))
    if isinstance(leaf, str):
        item = _ref(_or_null(leaf))
    elif sibling:
        item = {"type": ["object", "null"], "if": {"type": "object"}, "then": _ref(_definition_name(leaf))}
    else:
        item = _ref(_definition_name(leaf))
    return {"type": "array", "minItems": 1, "items": item}


def _value_or_extension(key: str, sibling: str) -> Schema:
    """A required primitive may be replaced by an extension that says why it is absent."""
    absent = {"required": [sibling], "properties": {sibling: {"required": ["extension"]}}}
    return {"if": {"required": [key]}, "else": absent}


def _null_needs_sibling(key: str) -> Schema:
    """A null in a list of primitives only keeps the place of an entry of the sibling list."""
    holds_null = {"required": [key], "properties": {key: {"contains": {"type": "null"}}}}
    return {"if": holds_null, "then": {"required": [f"_{key}"]}}


def _takes_null(prop: Schema, key: str) -> bool:
    return not key.startswith("_") and str(prop.get("items", {}).get("$ref", "")).endswith(_or_null(""))


def _choices(model: type[FHIRAbstractModel], *, taken: int) -> Iterator[Schema]:
    """One rule per choice element; `taken` keys are needed anyway, so two choices mean two keys more."""
    for prefix, keys in _blank(model).get_one_of_many_fields().items():
        extra = model.model_fields[keys[0]].json_schema_extra
        needed = isinstance(extra, dict) and bool(extra["one_of_many_required"])
        present: list[Schema] = [{"required": [key]} for key in keys]
        if not needed:
            present.append({"not": {"anyOf": list(present)}})
        worth_a_look = {"type": "object"} | ({} if needed else {"minProperties": taken + 2})
        yield {"if": worth_a_look, "then": {"title": f"{prefix}[x]", "oneOf": present}}


def _required_primitives(model: type[FHIRAbstractModel]) -> list[tuple[str, str | None]]:
    """Pairs of JSON keys: the element, and the sibling that may stand for it."""
    return [(key, f"_{key}" if sibling else None) for key, sibling in _blank(model).get_required_fields()]


def _blank(model: type[FHIRAbstractModel]) -> FHIRAbstractModel:
    return model.model_construct()


def _fields_of(model: type[FHIRAbstractModel]) -> Iterator[tuple[str, Any, str]]:
    for name, field in model.model_fields.items():
        if name != FHIR_COMMENTS_FIELD_NAME:
            yield name, field, field.alias or name


def _models_of(model: type[FHIRAbstractModel]) -> Iterator[type[FHIRAbstractModel]]:
    for _, field, _ in _fields_of(model):
        leaf = _leaf(field.annotation)
        if not isinstance(leaf, str) and not issubclass(leaf, FhirElementOrResourceBase):
            yield leaf.get_model_klass()


def _definition_name(leaf: type[FhirBase]) -> str:
    return leaf.get_model_klass().__name__


def _leaf(annotation: Any) -> str | type[FhirBase]:
    """What an annotation is about: the name of a primitive, or the fhir.resources type of a model."""
    if isinstance(annotation, type) and issubclass(annotation, FhirBase):
        return annotation
    if annotation in FHIR_PRIMITIVES_MAPS:
        return FHIR_PRIMITIVES_MAPS[annotation]
    for inner in get_args(annotation):
        if inner is not type(None):
            return _leaf(inner)
    raise TypeError(f"fhir.resources uses an annotation this generator does not know: {annotation}")


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(map(_is_list, get_args(annotation)))


def _source() -> str:
    return f"fhir.resources {version('fhir.resources')} (FHIR R4B {R4B.__fhir_version__})"


def _or_null(name: str) -> str:
    return f"{name}-or-null"


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _any_resource() -> Schema:
    """Any R4B resource by its resourceType; a type this service never reads is known by name only."""
    branches = [{"if": _is_a(name), "then": _ref(name)} for name in RESOURCE_TYPES]
    name_known = {"resourceType": {"enum": _resource_names()}}
    return {"type": "object", "required": ["resourceType"], "properties": name_known, "allOf": branches}


def _is_a(name: str) -> Schema:
    return {"type": "object", "required": ["resourceType"], "properties": {"resourceType": {"const": name}}}


def _resource_names() -> list[str]:
    """All resource types of R4B, read from the module sources: importing all of them takes seconds."""
    is_resource = re.compile(
        r"^class (\w+)\((?:domainresource\.DomainResource|resource\.Resource)\):", re.MULTILINE
    )
    sources = Path(inspect.getfile(R4B)).parent.glob("*.py")
    names = {name for file in sources for name in is_resource.findall(file.read_text(encoding="utf-8"))}
    return sorted(names - {"DomainResource"})


def rendered(schema: Schema) -> str:
    """Compact text with one definition per line, so that a new model version gives a readable diff."""
    head = {key: value for key, value in schema.items() if key != "$defs"}
    lines = [f"{json.dumps(name)}:{_compact(body)}" for name, body in schema["$defs"].items()]
    return f'{_compact(head)[:-1]},"$defs":{{\n' + ",\n".join(lines) + "\n}}\n"


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True)


def difference(schema: Schema, text: str) -> str:
    """A sentence saying that the checked-in text is not this schema; empty when it is."""
    try:
        old, new = _parts(json.loads(text)), _parts(schema)
    except ValueError:
        return f"{SCHEMA_FILE.name} is missing or is not JSON; {_REWRITE}"
    changed = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    if not changed:
        return ""
    return (
        f"{SCHEMA_FILE.name} is not what {_source()} gives "
        f"({len(changed)} definitions differ, first {changed[0]}); {_REWRITE}"
    )


def _parts(schema: Schema) -> Schema:
    """All that decides an answer: a new version of the models that changes nothing is no difference."""
    return {**schema["$defs"], **{key: schema[key] for key in schema if key not in ("$defs", "$comment")}}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="JSON Schema of the FHIR R4B types this service reads")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", action="store_true", help="rewrite the checked-in file")
    action.add_argument("--check", action="store_true", help="exit 1 when the checked-in file differs")
    schema = generate()
    if parser.parse_args(arguments).write:
        SCHEMA_FILE.parent.mkdir(exist_ok=True)
        SCHEMA_FILE.write_text(rendered(schema), encoding="utf-8")
        return 0
    text = SCHEMA_FILE.read_text(encoding="utf-8") if SCHEMA_FILE.exists() else ""
    sentence = difference(schema, text)
    if sentence:
        print(sentence, file=sys.stderr)
    return 1 if sentence else 0


if __name__ == "__main__":
    raise SystemExit(main())
