"""What an operator is told about a registry that loads but deserves a second look."""

from __future__ import annotations

from pathlib import Path

import pytest

from cds_service.auth.describe import PUBLISHED_KEYS, remarks
from cds_service.auth.registry import load
from tests.unit.auth import jwks_server
from tests.unit.auth.tokens import BASE, jwk, jwks, registry, written

SERVER = 'fhir_servers = ["https://fhir.example.org/r4"]'


def told(trusted: object, base_url: str = BASE, **how: bool) -> list[tuple[str, str]]:
    return [(remark.level, str(remark)) for remark in remarks(trusted, base_url, **how)]  # type: ignore[arg-type]


def test_a_sound_registry_needs_no_words(tmp_path: Path) -> None:
    assert told(registry(tmp_path, SERVER)) == []


def test_a_published_private_key_is_a_failure(tmp_path: Path) -> None:
    keys = [jwk("p384", kid=min(PUBLISHED_KEYS))]
    ((level, words),) = told(registry(tmp_path, SERVER, keys={"keys": keys}))
    assert level == "fail"
    assert "its private key is published" in words


@pytest.mark.parametrize(
    ("lines", "base_url", "words"),
    [
        ((), BASE, "has no fhir_servers"),
        ((SERVER, 'audience_exact = ["urn:emg"]'), BASE, "audience_exact accepts one token at every path"),
        ((SERVER, 'jku = ["http://localhost:1/k"]'), BASE, "http://localhost:1/k is plain http"),
        ((SERVER,), "http://cds.example.org", "calls us at http://cds.example.org, plain http"),
        ((SERVER, 'audience = ["http://a.lan"]'), BASE, "calls us at http://a.lan, plain http"),
    ],
)
def test_what_deserves_a_second_look_is_a_warning(
    lines: tuple[str, ...], base_url: str, words: str, tmp_path: Path
) -> None:
    ((level, said),) = told(registry(tmp_path, *lines), base_url)
    assert level == "warn"
    assert said.startswith("Example hospital: ")
    assert words in said


def test_a_key_set_aside_is_named(tmp_path: Path) -> None:
    trusted = registry(tmp_path, SERVER, keys=jwks("p384", "p256"))
    ((level, words),) = told(trusted)
    assert (level, "keys[1] (p256)" in words) == ("warn", True)


def test_this_machine_may_be_called_by_http(tmp_path: Path) -> None:
    assert told(registry(tmp_path, SERVER), "http://127.0.0.1:8080") == []


ASKED = {
    "works": (jwks_server.keys(jwks("p384")), ""),
    "is gone": (jwks_server.status(404), "status 404; "),
    "redirects": (jwks_server.redirect("/elsewhere"), "status 302, and redirects are not followed; "),
    "is no JSON": (jwks_server.raw(b"<html>"), "the answer is not JSON; "),
    "is no key set": (jwks_server.keys(7), 'is no JWK Set (an object with a list "keys"); '),
    "has no key of use": (jwks_server.keys(jwks("p256")), "holds no key for ES384, RS384; "),
    "has a bad key too": (jwks_server.keys(jwks("p384", "p256")), "set aside keys[1] (p256)"),
}


@pytest.mark.parametrize(("answer", "words"), ASKED.values(), ids=list(ASKED))
def test_servers_of_keys_are_asked_when_told_to(
    answer: jwks_server.Answer, words: str, tmp_path: Path
) -> None:
    with jwks_server.running() as server:
        server.answers["/jwks.json"] = answer
        trusted = load(written(tmp_path, SERVER, f'jku = ["{server.url()}"]'))
        plain = told(trusted)
        assert not server.asked
        more = [said for _, said in told(trusted, ask=True) if (_, said) not in plain]
    assert len(more) == bool(words)
    assert all(f"{server.url()}: {words}" in said for said in more)


def test_a_server_that_is_gone_is_named(tmp_path: Path) -> None:
    with jwks_server.running() as gone:
        url = gone.url()
    trusted = load(written(tmp_path, SERVER, f'jku = ["{url}"]'))
    (words,) = [words for level, words in told(trusted, ask=True) if level == "fail"]
    assert words.startswith(f"Example hospital: {url}: no connection, or it broke off; check the URL")
