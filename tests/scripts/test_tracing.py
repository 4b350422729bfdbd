"""What ./deploy.sh makes of OTEL_EXPORTER_OTLP_ENDPOINT before it touches the cluster."""

import json
from typing import Any

import pytest
import yaml

from tests.scripts.conftest import Run
from tests.support.project import SERVICES

CHOOSE = """. scripts/lib.sh; . scripts/render.sh; . scripts/tracing.sh
components=(); choose_tracing; echo "components: [${components[*]}]"
echo 'patches:'; trace_to_collector
"""
# Whom a policy lets the services reach, for each form of an endpoint.
REACHED: dict[str, tuple[list[Any], int]] = {
    "http://collector.observability.svc:4318": (
        [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "observability"}}}],
        4318,
    ),
    "http://collector.traces.svc.cluster.local:4318/otlp": (
        [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "traces"}}}],
        4318,
    ),
    "http://collector:4318": ([{"podSelector": {}}], 4318),
    "http://10.0.0.7:4318": ([{"ipBlock": {"cidr": "10.0.0.7/32"}}], 4318),
    "https://otlp.example.com": ([], 443),
    "https://1.example.com:8443": ([], 8443),
}


@pytest.mark.parametrize("endpoint", REACHED)
def test_the_services_are_told_of_the_receiver_and_may_reach_it(run: Run, endpoint: str) -> None:
    done = run("bash", "-euo", "pipefail", "-c", CHOOSE, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint)
    told = yaml.safe_load(done.stdout)
    assert told["components"] == ["tracing"]
    *maps, policy = told["patches"]
    assert {each["target"]["name"] for each in maps} == {f"{name}-configmap" for name in SERVICES}
    for each in maps:
        (operation,) = json.loads(each["patch"])
        assert operation["value"] == endpoint
    port, to = json.loads(policy["patch"])
    assert (to["value"], port["value"]) == REACHED[endpoint]


def test_without_one_nothing_is_changed(run: Run) -> None:
    told = yaml.safe_load(run("bash", "-euo", "pipefail", "-c", CHOOSE).stdout)
    assert told == {"components": [], "patches": None}


@pytest.mark.parametrize(
    "endpoint", ["collector:4318", "grpc://collector:4317", "http://", "http://a'; true #"]
)
def test_what_is_no_url_stops_the_deploy(run: Run, endpoint: str) -> None:
    done = run("bash", "-c", CHOOSE, OTEL_EXPORTER_OTLP_ENDPOINT=endpoint)
    assert done.returncode == 1
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" in done.stderr
