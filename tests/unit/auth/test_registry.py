"""The trust registry: what it may say, and what is said of every mistake in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cds_service.auth import registry as registry_room
from cds_service.auth.algorithms import KEYS
from cds_service.auth.registry import load
from cds_service.core.caller import FhirServer
from cds_service.errors import SettingsError
from tests.unit.auth.tokens import ISSUER, JKU, jwk, jwks, private, registry, written

EXAMPLE = Path(registry_room.__file__).parent / "example.toml"


def test_the_example_is_a_registry() -> None:
    hospital, payer = load(EXAMPLE).clients.values()
    assert hospital.jku == ("https://ehr.example.org/.well-known/jwks.json",)
    assert hospital.tenants == {"main-campus", "clinic-north"}
    assert hospital.fhir_servers == (FhirServer("https://ehr.example.org/fhir/r4"),)
    assert payer.keys.kids == {"2026-01"}
    assert payer.fhir_servers == (FhirServer("https://fhir.payer.example.com/r4", private=True),)
    assert (payer.algorithms, payer.max_lifetime, hospital.max_lifetime) == (("ES384",), 300, 3600)


def test_what_is_not_said_has_the_recommended_value(tmp_path: Path) -> None:
    client = registry(tmp_path).clients[ISSUER]
    assert (client.algorithms, client.leeway, client.max_lifetime) == (("ES384", "RS384"), 60, 3600)
    assert (client.audiences, client.tenants, client.fhir_servers, client.dialect) == (
        (),
        frozenset(),
        (),
        "",
    )


def test_defaults_hold_for_every_client_that_does_not_say_otherwise(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        f'jku = ["{JKU}"]',
        "[[client]]",
        'issuer = "https://other.example.org"',
        'name = "Other"',
        f'jku = ["{JKU}"]',
        "leeway = 5",
        defaults='leeway = 30\nmax_lifetime = 600\nalgorithms = ["PS384"]\nkeys_kept = 60\nkeys_stale = 0',
    )
    trusted = load(path)
    first, second = trusted.clients.values()
    assert (first.leeway, second.leeway, second.max_lifetime, second.algorithms) == (30, 5, 600, ("PS384",))
    assert (trusted.keys_kept, trusted.keys_stale) == (60, 0)


def test_keys_inline_and_by_file_join(tmp_path: Path) -> None:
    inline = ", ".join(f'{name} = "{value}"' for name, value in jwk("p384-other").items() if value)
    client = registry(tmp_path, f"keys = [{{{inline}}}]", keys=[jwk("p384")]).clients[ISSUER]
    assert client.keys.kids == {"p384", "p384-other"}


def test_a_certificate_authority_is_found_beside_the_registry(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("")
    assert registry(tmp_path, defaults='ca_file = "ca.pem"').ca_file == tmp_path / "ca.pem"


def without_key(folder: Path) -> Path:
    return written(folder)


def with_line(line: str) -> Callable[[Path], Path]:
    return lambda folder: written(folder, f'jku = ["{JKU}"]', line)


def with_jku(url: str) -> Callable[[Path], Path]:
    return lambda folder: written(folder, f'jku = ["{url}"]')


def with_file(content: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / "keys.json").write_bytes(content)
        return written(folder, 'jwks = "keys.json"')

    return write


def with_keys(*keys: object) -> Callable[[Path], Path]:
    return lambda folder: with_file(json.dumps({"keys": keys}).encode())(folder)


def with_text(text: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / "trust.toml"
        path.write_text(text)
        return path

    return write


def twice(folder: Path) -> Path:
    return written(
        folder, f'jku = ["{JKU}"]', "[[client]]", f'issuer = "{ISSUER}"', 'name = "B"', f'jku = ["{JKU}"]'
    )


def in_the_place_of_a_folder(folder: Path) -> Path:
    path = folder / "trust.toml"
    path.mkdir()
    return path


PLAIN = "is plain http, which is for this machine only; use https"
NO_SET = 'client[0].jwks: is no JWK Set; give a JSON file with an object that has a list "keys"'
MISTAKES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "no file": (lambda folder: folder / "trust.toml", "$: the file is missing; add it"),
    "a folder": (in_the_place_of_a_folder, "$: cannot be read (is a directory); make it a readable file"),
    "no TOML": (with_text("client = ["), "$: is not TOML"),
    "an empty file": (with_text(""), "client: is missing; add it"),
    "no client": (with_text("client = []"), "client: [] is empty; fill it, or leave it out"),
    "a name nobody knows": (with_line('secret = "x"'), "client[0].secret: is not a known member"),
    "no issuer": (
        with_text('[[client]]\nname = "A"\njku = ["https://a.example"]'),
        "client[0].issuer: is missing",
    ),
    "an issuer of demo data": (
        with_text('[[client]]\nname = "A"\nissuer = "demo:a"\njku = ["https://a.example"]'),
        "client[0].issuer: is a name that this service keeps for its own pages; use the client's URL",
    ),
    "an issuer twice": (twice, "client[1].issuer: is listed twice; join the two entries"),
    "no keys at all": (without_key, "client[0]: has no keys; add jwks, keys or jku"),
    "alg none": (with_line('algorithms = ["none"]'), 'client[0].algorithms[0]: "none" is not an accepted'),
    "alg HS256": (with_line('algorithms = ["HS256"]'), 'client[0].algorithms[0]: "HS256" is not an accepted'),
    "no algorithm": (with_line("algorithms = []"), "client[0].algorithms: [] is empty"),
    "a dialect nobody knows": (with_line('dialect = "klingon"'), 'client[0].dialect: "klingon" is not'),
    "a date": (with_line("leeway = 2026-01-01"), "client[0].leeway: "),
    "a leeway of an hour": (
        with_line("leeway = 3600"),
        "client[0].leeway: 3600 is too large; give at most 600",
    ),
    "a jku by http": (with_jku("http://ehr.example.org/k"), f"client[0].jku[0]: {PLAIN}"),
    "a jku by file": (with_jku("file:///etc/passwd"), "client[0].jku[0]: is not a URL"),
    "a jku without a host": (with_jku("https:///k"), "client[0].jku[0]: is not a URL"),
    "a jku with a password": (
        with_jku("https://u:p@ehr.example.org/k"),
        "client[0].jku[0]: holds a user name or password; remove it",
    ),
    "a jku with an impossible port": (
        with_jku("https://ehr.example.org:x/k"),
        "client[0].jku[0]: is not a URL",
    ),
    "a jku with a space": (with_jku("https://ehr.example.org/a b"), "client[0].jku[0]: is not a URL"),
    "an audience with a query": (
        with_line('audience = ["https://cds.example.org/?a"]'),
        "client[0].audience[0]: has a query or fragment; give the URL without",
    ),
    "a FHIR server by http": (
        with_line('fhir_servers = ["http://fhir.example.org/r4"]'),
        f"client[0].fhir_servers[0]: {PLAIN}",
    ),
    "a FHIR server twice": (
        with_line('fhir_servers = ["https://f.example.org/", "https://f.example.org"]'),
        "client[0].fhir_servers[1]: is listed twice; remove one",
    ),
    "a missing certificate authority": (
        lambda folder: written(folder, f'jku = ["{JKU}"]', defaults='ca_file = "ca.pem"'),
        "defaults.ca_file: the file is missing; add it, or leave ca_file out",
    ),
    "a missing key file": (
        lambda folder: written(folder, 'jwks = "keys.json"'),
        "client[0].jwks: keys.json::$: the file is missing; add it",
    ),
    "a key file that is a folder": (
        lambda folder: written(folder, 'jwks = "."'),
        "client[0].jwks: .::$: cannot be read (is a directory); make it a readable file",
    ),
    "a key file that is not JSON": (with_file(b"{"), "client[0].jwks: keys.json::line 1: is not JSON"),
    "a key file that is a number": (with_file(b"7"), NO_SET),
    "a key file without keys": (with_file(b"{}"), NO_SET),
    "a key file whose keys are a text": (with_file(b'{"keys": "abc"}'), "client[0]: has no usable key"),
    "a key file with keys null": (with_file(b'{"keys": null}'), NO_SET),
    "a private key": (
        with_keys({**jwk("p384"), "d": "AAAA"}),
        "client[0]: keys[0]: (p384) holds a private or shared key; give the public part alone",
    ),
    "a shared secret": (
        with_keys({"kty": "oct", "kid": "s", "k": "c2VjcmV0"}),
        "client[0]: keys[0]: (s) holds a private or shared key",
    ),
    "a key without kid": (with_keys({**jwk("p384"), "kid": ""}), "keys[0]: has no kid"),
    "a key on another curve": (with_keys(jwk("p256")), "keys[0] (p256): fits none of ES384, RS384"),
    "a key for another algorithm": (with_keys(jwk("p384", alg="ES256")), "keys[0] (p384): fits none of"),
    "a key for encryption": (with_keys(jwk("p384", use="enc")), "keys[0] (p384): fits none of"),
    "a key for signing alone": (with_keys(jwk("p384", key_ops=["sign"])), "keys[0] (p384): fits none of"),
    "a key that is cut short": (with_keys({**jwk("p384"), "x": "AAAA"}), "keys[0] (p384): fits none of"),
    "a key with a number in it": (with_keys({**jwk("p384"), "x": 7}), "keys[0] (p384): fits none of"),
    "a key off its curve": (
        with_keys({**jwk("p384"), "y": jwk("p384")["x"]}),
        "keys[0] (p384): fits none of",
    ),
    "an RSA key of 1024 bits": (with_keys(jwk("rsa-short")), "keys[0] (rsa-short): fits none of"),
    "a key that is a list": (with_keys([]), "keys[0]: is not a JWK"),
}


@pytest.mark.parametrize(("write", "words"), MISTAKES.values(), ids=list(MISTAKES))
def test_a_mistake_is_named_with_its_place_and_remedy(
    write: Callable[[Path], Path], words: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError) as raised:
        load(write(tmp_path))
    lines = str(raised.value).splitlines()
    assert all(line.startswith("trust.toml::") for line in lines)
    assert any(words in line for line in lines)
    assert str(tmp_path) not in str(raised.value)


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, 'jku = ["http://a.example.org"]', 'audience = ["x"]', 'fhir_servers = ["y"]')
    with pytest.raises(SettingsError) as raised:
        load(path)
    assert len(str(raised.value).splitlines()) == 3


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:3000", "127.9.9.9", "[::1]:8080"])
def test_plain_http_is_for_this_machine(host: str, tmp_path: Path) -> None:
    path = written(tmp_path, f'jku = ["http://{host}/k"]', f'fhir_servers = ["http://{host}/r4"]')
    assert load(path).clients[ISSUER].jku == (f"http://{host}/k",)


def test_a_key_set_keeps_its_good_keys_and_names_the_others(tmp_path: Path) -> None:
    keys = [jwk("p384"), jwk("p384"), jwk("p256"), {"kid": "odd", "kty": "XYZ"}, jwk("rsa", use="sig")]
    found = registry(tmp_path, keys={"keys": keys}).clients[ISSUER].keys
    assert set(found.keys) == {("p384", "ES384"), ("rsa", "RS384")}
    assert found.problems == (
        "keys[1]: repeats the kid p384",
        "keys[2] (p256): fits none of ES384, RS384 or is malformed",
        "keys[3] (odd): fits none of ES384, RS384 or is malformed",
    )


def test_no_key_material_is_shown(tmp_path: Path) -> None:
    trusted = registry(tmp_path, keys=jwks("p384"))
    assert jwk("p384")["x"] not in repr(trusted)


def test_every_algorithm_that_may_be_chosen_has_keys(tmp_path: Path) -> None:
    schema = json.loads(registry_room.SCHEMA.read_text())
    assert schema["$defs"]["algorithms"]["items"]["enum"] == list(KEYS)
    assert not any(name.startswith(("HS", "no")) for name in KEYS)
    assert private("ed25519")
    found = registry(tmp_path, 'algorithms = ["EdDSA", "ES256"]', keys=jwks("ed25519", "p256", "p384"))
    assert set(found.clients[ISSUER].keys.keys) == {("ed25519", "EdDSA"), ("p256", "ES256")}
