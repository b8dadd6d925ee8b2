"""What may be called: URLs, next links, IP addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.core.caller import FhirServer
from cds_service.fetch.guard import Base, allowed, base_of, is_permitted, next_page

LISTED = FhirServer("https://ehr.example.org/api/fhir")
BASE = Base("https", "ehr.example.org", 443, "/api/fhir")


@pytest.mark.parametrize(
    "sent",
    [
        "https://ehr.example.org/api/fhir",
        "https://ehr.example.org/api/fhir/",
        "https://EHR.example.org:443/api/fhir",
        "HTTPS://ehr.example.org/api/fhir",
    ],
)
def test_an_allowed_server_is_known_in_every_spelling(sent: str) -> None:
    assert allowed(sent, [FhirServer("https://other.example.org/fhir"), LISTED]) == BASE


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "ehr.example.org/api/fhir",
        "http://ehr.example.org/api/fhir",
        "https://ehr.example.org",
        "https://ehr.example.org/api",
        "https://ehr.example.org/api/fhir/x",
        "https://ehr.example.org/api/FHIR",
        "https://ehr.example.org:8443/api/fhir",
        "https://ehr.example.org.evil.example/api/fhir",
        "https://evil.example/ehr.example.org/api/fhir",
        "https://ehr.example.org@evil.example/api/fhir",
        "https://user:word@ehr.example.org/api/fhir",
        "https://ehr.example.org\\@evil.example/api/fhir",
        "https://ehr.example.org/api/fhir?x=1",
        "https://ehr.example.org/api/fhir#x",
        "https://ehr.example.org/api/x/../fhir",
        "https://ehr.example.org/api/%66hir",
        "https://ehr.example.org//api/fhir",
        "https://ehr.example.org/api/fhir ",
        "https://ehr.example.org/api/fhir\n",
        "https://ehr.example.org:0/api/fhir",
        "https://ehr.example.org:99999/api/fhir",
        "https://ehr.еxample.org/api/fhir",
        "file:///etc/passwd",
        "gopher://ehr.example.org/api/fhir",
        "https://" + "a" * 5000,
    ],
)
def test_any_other_server_is_refused(sent: str) -> None:
    assert allowed(sent, [LISTED]) is None


def test_nothing_is_allowed_without_a_list() -> None:
    assert allowed(LISTED.url, []) is None


@pytest.mark.parametrize(("private", "known"), [(True, True), (False, False)])
def test_plain_http_is_for_private_servers_only(private: bool, known: bool) -> None:
    url = "http://fhir.internal:8080/fhir"
    assert (allowed(url, [FhirServer(url, private)]) is not None) is known


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://ehr.example.org/api/fhir", "https://ehr.example.org/api/fhir/Patient/1"),
        ("https://ehr.example.org:8443", "https://ehr.example.org:8443/Patient/1"),
        ("https://[2001:db8::1]:8443/fhir/", "https://[2001:db8::1]:8443/fhir/Patient/1"),
    ],
)
def test_queries_are_built_from_the_allowed_base(url: str, asked: str) -> None:
    base = base_of(url)
    assert base is not None
    assert base.url("Patient/1") == asked


@pytest.mark.parametrize(
    ("link", "page"),
    [
        ("https://ehr.example.org/api/fhir?_getpages=1", "https://ehr.example.org/api/fhir?_getpages=1"),
        (
            "https://EHR.example.org:443/api/fhir/Condition?p=2",
            "https://ehr.example.org/api/fhir/Condition?p=2",
        ),
        ("?page=2", "https://ehr.example.org/api/fhir/Condition?page=2"),
        ("Condition?page=2", "https://ehr.example.org/api/fhir/Condition?page=2"),
        ("/api/fhir/Condition?page=2", "https://ehr.example.org/api/fhir/Condition?page=2"),
        ("../fhir/Condition?u=http://x/../..", "https://ehr.example.org/api/fhir/Condition?u=http://x/../.."),
        ("", None),
        ("http://ehr.example.org/api/fhir?page=2", None),
        ("https://ehr.example.org:8443/api/fhir?page=2", None),
        ("https://ehr.example.org/api/fhirx?page=2", None),
        ("https://ehr.example.org/admin?page=2", None),
        ("/admin?page=2", None),
        ("../../admin", None),
        ("//evil.example/api/fhir?page=2", None),
        ("https://evil.example/api/fhir?page=2", None),
        ("https://ehr.example.org@evil.example/api/fhir", None),
        ("https://ehr.example.org/api/fhir/%2e%2e/admin", None),
        ("https://ehr.example.org/api/fhir/..%2fadmin", None),
        ("https://ehr.example.org/api/fhir?page=2#x", None),
        ("?page=2\r\nX: y", None),
        ("http://[::1", None),
        ("?" + "a" * 5000, None),
    ],
)
def test_next_links_stay_on_the_same_server_and_path(link: str, page: str | None) -> None:
    assert next_page(BASE, "https://ehr.example.org/api/fhir/Condition?patient=1", link) == page


PIECES = st.sampled_from(
    [
        "https:",
        "http:",
        "//",
        "/",
        "ehr.example.org",
        "evil.example",
        "@",
        "..",
        "api/fhir",
        "?",
        "\\",
        ":8",
        "%2e",
    ]
)


@given(st.lists(PIECES | st.text(max_size=3), max_size=7).map("".join))
def test_no_link_whatever_leads_away(link: str) -> None:
    page = next_page(BASE, "https://ehr.example.org/api/fhir/Condition", link)
    if page is not None:
        path = page.partition("?")[0]
        assert path == "https://ehr.example.org/api/fhir" or path.startswith(
            "https://ehr.example.org/api/fhir/"
        )
        assert not {".", ".."} & set(path.split("/"))


@pytest.mark.parametrize(
    ("address", "public", "private"),
    [
        ("93.184.216.34", True, True),
        ("2606:2800:220:1::1", True, True),
        ("::ffff:93.184.216.34", True, True),
        ("10.0.0.1", False, True),
        ("172.16.0.1", False, True),
        ("192.168.1.1", False, True),
        ("fd12:3456::1", False, True),
        ("127.0.0.1", False, True),
        ("127.9.9.9", False, True),
        ("::1", False, True),
        ("::ffff:127.0.0.1", False, True),
        ("::ffff:10.0.0.1", False, True),
        ("64:ff9b::a00:1", False, True),
        ("2002:7f00:1::", False, True),
        ("64:ff9b::a9fe:a9fe", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("169.254.169.254", False, False),
        ("169.254.1.1", False, False),
        ("fe80::1", False, False),
        ("fe80::1%eth0", False, False),
        ("fd00:ec2::254", False, False),
        ("100.100.100.200", False, False),
        ("168.63.129.16", False, False),
        ("100.64.0.1", False, True),
        ("0.0.0.0", False, False),  # noqa: S104 - refused
        ("::", False, False),
        ("224.0.0.1", False, False),
        ("ff02::1", False, False),
        ("255.255.255.255", False, False),
        ("not an address", False, False),
    ],
)
def test_addresses_that_may_be_connected_to(address: str, public: bool, private: bool) -> None:
    assert (is_permitted(address, private=False), is_permitted(address, private=True)) == (public, private)
