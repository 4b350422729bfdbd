"""RabbitMQ's definitions for Debian's release, made from those of the cluster.

The cluster runs RabbitMQ 4.3, Debian 12 has 3.10, which differs in two points: the vhost's default
queue type does not reach queues that the definitions name, and a policy knows no consumer timeout.
"""

import json
from collections.abc import Mapping
from typing import Any

from local.stack.paths import Paths

TIMEOUT_KEY = "consumer-timeout"
Definitions = dict[str, Any]


def definitions(paths: Paths) -> Definitions:
    """The cluster's definitions, as the manifests have them."""
    path = paths.root / "manifests/rabbitmq/definitions.json"
    source: Definitions = json.loads(path.read_text(encoding="utf-8"))
    return source


def consumer_timeout(source: Definitions) -> int:
    """The policy's consumer timeout, in milliseconds, which goes into rabbitmq.conf."""
    (policy,) = source["policies"]
    return int(policy["definition"][TIMEOUT_KEY])


def service_users(source: Definitions) -> list[str]:
    """The services that have a user: those whose rights the definitions give."""
    known = {user["name"] for user in source["users"]}
    return [found["user"] for found in source["permissions"] if found["user"] not in known]


def local_definitions(source: Definitions, passwords: Mapping[str, str]) -> Definitions:
    """The cluster's definitions as 3.10 reads them, and the services' users with `passwords`."""
    services = [
        {"name": name, "password": password, "tags": []} for name, password in passwords.items()
    ]
    return source | {
        "users": source["users"] + services,
        "queues": [
            queue | {"arguments": queue["arguments"] | {"x-queue-type": "quorum"}}
            for queue in source["queues"]
        ],
        "policies": [
            policy | {"definition": _without_timeout(policy["definition"])}
            for policy in source["policies"]
        ],
    }


def _without_timeout(definition: Definitions) -> Definitions:
    return {key: value for key, value in definition.items() if key != TIMEOUT_KEY}
