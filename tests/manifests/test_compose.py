"""compose.yaml runs what the manifests deploy: the same images, settings and limits."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from servicekit.amqp.broker import BrokerSettings
from servicekit.backoff import Backoff
from tests.manifests.conftest import Object, pod_template
from tests.support.project import ROOT, SERVICES

COMPOSE: Object = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
OURS = (*SERVICES, "rabbitmq", "mailcatcher")
# What is another there: hosts by compose's names, no proxy in front, no Service that maps a port,
# and the catcher's certificate beside the other secrets.
OTHERWISE: dict[str, dict[str, str | None]] = {
    "auth": {"MYSQL_HOST": "mysql"},
    "gateway": {
        "MONGODB_HOST": None,
        "MONGODB_URI": "mongodb://mongodb:27017",
        "PUBLIC_URL": "http://localhost:8080",
        "TRUSTED_PROXIES": None,
    },
    "converter": {"MONGODB_HOST": None, "MONGODB_URI": "mongodb://mongodb:27017"},
    "notification": {
        "MONGODB_HOST": None,
        "MONGODB_URI": "mongodb://mongodb:27017",
        "PUBLIC_URL": "http://localhost:8080",
        "SMTP_PORT": "2525",
        "SMTP_CA_FILE": "/etc/secrets/cert.pem",
    },
}


@pytest.fixture
def pods(everything: list[Object]) -> dict[str, Object]:
    """The pod specs by the names of their owners; MongoDB's is that of --ha."""
    path = ROOT / "manifests/mongodb/statefulset.yaml"
    items = [*everything, yaml.safe_load(path.read_text(encoding="utf-8"))]
    return {i["metadata"]["name"]: t["spec"] for i in items if (t := pod_template(i))}


def container(pods: dict[str, Object], name: str) -> Object:
    found: Object
    (found,) = pods[name]["containers"]
    return found


def service(name: str) -> Object:
    found: Object = COMPOSE["services"][name]
    return found


def megabytes(size: str) -> int:
    """Kubernetes' `512Mi` and compose's `512m` are both 512 times 1024 squared."""
    number, unit = re.fullmatch(r"(\d+)([mg])i?", size.lower()).groups()  # type: ignore[union-attr]
    return int(number) * {"m": 1, "g": 1024}[unit]


@pytest.mark.parametrize("name", OURS)
def test_an_image_is_built_as_for_the_cluster(pods: dict[str, Object], name: str) -> None:
    image = container(pods, name)["image"].partition(":")[0]
    assert service(name)["image"] == f"{image}:compose"
    script = f". scripts/images.sh; image_dockerfile {name}"
    command = ["bash", "-c", script]
    dockerfile = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    ).stdout.strip()
    assert service(name)["build"] == {"context": ".", "dockerfile": dockerfile}


@pytest.mark.parametrize("name", [*OURS, "mongodb"])
def test_a_service_has_the_settings_of_its_pod(
    everything: list[Object], pods: dict[str, Object], name: str
) -> None:
    maps = {i["metadata"]["name"]: i for i in everything if i["kind"] == "ConfigMap"}
    found = container(pods, name)
    named: dict[str, Any] = {}
    for source in found.get("envFrom", []):
        named |= maps[source["configMapRef"]["name"]]["data"]
    named |= {v["name"]: v["value"] for v in found.get("env", []) if "value" in v}
    named |= OTHERWISE.get(name, {})
    expected = {key: value for key, value in named.items() if value is not None}
    assert service(name).get("environment", {}) == expected


def test_mongodb_is_that_of_the_cluster_but_alone(pods: dict[str, Object]) -> None:
    found = container(pods, "mongodb")
    assert service("mongodb")["image"] == found["image"]
    replicated = ("--replSet", "--oplogSize")
    assert service("mongodb")["command"] == [
        word for word in found["command"] if not word.startswith(replicated)
    ]


@pytest.mark.parametrize("name", [*OURS, "mongodb"])
def test_a_service_has_the_memory_the_folders_and_the_time_to_end_of_its_pod(
    pods: dict[str, Object], name: str
) -> None:
    found, spec = service(name), pods[name]
    memory = container(pods, name)["resources"]["limits"]["memory"]
    assert megabytes(found["mem_limit"]) == megabytes(memory)
    assert found["stop_grace_period"] == f"{spec['terminationGracePeriodSeconds']}s"
    volumes = {v["name"]: v["emptyDir"]["sizeLimit"] for v in spec["volumes"] if "emptyDir" in v}
    folders = {
        mount["mountPath"]: megabytes(volumes[mount["name"]])
        for mount in container(pods, name)["volumeMounts"]
        if mount["name"] in volumes
    }
    if name == "converter":  # a disk's there, and no memory's
        assert "/tmp" in found["volumes"]  # noqa: S108
        assert folders.keys() == {"/tmp"} and "tmpfs" not in found  # noqa: S108
    else:
        mounted = [line.partition(":size=") for line in found["tmpfs"]]
        assert {path: megabytes(size.split(",")[0]) for path, _, size in mounted} == folders


def test_every_service_is_confined() -> None:
    for name, found in COMPOSE["services"].items():
        assert found["read_only"] is True, name
        assert found["cap_drop"] == ["ALL"], name
        assert found["security_opt"] == ["no-new-privileges:true"], name
        assert name == "secrets" or "mem_limit" in found, name


def test_only_the_gateway_is_reached_and_by_this_machine_only(pods: dict[str, Object]) -> None:
    published = {n: found["ports"] for n, found in COMPOSE["services"].items() if "ports" in found}
    (port,) = [
        p["containerPort"] for p in container(pods, "gateway")["ports"] if p["name"] == "http"
    ]
    assert published == {"gateway": [f"127.0.0.1:{port}:{port}"]}
    assert COMPOSE["networks"]["default"] == {"internal": True}
    outside = [
        n for n, found in COMPOSE["services"].items() if "outside" in found.get("networks", [])
    ]
    assert outside == ["gateway"]


@pytest.mark.parametrize("name", [*SERVICES, "mailcatcher"])
def test_a_service_is_healthy_when_its_pod_has_started(pods: dict[str, Object], name: str) -> None:
    found = container(pods, name)
    (port,) = [p["containerPort"] for p in found["ports"] if p["name"] == "health"]
    path = found["startupProbe"]["httpGet"]["path"]
    assert service(name)["healthcheck"]["test"][-1] == f"http://localhost:{port}{path}"


def test_nobody_starts_before_what_it_needs_is_well() -> None:
    for name, found in COMPOSE["services"].items():
        for needed, condition in found.get("depends_on", {}).items():
            wanted = "completed_successfully" if needed == "secrets" else "healthy"
            assert condition == {"condition": f"service_{wanted}"}, name
            assert needed == "secrets" or "healthcheck" in service(needed)


def make_secrets(folder: Path) -> dict[str, str]:
    command = [ROOT / "scripts/compose-secrets", folder]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return {str(p.relative_to(folder)): p.read_text() for p in folder.glob("*/*")}


def test_each_service_finds_its_secrets_and_they_last(tmp_path: Path) -> None:
    made = make_secrets(tmp_path)
    assert make_secrets(tmp_path) == made
    for name in OURS:
        volumes = [line.split(":") for line in service(name)["volumes"] if "secrets:" in line]
        assert all(volume == [f"{name}-secrets", "/etc/secrets", "ro"] for volume in volumes)
        for value in service(name).get("environment", {}).values():
            if value.startswith("/etc/secrets/"):
                assert f"{name}/{Path(value).name}" in made
    assert len(made["auth/JWT_SECRET"]) >= 32
    assert len(made["gateway/LINK_SECRET"]) >= 32
    assert made["notification/LINK_SECRET"] == made["gateway/LINK_SECRET"]


def test_the_servers_know_the_secrets_of_the_services(tmp_path: Path) -> None:
    made = make_secrets(tmp_path)
    assert made["auth/MYSQL_PASSWORD"] in made["mysql/video2mp3.sql"]
    for name in SERVICES:
        settings = BrokerSettings(made[f"{name}/RABBITMQ_URL"], 20, 5, 8, Backoff(0.5, 10))
        (parameters,) = settings.parameters()
        assert parameters.host == "rabbitmq"
        assert parameters.credentials.password in made["rabbitmq/10-users.json"]
    definitions = (ROOT / "manifests/rabbitmq/definitions.json").read_text()
    assert made["rabbitmq/20-broker.json"] == definitions
