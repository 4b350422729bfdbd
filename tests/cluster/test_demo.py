"""The demo and the scripts say what the tutorial shows."""

import json
from pathlib import Path

import pytest
import yaml

from tests.support import cluster, media
from tests.support.cluster import shell
from tests.support.wait import until

pytestmark = pytest.mark.timeout(1800)

DEPLOY = """Deploying to Kubernetes...
Host IP: {host}
Deploying RabbitMQ...
statefulset.apps/rabbitmq created
service/rabbitmq created
Deploying Auth Service...
configmap/auth-configmap created
deployment.apps/auth created
Waiting for deployments to be ready...
deployment "auth" successfully rolled out
deployment "gateway" successfully rolled out
deployment "converter" successfully rolled out
deployment "notification" successfully rolled out
Deployment complete!"""
FORWARD = """Starting port forwarding for video2mp3 services...
Cleaning up old log files...
Starting port forwards in background...
✓ Gateway:   http://video2mp3.com (localhost:80 → gateway:8080)
  Log:       tail -f /tmp/gateway-pf.log
✓ Auth:      http://localhost:5000 (→ auth:5000)
  Log:       tail -f /tmp/auth-pf.log
✓ RabbitMQ:  http://localhost:15672 (→ rabbitmq:15672)
  Log:       tail -f /tmp/rabbitmq-pf.log
Port forwarding started! Use these URLs:
  - RabbitMQ:  http://localhost:15672 (guest/guest)
  sudo pkill -f 'kubectl port-forward'"""
END = """Token saved to token.txt
success!
Demo Complete!
Check your email inbox for the notification!
The mail is there: mp3 file_id:"""


@pytest.mark.parametrize("part", [DEPLOY, FORWARD, END])
def test_the_demo_prints_the_lines_of_the_tutorial_in_their_order(
    demo: tuple[str, Path], host: str, part: str
) -> None:
    lines = iter(demo[0].splitlines())
    for wanted in part.format(host=host).splitlines():
        assert any(line.startswith(wanted) for line in lines), f"missing or misplaced: {wanted}"


def test_the_demo_ends_with_an_mp3(demo: tuple[str, Path]) -> None:
    mp3 = demo[1] / "mp3_download.mp3"
    assert abs(media.duration(mp3) - 10) < 0.1
    assert "Audio file with ID3 version 2.4.0" in shell(f"file {mp3}")


def test_a_second_deploy_changes_no_pod(demo: object) -> None:
    before = {app: cluster.pods(app) for app in ("auth", "gateway", "converter", "rabbitmq")}
    assert "Building" not in shell("./deploy.sh", timeout=400)
    assert {app: cluster.pods(app) for app in before} == before


def test_a_deploy_is_not_misled_by_pods_that_an_earlier_one_left_waiting(demo: object) -> None:
    image = "notification=video2mp3-notification:never-built"
    cluster.kubectl("set", "image", "deployment/notification", image)
    waiting = "jsonpath={.items[*].status.containerStatuses[0].state.waiting.reason}"
    until(
        lambda: "ImagePullBackOff" in cluster.kubectl("get", "pods", "-o", waiting),
        "a pod waits for its image",
        60,
    )
    shell("./deploy.sh", timeout=400)


def test_a_dry_run_prints_what_is_applied(demo: object) -> None:
    printed = yaml.safe_load_all(shell("./deploy.sh --dry-run 2>/dev/null"))
    objects = [item for item in printed if item["kind"] != "Secret"]  # their values are hidden
    shell(
        "kubectl diff -f -", text=json.dumps({"kind": "List", "apiVersion": "v1", "items": objects})
    )


def test_a_dry_run_prints_the_objects_and_no_secret(demo: object) -> None:
    secret = cluster.kubectl("get", "secret", "auth-secret", "-o", "jsonpath={.data.JWT_SECRET}")
    printed = shell("MYSQL_TLS=yes ./deploy.sh --dry-run")
    assert "kind: StatefulSet" in printed
    assert 'MYSQL_TLS: "yes"' in printed
    assert secret not in printed
