"""The JWT matrix: every way a token can be wrong has its own word, and only a good one comes through."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from cds_service.auth.reasons import Reason
from cds_service.auth.registry import Registry
from cds_service.auth.replay import MemoryReplayGuard
from cds_service.auth.verify import Verifier
from cds_service.core.caller import Caller, FhirServer
from cds_service.errors import AuthenticationError
from tests.unit.auth.tokens import (
    BASE,
    ISSUER,
    NOW,
    PATH,
    claims,
    header,
    jwk,
    part,
    private,
    registry,
    token,
    token_by_hmac,
)


def verifier(trusted: Registry, base_url: str = BASE, now: float = NOW) -> Verifier:
    return Verifier(trusted, base_url, MemoryReplayGuard(clock=lambda: now), clock=lambda: now)


def outcome(trusted: Registry, authorization: str | None, path: str = PATH) -> str:
    """The reason of refusal, or "" for a caller that came through."""
    try:
        verifier(trusted).caller(authorization, path)
    except AuthenticationError as error:
        return error.reason
    return ""


def bearer(**changes: Any) -> str:
    return f"Bearer {token(body=claims(**changes))}"


def headed(**changes: Any) -> str:
    return f"Bearer {token(head=header(**changes))}"


GOOD: dict[str, Callable[[], str]] = {
    "as the sandbox sends it": bearer,
    "with RS384": lambda: f"Bearer {token('rsa', header(alg='RS384', kid='rsa'))}",
    "with the scheme in lower case": lambda: bearer().replace("Bearer", "bearer"),
    "with two spaces after the scheme": lambda: bearer().replace("Bearer", "Bearer "),
    "with aud as an array": lambda: bearer(aud=["https://other.example.org", BASE + PATH]),
    "with a slash at the end of aud": lambda: bearer(aud=f"{BASE}{PATH}/"),
    "with a doubled slash in aud": lambda: bearer(aud=f"{BASE}//cds-services//order-sign-advice"),
    "with the default port in aud": lambda: bearer(aud=f"https://cds.example.org:443{PATH}"),
    "with the host of aud in capitals": lambda: bearer(aud=f"HTTPS://CDS.Example.org{PATH}"),
    "with typ in lower case": lambda: headed(typ="jwt"),
    "with typ as a media type": lambda: headed(typ="application/jwt"),
    "without typ": lambda: headed(typ=None),
    "without jku": lambda: headed(jku=None),
    "with a jku nobody listed, as the keys are static": lambda: headed(jku="https://evil.example.com/k"),
    "with iat half a second ahead, as the sandbox rounds": lambda: bearer(iat=NOW + 0.5),
    "with iat and nbf ahead by the leeway": lambda: bearer(iat=NOW + 60, nbf=NOW + 60),
    "with nbf five minutes before iat, as Epic sends": lambda: bearer(nbf=NOW - 300),
    "expired within the leeway": lambda: bearer(iat=NOW - 300, exp=NOW - 59),
    "with an hour to live": lambda: bearer(exp=NOW + 3600),
    "with a tenant, as the registry asks for none": lambda: bearer(tenant="north"),
    "with a jti of 128 characters": lambda: bearer(jti="j" * 128),
    "with claims and header members we do not know": lambda: (
        f"Bearer {token(head=header(x='y'), body=claims(sub='cds', x={'y': [1]}))}"
    ),
}


@pytest.mark.parametrize("make", GOOD.values(), ids=list(GOOD))
def test_a_good_token_comes_through(make: Callable[[], str], tmp_path: Path) -> None:
    assert outcome(registry(tmp_path), make()) == ""


def public_pem() -> bytes:
    return (
        private("rsa")
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def altered(text: str) -> str:
    """The same signature over another tenant."""
    head, _, signature = text.split(".")
    return f"Bearer {head}.{part(claims(tenant='another'))}.{signature}"


BAD: dict[str, tuple[Callable[[], str | None], Reason]] = {
    "no header": (lambda: None, Reason.MISSING),
    "an empty header": (lambda: "  ", Reason.MISSING),
    "Basic": (lambda: "Basic dXNlcjpwYXNz", Reason.NOT_BEARER),
    "a token without a scheme": (token, Reason.NOT_BEARER),
    "a scheme without a token": (lambda: "Bearer", Reason.MALFORMED),
    "two headers joined": (lambda: f"{bearer()}, {bearer()}", Reason.MALFORMED),
    "words": (lambda: "Bearer not-a-token", Reason.MALFORMED),
    "two parts": (lambda: f"Bearer {token().rpartition('.')[0]}", Reason.MALFORMED),
    "five parts, an encrypted token": (lambda: f"Bearer {token()}.x.y", Reason.MALFORMED),
    "padding": (lambda: f"Bearer ={token()}", Reason.MALFORMED),
    "letters beyond ASCII": (lambda: "Bearer ü.ü.ü", Reason.MALFORMED),
    "17 KiB": (lambda: bearer(filler="x" * 17 * 1024), Reason.MALFORMED),
    "a header that is not JSON": (lambda: f"Bearer {token(head=b'{')}", Reason.MALFORMED),
    "a header that is a list": (lambda: f"Bearer {token(head=[1])}", Reason.MALFORMED),
    "a payload that is not JSON": (lambda: f"Bearer {token(body=b'{')}", Reason.MALFORMED),
    "a payload that is a list": (lambda: f"Bearer {token(body=[1])}", Reason.MALFORMED),
    "a payload nested beyond reason": (lambda: f"Bearer {token(body=b'[' * 9000)}", Reason.MALFORMED),
    "a number of 5000 digits": (lambda: f"Bearer {token(body=b'1' * 5000)}", Reason.MALFORMED),
    "a kid that is a number": (lambda: headed(kid=1), Reason.MALFORMED),
    "a jku that is a list": (lambda: headed(jku=["x"]), Reason.MALFORMED),
    "an extension we must know": (lambda: headed(crit=["x"], x=1), Reason.MALFORMED),
    "a detached payload": (lambda: headed(crit=["b64"], b64=False), Reason.MALFORMED),
    "alg none": (lambda: f"Bearer {part(header(alg='none'))}.{part(claims())}.", Reason.ALGORITHM),
    "alg None": (lambda: f"Bearer {part(header(alg='None'))}.{part(claims())}.", Reason.ALGORITHM),
    "no alg": (lambda: headed(alg=None), Reason.ALGORITHM),
    "alg a list": (lambda: headed(alg=["ES384"]), Reason.ALGORITHM),
    "alg an object": (lambda: headed(alg={"a": "ES384"}), Reason.ALGORITHM),
    "HS256 with a public key as secret": (
        lambda: f"Bearer {token_by_hmac(public_pem())}",
        Reason.ALGORITHM,
    ),
    "RS256, which the client may not use": (
        lambda: f"Bearer {token('rsa', header(alg='RS256', kid='rsa'), sign_as='RS256')}",
        Reason.ALGORITHM,
    ),
    "an access token": (lambda: headed(typ="at+jwt"), Reason.TYPE),
    "a typ that is a number": (lambda: headed(typ=1), Reason.TYPE),
    "no iss": (lambda: bearer(iss=None), Reason.UNKNOWN_ISSUER),
    "an unlisted iss": (lambda: bearer(iss="https://evil.example.com"), Reason.UNKNOWN_ISSUER),
    "iss with a slash more": (lambda: bearer(iss=f"{ISSUER}/"), Reason.UNKNOWN_ISSUER),
    "iss a list": (lambda: bearer(iss=[ISSUER]), Reason.UNKNOWN_ISSUER),
    "iss an object": (lambda: bearer(iss={"a": 1}), Reason.UNKNOWN_ISSUER),
    "no kid": (lambda: headed(kid=None), Reason.NO_KEY_ID),
    "an empty kid": (lambda: headed(kid=""), Reason.NO_KEY_ID),
    "an unknown kid": (lambda: headed(kid="rotated"), Reason.UNKNOWN_KEY),
    "an RSA kid for ES384": (lambda: headed(kid="rsa"), Reason.KEY_MISMATCH),
    "another key's signature": (lambda: f"Bearer {token('p384-other')}", Reason.SIGNATURE),
    "no signature": (lambda: f"Bearer {token().rpartition('.')[0]}.", Reason.SIGNATURE),
    "a payload changed afterwards": (lambda: altered(token()), Reason.SIGNATURE),
    "a key of its own in the header": (
        lambda: f"Bearer {token('p384-other', header(jwk=jwk('p384-other')))}",
        Reason.SIGNATURE,
    ),
    "no aud": (lambda: bearer(aud=None), Reason.MISSING_CLAIM),
    "no exp": (lambda: bearer(exp=None), Reason.MISSING_CLAIM),
    "no iat": (lambda: bearer(iat=None), Reason.MISSING_CLAIM),
    "no jti": (lambda: bearer(jti=None), Reason.MISSING_CLAIM),
    "jti null": (lambda: f"Bearer {token(body={**claims(), 'jti': None})}", Reason.MISSING_CLAIM),
    "an empty jti": (lambda: bearer(jti=""), Reason.MALFORMED_CLAIM),
    "a jti that is a number": (lambda: bearer(jti=7), Reason.MALFORMED_CLAIM),
    "a jti with a line break": (lambda: bearer(jti="a\nb"), Reason.MALFORMED_CLAIM),
    "a jti with half a character": (lambda: bearer(jti="\ud800"), Reason.MALFORMED_CLAIM),
    "a jti of 2000 characters": (lambda: bearer(jti="j" * 2000), Reason.MALFORMED_CLAIM),
    "aud a number": (lambda: bearer(aud=1), Reason.MALFORMED_CLAIM),
    "aud an empty list": (lambda: bearer(aud=[]), Reason.MALFORMED_CLAIM),
    "aud with an object in it": (lambda: bearer(aud=[BASE + PATH, {}]), Reason.MALFORMED_CLAIM),
    "exp a text": (lambda: bearer(exp=str(NOW + 300)), Reason.MALFORMED_CLAIM),
    "exp true": (lambda: bearer(exp=True), Reason.MALFORMED_CLAIM),
    "exp NaN": (lambda: bearer(exp=float("nan")), Reason.MALFORMED_CLAIM),
    "exp infinite": (lambda: bearer(exp=float("inf")), Reason.MALFORMED_CLAIM),
    "exp of 400 digits": (lambda: bearer(exp=10**400), Reason.MALFORMED_CLAIM),
    "exp negative": (lambda: bearer(exp=-1), Reason.MALFORMED_CLAIM),
    "nbf a text": (lambda: bearer(nbf="now"), Reason.MALFORMED_CLAIM),
    "tenant a list": (lambda: bearer(tenant=["north"]), Reason.MALFORMED_CLAIM),
    "aud of another service": (lambda: bearer(aud=f"{BASE}/cds-services/other"), Reason.AUDIENCE),
    "aud of discovery": (lambda: bearer(aud=f"{BASE}/cds-services"), Reason.AUDIENCE),
    "aud the base alone": (lambda: bearer(aud=BASE), Reason.AUDIENCE),
    "aud of another host": (lambda: bearer(aud=f"https://evil.example.com{PATH}"), Reason.AUDIENCE),
    "aud of another port": (lambda: bearer(aud=f"https://cds.example.org:8443{PATH}"), Reason.AUDIENCE),
    "aud by http": (lambda: bearer(aud=f"http://cds.example.org{PATH}"), Reason.AUDIENCE),
    "aud with our URL as user": (lambda: bearer(aud=f"https://cds.example.org@evil{PATH}"), Reason.AUDIENCE),
    "aud with a query": (lambda: bearer(aud=f"{BASE}{PATH}?x"), Reason.AUDIENCE),
    "aud with an impossible port": (lambda: bearer(aud=f"https://cds.example.org:x{PATH}"), Reason.AUDIENCE),
    "iat beyond the leeway": (lambda: bearer(iat=NOW + 61), Reason.ISSUED_IN_FUTURE),
    "nbf beyond the leeway": (lambda: bearer(nbf=NOW + 61), Reason.NOT_YET_VALID),
    "expired": (lambda: bearer(iat=NOW - 300, exp=NOW - 60), Reason.EXPIRED),
    "expired a year ago": (lambda: bearer(iat=1, exp=301), Reason.EXPIRED),
    "a day to live": (lambda: bearer(exp=NOW + 86_400), Reason.LIFETIME),
    "iat years back": (lambda: bearer(iat=0), Reason.LIFETIME),
    "exp before iat": (lambda: bearer(iat=NOW + 30, exp=NOW + 20), Reason.LIFETIME),
}


@pytest.mark.parametrize(("make", "reason"), BAD.values(), ids=list(BAD))
def test_a_bad_token_is_refused_with_its_reason(
    make: Callable[[], str | None], reason: Reason, tmp_path: Path
) -> None:
    assert outcome(registry(tmp_path), make()) == reason


BY_REGISTRY: dict[str, tuple[str, Callable[[], str], str]] = {
    "RS256 by explicit choice": (
        'algorithms = ["RS256"]',
        lambda: f"Bearer {token('rsa', header(alg='RS256', kid='rsa'), sign_as='RS256')}",
        "",
    ),
    "ES384 where only RS384 is chosen": ('algorithms = ["RS384"]', bearer, "algorithm"),
    "PS384 by explicit choice": (
        'algorithms = ["PS384"]',
        lambda: f"Bearer {token('rsa', header(alg='PS384', kid='rsa'), sign_as='PS384')}",
        "",
    ),
    "a listed tenant": ('tenants = ["north"]', lambda: bearer(tenant="north"), ""),
    "another tenant": ('tenants = ["north"]', lambda: bearer(tenant="south"), "tenant"),
    "no tenant where some are listed": ('tenants = ["north"]', bearer, "tenant"),
    "another base URL, listed": (
        'audience = ["https://cds.internal.example.org/emg/"]',
        lambda: bearer(aud=f"https://cds.internal.example.org/emg{PATH}"),
        "",
    ),
    "the public base URL beside a listed one": ('audience = ["https://a.example.org"]', bearer, ""),
    "a fixed audience": ('audience_exact = ["urn:emg"]', lambda: bearer(aud="urn:emg"), ""),
    "a day to live, allowed": ("max_lifetime = 86400", lambda: bearer(exp=NOW + 86_400), ""),
    "a shorter life": ("max_lifetime = 60", bearer, "lifetime"),
    "no leeway": ("leeway = 0", lambda: bearer(iat=NOW + 1), "issued-in-future"),
}


@pytest.mark.parametrize(("line", "make", "reason"), BY_REGISTRY.values(), ids=list(BY_REGISTRY))
def test_the_registry_widens_and_narrows(
    line: str, make: Callable[[], str], reason: str, tmp_path: Path
) -> None:
    assert outcome(registry(tmp_path, line), make()) == reason


PATHS = {
    "discovery": ("/cds-services", "/cds-services", ""),
    "discovery called with a slash": ("/cds-services/", "/cds-services", ""),
    "a service called with doubled slashes": ("//cds-services//a", "/cds-services/a", ""),
    "feedback with its own URL": ("/cds-services/a/feedback", "/cds-services/a/feedback", ""),
    "feedback with the URL of the service": ("/cds-services/a/feedback", "/cds-services/a", ""),
    "feedback with the URL of another service": (
        "/cds-services/a/feedback",
        "/cds-services/b",
        "audience",
    ),
    "a service with the URL of its feedback": ("/cds-services/a", "/cds-services/a/feedback", "audience"),
}


@pytest.mark.parametrize(("called", "audience", "reason"), PATHS.values(), ids=list(PATHS))
def test_the_audience_is_the_url_called(called: str, audience: str, reason: str, tmp_path: Path) -> None:
    assert outcome(registry(tmp_path), bearer(aud=BASE + audience), called) == reason


def test_a_base_url_with_a_path_and_a_slash_counts_as_it_is(tmp_path: Path) -> None:
    checked = verifier(registry(tmp_path), "https://host.example.org:8443/emg/")
    assert checked.caller(bearer(aud=f"https://host.example.org:8443/emg{PATH}"), PATH).issuer == ISSUER


def test_the_caller_is_what_registry_and_token_say(tmp_path: Path) -> None:
    trusted = registry(
        tmp_path,
        'dialect = "epic"',
        'fhir_servers = ["https://fhir.example.org/r4/", {url = "http://fhir.lan/r4", private = true}]',
    )
    assert verifier(trusted).caller(bearer(tenant="north"), PATH) == Caller(
        issuer=ISSUER,
        tenant="north",
        token_id="token-1",  # noqa: S106 (an id, no secret)
        fhir_servers=(
            FhirServer("https://fhir.example.org/r4"),
            FhirServer("http://fhir.lan/r4", private=True),
        ),
        dialect="epic",
    )


def test_a_token_is_used_once_whatever_the_path(tmp_path: Path) -> None:
    checked = verifier(registry(tmp_path))
    both = bearer(aud=[f"{BASE}/cds-services", BASE + PATH])
    checked.caller(both, PATH)
    with pytest.raises(AuthenticationError) as refused:
        checked.caller(both, "/cds-services")
    assert (refused.value.reason, refused.value.issuer) == ("replayed", ISSUER)


def test_a_token_used_twice_is_told_by_tenant_and_id(tmp_path: Path) -> None:
    checked = verifier(registry(tmp_path))
    checked.caller(bearer(tenant="north"), PATH)
    with pytest.raises(AuthenticationError) as refused:
        checked.caller(bearer(tenant="north"), PATH)
    assert (refused.value.tenant, refused.value.token_id) == ("north", "token-1")


def test_a_refused_token_does_not_use_up_its_jti(tmp_path: Path) -> None:
    checked = verifier(registry(tmp_path))
    for refused in (altered(token()), bearer(aud="https://evil.example.com")):
        with pytest.raises(AuthenticationError):
            checked.caller(refused, PATH)
    assert checked.caller(bearer(), PATH).token_id == "token-1"  # noqa: S105 (an id, no secret)


def test_of_many_threads_with_one_token_one_comes_through(tmp_path: Path) -> None:
    checked = verifier(registry(tmp_path))
    results: list[str] = []
    start = threading.Barrier(8)

    def call() -> None:
        start.wait()
        try:
            results.append(checked.caller(authorization, PATH).issuer)
        except AuthenticationError as error:
            results.append(error.reason)

    authorization = bearer()
    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(results) == [ISSUER] + ["replayed"] * 7


@pytest.mark.parametrize(("make", "reason"), BAD.values(), ids=list(BAD))
def test_no_refusal_quotes_the_token(make: Callable[[], str | None], reason: Reason, tmp_path: Path) -> None:
    with pytest.raises(AuthenticationError) as refused:
        verifier(registry(tmp_path)).caller(make(), PATH)
    error = refused.value
    assert (str(error), error.args) == (reason.value, (reason.value,))
    assert error.issuer in ("", ISSUER)
    assert error.__suppress_context__ or error.__context__ is None
