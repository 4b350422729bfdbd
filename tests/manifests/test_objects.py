"""The objects of the tutorial are there, under its names, and each is valid Kubernetes."""

import json
import re
import subprocess
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from servicekit.amqp.pause import running
from servicekit.amqp.queues import MP3_QUEUE, VIDEO_QUEUE, exchange_to
from tests.manifests.conftest import Object, pod_template
from tests.support.project import ROOT

TUTORIAL = {
    ("StatefulSet", "rabbitmq"): 1,
    ("Deployment", "auth"): 2,
    ("Deployment", "gateway"): 2,
    ("Deployment", "converter"): 4,
    ("Deployment", "notification"): 4,
}
PORTS = {"auth": [5000], "gateway": [8080], "rabbitmq": [5672, 15672]}


def named(objects: list[Object], kind: str) -> dict[str, Object]:
    return {item["metadata"]["name"]: item for item in objects if item["kind"] == kind}


@pytest.mark.parametrize("version", ["1.33", kubernetes_validate.latest_version()])
def test_every_object_is_valid(everything: list[Object], version: str) -> None:
    for item in everything:
        kubernetes_validate.validate(item, version, strict=True)


@pytest.mark.parametrize(("key", "replicas"), TUTORIAL.items())
def test_the_workloads_of_the_tutorial_are_there(
    base: list[Object], key: tuple[str, str], replicas: int
) -> None:
    kind, name = key
    assert named(base, kind)[name]["spec"]["replicas"] == replicas


def test_the_services_show_the_ports_of_the_tutorial_and_no_other(base: list[Object]) -> None:
    services = named(base, "Service")
    ports = {n: [p["port"] for p in s["spec"]["ports"]] for n, s in services.items()}
    assert ports == PORTS


def test_the_configmaps_hold_the_hosts_of_the_databases(base: list[Object]) -> None:
    maps = named(base, "ConfigMap")
    assert maps["auth-configmap"]["data"]["MYSQL_HOST"] == "192.168.49.1"
    assert maps["gateway-configmap"]["data"]["MONGODB_HOST"] == "192.168.49.1"


def test_the_broker_keeps_its_data_in_a_volume_claim(base: list[Object]) -> None:
    spec = named(base, "StatefulSet")["rabbitmq"]["spec"]
    assert [claim["metadata"]["name"] for claim in spec["volumeClaimTemplates"]] == ["data"]


def test_the_ingress_leads_to_the_gateway(base: list[Object]) -> None:
    (ingress,) = named(base, "Ingress").values()
    (rule,) = ingress["spec"]["rules"]
    assert rule["host"] == "video2mp3.com"
    assert rule["http"]["paths"][0]["backend"]["service"]["name"] == "gateway"


def test_a_pod_is_given_its_own_secret_and_no_other(base: list[Object]) -> None:
    for item in base:
        text = json.dumps(pod_template(item))
        names = re.findall(r'"secret(?:Name": |": \{[^}]*"name": )"([^"]+)"', text)
        assert set(names) <= {f"{item['metadata']['name']}-secret"}


def test_every_object_bears_the_label_by_which_it_is_undeployed(everything: list[Object]) -> None:
    for item in everything:
        label = item["metadata"]["labels"].get("app.kubernetes.io/part-of")
        assert label == "video2mp3", item["metadata"]["name"]


def test_every_selector_finds_the_pods_of_its_own_service_only(everything: list[Object]) -> None:
    pods = {
        item["metadata"]["name"]: template["metadata"]["labels"]
        for item in everything
        if (template := pod_template(item))
    }
    for service in named(everything, "Service").values():
        wanted = service["spec"]["selector"].items()
        found = [name for name, labels in pods.items() if wanted <= labels.items()]
        assert found == [service["metadata"]["name"].removesuffix("-metrics")]


def test_every_pod_has_its_policy_budget_and_account(base: list[Object]) -> None:
    pods = {item["metadata"]["name"] for item in base if pod_template(item)}
    assert pods - {"sweep"} == {name for _, name in TUTORIAL}
    assert set(named(base, "ServiceAccount")) >= pods
    assert set(named(base, "NetworkPolicy")) >= pods - {"sweep"}
    assert set(named(base, "PodDisruptionBudget")) == pods - {"sweep"}


def test_the_pods_and_eight_more_converters_fit_a_default_minikube(base: list[Object]) -> None:
    """2 CPUs and 4 GiB, of which minikube's own pods request 950m and 370 MiB."""
    cpu = memory = 0
    for item in base:
        template = pod_template(item)
        if template is None or item["kind"] == "CronJob":
            continue
        count = item["spec"]["replicas"] + (8 if item["metadata"]["name"] == "converter" else 0)
        for container in template["spec"]["containers"]:
            requests = container["resources"]["requests"]
            cpu += count * int(requests["cpu"].removesuffix("m"))
            memory += count * int(requests["memory"].removesuffix("Mi"))
    assert cpu <= 2000 - 950
    assert memory <= 4096 - 370 - 300


def test_the_autoscaler_and_the_deployment_do_not_fight_over_the_converters(
    everything: list[Object],
) -> None:
    hpa = named(everything, "HorizontalPodAutoscaler")["converter-hpa"]["spec"]
    assert (hpa["minReplicas"], hpa["maxReplicas"]) == (4, 16)
    assert "replicas" not in named(everything, "Deployment")["converter"]["spec"]


def test_no_secret_is_in_git(everything: list[Object]) -> None:
    assert not named(everything, "Secret")
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    ).stdout.splitlines()
    assert ".env" not in tracked
    for file in tracked:
        if file.startswith("manifests/") and file.endswith((".yaml", ".yml")):
            for item in yaml.safe_load_all(Path(ROOT, file).read_text()):
                assert item.get("kind") != "Secret", file


def test_the_broker_of_the_definitions_dead_letters_both_queues() -> None:
    definitions = json.loads((ROOT / "manifests/rabbitmq/definitions.json").read_text())
    (policy,) = definitions["policies"]
    assert re.fullmatch(policy["pattern"], "video") and re.fullmatch(policy["pattern"], "mp3")
    assert not re.fullmatch(policy["pattern"], "dead")
    assert policy["definition"]["dead-letter-routing-key"] == "dead"
    assert {queue["name"] for queue in definitions["queues"]} == {"video", "mp3", "dead"}
    assert all(not queue["arguments"] for queue in definitions["queues"])
    assert [user["name"] for user in definitions["users"]] == ["guest"]


def test_what_a_service_publishes_to_or_looks_for_is_declared_by_the_definitions() -> None:
    definitions = json.loads((ROOT / "manifests/rabbitmq/definitions.json").read_text())
    assert {exchange["name"] for exchange in definitions["exchanges"]} == {
        name for queue in (VIDEO_QUEUE, MP3_QUEUE) for name in (exchange_to(queue), running(queue))
    }
