"""Settings: read once, checked, each named in one table."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from cds_service.errors import SettingsError
from cds_service.settings import MIB, TABLE, Entry, Settings

FERNET = "A" * 43 + "="


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
        ("CDS_LOG_FORMAT", "JSON", "log_format", "json"),
        ("CDS_MAX_ORDERS", "50", "max_orders", 50),
        ("CDS_TRUST_REGISTRY", __file__, "trust_registry", Path(__file__)),
        ("CDS_OPEN_ACCESS", "1", "open_access", True),
        ("CDS_FETCH_BUDGET_MS", "0", "fetch_budget_ms", 0),
        (
            "CDS_FETCH_SERVERS",
            "https://a.example/fhir/, http://b:8080/r4",
            "fetch_servers",
            ("https://a.example/fhir", "http://b:8080/r4"),
        ),
        ("CDS_FETCH_PRIVATE", "yes", "fetch_private", True),
        ("CDS_FETCH_PAGES", "1", "fetch_pages", 1),
        ("CDS_FETCH_CA", __file__, "fetch_ca", Path(__file__)),
        ("CDS_EPIC_SITE", "example", "epic_site", "example"),
        ("CDS_WORKBENCH", "OFF", "workbench", "off"),
        ("DATABASE_URL", "NONE", "database_url", "none"),
        ("DATABASE_URL", "postgres://u@h/d", "database_url", "postgres://u@h/d"),
        ("CDS_STORE_KEY", "x" * 16, "store_key", "x" * 16),
        ("CDS_COMMENT_KEYS", f"{FERNET}, {FERNET}", "comment_keys", (FERNET, FERNET)),
        ("CDS_COMMENT_DAYS", "7", "comment_days", 7),
        ("CDS_AUDIT_DAYS", "365", "audit_days", 365),
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
        ("CDS_LOG_FORMAT", "xml", "one of json, text"),
        ("CDS_MAX_ORDERS", "0", "whole number from 1"),
        ("CDS_TRUST_REGISTRY", "/nowhere/trust.toml", "is not a file"),
        ("CDS_FETCH_SERVERS", "ehr.example.org", "is not a base URL"),
        ("DATABASE_URL", "mysql://u:secret@h/d", "postgresql://"),
        ("DATABASE_URL", "store.sqlite3", "or none"),
        ("CDS_STORE_KEY", "secret", "at least 16"),
        ("CDS_COMMENT_KEYS", f"{FERNET},secret", "no Fernet key"),
        ("CDS_DIALECT", "klingon", "give one of spec, crd, epic, text"),
        ("CDS_ROLE", "patient", "give one of advisor, payer"),
    ],
)
def test_bad_values_are_named_with_what_is_accepted(variable: str, text: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({variable: text})
    assert str(caught.value).startswith(f"{variable}: ")
    assert words in str(caught.value)
    assert "secret@" not in str(caught.value)


def test_all_bad_values_are_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"PORT": "x", "STRICT_OUTPUT": "x"})
    assert len(str(caught.value).splitlines()) == 2


def test_ipv6_addresses_stand_in_brackets() -> None:
    assert Settings.from_env({"HOST": "::1"}).base_url == "http://[::1]:8080"


def test_secrets_are_not_shown() -> None:
    secrets = {
        "DATABASE_URL": "postgresql://user:hidden-word@h/d",
        "CDS_STORE_KEY": "hidden-word-of-the-store",
        "CDS_COMMENT_KEYS": FERNET,
    }
    shown = repr(Settings.from_env(secrets))
    assert "hidden-word" not in shown
    assert FERNET not in shown


@pytest.mark.parametrize(
    ("environ", "refused"),
    [
        ({}, False),
        ({"HOST": "127.0.0.9"}, False),
        ({"HOST": "::1"}, False),
        ({"HOST": "localhost"}, False),
        ({"HOST": "0.0.0.0"}, True),  # noqa: S104 - only read here
        ({"HOST": "::"}, True),
        ({"HOST": "192.0.2.1"}, True),
        ({"HOST": "localhost.example.org"}, True),
        ({"HOST": "0.0.0.0", "CDS_OPEN_ACCESS": "1"}, False),  # noqa: S104 - only read here
        ({"HOST": "0.0.0.0", "CDS_TRUST_REGISTRY": __file__}, False),  # noqa: S104 - only read here
    ],
)
def test_whoever_asks_is_served_on_loopback_only(environ: dict[str, str], refused: bool) -> None:
    exposure = Settings.from_env(environ).exposure
    assert bool(exposure) == refused
    if refused:
        assert "CDS_OPEN_ACCESS=1" in exposure
        assert "CDS_TRUST_REGISTRY" in exposure


def test_the_store_is_a_file_of_the_user_unless_another_is_named() -> None:
    assert Settings().store_url.startswith("sqlite:////")
    assert Settings().store_url.endswith("/emg-ncs-cds/store.sqlite3")
    assert Settings.from_env({"DATABASE_URL": "postgresql://h/d"}).store_url == "postgresql://h/d"
    assert Settings.from_env({"DATABASE_URL": "none"}).store_url == ""


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry.variable)
def test_readme_has_a_row_for_every_setting(entry: Entry) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert f"| `{entry.variable}` | {entry.default} | {entry.meaning} |" in readme


@pytest.mark.parametrize(
    ("environ", "refused"),
    [
        ({"PORT": "0"}, False),
        ({"PORT": "0", "CDS_TRUST_REGISTRY": __file__}, True),
        ({"PORT": "8080", "CDS_TRUST_REGISTRY": __file__}, False),
        (
            {
                "PORT": "0",
                "CDS_TRUST_REGISTRY": __file__,
                "CDS_PUBLIC_BASE_URL": "https://cds.example.org",
            },
            False,
        ),
    ],
)
def test_tokens_need_a_url_that_is_known_beforehand(environ: dict[str, str], refused: bool) -> None:
    exposure = Settings.from_env(environ).exposure
    assert bool(exposure) == refused
    assert ("CDS_PUBLIC_BASE_URL" in exposure) == refused
