"""What ./deploy.sh --ha applies: three brokers and three members, that find one another."""

import re
from collections.abc import Callable
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from servicekit.amqp.broker import BrokerSettings
from servicekit.backoff import Backoff
from tests.manifests.conftest import Object, overlay, pod_template
from tests.support.project import ROOT

NODES = 3
HOSTS = re.compile(r"^mongodb://([^/]+)/\?(.+)$")


@pytest.fixture
def objects(
    render: Callable[[Path], list[Object]], tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], Object]:
    folder = tmp_path_factory.mktemp("ha")
    rendered = render(overlay(folder, "mongodb-replica-set", base="manifests/overlays/ha"))
    return {(item["kind"], item["metadata"]["name"]): item for item in rendered}


@pytest.fixture
def brokers(objects: dict[tuple[str, str], Object]) -> Object:
    spec: Object = objects["StatefulSet", "rabbitmq"]["spec"]
    return spec


def test_every_object_is_valid_and_ours(objects: dict[tuple[str, str], Object]) -> None:
    for item in objects.values():
        kubernetes_validate.validate(item, "1.33", strict=True)
        assert item["metadata"]["labels"]["app.kubernetes.io/part-of"] == "video2mp3"


def test_all_that_a_single_node_has_is_there_too(
    objects: dict[tuple[str, str], Object], base: list[Object]
) -> None:
    """The list of the services stands in both: kustomize lets no folder build upon its parent."""
    unhashed = {(kind, name) for kind, name in objects if kind != "ConfigMap"}
    assert unhashed >= {
        (item["kind"], item["metadata"]["name"]) for item in base if item["kind"] != "ConfigMap"
    }


@pytest.mark.parametrize("name", ["rabbitmq", "mongodb"])
def test_there_are_three_of_which_two_always_stay(
    objects: dict[tuple[str, str], Object], name: str
) -> None:
    assert objects["StatefulSet", name]["spec"]["replicas"] == NODES
    budget = objects["PodDisruptionBudget", name]["spec"]
    assert budget["minAvailable"] == 2
    assert "maxUnavailable" not in budget


@pytest.mark.parametrize("name", ["rabbitmq", "mongodb"])
def test_they_spread_over_zones_and_nodes_where_there_are_some(
    objects: dict[tuple[str, str], Object], name: str
) -> None:
    spread = objects["StatefulSet", name]["spec"]["template"]["spec"]["topologySpreadConstraints"]
    assert {constraint["topologyKey"] for constraint in spread} == {
        "topology.kubernetes.io/zone",
        "kubernetes.io/hostname",
    }
    assert {constraint["whenUnsatisfiable"] for constraint in spread} == {"ScheduleAnyway"}


@pytest.mark.parametrize("name", ["rabbitmq", "mongodb"])
def test_none_waits_for_another_to_be_started_and_each_has_a_name(
    objects: dict[tuple[str, str], Object], name: str
) -> None:
    spec = objects["StatefulSet", name]["spec"]
    assert spec["podManagementPolicy"] == "Parallel"
    service = objects["Service", spec["serviceName"]]["spec"]
    assert service["clusterIP"] == "None"
    assert service["publishNotReadyAddresses"] is True
    assert service["selector"].items() <= spec["template"]["metadata"]["labels"].items()


def test_brokers_reach_one_another_and_nobody_else_reaches_their_inner_ports(
    objects: dict[tuple[str, str], Object], brokers: Object
) -> None:
    (container,) = brokers["template"]["spec"]["containers"]
    inner = {"epmd": 4369, "clustering": 25672}
    assert inner.items() <= {p["name"]: p["containerPort"] for p in container["ports"]}.items()
    themselves = [{"podSelector": {"matchLabels": {"app": "rabbitmq"}}}]
    for item in (item for (kind, _), item in objects.items() if kind == "NetworkPolicy"):
        rules = [("from", rule) for rule in item["spec"].get("ingress", [])]
        rules += [("to", rule) for rule in item["spec"].get("egress", [])]
        for end, rule in rules:
            if {*inner, 35672} & {port["port"] for port in rule["ports"]}:
                assert item["metadata"]["name"] == "rabbitmq-nodes"
                assert rule[end] == themselves
    assert len(objects["NetworkPolicy", "rabbitmq-nodes"]["spec"]["ingress"]) == 1


def test_a_node_is_prepared_by_what_the_cluster_gives_it(brokers: Object) -> None:
    """prepare.sh itself is proved in tests/cluster, where nodes lose their disks."""
    (init,) = brokers["template"]["spec"]["initContainers"]
    assert init["securityContext"]["allowPrivilegeEscalation"] is False
    folders = {mount["mountPath"] for mount in init["volumeMounts"]}
    assert folders >= {"/var/lib/rabbitmq", "/etc/rabbitmq-cookie", "/etc/rabbitmq-prepare"}


def test_a_queue_gets_a_member_on_each_node(objects: dict[tuple[str, str], Object]) -> None:
    (data,) = (i["data"] for (_, name), i in objects.items() if name.startswith("rabbitmq-config"))
    lines = data["nodes.conf"].splitlines()
    settings = dict(line.split(" = ") for line in lines if " = " in line)
    prefix = "quorum_queue.continuous_membership_reconciliation"
    assert settings[f"{prefix}.enabled"] == "true"
    assert int(settings[f"{prefix}.target_group_size"]) == NODES
    assert int(settings["cluster_formation.target_cluster_size_hint"]) == NODES
    assert "rabbitmq_peer_discovery_k8s" in data["enabled_plugins"]


@pytest.mark.parametrize("name", ["gateway", "converter", "notification", "sweep"])
def test_a_service_knows_every_member_and_writes_to_the_majority(
    objects: dict[tuple[str, str], Object], name: str
) -> None:
    (item,) = (i for (_, n), i in objects.items() if n == name and pod_template(i))
    template = pod_template(item)
    assert template
    (container,) = template["spec"]["containers"]
    variables = {variable["name"]: variable.get("value") for variable in container["env"]}
    found = HOSTS.match(variables["MONGODB_URI"])
    assert found
    assert found[1].split(",") == [f"mongodb-{n}.mongodb" for n in range(NODES)]
    replicas = objects["StatefulSet", "mongodb"]["spec"]["template"]["spec"]["containers"][0]
    assert "--replSet=video2mp3" in replicas["command"]
    assert set(found[2].split("&")) == {
        "replicaSet=video2mp3", "w=majority", "retryWrites=true", "retryReads=true",
    }  # fmt: skip
    rules = objects["NetworkPolicy", name]["spec"]["egress"]
    (to_mongodb,) = (rule for rule in rules if rule["ports"][0]["port"] == 27017)
    assert to_mongodb["to"] == [{"podSelector": {"matchLabels": {"app": "mongodb"}}}]
    (admitted,) = objects["NetworkPolicy", "mongodb"]["spec"]["ingress"]
    assert name in admitted["from"][0]["podSelector"]["matchExpressions"][0]["values"]


def test_a_mongodb_elsewhere_is_reached_at_any_address_by_its_port(
    render: Callable[[Path], list[Object]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = overlay(tmp_path_factory.mktemp("elsewhere"), "mongodb-auth", "mongodb-elsewhere")
    rendered = {(item["kind"], item["metadata"]["name"]): item for item in render(folder)}
    for name in ("gateway", "converter", "notification", "sweep"):
        rules = rendered["NetworkPolicy", name]["spec"]["egress"]
        assert {"ports": [{"port": 27017, "protocol": "TCP"}]} in rules
    assert "MONGODB_HOST" not in yaml.safe_dump_all(rendered.values())


def test_the_scripts_name_the_brokers_that_the_overlay_makes(brokers: Object) -> None:
    script = (ROOT / "scripts/render.sh").read_text()
    assert "rabbitmq-{0..2}.rabbitmq-nodes:5672" in script
    hosts = ",".join(f"rabbitmq-{n}.{brokers['serviceName']}:5672" for n in range(NODES))
    settings = BrokerSettings(f"amqp://gateway:secret@{hosts}", 20, 5, 8, Backoff(0.5, 10))
    assert len(settings.parameters()) == NODES
