"""The cluster's RabbitMQ, of one node or of three, as the queues' tests use it from outside."""

import base64
import json
import secrets
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from tests.support import cluster
from tests.support.broker_nodes import OF_ALL
from tests.support.cluster import kubectl, mongodb_image
from tests.support.rabbitmq import UP_TIMEOUT, USERS, Server, product_definitions
from tests.support.wait import until

ADMIN = "queue-tests"  # what the tests put into the cluster, and take away again


@contextmanager
def of_cluster(count: int = 1) -> Iterator[Server]:
    """The cluster's, of one node or three; inside, this machine reaches it as administrator."""
    cluster.prepare_host()
    deploy = "./deploy.sh"
    if count > 1:  # one node does not become three
        cluster.shell("./undeploy.sh", timeout=cluster.UNDEPLOY_TIMEOUT)
        deploy = f"MONGODB_IMAGE={mongodb_image()} ./deploy.sh --ha"
    cluster.shell(f"{deploy} --mailcatcher", timeout=cluster.DEPLOY_TIMEOUT)
    password = secrets.token_hex(16)
    nodes = ClusterNodes(count)
    doors = [_door(node) for node in nodes.names]
    kubectl("apply", "-f", "-", data=json.dumps(_list([*doors, _POLICY])).encode())
    try:
        nodes.ctl("add_user", ADMIN, password)
        nodes.ctl("set_user_tags", ADMIN, "administrator")
        nodes.ctl("set_permissions", ADMIN, ".*", ".*", ".*")
        yield _server(nodes, password)
    finally:
        nodes.ctl("delete_user", ADMIN)
        kubectl("delete", "service,networkpolicy", "-l", f"app={ADMIN}")
        cluster.shell("./undeploy.sh", timeout=cluster.UNDEPLOY_TIMEOUT)


@dataclass(frozen=True)
class ClusterNodes:
    """The pods of the cluster's RabbitMQ."""

    count: int

    @property
    def names(self) -> list[str]:
        """rabbitmq-0 and so on."""
        return [f"rabbitmq-{number}" for number in range(self.count)]

    def ctl(self, *arguments: str) -> str:
        """Have every node do it at once, or one where it is for all; what the first one says."""
        asked = self.names[:1] if arguments[0] in OF_ALL else self.names
        with ThreadPoolExecutor(len(asked)) as pool:
            return list(pool.map(lambda node: _ctl(node, *arguments), asked))[0]

    def kill(self) -> None:
        """End all of them between two instructions: no signal of a pod's own ends its process 1."""
        with suppress(subprocess.CalledProcessError):  # there is nobody left to answer
            self.ctl("eval", "erlang:halt(137, [{flush, false}]).")

    def wait_until_whole(self) -> None:
        """Return once each node sees all others."""
        for node in self.names:
            until(lambda node=node: self._sees_all(node), f"{node} sees all", UP_TIMEOUT)  # type: ignore[misc]

    def hosts(self) -> dict[str, str]:
        """`host:port` as the services have it, and where this machine finds it."""
        inside = ["rabbitmq"] if self.count == 1 else [f"{n}.rabbitmq-nodes" for n in self.names]
        ports = [_node_ports(name)["amqp"] for name in self.names]
        return {
            f"{host}:5672": f"{_address()}:{port}" for host, port in zip(inside, ports, strict=True)
        }

    def _sees_all(self, node: str) -> bool:
        try:
            status = json.loads(_ctl(node, "-q", "--formatter=json", "cluster_status"))
        except subprocess.CalledProcessError:
            return False
        return len(status["running_nodes"]) == self.count


def _ctl(node: str, *arguments: str) -> str:
    return kubectl("exec", node, "--", "rabbitmqctl", *arguments)


def _server(nodes: ClusterNodes, password: str) -> Server:
    first, hosts = nodes.names[0], nodes.hosts()
    ports = _node_ports(first)
    server = Server(
        urls={user: _outside(_url(user), hosts) for user in USERS},
        admin_url=f"amqp://{ADMIN}:{password}@{_address()}:{ports['amqp']}",
        management_url=f"http://{_address()}:{ports['management']}",
        definitions=_definitions(),
        watermark="0.6",
        counts_returns=False,
        rabbitmqctl=nodes.ctl,
        kill=nodes.kill,
        whole=nodes.wait_until_whole,
    )
    server.wait_until_up()
    return server


def _address() -> str:
    return cluster.shell("minikube ip").strip()


def _outside(url: str, hosts: Mapping[str, str]) -> str:
    for inside, outside in hosts.items():
        url = url.replace(inside, outside)
    return url


def _definitions() -> dict[str, Any]:
    """The manifests' definitions, and what the tests' own account may do."""
    definitions = product_definitions()
    everything = {"user": ADMIN, "configure": ".*", "write": ".*", "read": ".*"}
    definitions["permissions"].append(everything)
    return definitions


def _url(user: str) -> str:
    path = "jsonpath={.data.RABBITMQ_URL}"
    return base64.b64decode(kubectl("get", "secret", f"{user}-secret", "-o", path)).decode()


def _node_ports(node: str) -> dict[str, int]:
    service = json.loads(kubectl("get", "service", f"{ADMIN}-{node}", "-o", "json"))
    return {port["name"]: port["nodePort"] for port in service["spec"]["ports"]}


# A way in from outside of the cluster, which the product's policy does not have.
_PORTS = ("amqp", 5672), ("management", 15672)
_POLICY = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": ADMIN, "labels": {"app": ADMIN}},
    "spec": {
        "podSelector": {"matchLabels": {"app": "rabbitmq"}},
        "ingress": [{"ports": [{"port": port} for _, port in _PORTS]}],
    },
}


def _door(node: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": f"{ADMIN}-{node}", "labels": {"app": ADMIN}},
        "spec": {
            "type": "NodePort",
            "selector": {"statefulset.kubernetes.io/pod-name": node},
            "ports": [{"name": name, "port": port} for name, port in _PORTS],
        },
    }


def _list(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "List", "items": items}
