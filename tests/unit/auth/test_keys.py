"""Keys behind a jku, from a real server on loopback that rotates, fails, hangs, lies and redirects."""

from __future__ import annotations

import itertools
import json
import multiprocessing
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cds_service.auth.download import DownloadError, Limits, download
from cds_service.auth.key_set import KeySet, key_set
from cds_service.auth.keys import ClientKeys, fetched
from cds_service.auth.registry import load
from cds_service.auth.remote_keys import MOST_DOWNLOADS, RemoteKeys, Renewal
from cds_service.auth.replay import MemoryReplayGuard
from cds_service.auth.verify import Verifier
from cds_service.errors import AuthenticationError
from tests.unit.auth import jwks_server
from tests.unit.auth.jwks_server import Answer, JwksServer
from tests.unit.auth.tokens import (
    BASE,
    ISSUER,
    NOW,
    PATH,
    claims,
    header,
    jwk,
    jwks,
    registry,
    token,
    written,
)

LIMITS = Limits(connect=0.3, read=0.3, total=0.5, size=64 * 1024)
PATIENT = Limits(connect=5, read=5, total=10, size=64 * 1024)
ALGORITHMS = ("ES384", "RS384")


@pytest.fixture
def server() -> Iterator[JwksServer]:
    with jwks_server.running() as server:
        server.answers["/jwks.json"] = jwks_server.keys(jwks("p384"))
        yield server


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Source:
    """Remote keys with a clock of ours; only the network is in real time."""

    server: JwksServer
    limits: Limits = PATIENT
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        url = self.server.url()
        renewal = Renewal(kept=600, stale=3600, pause=30, retry=5, limits=self.limits)
        self.keys = RemoteKeys(url, partial(fetched, url, ALGORITHMS, self.limits), renewal, self.clock)

    def has(self, kid: str) -> bool | None:
        """Whether the key is there; ``None`` when keys cannot be had."""
        found = self.keys.for_kid(kid)
        return None if found is None else kid in found.kids

    @property
    def downloads(self) -> int:
        return self.server.asked["/jwks.json"]


def client_keys(folder: Path, *jku: str, limits: Limits = LIMITS) -> ClientKeys:
    listed = ", ".join(f'"{url}"' for url in jku)
    trusted = load(written(folder, f"jku = [{listed}]"))
    return ClientKeys(next(iter(trusted.clients.values())), Renewal(limits=limits))


def reason(keys: ClientKeys, kid: str = "p384", jku: str | None = None) -> str:
    try:
        keys.find(kid, "ES384", jku)
    except AuthenticationError as error:
        return error.reason
    return ""


GOOD_ANSWERS: dict[str, Any] = {
    "a JWK Set": lambda: jwks_server.keys(jwks("p384")),
    "in chunks": lambda: jwks_server.chunked(jwks("p384")),
    "with any media type": lambda: jwks_server.keys(jwks("p384"), Content_Type="text/html"),
    "a bare list": lambda: jwks_server.keys([jwk("p384")]),
    "as the Da Vinci request generator has it": lambda: jwks_server.keys(
        [{"id": "p384", "pem": {k: v for k, v in jwk("p384").items() if k != "kid"}}]
    ),
    "beside keys that cannot be used": lambda: jwks_server.keys(
        {"keys": [7, {}, {"kty": "oct", "kid": "s", "k": "c2VjcmV0"}, jwk("p256"), jwk("p384")]}
    ),
}


@pytest.mark.parametrize("answer", GOOD_ANSWERS.values(), ids=list(GOOD_ANSWERS))
def test_keys_come_from_the_listed_url(answer: Any, server: JwksServer, tmp_path: Path) -> None:
    server.answers["/jwks.json"] = answer()
    assert reason(client_keys(tmp_path, server.url(), limits=PATIENT)) == ""


BAD_ANSWERS: dict[str, Answer] = {
    "hangs": jwks_server.hang,
    "drips headers": jwks_server.drip_headers,
    "drips its body": jwks_server.drip_body,
    "drips chunks": jwks_server.drip_chunks,
    "breaks off": jwks_server.break_off,
    "speaks no HTTP": jwks_server.not_http,
    "is huge": jwks_server.raw(b" " * 200_000 + json.dumps(jwks("p384")).encode()),
    "is not JSON": jwks_server.raw(b"<html>sign in</html>"),
    "is no text": jwks_server.raw(b"\xff\xfe\x00"),
    "is nested beyond reason": jwks_server.raw(b"[" * 60_000),
    "is a number": jwks_server.keys(7),
    "has no keys": jwks_server.keys({"keys": []}),
    "has keys that are no list": jwks_server.keys({"keys": {"a": 1}}),
    "has 101 keys": jwks_server.keys({"keys": [{}] * 100 + [jwk("p384")]}),
    "is zipped, though nobody asked for it": jwks_server.zipped(jwks("p384")),
    "is an error": jwks_server.status(500),
    "is not found": jwks_server.status(404),
    "is empty": jwks_server.status(204),
}


@pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=list(BAD_ANSWERS))
def test_a_server_that_fails_makes_keys_unavailable_and_holds_nobody_up(
    answer: Answer, server: JwksServer, tmp_path: Path
) -> None:
    server.answers["/jwks.json"] = answer
    assert bounded(lambda: reason(client_keys(tmp_path, server.url()))) == "keys-unavailable"
    assert server.asked.total() <= 1


@pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=list(BAD_ANSWERS))
def test_old_keys_serve_while_their_server_fails(answer: Answer, server: JwksServer) -> None:
    source = Source(server, LIMITS)
    while not source.has("p384"):  # the limits are tight and the machine may be busy
        source.clock.now += 10
    server.answers["/jwks.json"] = answer
    source.clock.now += 700
    assert bounded(lambda: source.has("p384")) is True
    assert bounded(lambda: source.has("rotated")) is None


def bounded(call: Any) -> Any:
    """The result of a call that must come back although the server never will."""
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(call()), daemon=True)
    thread.start()
    thread.join(20)
    assert results, "the call hangs with its server"
    return results[0]


def test_a_server_that_is_gone_makes_keys_unavailable(tmp_path: Path) -> None:
    with jwks_server.running() as gone:
        url = gone.url()
    assert reason(client_keys(tmp_path, url)) == "keys-unavailable"


def test_redirects_are_not_followed(server: JwksServer, tmp_path: Path) -> None:
    server.answers["/elsewhere"] = jwks_server.keys(jwks("p384"))
    server.answers["/jwks.json"] = jwks_server.redirect(server.url("/elsewhere"))
    assert reason(client_keys(tmp_path, server.url())) == "keys-unavailable"
    assert server.asked == {"/jwks.json": 1}


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "ALL_PROXY"])
def test_proxies_of_the_environment_are_not_used(
    variable: str, server: JwksServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with jwks_server.running() as proxy:
        monkeypatch.setenv(variable, proxy.url(""))
        monkeypatch.setenv("no_proxy", "")
        assert reason(client_keys(tmp_path, server.url(), limits=PATIENT)) == ""
        assert not proxy.asked


@pytest.mark.parametrize(
    "suffix", ["/other.json", "/jwks.json?x=1", "/JWKS.json", "/jwks.json/", "/x/../jwks.json"]
)
def test_a_jku_that_is_not_listed_is_refused_and_never_fetched(
    suffix: str, server: JwksServer, tmp_path: Path
) -> None:
    server.answers[suffix] = jwks_server.keys(jwks("p384"))
    assert reason(client_keys(tmp_path, server.url()), jku=server.url(suffix)) == "jku-not-listed"
    assert not server.asked


def test_the_jku_of_the_token_picks_among_the_listed_ones(server: JwksServer, tmp_path: Path) -> None:
    server.answers["/b"] = jwks_server.keys(jwks("p384-other"))
    keys = client_keys(tmp_path, server.url(), server.url("/b"), limits=PATIENT)
    assert reason(keys, "p384", server.url()) == ""
    assert reason(keys, "p384", server.url("/b")) == "unknown-key"
    assert reason(keys, "p384-other", None) == ""


def test_static_keys_need_no_server(server: JwksServer, tmp_path: Path) -> None:
    trusted = registry(tmp_path, f'jku = ["{server.url()}"]', keys=jwks("p384"))
    keys = ClientKeys(next(iter(trusted.clients.values())), Renewal(limits=PATIENT))
    assert reason(keys, jku=server.url()) == ""
    assert not server.asked


def test_keys_are_fetched_once_for_many_calls(server: JwksServer) -> None:
    source = Source(server)
    assert all(source.has("p384") for _ in range(20))
    assert source.downloads == 1


def test_threads_that_come_together_share_one_download(server: JwksServer) -> None:
    source = Source(server)
    results: list[bool | None] = []
    threads = [threading.Thread(target=lambda: results.append(source.has("p384"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert results == [True] * 8
    assert source.downloads == 1


def test_a_rotated_key_is_found_at_once(server: JwksServer) -> None:
    source = Source(server)
    assert source.has("p384")
    server.answers["/jwks.json"] = jwks_server.keys(jwks("p384", "p384-other"))
    assert source.has("p384-other")
    assert source.downloads == 2


def test_unknown_kids_cost_one_download_per_pause(server: JwksServer) -> None:
    source = Source(server)
    assert source.has("p384")
    assert not any(source.has(f"bogus-{number}") for number in range(20))
    assert source.downloads == 2
    source.clock.now += 31
    assert not any(source.has(f"bogus-{number}") for number in range(20))
    assert source.downloads == 3


def test_a_withdrawn_key_serves_no_longer_than_keys_are_kept(server: JwksServer) -> None:
    source = Source(server)
    assert source.has("p384")
    server.answers["/jwks.json"] = jwks_server.keys(jwks("p384-other"))
    source.clock.now += 601
    assert source.has("p384") is False


def test_keys_half_way_through_their_time_are_renewed_while_they_serve(server: JwksServer) -> None:
    source = Source(server, LIMITS)
    while not source.has("p384"):
        source.clock.now += 10
    server.answers["/jwks.json"] = jwks_server.hang
    before = source.downloads
    source.clock.now += 301
    assert source.has("p384")
    eventually(lambda: source.downloads == before + 1)


def eventually(holds: Any) -> None:
    for _ in range(1000):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("it did not come about")


def test_old_keys_end_when_their_server_fails_for_too_long(server: JwksServer) -> None:
    source = Source(server)
    assert source.has("p384")
    server.answers["/jwks.json"] = jwks_server.status(500)
    source.clock.now += 600 + 3599
    assert source.has("p384") is True
    source.clock.now += 1
    assert source.has("p384") is None


def test_nobody_waits_for_a_server_known_to_fail_while_old_keys_serve(server: JwksServer) -> None:
    source = Source(server, Limits(connect=60, read=60, total=60))
    assert source.has("p384")
    server.answers["/jwks.json"] = jwks_server.status(500)
    source.clock.now += 700
    assert source.has("p384")
    server.answers["/jwks.json"] = jwks_server.hang
    source.clock.now += 100
    assert bounded(lambda: source.has("p384")) is True
    eventually(lambda: source.downloads == 3)


def test_a_failing_server_is_left_alone_for_a_while(server: JwksServer) -> None:
    source = Source(server)
    server.answers["/jwks.json"] = jwks_server.status(500)
    assert [source.has("p384") for _ in range(10)] == [None] * 10
    assert source.downloads == 1
    server.answers["/jwks.json"] = jwks_server.keys(jwks("p384"))
    source.clock.now += 6
    assert source.has("p384") is True


def test_a_server_that_never_ends_does_not_gather_threads(server: JwksServer) -> None:
    server.answers["/jwks.json"] = jwks_server.drip_headers
    source = Source(server, Limits(connect=5, read=5, total=0.05))
    for _ in range(20):
        assert source.has("p384") is None
        source.clock.now += 100
    eventually(lambda: source.downloads == MOST_DOWNLOADS)
    assert downloading() <= MOST_DOWNLOADS
    server.released.set()
    server.answers["/jwks.json"] = jwks_server.keys(jwks("p384"))
    eventually(lambda: advance(source) and source.has("p384"))


def downloading() -> int:
    return sum(thread.name == "jwks" for thread in threading.enumerate())


def test_an_answer_that_comes_too_late_does_not_replace_newer_keys() -> None:
    released, turns, clock = threading.Event(), itertools.count(), Clock()

    def fetch() -> KeySet:
        if next(turns):
            return key_set(jwks("p384"), ALGORITHMS)
        released.wait(20)
        return key_set(jwks("p384-other"), ALGORITHMS)

    keys = RemoteKeys("", fetch, Renewal(limits=Limits(total=0.05)), clock)
    assert keys.for_kid("p384") is None
    clock.now += 100
    eventually(lambda: keys.for_kid("p384"))
    released.set()
    eventually(lambda: not downloading())
    found = keys.for_kid("p384-other")
    assert found is not None
    assert found.kids == {"p384"}


def advance(source: Source) -> bool:
    source.clock.now += 100
    return True


@pytest.mark.parametrize("answer", [jwks_server.hang, jwks_server.drip_body, jwks_server.drip_chunks])
def test_a_download_ends_by_itself_when_its_time_is_up(answer: Answer, server: JwksServer) -> None:
    server.answers["/jwks.json"] = answer
    assert bounded(lambda: fault(server.url())) == "no answer in time"


def fault(url: str) -> str:
    try:
        download(url, LIMITS)
    except DownloadError as error:
        return str(error)
    return ""


def test_tokens_are_checked_with_keys_behind_their_jku(server: JwksServer, tmp_path: Path) -> None:
    checked = verifier(tmp_path, server.url())
    assert refusal(checked, key="p384", jku=server.url()) == ("", ISSUER)
    assert refusal(checked, key="p384", jku=None) == ("", ISSUER)
    assert refusal(checked, key="p384", jku=server.url("/evil")) == ("jku-not-listed", ISSUER)
    server.answers["/jwks.json"] = jwks_server.keys(jwks("p384-other"))
    assert refusal(checked, key="p384-other", jku=server.url()) == ("", ISSUER)
    assert refusal(checked, key="p384", jku=server.url()) == ("unknown-key", ISSUER)
    assert refusal(checked, key="p384-other", kid="bogus", jku=server.url()) == ("unknown-key", ISSUER)
    assert server.asked == {"/jwks.json": 2}


def test_keys_can_be_there_before_the_first_caller(server: JwksServer, tmp_path: Path) -> None:
    checked = verifier(tmp_path, server.url())
    checked.prepare()
    eventually(lambda: server.asked.total() == 1)
    assert refusal(checked, key="p384", jku=server.url()) == ("", ISSUER)
    checked.prepare()
    eventually(lambda: not downloading())
    assert server.asked.total() == 1


def test_a_verifier_made_before_a_fork_fetches_keys_after_it(server: JwksServer, tmp_path: Path) -> None:
    checked = verifier(tmp_path, server.url())

    def call() -> None:
        raise SystemExit(0 if refusal(checked, key="p384", jku=server.url()) == ("", ISSUER) else 1)

    workers = [multiprocessing.get_context("fork").Process(target=call) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert server.asked == {"/jwks.json": 2}


def verifier(folder: Path, jku: str) -> Verifier:
    trusted = load(written(folder, f'jku = ["{jku}"]'))
    guard = MemoryReplayGuard(clock=lambda: NOW)
    return Verifier(trusted, BASE, guard, clock=lambda: NOW, renewal=Renewal(limits=PATIENT))


def refusal(checked: Verifier, *, key: str, jku: str | None, kid: str = "") -> tuple[str, str]:
    head = header(kid=kid or key, jku=jku)
    try:
        body = claims(jti=str(uuid.uuid4()))
        return "", checked.caller(f"Bearer {token(key, head, body)}", PATH).issuer
    except AuthenticationError as error:
        return error.reason, error.issuer
