"""RabbitMQ's definitions for Debian's release, made from those of the cluster.

The cluster runs RabbitMQ 4.3, Debian 12 has 3.10, which differs in two points: the vhost's default
queue type does not reach queues that the definitions name, and a policy knows no consumer timeout.
"""

from typing import Any

TIMEOUT_KEY = "consumer-timeout"
Definitions = dict[str, Any]


def consumer_timeout(source: Definitions) -> int:
    """The policy's consumer timeout, in milliseconds, which goes into rabbitmq.conf."""
    (policy,) = source["policies"]
    return int(policy["definition"][TIMEOUT_KEY])


def local_definitions(source: Definitions, password: str) -> Definitions:
    """The cluster's definitions as 3.10 reads them; `password` is that of the user video2mp3."""
    users = {"guest": ("guest", "administrator"), "video2mp3": (password, "monitoring")}
    return source | {
        "users": [
            {"name": name, "password": secret, "tags": tags}
            for name, (secret, tags) in users.items()
        ],
        "permissions": [
            {"user": name, "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}
            for name in users
        ],
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
