"""Which services exist: ids, hooks and texts come from cards/discovery.toml, checks from schema/."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from cds_service import schemas
from cds_service.content import Roots
from cds_service.errors import ContentError
from cds_service.hooks import order_select, order_sign

SCHEMAS = Path(__file__).resolve().parent / "schema"
HOOKS: Mapping[str, ModuleType] = {module.HOOK: module for module in (order_sign, order_select)}


@dataclass(frozen=True, slots=True)
class Service:
    """One service: its URL id, its hook, the check of its requests, and its discovery entry."""

    id: str
    hook: str
    request: schemas.Schema
    selections: Callable[[Mapping[str, Any]], tuple[str, ...] | None]
    discovery: Mapping[str, Any]


def load(roots: Roots) -> dict[str, Service]:
    """Every service by id, in the order of discovery.toml.

    Raises:
        ContentError: discovery.toml breaks its schema, names an unknown hook or an id twice.
    """
    path = roots.cards / "discovery.toml"
    file = roots.name(path)
    described = _read(roots, path, "discovery")
    services: dict[str, Service] = {}
    # What Da Vinci CRD wants to be told, from the data file of that dialect.
    crd = _read(roots, roots.cards / "dialects" / "crd.toml", "dialect-crd")
    problems: list[str] = []
    for index, entry in enumerate(described["service"]):
        if entry["hook"] not in HOOKS:
            problems.append(f"{file}::service[{index}].hook: is not a hook; use one of {', '.join(HOOKS)}")
        elif entry["id"] in services:
            problems.append(f"{file}::service[{index}].id: is used twice; give each service its own id")
        else:
            services[entry["id"]] = _service(entry, described["prefetch"], crd)
    if problems:
        raise ContentError(problems)
    return services


def request_schema(hook: str) -> dict[str, Any]:
    """The JSON Schema of a hook's request: the envelope with the hook's own context."""
    envelope: dict[str, Any] = schemas.read_json(
        SCHEMAS / "envelope.schema.json", file="envelope.schema.json"
    )
    name = f"{hook}.context.schema.json"
    context = {**schemas.read_json(SCHEMAS / name, file=name)}
    context.pop("$schema", None)
    envelope["title"] = f"Request of {hook}"
    envelope["properties"]["context"] = context
    return envelope


def discovery(services: Mapping[str, Service]) -> dict[str, Any]:
    """The body of GET /cds-services."""
    return {"services": [dict(service.discovery) for service in services.values()]}


def _read(roots: Roots, path: Path, name: str) -> dict[str, Any]:
    table = schemas.read_toml(path, file=roots.name(path))
    schema = roots.cards / "schema" / f"{name}.schema.json"
    schemas.load(schema, file=roots.name(schema)).check(table, file=roots.name(path))
    return table


def _extension(crd: Mapping[str, Any], hook: str) -> dict[str, Any]:
    """The versions spoken, and the options that have an effect on this hook."""
    options = [option for option in crd["option"] if hook in option.get("hooks", (hook,))]
    return {
        "davinci-crd.version": [version["id"] for version in crd["version"]],
        "davinci-crd.configuration-options": [
            {name: option[name] for name in ("code", "type", "name", "description", "default")}
            for option in options
        ],
    }


def _service(entry: Mapping[str, Any], prefetch: Mapping[str, str], crd: Mapping[str, Any]) -> Service:
    hook = entry["hook"]
    return Service(
        id=entry["id"],
        hook=hook,
        request=schemas.compiled(request_schema(hook), file=f"{hook}.context.schema.json"),
        selections=HOOKS[hook].selections,
        discovery={
            "hook": hook,
            "title": entry["title"],
            "description": entry["description"],
            "id": entry["id"],
            "prefetch": dict(prefetch),
            "usageRequirements": entry["usageRequirements"],
            "extension": _extension(crd, hook),
        },
    )
