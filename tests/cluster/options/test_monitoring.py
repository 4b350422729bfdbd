"""./deploy.sh --monitoring: all that serves metrics is scraped, and a failure fires its alert.

It has the cluster for itself: these tests undeploy what there is.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from bson import ObjectId

from tests.support import cluster
from tests.support.cluster import get, kubectl, shell
from tests.support.outages import memory_alarm
from tests.support.project import SERVICES
from tests.support.wait import until

pytestmark = [pytest.mark.timeout(900), pytest.mark.usefixtures("prometheus")]

API = "http://localhost:9090/api/v1"
FOR = 60  # seconds; what the alerts that are planted here wait for
SLACK = 60  # seconds; a scrape, an evaluation, a busy machine
PUBLISH = f"""
import pika
connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
message = '{{"video_fid": "{ObjectId()}", "mp3_fid": null, "username": "nobody@example.com"}}'
connection.channel().basic_publish("", "video", message)
connection.close()
"""


@pytest.fixture(scope="module")
def prometheus(host: str) -> Iterator[None]:
    shell("./deploy.sh --mailcatcher --monitoring", cluster.DEPLOY_TIMEOUT)
    yield
    shell("./undeploy.sh", cluster.UNDEPLOY_TIMEOUT)


def ask(path: str, *options: str) -> Any:
    """The data of an answer of Prometheus."""
    command = ["exec", "deployment/prometheus", "--", "curl", "--silent", "--fail", "--get"]
    return json.loads(kubectl(*command, *options, f"{API}/{path}"))["data"]


def firing() -> set[str]:
    """The alerts that fire."""
    query = 'query=ALERTS{alertstate="firing"}'
    found = ask("query", "--data-urlencode", query)["result"]
    return {series["metric"]["alertname"] for series in found}


def test_every_pod_is_scraped() -> None:
    pods = sum(
        len(cluster.pods(name)) for name in (*SERVICES, "rabbitmq", "rabbitmq", "prometheus")
    )

    def health() -> list[str]:
        return [target["health"] for target in ask("targets")["activeTargets"]]

    until(lambda: health() == ["up"] * pods, f"{pods} targets are up", SLACK)


def test_every_rule_is_evaluated() -> None:
    def health() -> set[str]:
        return {rule["health"] for rule in ask("rules")["groups"][0]["rules"]}

    until(lambda: health() == {"ok"}, "all rules are evaluated", SLACK)


def test_the_alerts_are_seen_by_the_documented_lines() -> None:
    forward = "kubectl port-forward service/prometheus 9091:9090 >/dev/null & trap 'kill $!' EXIT"
    page = "http://localhost:9091/alerts"
    assert shell(f"{forward}; curl -sSf --retry 9 --retry-connrefused --retry-delay 1 {page}")
    query = "promtool query instant http://localhost:9090 'ALERTS'"
    shell(f"kubectl exec deployment/prometheus -- {query}")


def test_nobody_but_prometheus_reads_the_metrics() -> None:
    (pod, *_) = get("pods", "-l", "app=gateway")
    url = f"http://{pod['status']['podIP']}:9090/metrics"
    read = [
        "curl",
        "--silent",
        "--max-time",
        "5",
        "--output",
        "/dev/null",
        "--write-out",
        "%{http_code}",
    ]
    assert kubectl("exec", "deployment/prometheus", "--", *read, url) == "200"
    cluster.start_pod(cluster.CLIENT)
    try:
        with pytest.raises(subprocess.CalledProcessError) as refused:
            cluster.in_client(*read, url)
        assert refused.value.stdout == b"000"
    finally:
        cluster.stop_pod(cluster.CLIENT)


def publish_by_hand() -> None:
    """A message of a job that does not exist: it waits, and ends in the dead queue."""
    kubectl("exec", "-i", "rabbitmq-0", "--", "python3", "-", data=PUBLISH.encode())


@pytest.mark.skipif(os.environ.get("PLANTS") != "all", reason="three minutes: PLANTS=all")
def test_three_failures_fire_their_alerts_which_are_silent_after_the_mend() -> None:
    until(lambda: not firing(), "nothing fires", SLACK)
    kubectl("scale", "deployment", "converter", "--replicas=0")
    publish_by_hand()
    with memory_alarm(cluster.rabbitmqctl, "0.6"):
        planted = {"QueueWithoutConsumer", "BrokerMemoryAlarm"}
        until(lambda: firing() >= planted, "both fire", FOR + SLACK)
    kubectl("scale", "deployment", "converter", "--replicas=4")
    until(lambda: "DeadMessages" in firing(), "the message is dead", 2 * FOR + SLACK)
    assert not firing() & planted
    kubectl("exec", "rabbitmq-0", "--", "dead", "purge")
    until(lambda: not firing(), "nothing fires any more", 2 * FOR + SLACK)
