"""Settings: read once, checked, each named in one table."""

from __future__ import annotations

import dataclasses

import pytest

from cds_service.errors import SettingsError
from cds_service.settings import MIB, TABLE, Settings


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = Settings.from_env({})
    assert settings == Settings()
    assert (settings.host, settings.port, settings.max_body_bytes) == ("127.0.0.1", 8080, 16 * MIB)
    assert settings.cors_origins == ("*",)
    assert settings.worker_count >= 1
    assert settings.base_url == "http://127.0.0.1:8080"


def test_every_field_is_in_the_table_once() -> None:
    fields = [field.name for field in dataclasses.fields(Settings)]
    assert [entry.field for entry in TABLE] == fields
    assert all(entry.meaning and entry.default for entry in TABLE)


def test_empty_values_count_as_not_set() -> None:
    assert Settings.from_env({entry.variable: " " for entry in TABLE}) == Settings()


@pytest.mark.parametrize(
    ("variable", "text", "field", "value"),
    [
        ("HOST", "0.0.0.0", "host", "0.0.0.0"),  # noqa: S104 - only read here
        ("HOST", "[::1]", "host", "::1"),
        ("PORT", "0", "port", 0),
        ("WEB_CONCURRENCY", "3", "workers", 3),
        ("CDS_TIMEOUT", "5", "timeout", 5),
        ("CDS_CORS_ORIGINS", "*", "cors_origins", ("*",)),
        (
            "CDS_CORS_ORIGINS",
            "https://a.example, http://b:8080/",
            "cors_origins",
            ("https://a.example", "http://b:8080"),
        ),
        (
            "CDS_PUBLIC_BASE_URL",
            "https://cds.example.org/base/",
            "public_base_url",
            "https://cds.example.org/base",
        ),
        ("CDS_MAX_BODY_BYTES", "2048", "max_body_bytes", 2048),
        ("CDS_MAX_DEPTH", "32", "max_depth", 32),
        ("CDS_LOG_LEVEL", "DEBUG", "log_level", "debug"),
        ("STRICT_OUTPUT", "1", "strict_output", True),
        ("STRICT_OUTPUT", "off", "strict_output", False),
        ("CDS_DIALECT", "CRD", "dialect", "crd"),
        ("CDS_ROLE", "payer", "role", "payer"),
    ],
)
def test_values(variable: str, text: str, field: str, value: object) -> None:
    assert getattr(Settings.from_env({variable: text}), field) == value


@pytest.mark.parametrize(
    ("variable", "text", "words"),
    [
        ("HOST", "http://x/", "is not a host name"),
        ("PORT", "http", "whole number from 0 to 65535"),
        ("PORT", "65536", "whole number from 0 to 65535"),
        ("PORT", "-1", "whole number"),
        ("WEB_CONCURRENCY", "0", "whole number from 1"),
        ("CDS_CORS_ORIGINS", "ehr.example.org", "is not an origin"),
        ("CDS_CORS_ORIGINS", "*,https://a.example", "* alone"),
        ("CDS_PUBLIC_BASE_URL", "cds.example.org", "is not a base URL"),
        ("CDS_MAX_BODY_BYTES", "16MB", "whole number"),
        ("CDS_MAX_DEPTH", "9999", "whole number from 8 to 200"),
        ("CDS_LOG_LEVEL", "loud", "is not a log level"),
        ("STRICT_OUTPUT", "maybe", "give 1 or 0"),
        ("CDS_DIALECT", "klingon", "give one of spec, crd, epic, text"),
        ("CDS_ROLE", "patient", "give one of advisor, payer"),
    ],
)
def test_bad_values_are_named_with_what_is_accepted(variable: str, text: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({variable: text})
    assert str(caught.value).startswith(f"{variable}: ")
    assert words in str(caught.value)


def test_all_bad_values_are_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"PORT": "x", "STRICT_OUTPUT": "x"})
    assert len(str(caught.value).splitlines()) == 2


def test_ipv6_addresses_stand_in_brackets() -> None:
    assert Settings.from_env({"HOST": "::1"}).base_url == "http://[::1]:8080"
