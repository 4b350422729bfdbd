"""Debian's RabbitMQ as a cluster of several nodes of a test's own, which may be killed."""

import json
import os
import secrets
import signal
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from string import Template
from typing import Any

import requests

from local.stack.broker import consumer_timeout, local_definitions, service_users
from tests.support.closing import Closing
from tests.support.log import say
from tests.support.place import Place
from tests.support.project import ROOT
from tests.support.wait import until

START_TIMEOUT = 120  # seconds
STOP_TIMEOUT = 60
APART_FOR = 40  # seconds after which nodes that are healed do not find together any more
CTL_TIMEOUT = 120
ADMIN = "queue-tests"
TOOLS = Path("/usr/lib/rabbitmq/bin")
# What one node does for all of them.
OF_ALL = ("add_user", "set_user_tags", "set_permissions", "delete_user")
# Beside what the local stack's has: who the others are, and that a minority serves nobody.
_CLUSTER = """
cluster_formation.peer_discovery_backend = classic_config
cluster_partition_handling = pause_minority
net_ticktime = 8
"""


class BrokerNode(Closing):
    """One of them; keeps its name, its ports and its data when it is started again."""

    def __init__(self, place: Place, folder: Path, epmd_port: int, cookie: str) -> None:
        self.place = place
        self.name = f"{place.name}@{place.address}"
        self.amqp_port, self.management_port = place.port(5672), place.port(15672)
        self.folder = folder
        folder.mkdir(parents=True)
        (folder / ".erlang.cookie").write_text(cookie)
        (folder / ".erlang.cookie").chmod(0o400)
        (folder / "enabled_plugins").write_text("[rabbitmq_management].\n")
        self._env = self._environ(epmd_port)
        self._process: subprocess.Popen[bytes] | None = None

    def configure(self, peers: Sequence["BrokerNode"], timeout: int) -> None:
        """Write its configuration; `timeout` is a consumer's, in milliseconds."""
        template = Template((ROOT / "local/rabbitmq/rabbitmq.conf").read_text())
        values = {"MANAGEMENT_PORT": self.management_port, "CONSUMER_TIMEOUT": timeout}
        text = template.safe_substitute(values).replace("127.0.0.1", self.place.address)
        # They are loaded once all nodes are there, so that each queue has a member on each.
        left_out = ("load_definitions", "prometheus.")
        kept = [line for line in text.splitlines() if not line.startswith(left_out)]
        names = [
            f"cluster_formation.classic_config.nodes.{number} = {peer.name}"
            for number, peer in enumerate(peers, 1)
        ]
        (self.folder / "rabbitmq.conf").write_text("\n".join([*kept, _CLUSTER, *names, ""]))

    def start(self) -> None:
        """Run it; it comes up by and by. One that dies is started again, as Kubernetes does it.

        Of several nodes that start at once 3.10 loses one now and then: it asks another for its
        feature flags that has not read them yet (`incompatible_feature_flags`, `badmap`).
        """
        server = str(TOOLS / "rabbitmq-server")
        supervised = ["sh", "-c", 'until "$0"; do sleep 1; done', server]
        self._process = self.place.run(supervised, self._env, self.folder / "log.txt")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to it and to its helpers."""
        if self._process:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def kill(self) -> None:
        """kill -9, and wait for the end."""
        self.signal(signal.SIGKILL)
        if self._process:
            self._process.wait(STOP_TIMEOUT)

    def close(self) -> None:
        """Kill it."""
        self.kill()

    def ctl(self, *arguments: str) -> str:
        """What rabbitmqctl says; CalledProcessError when it fails."""
        return subprocess.run(
            [*self.place.prefix, str(TOOLS / "rabbitmqctl"), *arguments],
            env=self._env,
            check=True,
            capture_output=True,
            text=True,
            timeout=CTL_TIMEOUT,
        ).stdout

    @property
    def management_url(self) -> str:
        """Of the management API."""
        return f"http://{self.place.address}:{self.management_port}"

    @property
    def address(self) -> str:
        """Where AMQP is spoken: `host:port`."""
        return f"{self.place.address}:{self.amqp_port}"

    def _environ(self, epmd_port: int) -> dict[str, str]:
        folder, address = self.folder, self.place.address
        only_here = f"-kernel inet_dist_use_interface {{{address.replace('.', ',')}}}"
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),  # the cookie lies here
            "ERL_EPMD_PORT": str(epmd_port),
            "ERL_EPMD_ADDRESS": address,
            "ERL_FLAGS": "-start_epmd false",
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_USE_LONGNAME": "true",
            "RABBITMQ_NODE_IP_ADDRESS": address,
            "RABBITMQ_NODE_PORT": str(self.amqp_port),
            "RABBITMQ_DIST_PORT": str(self.place.port(25672)),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "none.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": only_here,
            "RABBITMQ_CTL_ERL_ARGS": only_here,
            "RUNNING_UNDER_SYSTEMD": "true",  # the script becomes the broker
        }


class BrokerNodes(Closing):
    """The cluster: up, with the product's definitions, and each queue with a member on each."""

    def __init__(self, places: Sequence[Place], folder: Path, definitions: dict[str, Any]) -> None:
        self._passwords = {user: secrets.token_hex(16) for user in service_users(definitions)}
        self._admin_password = secrets.token_hex(16)
        self.definitions = self._with_admin(local_definitions(definitions, self._passwords))
        self._epmds = self._start_epmds(places, folder)
        cookie = secrets.token_hex(16)
        self.nodes = [
            BrokerNode(place, folder / place.name, self._epmd_ports[place.address], cookie)
            for place in places
        ]
        for node in self.nodes:
            node.configure(self.nodes, consumer_timeout(definitions))
        self._form()

    def close(self) -> None:
        """Kill all."""
        for node in self.nodes:
            node.close()
        for epmd in self._epmds:
            epmd.kill()
            epmd.wait(STOP_TIMEOUT)

    def url(self, user: str) -> str:
        """A service's RABBITMQ_URL, which names every node."""
        hosts = ",".join(node.address for node in self.nodes)
        return f"amqp://{user}:{self._passwords[user]}@{hosts}"

    @property
    def urls(self) -> Mapping[str, str]:
        """Those of all services."""
        return {user: self.url(user) for user in self._passwords}

    @property
    def admin_url(self) -> str:
        """The administrator's, of the first node."""
        return f"amqp://{ADMIN}:{self._admin_password}@{self.nodes[0].address}"

    def ctl(self, *arguments: str) -> str:
        """Have every node do it at once, or one where it is for all; what the first one says."""
        asked = self.nodes[:1] if arguments[0] in OF_ALL else self.nodes
        with ThreadPoolExecutor(len(asked)) as pool:
            said: list[str] = list(pool.map(lambda node: node.ctl(*arguments), asked))
        return said[0]

    def kill(self) -> None:
        """kill -9 of all of them; they come up again."""
        for node in self.nodes:
            node.kill()
        for node in self.nodes:
            node.start()

    def wait_until_whole(self, timeout: float = START_TIMEOUT) -> None:
        """Return once each node sees all others; TimeoutError."""
        for node in self.nodes:
            until(lambda node=node: self._sees_all(node), f"{node.name} sees all", timeout)  # type: ignore[misc]

    def restart_until_whole(self) -> None:
        """Restart one after the other, as long as they stay apart.

        3.10 does not mend what a partial partition does to its list of queues, neither under
        pause_minority, which stops all its sides, nor always under autoheal. 4.x has no such list.
        """
        for node in self.nodes:
            with suppress(TimeoutError):
                return self.wait_until_whole(APART_FOR)
            say(f"{node.name} is restarted: the brokers stay apart after a partial partition")
            node.kill()
            node.start()
        return self.wait_until_whole()

    def _form(self) -> None:
        first, *others = self.nodes
        first.start()
        until(lambda: self._answers(first), f"{first.name} is up", START_TIMEOUT)
        for node in others:
            node.start()
        first.ctl("add_user", ADMIN, self._admin_password)
        first.ctl("set_user_tags", ADMIN, "administrator")
        first.ctl("set_permissions", ADMIN, ".*", ".*", ".*")
        self.wait_until_whole()
        self._ask(first, "POST", "definitions", json=self.definitions).raise_for_status()

    def _answers(self, node: BrokerNode) -> bool:
        try:
            node.ctl("await_startup", "--timeout", str(START_TIMEOUT))
        except subprocess.CalledProcessError:
            return False
        return True

    def _sees_all(self, node: BrokerNode) -> bool:
        try:
            found = self._ask(node, "GET", "nodes").json()
        except (requests.RequestException, json.JSONDecodeError):
            return False
        return isinstance(found, list) and sum(n["running"] for n in found) == len(self.nodes)

    def _ask(self, node: BrokerNode, method: str, path: str, **options: Any) -> requests.Response:
        return requests.request(
            method,
            f"{node.management_url}/api/{path}",
            auth=(ADMIN, self._admin_password),
            timeout=20,
            **options,
        )

    def _with_admin(self, definitions: dict[str, Any]) -> dict[str, Any]:
        rights = {"user": ADMIN, "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}
        return definitions | {"permissions": [*definitions["permissions"], rights]}

    def _start_epmds(
        self, places: Sequence[Place], folder: Path
    ) -> list["subprocess.Popen[bytes]"]:
        """One for each address: they bind to it and to their own loopback."""
        by_address = {place.address: place for place in places}
        self._epmd_ports = {address: place.port(4369) for address, place in by_address.items()}
        return [
            place.run(
                ["epmd", "-port", str(self._epmd_ports[address]), "-address", address],
                {"PATH": os.environ["PATH"]},
                folder / "epmd.txt",
            )
            for address, place in by_address.items()
        ]
