"""One spelling for URLs that mean the same, and none for those that do not."""

from __future__ import annotations

import pytest

from cds_service.auth.urls import folded, folded_path

SAME = [
    ("https://a.example.org/x", "https://a.example.org/x"),
    ("https://a.example.org/x/", "https://a.example.org/x"),
    ("https://a.example.org//x///y//", "https://a.example.org/x/y"),
    ("HTTPS://A.Example.ORG:443/x", "https://a.example.org/x"),
    ("http://a.example.org:80", "http://a.example.org"),
    ("http://a.example.org:8080/", "http://a.example.org:8080"),
    ("http://[::1]:8080/x", "http://[::1]:8080/x"),
    ("https://a.example.org/X", "https://a.example.org/X"),
    ("https://a.example.org/x?y", "https://a.example.org/x?y"),
    ("https://a.example.org/x#y", "https://a.example.org/x#y"),
    ("https://u@a.example.org/x/", "https://u@a.example.org/x/"),
    ("https://a.example.org:x/y/", "https://a.example.org:x/y/"),
    ("https://[/x", "https://[/x"),
    ("urn:emg", "urn:emg"),
    ("", ""),
]


@pytest.mark.parametrize(("url", "spelling"), SAME)
def test_a_url_has_one_spelling(url: str, spelling: str) -> None:
    assert folded(url) == spelling
    assert folded(spelling) == spelling


@pytest.mark.parametrize(
    ("path", "spelling"), [("/", ""), ("//a", "/a"), ("/a//b/", "/a/b"), ("/a/b", "/a/b"), ("", "")]
)
def test_a_path_has_one_spelling(path: str, spelling: str) -> None:
    assert folded_path(path) == spelling
