"""From the cluster a webhook reaches what the operator allows, and nothing else of the inside."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.conftest import Jobs
from tests.support import cluster, media
from tests.support.client import Client
from tests.support.cluster import kubectl, shell
from tests.support.receiver import Receiver
from tests.support.wait import until

# What an operator adds for a receiver of their own.
POLICY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: notification-to-receiver}}
spec:
  podSelector: {{matchLabels: {{app: notification}}}}
  policyTypes: [Egress]
  egress: [{{to: [{{ipBlock: {{cidr: {host}/32}}}}]}}]
"""


@pytest.fixture
def allowed(host: str, ready_again: None) -> Iterator[None]:
    """The operator lets webhooks go to this machine."""
    kubectl("apply", "-f", "-", data=POLICY.format(host=host).encode())
    shell(f"kubectl set env deployment notification WEBHOOK_NETWORKS={host}")
    cluster.rolled_out("deployment/notification")
    cluster.old_ones_gone("notification")
    yield
    shell("kubectl set env deployment notification WEBHOOK_NETWORKS-")
    kubectl("delete", "networkpolicy", "notification-to-receiver")


def outcome(user: Client) -> str | None:
    (only,) = user.request("GET", "/webhooks").json()["webhooks"]
    return None if only["outcome"] is None else str(only["outcome"])


@pytest.fixture
def hooked(user: Client, host: str) -> Iterator[Receiver]:
    """A receiver on the databases' machine, which is told of the user's jobs."""
    with Receiver(host=host) as receiver:
        url = receiver.url.replace("localhost", host)
        added = user.request("POST", "/webhooks", data={"url": url}).json()
        yield receiver
        user.request("DELETE", f"/webhooks/{added['id']}")


def test_the_databases_machine_is_no_address_for_a_webhook(
    user: Client, jobs: Jobs, hooked: Receiver, tmp_path: Path
) -> None:
    jobs.settle([jobs.upload(media.with_sound(tmp_path / "clip.mp4", 1))])
    until(lambda: outcome(user) == "its address is none of the Internet's", "it is refused", 30)
    assert not hooked.received


def test_a_receiver_that_the_operator_allows_is_told(
    user: Client, jobs: Jobs, hooked: Receiver, allowed: None, tmp_path: Path
) -> None:
    secret = user.request("GET", "/webhook-secret").json()["secret"]
    job = jobs.upload(media.with_sound(tmp_path / "clip.mp4", 1))
    jobs.settle([job])
    (told,) = hooked.wait_for(1)
    assert told.verified(secret)["type"] == "job.done"
    until(lambda: outcome(user) == "200", "it is noted")
