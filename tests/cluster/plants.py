"""Faults of a deployment that tests plant and mend: the eighteen causes that the doctor names."""

import base64
import http.server
import json
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

from tests.jepsen.network import FAKETIME
from tests.support import certificate, cluster
from tests.support.cluster import kubectl, rabbitmqctl, shell
from tests.support.outages import memory_alarm
from tests.support.project import DEMO, ROOT, SERVICES
from tests.support.wait import until

Plant = Callable[[], AbstractContextManager[None]]


@contextmanager
def mended_by(*commands: str) -> Iterator[None]:
    """Afterwards these command lines are run, and all is as it was."""
    try:
        yield
    finally:
        for command in commands:
            shell(command, timeout=cluster.DEPLOY_TIMEOUT)
        for service in SERVICES:
            cluster.rolled_out(f"deployment/{service}")


def plant(command: str, *mend: str) -> Plant:
    """A fault by a command line, and what mends it."""

    @contextmanager
    def planted() -> Iterator[None]:
        with mended_by(*mend):
            shell(command)
            yield

    return planted


def patch(kind: str, name: str, change: object, *mend: str, operations: bool = False) -> Plant:
    """A change of an object, and what mends it."""
    how = "--type=json" if operations else "--type=merge"
    return plant(f"kubectl patch {kind} {name} {how} -p '{json.dumps(change)}'", *mend)


def secret_value(secret: str, key: str, value: str) -> str:
    change = json.dumps({"stringData": {key: value}})
    return f"kubectl patch secret {secret} -p '{change}'"


def mysql(statement: str) -> str:
    return f'mariadb --no-defaults --socket=.local-databases/run/mariadb.sock -e "{statement}"'


def databases(words: str) -> str:
    return (
        f".local-databases/venv/bin/supervisorctl -c .local-databases/run/supervisord.conf {words}"
    )


@contextmanager
def port_80_taken() -> Iterator[None]:
    shell("./start-services.sh --stop")
    with ExitStack() as mend:
        mend.callback(shell, "./start-services.sh")
        server = http.server.ThreadingHTTPServer(
            ("0.0.0.0", 80),  # noqa: S104
            http.server.SimpleHTTPRequestHandler,
        )
        mend.callback(server.server_close)
        mend.callback(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield


@contextmanager
def no_name() -> Iterator[None]:
    """/etc/hosts without the gateway's name; the file stays the same one, a container's mount."""
    hosts = Path("/etc/hosts")
    text = hosts.read_text()
    hosts.write_text("".join(line for line in text.splitlines(True) if "video2mp3" not in line))
    try:
        yield
    finally:
        hosts.write_text(text)


@contextmanager
def certificate_about_to_end() -> Iterator[None]:
    """In a Secret of the kind that an Ingress names."""
    name = "about-to-end"
    with mended_by(f"kubectl delete secret {name}"):
        pem = certificate.that_ends_in(days=3)
        data = {"tls.crt": base64.b64encode(pem).decode(), "tls.key": ""}
        secret = {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls"}
        whole = secret | {"metadata": {"name": name}, "data": data}
        kubectl("apply", "-f", "-", data=json.dumps(whole).encode())
        yield


@contextmanager
def waiting_jobs() -> Iterator[None]:
    with mended_by("kubectl scale deployment converter --replicas=4"):
        kubectl("scale", "deployment", "converter", "--replicas=0")
        until(lambda: not cluster.pods("converter"), "no converter", 180)
        shell(f"{PUBLISH}video")
        yield


@contextmanager
def dead_message() -> Iterator[None]:
    with mended_by("kubectl exec rabbitmq-0 -- dead purge"):
        shell(f"{PUBLISH}video")
        until(lambda: "\n" in cluster_dead(), "it is dead", 60)
        yield


def cluster_dead() -> str:
    return kubectl("exec", "rabbitmq-0", "--", "dead", "list").strip()


@contextmanager
def full_disk() -> Iterator[None]:
    """MongoDB's files on a file system of their own, of which a hundredth is left."""
    data = ROOT / ".local-databases/mongodb/data"
    kept = data.with_name("kept")
    with ExitStack() as mend:
        mend.callback(shell, databases("start mongod"))
        shell(databases("stop mongod"))
        data.rename(kept)
        mend.callback(kept.rename, data)
        data.mkdir(mode=0o700)
        mend.callback(data.rmdir)
        files = shell(f"du --summarize --block-size=1M {kept} | cut -f1").strip()
        shell(f"mount -t tmpfs -o size={int(files) + ROOM}M,mode=700 small-disk {data}")
        mend.callback(shell, f"umount {data}")
        mend.callback(shell, databases("stop mongod"))
        shell(f"cp -a {kept}/. {data}/ && {databases('start mongod')}")
        disk = shutil.disk_usage(data)
        with (data / "filler").open("wb") as filler:
            os.posix_fallocate(filler.fileno(), 0, disk.free - disk.total // 100)
        yield


@contextmanager
def stuck_converter() -> Iterator[None]:
    """One whose processes are stopped, on a node that shares this machine's kernel."""
    (pod, *_) = cluster.get("pods", "-l", "app=converter")
    name, uid = pod["metadata"]["name"], pod["metadata"]["uid"]
    with mended_by(f"kubectl delete pod {name} --grace-period=0 --force"):
        for process in Path("/proc").iterdir():
            with suppress(OSError):  # it has ended, or is none
                if uid in (process / "cgroup").read_text() and process.name.isdigit():
                    os.kill(int(process.name), signal.SIGSTOP)
        yield


ROOM = 600  # MiB beside MongoDB's files: a hundredth of it is more than a checkpoint of idle files
# A clock that is set, and waits that are not made longer: as tests/jepsen/network.py has it.
TWO_MINUTES_AHEAD = (
    f'environment=LD_PRELOAD="{FAKETIME}",FAKETIME="+120",'
    'FAKETIME_DONT_FAKE_MONOTONIC="1",FAKETIME_FORCE_MONOTONIC_FIX="0"'
)
CONVERTER = "/spec/template/spec/containers/0"
PUBLISH = (
    "kubectl exec rabbitmq-0 -- rabbitmqadmin publish exchange=amq.default"
    ' payload="no message of ours" routing_key='
)
DEPLOY = "./deploy.sh"
SET_UP = "local/databases down && ./setup-host.sh --embedded"
POLICY = [{"op": "remove", "path": "/spec/egress/2"}]
# What is planted; the hop that is named, words of the cause, and the command for it.
PLANTS: dict[str, tuple[Plant, str, str, str]] = {
    "mysql-on-loopback": (
        plant(
            "sed -i 's/--bind-address=[^ ]*/--bind-address=127.0.0.1/'"
            " .local-databases/run/supervisord.conf; " + databases("update"),
            SET_UP,
        ),
        "auth",
        "MySQL listens on loopback only",
        "./setup-host.sh",
    ),
    "mysql-password": (
        plant(mysql("ALTER USER 'auth_user'@'192.168.49.%' IDENTIFIED BY 'x'"), SET_UP),
        "auth",
        "MySQL refuses the login of auth_user",
        "./setup-host.sh",
    ),
    "mysql-table": (
        plant(
            mysql("RENAME TABLE auth.user TO auth.gone"),
            mysql("RENAME TABLE auth.gone TO auth.user"),
        ),
        "auth",
        "its table user is missing",
        "./setup-host.sh",
    ),
    "no-mongodb": (
        plant(databases("stop mongod"), databases("start mongod")),
        "gateway",
        "MongoDB refuses connections",
        "./setup-host.sh",
    ),
    "no-demo-user": (
        plant(mysql(f"DELETE FROM auth.user WHERE email = '{DEMO[0]}'"), SET_UP),  # noqa: S608 ours
        "auth",
        "the demo's user is not there",
        "./setup-host.sh",
    ),
    "no-image": (
        plant("kubectl set image deployment/auth auth=video2mp3-auth:nowhere", DEPLOY),
        "auth",
        "its image is not on the node",
        "./deploy.sh",
    ),
    "no-policy": (
        plant(
            "kubectl exec rabbitmq-0 -- rabbitmqctl clear_policy jobs",
            "kubectl exec rabbitmq-0 -- rabbitmqctl import_definitions"
            " /etc/rabbitmq/definitions/20-broker.json",
        ),
        "queues",
        "video is without its policy",
        "rabbitmqctl import_definitions",
    ),
    "memory-alarm": (
        lambda: memory_alarm(rabbitmqctl, "0.6"),
        "gateway",
        "RabbitMQ takes no messages",
        "rabbitmq-0",
    ),
    "cut-by-a-policy": (
        patch("networkpolicy", "gateway", POLICY, DEPLOY, operations=True),
        "gateway",
        "a NetworkPolicy may cut it off: gateway",
        "./deploy.sh",
    ),
    "short-jwt-secret": (
        plant(
            'kubectl patch secret auth-secret -p \'{"data": {"JWT_SECRET": "c2hvcnQ="}}\''
            " && kubectl rollout restart deployment auth",
            "kubectl delete secret auth-secret",
            DEPLOY,
        ),
        "auth",
        "a setting stops it at its start",
        "kubectl delete secret auth-secret",
    ),
    "mail-password": (
        plant(
            'kubectl patch secret notification-secret -p \'{"data": {"GMAIL_PASSWORD": "eA=="}}\''
            " && kubectl rollout restart deployment notification"
            " && kubectl rollout status deployment notification --timeout=100s",
            DEPLOY,
            "kubectl rollout restart deployment notification",
        ),
        "notification",
        "the mail server refuses the login",
        "GMAIL_PASSWORD",
    ),
    "jobs-wait": (waiting_jobs, "queues", "jobs wait in video", "kubectl scale deployment"),
    "dead-message": (dead_message, "queues", "messages are dead", "dead list"),
    "no-forward": (
        plant("./start-services.sh --stop", "./start-services.sh"),
        "way in",
        "nobody forwards port 80",
        "./start-services.sh",
    ),
    "port-80-taken": (port_80_taken, "way in", "port 80 is another server's", "ss -ltnp"),
    "no-name": (no_name, "way in", "video2mp3.com is not this machine", "./setup-host.sh"),
    "certificate": (certificate_about_to_end, "certificates", "ends on", "./deploy.sh"),
    "mongodb-disk": (full_disk, "gateway", "MongoDB's disk is full", "df -h"),
    "clock": (
        plant(
            f"sed -i '/^.program:mariadb/a {TWO_MINUTES_AHEAD}'"
            " .local-databases/run/supervisord.conf; " + databases("update"),
            SET_UP,
        ),
        "clocks",
        "clocks differ by more than a minute",
        "set-ntp true",
    ),
    "crash-loop": (
        patch(
            "deployment",
            "converter",
            [{"op": "add", "path": f"{CONVERTER}/command", "value": ["false"]}],
            "kubectl rollout undo deployment converter",
            operations=True,
        ),
        "converter",
        "it crashes again and again",
        "kubectl logs converter-",
    ),
    "stuck": (stuck_converter, "converter", "it is stuck", "rollout restart deployment converter"),
    "another-context": (
        plant(
            "kubectl config set-context another --cluster=minikube --user=minikube"
            " && kubectl config use-context another",
            "kubectl config use-context minikube",
            "kubectl config delete-context another",
        ),
        "context",
        "the cluster cannot be asked",
        "kubectl config use-context minikube",
    ),
}
