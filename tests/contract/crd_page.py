"""fhir_fixtures/CRD.md: which checks of the Inferno CRD kit pass in which mode, from running servers.

Write it with ``python -m tests.contract.crd_page --write``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

from cds_service.content import Roots
from tests.conftest import Server, start, stop
from tests.contract.bodies import HOOKS
from tests.contract.crd_bodies import bodies
from tests.contract.crd_kit import CHECKS, Check, Evidence, Exchange, Skip

FILE = "CRD.md"
MODES: Mapping[str, Mapping[str, str]] = {
    "spec": {"CDS_DIALECT": "spec"},
    "advisor": {"CDS_DIALECT": "crd"},
    "payer": {"CDS_DIALECT": "crd", "CDS_ROLE": "payer"},
}
# The kit signs every call; a service that needs no token must not mind one.
TOKEN = {"Authorization": "Bearer eyJhbGciOiJFUzM4NCJ9.e30.c2lnbmF0dXJl"}

INTRO = """# Da Vinci CRD

What the server groups of the Inferno CRD kit (suite `crd_server`, CRD 2.0.1) check, done again without its
Java validator against a running service, with five scenarios and two orders of other kinds, each with a
Coverage of the guideline's publisher. Where the kit validates against a profile, only the elements that the
profile requires are looked for. Written by `python -m tests.contract.crd_page --write`; a test keeps it
current.

Modes: **spec** is `CDS_DIALECT=spec`; **advisor** is `CDS_DIALECT=crd`, which states no coverage; **payer**
is `CDS_DIALECT=crd CDS_ROLE=payer`, which states what `cards/dialects/plan.toml` says. Without
`CDS_DIALECT` a request with a `davinci-crd.` extension is answered as in *advisor*. A skipped check found
nothing to look at.

What is decided where the guide leaves it open:

- Without `davinci-crd.requestedVersion` 2.0 is spoken; 2.1 and 2.2 are on request, another version is
  refused (400).
- Coverage is stated only for EMG and nerve conduction orders, on order-sign, and only where exactly one
  Coverage in force is in question: the one that the order's `insurance` names, else the only one; for a
  payer, the only one of a payer that `payers.toml` gives to the plan. Otherwise nothing is stated, and
  never `not-covered` because data are missing. In 2.1 and 2.2 a payer refuses such a request (400), as the
  guide demands.
- An advisor says `conditional` in 2.0 and 2.1, and from 2.2 on, where there is a code for it,
  `indeterminate`; `conditional` is then left for an order whose code is in question.
- `systemActions` is there in every version when orders are signed, as `[]` where there is nothing to state:
  the kit wants a list, and no version forbids an empty one.
- A statement that the order already carries is not repeated; our own older one is replaced. An advisor adds
  nothing where another service has made a statement about that Coverage; a payer replaces it. Nobody touches
  a granted authorization (`satisfied`, `satisfied-pa-id`), or several statements about one Coverage.
- The assertion id is the same for the same server, patient, order and Coverage on any day.
- In the role of the payer a card names the insurer as its source only for the insurer's own members, and does
  not call itself no coverage decision beside a statement about its orders.
- Several `ext-billing-options` of an order are a choice: its code is corrected only if no option fits.
- A suggestion that is no single `update`, no `delete` with `create` and not only `create` becomes
  instructions in words. Corrections of reasons on several orders become one suggestion for each order, to
  be taken together.
- A code correction has the card type `claim`, the nearest there is.
"""


def collect(server: Server) -> Evidence:
    """Everything the kit would ask the server."""
    discovery = server.send("GET", "/cds-services", headers=TOKEN)
    services = {hook: service for service, hook in HOOKS.items()}
    exchanges = {
        hook: tuple(_post(server, services[hook], body) for body in bodies(hook))
        for hook in ("order-select", "order-sign")
    }
    return Evidence(discovery.status, discovery.json, exchanges)


def outcome(check: Check, evidence: Evidence) -> tuple[str, str]:
    """``pass``, ``fail`` or ``skip``, and why."""
    try:
        faults = check.faults(evidence)
    except Skip as skip:
        return "skip", str(skip)
    return ("fail", "; ".join(faults)) if faults else ("pass", "")


def page(evidence: Mapping[str, Evidence]) -> str:
    """The page in Markdown."""
    return "\n".join(_lines(evidence))


def _lines(evidence: Mapping[str, Evidence]) -> Iterator[str]:
    yield INTRO
    yield f"| check | of the kit | required | {' | '.join(MODES)} | why not |"
    yield f"| --- | --- | --- |{' --- |' * len(MODES)} --- |"
    for check in CHECKS:
        found = [outcome(check, evidence[mode]) for mode in MODES]
        words = " | ".join(word for word, _ in found)
        why = "; ".join(dict.fromkeys(why for _, why in found if why))
        required = "yes" if check.required else "no"
        yield f"| {check.number} | {check.name} | {required} | {words} | {why} |"
    yield ""


def _post(server: Server, service: str, body: object) -> Exchange:
    reply = server.hook(service, body, TOKEN)
    said = reply.json if reply.headers["content-type"] == "application/json" else None
    return Exchange(body, reply.status, said)  # type: ignore[arg-type]


def _run() -> dict[str, Evidence]:
    found = {}
    for mode, environ in MODES.items():
        server = start(**environ)
        try:
            found[mode] = collect(server)
        finally:
            stop(server)
    return found


def main() -> None:
    text = page(_run())
    if sys.argv[1:] == ["--write"]:
        roots = Roots.default()
        (roots.fhir_fixtures / FILE).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
