"""What became of each advertised prefetch key that had to be fetched, and the words for what is missing.

Nothing here holds an id, a URL or a token, so all of it may be logged and counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cds_service.core.case import Gap
from cds_service.core.hook_call import HookCall
from cds_service.errors import CdsError

What = Literal[
    "fetched",  # all of it
    "empty",  # the server has none
    "partial",  # the first pages of it
    "refused-server",  # fhirServer is not allowed for the caller, or is at an address that is not
    "timeout",  # no (whole) answer within the budget
    "budget",  # not even asked within the budget
    "status",  # another HTTP status than 200, redirects included
    "unreachable",  # no connection, no TLS, no such name, or it broke off
    "not-json",
    "too-large",
    "wrong-type",  # JSON, but not the resources asked for
    "reported-error",  # an OperationOutcome in place of the resources
    "no-scope",  # the token does not cover the type, or is for another patient
    "no-id",  # the template needs an id that is absent or is no FHIR id
    "no-token",  # fhirAuthorization without a usable token
]

_BECAUSE: dict[What, str] = {
    "refused-server": "its FHIR server is not one this service may read",
    "timeout": "could not be fetched in time",
    "budget": "could not be fetched in time",
    "unreachable": "the FHIR server could not be reached",
    "not-json": "the FHIR server did not answer with JSON",
    "too-large": "the FHIR server's answer is too large",
    "wrong-type": "the FHIR server answered with other resources",
    "reported-error": "the FHIR server reported an error",
    "no-scope": "the access token does not cover it",
    "no-id": "there is no usable id to fetch it by",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One key. ``milliseconds`` since the fetch began, ``pages`` received, ``status`` of HTTP if not 200."""

    key: str
    what: What
    milliseconds: int = 0
    pages: int = 0
    status: int = 0

    @property
    def gap(self) -> Gap | None:
        """What the reasoning lacks; None when nothing, or when nothing had been offered (``no-token``)."""
        if self.what in ("fetched", "empty", "no-token"):
            return None
        return Gap(f"prefetch.{self.key}", self._words())

    def _words(self) -> str:
        if self.what == "partial":
            return (
                f"only the first {self.pages} pages were fetched"
                if self.pages > 1
                else ("only a first page was fetched")
            )
        if self.what == "reported-error" and self.pages:
            return "the FHIR server reported an error beside it"
        if self.what == "status":
            return f"not supplied, and the FHIR server answered with status {self.status}"
        return f"not supplied, and {_BECAUSE[self.what]}"


@dataclass(frozen=True, slots=True)
class Fetched:
    """``call`` with what could be had in its prefetch and gaps for the rest; one outcome per missing key."""

    call: HookCall
    outcomes: tuple[Outcome, ...] = ()


class FetchError(CdsError):
    """Inside this room only: why one request came to nothing. Holds no URL and no token."""

    def __init__(self, what: What, status: int = 0) -> None:
        super().__init__(what)
        self.what = what
        self.status = status
