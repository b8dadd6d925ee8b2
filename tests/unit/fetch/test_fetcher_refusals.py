"""Where the fetcher never goes, and what it never shows: servers, addresses, redirects, proxies, tokens."""

from __future__ import annotations

import datetime
import ipaddress
import logging
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cds_service.fetch.client import Fetcher
from tests.unit.fetch import fhir_server as fhir

WELL = {"Condition": fhir.gives(fhir.searchset(fhir.resource("Condition")))}
NAME = "fhir.example.org"
NOWHERE = "0.0.0.0"  # noqa: S104 - an address that must be refused


class Names:
    """A resolver under the control of a test; counts how often it is asked."""

    def __init__(self, *answers: list[str] | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append((host, port))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def fetch(
    server_url: str, *allowed: str, private: bool = True, budget: float = fhir.LONG, **options: Any
) -> Any:
    return fhir.complete(
        Fetcher(budget, **options),
        fhir.call(server_url),
        fhir.caller(*allowed, private=private),
        fhir.CONDITIONS,
    )


def test_a_server_that_is_not_listed_for_the_caller_is_never_asked() -> None:
    with fhir.serving(WELL) as server:
        for allowed in (
            [],
            ["https://other.example.org/fhir"],
            [server.url() + "/r4"],
            [server.url("localhost")],
        ):
            done = fetch(server.url(), *allowed)
            assert fhir.whats(done) == {"conditions": "refused-server"}
            assert fhir.gaps(done) == {
                "conditions": "not supplied, and its FHIR server is not one this service may read"
            }
        assert (server.asked, server.connections) == ([], 0)


def test_a_server_at_a_private_address_is_asked_only_when_marked_private() -> None:
    with fhir.serving(WELL) as server:
        https = server.url().replace("http:", "https:")
        assert fhir.whats(fetch(https, https, private=False)) == {"conditions": "refused-server"}
        assert fhir.whats(fetch(server.url(), server.url(), private=False)) == {
            "conditions": "refused-server"
        }
        assert (server.asked, server.connections) == ([], 0)
        assert fhir.whats(fetch(server.url(), server.url())) == {"conditions": "fetched"}


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.1.2.3"],
        ["169.254.169.254"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["fe80::1%eth0"],
        ["fd00::1"],
        [NOWHERE],
        ["224.0.0.1"],
        ["93.184.216.34", "127.0.0.1"],
        ["2606:2800:220:1::1", "::1"],
        ["not an address"],
    ],
    ids=str,
)
def test_a_public_name_that_resolves_inside_is_refused(addresses: list[str]) -> None:
    with fhir.serving(WELL) as server:
        url = f"https://{NAME}:{server.port}/fhir"
        assert fhir.whats(fetch(url, url, private=False, resolve=Names(addresses))) == {
            "conditions": "refused-server"
        }
        assert server.connections == 0


@pytest.mark.parametrize(
    "addresses", [["169.254.169.254"], ["fe80::1"], ["fd00:ec2::254"], [NOWHERE]], ids=str
)
def test_a_private_name_may_not_lead_to_a_metadata_service(addresses: list[str]) -> None:
    url = f"http://{NAME}/fhir"
    assert fhir.whats(fetch(url, url, resolve=Names(addresses))) == {"conditions": "refused-server"}


def test_a_name_is_looked_up_once_and_the_connection_goes_to_the_vetted_address() -> None:
    with fhir.serving({"": fhir.Pages(lambda _, number: f"?page={number}", last=3)}) as server:
        names = Names(["127.0.0.1"], ["169.254.169.254"])
        url = server.url(NAME)
        done = fhir.complete(
            Fetcher(fhir.LONG, resolve=names), fhir.call(url), fhir.caller(url), fhir.CONDITIONS
        )
    assert fhir.whats(done) == {"conditions": "fetched"}
    assert names.asked == [(NAME, server.port)]
    assert {headers["Host"] for _, headers in server.asked} == {f"{NAME}:{server.port}"}


def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    with fhir.serving(WELL) as server:
        names = Names(["127.0.0.2", "127.0.0.1"])
        assert fhir.whats(fetch(server.url(NAME), server.url(NAME), resolve=names)) == {
            "conditions": "fetched"
        }


@pytest.mark.parametrize("answer", [OSError("canary"), UnicodeError("canary"), []], ids=repr)
def test_a_name_nobody_knows_is_unreachable_and_asked_for_again_next_time(answer: Any) -> None:
    with fhir.serving(WELL) as server:
        one = Fetcher(fhir.LONG, resolve=Names(answer, ["127.0.0.1"]))
        url = server.url(NAME)
        words = [
            fhir.whats(fhir.complete(one, fhir.call(url), fhir.caller(url), fhir.CONDITIONS))
            for _ in range(2)
        ]
    assert words == [{"conditions": "unreachable"}, {"conditions": "fetched"}]


def test_a_resolver_that_hangs_costs_the_budget_and_is_asked_once() -> None:
    with fhir.serving(WELL) as server:
        asked: list[str] = []

        def stuck(host: str, port: int) -> list[str]:
            asked.append(host)
            server.over.wait(fhir.LONG)
            return []

        one = Fetcher(0.1, resolve=stuck)
        url = server.url(NAME)
        for _ in range(3):
            done = fhir.complete(one, fhir.call(url), fhir.caller(url), fhir.CONDITIONS)
            assert fhir.whats(done) == {"conditions": "timeout"}
        assert asked == [NAME]


def test_a_closed_port_is_unreachable() -> None:
    with fhir.serving(WELL) as server:
        url = server.url()
    assert fhir.whats(fetch(url, url)) == {"conditions": "unreachable"}


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed_and_their_bodies_not_read(code: int) -> None:
    with fhir.serving(WELL) as inside:

        def leads_inside(request: fhir.Request) -> None:
            head = f"HTTP/1.1 {code} Moved\r\nLocation: {inside.url()}/Condition\r\n\r\n"
            fhir.drips(head.encode(), b" ")(request)

        with fhir.serving({"Condition": leads_inside}) as server:
            done = fetch(server.url(), server.url(), inside.url())
        assert [(each.what, each.status) for each in done.outcomes] == [("status", code)]
        assert inside.asked == []


def test_proxies_and_netrc_of_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login canary password canary\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with fhir.serving({"": fhir.gives(fhir.searchset())}) as proxy, fhir.serving(WELL) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert fhir.whats(fetch(server.url(), server.url())) == {"conditions": "fetched"}
        assert proxy.connections == 0
        assert [headers["Authorization"] for _, headers in server.asked] == [f"Bearer {fhir.TOKEN}"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for NAME with its key, valid around now, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)  # noqa: TID251 - a certificate needs one
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName(NAME), x509.IPAddress(ipaddress.ip_address("127.0.0.9"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def secure(certificate: Path) -> Iterator[fhir.Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    drip = fhir.drips(b"HTTP/1.1 200 OK\r\nX-A: ", b"b")
    with fhir.serving({**WELL, "Observation": drip}, context) as server:
        yield server


def test_tls_is_checked_against_the_name_though_the_address_is_pinned(
    secure: fhir.Server, certificate: Path
) -> None:
    resolve = Names(["127.0.0.1"])
    for name, what in ((NAME, "fetched"), ("other.example.org", "unreachable")):
        url = secure.url(name)
        done = fetch(url, url, resolve=resolve, ca_file=str(certificate))
        assert fhir.whats(done) == {"conditions": what}
    assert len(secure.asked) == 1


def test_an_unknown_authority_is_not_trusted(secure: fhir.Server) -> None:
    url = secure.url(NAME)
    assert fhir.whats(fetch(url, url, resolve=Names(["127.0.0.1"]))) == {"conditions": "unreachable"}
    assert secure.asked == []


def test_a_server_that_drips_over_tls_costs_the_budget_and_no_more(
    secure: fhir.Server, certificate: Path
) -> None:
    url = secure.url(NAME)
    one = Fetcher(0.3, resolve=Names(["127.0.0.1"]), ca_file=str(certificate))
    for _ in range(3):
        done = fhir.complete(one, fhir.call(url), fhir.caller(url), {"o": fhir.TEMPLATES["observations"]})
        assert fhir.whats(done) == {"o": "timeout"}


def test_a_file_of_authorities_that_is_none_is_refused_at_start(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        Fetcher(1, ca_file=str(tmp_path / "missing.pem"))


def test_neither_token_nor_patient_is_in_logs_or_values(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    odd = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nnot a header\r\nX: y\r\n\r\n{}"

    def strange(request: fhir.Request) -> None:
        request.wfile.write(odd)

    answers: list[Any] = [strange, fhir.hangs, fhir.garbage, fhir.status(403), fhir.redirects("/x?canary")]
    with caplog.at_level(logging.DEBUG):
        for answer in answers:
            with fhir.serving({"": answer}) as server:
                one = Fetcher(0.3)
                asked = fhir.call(server.url())
                done = fhir.complete(one, asked, fhir.caller(server.url()))
                seen = repr((done.outcomes, done.call.gaps, asked.fhir_access, vars(one)))
                assert "canary" not in seen
                assert done.outcomes
    written = capfd.readouterr()
    assert "canary" not in caplog.text + written.out + written.err
