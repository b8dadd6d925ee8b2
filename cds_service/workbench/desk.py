"""What the pages are handed: the knowledge, the scenarios, and how to fire a hook without knowing how."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from cds_service.core.case import Site
from cds_service.core.finding import Evaluation
from cds_service.core.guideline import Knowledge

Json = dict[str, Any]


class Story(Protocol):
    """One shipped scenario."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def story(self) -> str: ...

    @property
    def shows(self) -> Sequence[str]: ...

    @property
    def expect(self) -> Mapping[str, Any]: ...

    @property
    def as_of(self) -> str: ...

    def request(self) -> bytes:
        """The hook request, as JSON."""


class Decided(Protocol):
    """One answered call."""

    @property
    def evaluation(self) -> Evaluation: ...

    @property
    def response(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Reply:
    """What the service answered to feedback; ``said`` is a sentence for a reader, ``""`` if all went well."""

    status: int
    said: str = ""


class Fire(Protocol):
    """Answer a hook request as its URL would."""

    def __call__(self, raw: bytes, *, as_of: str, dialect: str, rehearsal: bool) -> Decided:
        """``as_of``: ISO date or ``""``; ``dialect``: one of ``Desk.dialects`` or ``""``.

        A ``rehearsal`` is only to compare with; no reader sees its cards, and nothing should be kept of it.

        Raises:
            RequestError: the request is refused.
        """


class Apply(Protocol):
    """The request as an EHR would send it next, after a click."""

    def __call__(self, request: Json, cards: Sequence[Json], card: int, suggestion: int) -> Json:
        """``card`` and ``suggestion`` count from 0; leaves its arguments alone.

        Raises:
            CdsError: the suggestion does not fit the request; the message says why.
        """


@dataclass(frozen=True, slots=True, eq=False)
class Desk:
    """Everything the pages use.

    ``stories`` is called when first needed. ``services``: id of the service by its hook. ``limb_codes``: the
    code and name written for a whole limb. ``tell`` sends a feedback body to the service of an id.
    ``feedback_page``: where the picture of feedback is, ``""`` for nowhere.
    """

    knowledge: Knowledge
    limb_codes: Mapping[Site, tuple[str, str]]
    stories: Callable[[], Sequence[Story]]
    services: Mapping[str, str]
    dialects: tuple[str, ...]
    base_url: str
    fire: Fire
    apply: Apply
    tell: Callable[[str, bytes], Reply]
    feedback_page: str = ""
