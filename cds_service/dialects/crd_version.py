"""What a CRD client asks for in the extension of its request: the version to speak, and options."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cds_service.errors import Kind, RequestError

REQUESTED = "davinci-crd.requestedVersion"
CONFIGURATION = "davinci-crd.configuration"
_VERSION = re.compile(r"([0-9]+\.[0-9]+)(?:\.[0-9]+(?:-[A-Za-z0-9.\-]+)?)?")


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the guide. ``codes``: the codes it knows, by element of an assertion.

    ``references``: associated orders are written as Reference. ``one_coverage``: see crd.toml.
    ``detail_system`` ``""``: a need without a code of its own is not explained a second time.
    """

    id: str
    topic_system: str
    reason_system: str
    detail_system: str
    references: bool
    one_coverage: bool
    codes: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Option:
    """One option of the client. ``hooks`` empty: it has an effect on every hook."""

    code: str
    type: str
    default: bool | int
    hooks: frozenset[str]


def versions_of(table: Mapping[str, Any]) -> dict[str, Version]:
    """The versions of crd.toml by id."""
    return {
        row["id"]: Version(
            id=row["id"],
            topic_system=row["topic_system"],
            reason_system=row["reason_system"],
            detail_system=row.get("detail_system", ""),
            references=row["associated_resource"] == "reference",
            one_coverage=row["one_coverage"],
            codes={
                name: frozenset(row[listed])
                for name, listed in (
                    ("covered", "covered"),
                    ("pa_needed", "pa_needed"),
                    ("doc_needed", "doc_needed"),
                    ("info_needed", "info_needed"),
                    ("reason_code", "reason_codes"),
                )
            },
        )
        for row in table["version"]
    }


def options_of(table: Mapping[str, Any]) -> dict[str, Option]:
    """The options of crd.toml by code."""
    return {
        row["code"]: Option(row["code"], row["type"], row["default"], frozenset(row.get("hooks", ())))
        for row in table["option"]
    }


def requested(known: Mapping[str, Version], default: str, extension: Mapping[str, Any]) -> Version:
    """The version to speak; ``2.0.1`` is asked for as ``2.0`` or in full.

    Raises:
        RequestError: the client asks for a version that is not spoken.
    """
    asked = extension.get(REQUESTED)
    if asked is None:
        return known[default]
    found = _VERSION.fullmatch(asked) if isinstance(asked, str) else None
    version = known.get(found[1]) if found else None
    if version is None:
        raise RequestError(
            Kind.VERSION,
            "is no version of Da Vinci CRD that is spoken here",
            where=f"extension.{REQUESTED}",
            remedy=f"ask for {', '.join(known)}, or leave it out",
        )
    return version


def configured(known: Mapping[str, Option], extension: Mapping[str, Any]) -> dict[str, bool | int]:
    """The value of every option: the client's where it is usable, else the default."""
    given = extension.get(CONFIGURATION)
    given = given if isinstance(given, dict) else {}
    return {
        option.code: given[option.code] if _usable(option, given.get(option.code)) else option.default
        for option in known.values()
    }


def _usable(option: Option, value: object) -> bool:
    if option.type == "boolean":
        return isinstance(value, bool)
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
