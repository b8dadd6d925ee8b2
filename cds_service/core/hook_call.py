"""One hook request after its envelope was checked: what was asked, about which orders, with which chart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cds_service.core.case import Gap


@dataclass(frozen=True, slots=True)
class FhirAccess:
    """A bearer token for ``fhir_server``, for this call only; ``token`` ``""``: none that can be used.

    ``scope`` as sent (SMART, space-separated); ``patient`` is the bare id the token is for, ``""`` when not
    said; ``expires_in`` in seconds, 0 when not said; ``subject`` is our client id.
    """

    token: str = field(default="", repr=False)
    token_type: str = ""
    scope: str = ""
    patient: str = field(default="", repr=False)
    expires_in: int = 0
    subject: str = ""


@dataclass(frozen=True, slots=True)
class HookCall:
    """``draft_orders`` are (path, resource) of every readable entry of context.draftOrders, in order.

    ``draft_urls``: their Bundle addresses (fullUrl), by path.
    ``patient_id`` and ``encounter_id`` are bare ids (``""``: not given). ``selections`` is ``None`` when the
    hook has none or the client sent none: then every draft order is asked about. ``prefetch`` and
    ``extension`` are as sent (``{}`` when absent). ``gaps``: entries that had to be passed over, and what
    could not be fetched. ``fhir_access``: ``None`` when the client gave no access to its ``fhir_server``.
    """

    service: str
    hook: str
    hook_instance: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    prefetch: Mapping[str, Any] = field(default_factory=dict)
    patient_id: str = ""
    encounter_id: str = ""
    user_id: str = ""
    fhir_server: str = ""
    selections: tuple[str, ...] | None = None
    draft_orders: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    extension: Mapping[str, Any] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()
    fhir_access: FhirAccess | None = None
    draft_urls: Mapping[str, str] = field(default_factory=dict)
