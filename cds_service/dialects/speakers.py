"""The dialects by name, built from their data files, and the choice among them."""

from __future__ import annotations

from collections.abc import Mapping

from cds_service.content import Roots
from cds_service.core.hook_call import HookCall
from cds_service.dialects import crd, epic, spec, text, wire
from cds_service.errors import ContentError

Speak = wire.Speak

DEFAULT = "spec"

# What the extensions of a request begin with, by the dialect that the client then speaks. Epic's come first:
# a site of theirs that speaks CRD as well can still not take an update.
MARKS = {
    "epic": "com.epic.cdshooks.",
    "crd": "davinci-crd.",
}


def load(roots: Roots, *, epic_site: str = "") -> dict[str, Speak]:
    """Every dialect, ready to speak.

    Args:
        epic_site: the site table of cards/dialects/epic.toml; ``""``: the one that file names.

    Raises:
        ContentError: a data file under cards/dialects/ is wrong.
    """
    words, table, site = text.load(roots), crd.load(roots), epic.load(roots, epic_site)
    return {
        "spec": spec.speak,
        "crd": crd.build(table, words),
        "epic": epic.build(site, words),
        "text": text.build(words),
    }


def problems(roots: Roots) -> list[str]:
    """What is wrong with any data file of a dialect."""
    found: list[str] = []
    for load_one in (text.load, crd.load, epic.load):
        try:
            load_one(roots)
        except ContentError as error:
            found.extend(error.problems)
    return found


def choose(known: Mapping[str, Speak], call: HookCall, named: str = "") -> str:
    """The dialect that is named for the caller, else the one the request shows, else ``spec``."""
    if named in known:
        return named
    return next((name for name in MARKS if name in known and _shows(call, name)), DEFAULT)


def _shows(call: HookCall, name: str) -> bool:
    """Whether the request carries an extension of the clients that speak this dialect."""
    return any(key.startswith(MARKS[name]) for key in call.extension)
