"""The queues and their policy stand in the manifests; the local broker and the services follow."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from local.stack.broker import consumer_timeout, local_definitions
from tests.support.project import ROOT
from tests.support.settings import NEEDED

# What each service has no default for.
ENVIRONMENT = {
    "MONGODB_URI": "mongodb://mongodb",
    "RABBITMQ_URL": "amqp://rabbitmq",
    "GMAIL_ADDRESS": "a@example.com",
    "GMAIL_PASSWORD": "secret",
    "PATH": os.environ["PATH"],
    **NEEDED,
}
PRINT_SETTINGS = """
import dataclasses, json, os
from settings import Settings
print(json.dumps(dataclasses.asdict(Settings.from_env(os.environ)), default=str))
"""


@pytest.fixture
def source() -> dict[str, Any]:
    """The cluster's definitions."""
    definitions = json.loads((ROOT / "manifests/rabbitmq/definitions.json").read_text())
    assert isinstance(definitions, dict)
    return definitions


def policy(definitions: dict[str, Any]) -> dict[str, Any]:
    (only,) = definitions["policies"]
    return dict(only["definition"])


def defaults(service: str) -> dict[str, Any]:
    """Every setting of a service with its default, by name, without the groups they stand in."""
    output = subprocess.run(
        [sys.executable, "-c", PRINT_SETTINGS],
        env=ENVIRONMENT | {"PYTHONPATH": f"{ROOT}:{ROOT / service}"},
        cwd=ROOT / service,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout
    return flat(json.loads(output))


def flat(settings: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in settings.items():
        found |= flat(value) if isinstance(value, dict) else {name: value}
    return found


def test_the_local_queues_are_the_clusters_as_quorum_queues(source: dict[str, Any]) -> None:
    local = local_definitions(source, {})
    names = [queue["name"] for queue in source["queues"]]
    assert [queue["name"] for queue in local["queues"]] == names
    assert {queue["arguments"]["x-queue-type"] for queue in local["queues"]} == {"quorum"}
    assert local["vhosts"] == source["vhosts"]


def test_the_local_policy_is_the_clusters_but_for_the_timeout(source: dict[str, Any]) -> None:
    local = policy(local_definitions(source, {}))
    assert local | {"consumer-timeout": consumer_timeout(source)} == policy(source)
    assert "consumer-timeout" not in local


def test_the_local_users_are_guest_and_the_services_each_with_its_password(
    source: dict[str, Any],
) -> None:
    users = local_definitions(source, {"gateway": "secret"})["users"]
    passwords = {user["name"]: user["password"] for user in users}
    assert passwords == {"guest": "guest", "gateway": "secret"}


@pytest.mark.parametrize("service", ["converter", "notification"])
def test_a_worker_gives_up_when_the_policy_does(service: str, source: dict[str, Any]) -> None:
    assert defaults(service)["delivery_limit"] == policy(source)["delivery-limit"]


def test_a_job_and_its_wait_end_before_the_broker_takes_it_away(source: dict[str, Any]) -> None:
    converter = defaults("converter")
    # An express lane may have the job first, and fail.
    longest = 2 * converter["time_limit"] + converter["hold_limit"]  # seconds
    assert consumer_timeout(source) > longest * 1000
