"""What --metrics and --monitoring add: a scraper is let in where metrics are, and nowhere else."""

import json
import re
import subprocess
from typing import Any

import pytest
import yaml

from tests.manifests.conftest import Object, pod_template
from tests.support.project import ROOT, SERVICES

SCRAPED = (*SERVICES, "rabbitmq")
COMPONENT = ROOT / "manifests/components/monitoring"
CONFIG: Object = yaml.safe_load((COMPONENT / "prometheus.yml").read_text(encoding="utf-8"))
RULES: Object = yaml.safe_load((COMPONENT / "rules.yaml").read_text(encoding="utf-8"))
PROMETHEUS = {"podSelector": {"matchLabels": {"app.kubernetes.io/name": "prometheus"}}}


def named(objects: list[Object], kind: str) -> dict[str, Object]:
    return {item["metadata"]["name"]: item for item in objects if item["kind"] == kind}


@pytest.fixture
def templates(everything: list[Object]) -> dict[str, Object]:
    return {i["metadata"]["name"]: t for i in everything if (t := pod_template(i))}


def ports(template: Object) -> dict[str, int]:
    """The named ports of a pod."""
    (container,) = template["spec"]["containers"]
    return {port["name"]: port["containerPort"] for port in container["ports"]}


def metrics_port(template: Object) -> tuple[str, int]:
    """Where a pod serves metrics."""
    found = ports(template)
    name = "metrics" if "metrics" in found else "health"
    return name, found[name]


def jobs() -> dict[str, tuple[str, int]]:
    """Of each job of prometheus.yml but its own, the Service and the port."""
    found = {}
    for config in CONFIG["scrape_configs"]:
        for discovery in config.get("dns_sd_configs", []):
            for name in discovery["names"]:
                shared = "relabel_configs" in config
                job = name.removesuffix("-metrics") if shared else config["job_name"]
                found[job] = (name, discovery["port"])
    return found


def test_each_service_and_the_broker_are_scraped_where_they_serve_metrics(
    everything: list[Object], templates: dict[str, Object]
) -> None:
    assert jobs().keys() == {*SCRAPED, "rabbitmq-queues"}
    services = named(everything, "Service")
    for job, (service, port) in jobs().items():
        spec = services[service]["spec"]
        assert spec["clusterIP"] == "None" and spec["publishNotReadyAddresses"] is True
        app = spec["selector"]["app"]
        assert job.startswith(app)
        assert port == metrics_port(templates[app])[1]


def test_the_rules_know_the_jobs_by_the_names_that_they_have() -> None:
    text = json.dumps(RULES)
    meant = {name for names in re.findall(r'job=~?\\"([^\\]+)', text) for name in names.split("|")}
    assert meant == jobs().keys()


def test_a_scraper_of_the_clusters_own_finds_the_pods_by_their_annotations(
    templates: dict[str, Object],
) -> None:
    for name, template in templates.items():
        found = template["metadata"].get("annotations", {})
        if name in SCRAPED:
            _, port = metrics_port(template)
            assert found["prometheus.io/scrape"] == "true"
            assert found["prometheus.io/port"] == str(port)
            assert found["prometheus.io/path"] == "/metrics"
        else:
            assert "prometheus.io/scrape" not in found


def test_only_a_prometheus_is_let_in_and_only_to_the_metrics(
    everything: list[Object], templates: dict[str, Object]
) -> None:
    policies = named(everything, "NetworkPolicy")
    spec = policies["metrics"]["spec"]
    (rule,) = spec["ingress"]
    here, elsewhere = rule["from"]
    monitoring = {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}
    assert here == PROMETHEUS and elsewhere == PROMETHEUS | {"namespaceSelector": monitoring}
    assert here["podSelector"]["matchLabels"].items() <= _labels(templates["prometheus"]).items()
    assert {port["port"] for port in rule["ports"]} == {
        metrics_port(templates[name])[0] for name in SCRAPED
    }
    assert set(spec["podSelector"]["matchExpressions"][0]["values"]) == set(SCRAPED)
    others = [i["spec"] for name, i in policies.items() if name != "metrics"]
    open_to_all = json.dumps([other.get("ingress", []) for other in others])
    assert '"health"' not in open_to_all and '"metrics"' not in open_to_all


def test_prometheus_lets_nobody_in_and_reaches_metrics_and_names_only(
    everything: list[Object],
) -> None:
    policies = named(everything, "NetworkPolicy")
    spec = policies["prometheus"]["spec"]
    assert "ingress" not in spec
    names, scraped = spec["egress"]
    assert {port["port"] for port in names["ports"]} == {53}
    (target,) = scraped["to"]
    admitted = policies["metrics"]["spec"]
    assert target["podSelector"] == admitted["podSelector"]
    assert scraped["ports"] == admitted["ingress"][0]["ports"]


def test_a_day_of_metrics_fits_the_volume(templates: dict[str, Object]) -> None:
    spec = templates["prometheus"]["spec"]
    (container,) = spec["containers"]
    options = dict(argument.split("=") for argument in container["args"])
    assert options["--storage.tsdb.retention.time"] == "24h"
    kept = int(options["--storage.tsdb.retention.size"].removesuffix("MB"))
    (data,) = (volume for volume in spec["volumes"] if volume["name"] == "data")
    assert 2 * kept <= int(data["emptyDir"]["sizeLimit"].removesuffix("Gi")) * 1024


def test_the_operator_is_given_the_same_rules_and_targets(templates: dict[str, Object]) -> None:
    script = [ROOT / "scripts/prometheus-operator"]
    printed = subprocess.run(script, capture_output=True, text=True, check=True, timeout=30).stdout
    services, broker, rules = yaml.safe_load_all(printed)
    assert rules["kind"] == "PrometheusRule" and rules["spec"] == RULES
    for monitor, apps in ((services, set(SERVICES)), (broker, {"rabbitmq"})):
        spec = monitor["spec"]
        assert monitor["kind"] == "PodMonitor" and spec["jobLabel"] == "app"
        assert {app for app in templates if _selects(spec["selector"], templates[app])} == apps
        for endpoint in spec["podMetricsEndpoints"]:
            assert all(endpoint["port"] == metrics_port(templates[app])[0] for app in apps)
    (queues,) = (c for c in CONFIG["scrape_configs"] if c["job_name"] == "rabbitmq-queues")
    _, detailed = broker["spec"]["podMetricsEndpoints"]
    assert (detailed["path"], detailed["params"]) == (queues["metrics_path"], queues["params"])
    assert detailed["relabelings"] == [{"targetLabel": "job", "replacement": "rabbitmq-queues"}]


def _labels(template: Object) -> dict[str, Any]:
    labels: dict[str, Any] = template["metadata"]["labels"]
    return labels


def _selects(selector: Object, template: Object) -> bool:
    labels = _labels(template)
    return selector.get("matchLabels", {}).items() <= labels.items() and all(
        labels.get(expression["key"]) in expression["values"]
        for expression in selector.get("matchExpressions", [])
    )
