"""Dockerfile, compose.yaml, kubernetes.yaml and the workflow: valid, locked down, and about this service."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from cds_service.cli import group
from cds_service.settings import TABLE, Settings
from cds_service.web.openapi import describe

CHECKOUT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
WORKFLOW = ".github/workflows/ci.yml"
CHECKERS = {
    "Dockerfile": ("hadolint",),
    "compose.yaml": ("check-jsonschema", "--builtin-schema", "vendor.compose-spec"),
    "kubernetes.yaml": ("kubernetes-validate", "--strict"),
    WORKFLOW: ("check-jsonschema", "--builtin-schema", "vendor.github-workflows"),
}
VARIABLES = {entry.variable for entry in TABLE}
SECRETS = {"DATABASE_URL", "CDS_STORE_KEY", "CDS_COMMENT_KEYS", "PGPASSWORD", "POSTGRES_PASSWORD"}
# Read by the interpreter, by tempfile and by libpq rather than by us.
NOT_OURS = {"PATH", "TMPDIR", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PGPASSWORD"}

DOCKERFILE = (CHECKOUT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
COMPOSE: dict[str, Any] = yaml.safe_load((CHECKOUT / "compose.yaml").read_text(encoding="utf-8"))
KUBERNETES: list[dict[str, Any]] = list(
    yaml.safe_load_all((CHECKOUT / "kubernetes.yaml").read_text(encoding="utf-8"))
)
PODS: dict[str, dict[str, Any]] = {
    document["kind"]: document["spec"]["template"]
    for document in KUBERNETES
    if "template" in document.get("spec", {})
}
OURS = ("migrate", "service")


def instructions(name: str) -> list[str]:
    """The arguments of each ``name`` of the Dockerfile's last stage."""
    last = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
    return re.findall(rf"^{name} +(.*)$", last, re.MULTILINE)


def image_environment() -> dict[str, str]:
    return dict(word.split("=", 1) for line in instructions("ENV") for word in shlex.split(line))


def compose_environment(service: str) -> dict[str, str]:
    """As docker compose would resolve it, with ``some-secret-value`` for what the deployer gives."""
    given = COMPOSE["services"][service]["environment"]
    return {
        name: re.sub(r"\$\{[^}]*\?[^}]*\}", "https://cds.example.org/0000000", value).replace(
            "${CDS_COMMENT_KEYS:-}", ""
        )
        for name, value in given.items()
    }


def config_map() -> dict[str, str]:
    found: dict[str, str] = next(each["data"] for each in KUBERNETES if each["kind"] == "ConfigMap")
    return found


def check(name: str, path: Path) -> subprocess.CompletedProcess[str]:
    tool, *options = CHECKERS[name]
    return subprocess.run(
        [str(BIN / tool), *options, str(path)], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("name", CHECKERS)
def test_its_own_checker_finds_nothing(name: str) -> None:
    done = check(name, CHECKOUT / name)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("Dockerfile", "FROM python:3.13-slim AS build", "FROM python AS build"),
        ("Dockerfile", "WORKDIR /src", "WORKDIR src"),
        ("compose.yaml", "read_only: true", "read_only: [true]"),
        ("compose.yaml", "  service:\n", "  service:\n    prots: []\n"),
        ("kubernetes.yaml", "runAsNonRoot: true", "runAsNonRoot: certainly"),
        ("kubernetes.yaml", "readOnlyRootFilesystem", "readOnlyRootFileSystem"),
        (WORKFLOW, "runs-on", "runs-onn"),
    ],
)
def test_the_checker_would_find_a_mistake(name: str, right: str, wrong: str, tmp_path: Path) -> None:
    text = (CHECKOUT / name).read_text(encoding="utf-8")
    assert right in text
    copy = tmp_path / Path(name).name
    copy.write_text(text.replace(right, wrong), encoding="utf-8")
    assert check(name, copy).returncode != 0


@pytest.mark.parametrize(
    "environment",
    [image_environment(), *(compose_environment(service) for service in OURS), config_map()],
    ids=["image", *OURS, "config map"],
)
def test_every_variable_that_is_set_is_one_that_is_read(environment: Mapping[str, str]) -> None:
    assert set(environment) <= VARIABLES | NOT_OURS


def test_an_image_that_was_told_nothing_refuses_to_serve_the_network() -> None:
    assert "CDS_TRUST_REGISTRY" in Settings.from_env(image_environment()).exposure


@pytest.mark.parametrize("place", ["compose", "kubernetes"])
def test_a_deployment_starts_with_a_registry(place: str, tmp_path: Path) -> None:
    registry = tmp_path / "registry.toml"
    registry.touch()
    given = compose_environment("service") if place == "compose" else config_map()
    assert given["CDS_TRUST_REGISTRY"].startswith("/etc/emg-ncs-cds/")
    environment = {**image_environment(), **given, "CDS_TRUST_REGISTRY": str(registry)}
    settings = Settings.from_env(environment)
    assert settings.exposure == ""
    assert settings.base_url.startswith("https://")


def test_no_secret_is_written_down() -> None:
    for service in COMPOSE["services"].values():
        for name in SECRETS & set(service["environment"]) - {"DATABASE_URL"}:
            assert service["environment"][name].startswith("${"), name
        assert not re.search(r"://[^/]*:[^/]*@", service["environment"].get("DATABASE_URL", ""))
    assert not SECRETS & set(config_map())
    assert "Secret" not in {document["kind"] for document in KUBERNETES}


def test_every_compose_service_is_locked_down() -> None:
    for name, service in COMPOSE["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "privileged" not in service, name
    published = [port for each in COMPOSE["services"].values() for port in each.get("ports", ())]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


@pytest.mark.parametrize("kind", PODS)
def test_every_pod_is_locked_down(kind: str) -> None:
    pod = PODS[kind]["spec"]
    user = instructions("USER")[-1].split(":")[0]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == int(user) > 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"]["limits"]["memory"]
        assert container["resources"]["requests"]["cpu"]
        writable = {each["mountPath"] for each in container["volumeMounts"] if not each.get("readOnly")}
        assert writable == {image_environment()["TMPDIR"]}


@pytest.mark.parametrize("kind", ["Service", "PodDisruptionBudget", "NetworkPolicy", "Deployment"])
def test_every_selector_finds_a_pod(kind: str) -> None:
    documents = [document for document in KUBERNETES if document["kind"] == kind]
    assert documents
    labels = [pod["metadata"]["labels"] for pod in PODS.values()]
    for document in documents:
        spec = document["spec"]
        selector = spec.get("podSelector") or spec["selector"]
        wanted = selector.get("matchLabels", selector)
        assert any(wanted.items() <= each.items() for each in labels), document["metadata"]["name"]


def test_every_pod_is_behind_a_network_policy() -> None:
    policies = [each["spec"] for each in KUBERNETES if each["kind"] == "NetworkPolicy"]
    for kind, pod in PODS.items():
        covering = [
            each
            for each in policies
            if each["podSelector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
        ]
        assert [sorted(each["policyTypes"]) for each in covering] == [["Egress", "Ingress"]], kind


def test_probes_ask_a_path_that_is_described_and_needs_no_store() -> None:
    described = set(describe({}, Settings())["paths"])
    (container,) = PODS["Deployment"]["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    probes = {name: probe["httpGet"] for name, probe in container.items() if name.endswith("Probe")}
    assert set(probes) == {"startupProbe", "livenessProbe", "readinessProbe"}
    for probe in probes.values():
        # /readyz is 503 while the store is away, which must neither end a container nor stop the cards.
        assert probe["path"] == "/healthz"
        assert probe["path"] in described
        assert str(ports[probe["port"]]) == image_environment()["PORT"]
    (health,) = instructions("HEALTHCHECK")
    assert "/healthz" in health
    assert PODS["Deployment"]["metadata"]["annotations"]["prometheus.io/path"] in described


def test_there_is_time_to_end_in_peace() -> None:
    from cds_service.cli.server import GRACE_SECONDS

    stop = int(COMPOSE["services"]["service"]["stop_grace_period"].removesuffix("s"))
    assert stop > GRACE_SECONDS + 5
    assert PODS["Deployment"]["spec"]["terminationGracePeriodSeconds"] > GRACE_SECONDS + 10


def test_every_container_runs_a_command_there_is() -> None:
    assert instructions("ENTRYPOINT") == ['["cds-service"]']
    commands = [COMPOSE["services"][service]["command"] for service in OURS]
    commands += [each["args"] for pod in PODS.values() for each in pod["spec"]["containers"]]
    assert len(commands) == 4
    for words in commands:
        assert command_of(words) is not None, words


def command_of(words: list[str]) -> click.Command | None:
    command: click.Command | None = group
    for word in words:
        command = command.commands.get(word) if isinstance(command, click.Group) else None
    return command


def test_what_is_copied_into_the_image_is_sent_to_the_builder() -> None:
    ignore = (CHECKOUT / ".dockerignore").read_text(encoding="utf-8").split()
    copied = set(sources())
    assert {"cds_service", "cards", "fhir_fixtures", "pyproject.toml"} <= copied
    for source in copied:
        assert (CHECKOUT / source).exists(), source
        assert f"!{source}" in ignore, source


def sources() -> Iterator[str]:
    for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE):
        yield from line.split()[:-1]
