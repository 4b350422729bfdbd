"""The deployment on Kubernetes, looked into by kubectl."""

import json
import socket
from collections.abc import Sequence
from typing import Any

from scripts.doctor import door, pods
from scripts.doctor.certificates import certificates
from scripts.doctor.finding import Finding, broken, ok
from scripts.doctor.site import ROOT, Member, Site, SiteError, last_line, output

OURS = "app.kubernetes.io/part-of=video2mp3"
RABBITMQ = "rabbitmq-0"
DEFINITIONS = "/etc/rabbitmq/definitions/20-broker.json"
IMPORT = f"kubectl exec {RABBITMQ} -- rabbitmqctl import_definitions {DEFINITIONS}"
MEND = {
    "databases": "./setup-host.sh",
    "deploy": "./deploy.sh",
    "demo": "./setup-host.sh",
    "mail": "set GMAIL_PASSWORD in .env to an app password, then ./deploy.sh",
    "auth": "kubectl get pods -l app=auth",
    "broker": f"kubectl logs {RABBITMQ} --tail=20",
    "broker_memory": f"kubectl exec {RABBITMQ} -- rabbitmq-diagnostics memory_breakdown",
    "broker_disk": f"kubectl exec {RABBITMQ} -- df -h /var/lib/rabbitmq, then free or enlarge it",
    "mongodb_disk": "df -h on MongoDB's machine, then free or enlarge it",
    "tmp": "kubectl delete pod -l app=converter",
    "queues": IMPORT,
    "type": f"kubectl exec {RABBITMQ} -- rabbitmqctl delete_queue {{queue}}, then {IMPORT}",
    "workers": "kubectl scale deployment {service} --replicas=4",
    "resume": f"kubectl exec {RABBITMQ} -- queue resume {{queue}}",
    "dead": f"kubectl exec {RABBITMQ} -- dead list, then dead requeue",
    "restart": "kubectl rollout restart deployment {service}",
    "logs": "kubectl logs -l app={service} --tail=20",
}
CONNECT_TIMEOUT = 3.0  # seconds
# How the services' drivers, and their own deadlines, say that nobody answered at all.
SILENCE = ("timed out", "timeout", "in time", "(110)", "(115)", "No route")


class Cluster(Site):
    """The cluster of a kubectl context, minikube if none is named."""

    def __init__(self, wanted: str, inside: bool) -> None:
        self._wanted = wanted
        self._inside = inside
        self._context = ""
        self.mend = MEND
        if (ROOT / ".local-databases/run").is_dir():
            embedded = "local/databases down, then ./setup-host.sh --embedded"
            self.mend = MEND | {"databases": embedded, "demo": embedded}

    def before(self) -> list[Finding]:
        """The context is the right one, its nodes are well and something is deployed there."""
        chosen = '. scripts/lib.sh; use_context "$1"; echo "$context"'
        try:
            command = ["bash", "-c", chosen, "./doctor.sh", self._wanted]
            self._context = output(command, cwd=ROOT).strip()
        except SiteError as error:
            return [_wrong_context(str(error))]
        found = [ok("context", self._context)]
        if not self._get("deployments", "-l", OURS):
            said = f"no deployment with the label {OURS}"
            found.append(broken("context", "nothing is deployed", said, "a deploy", "./deploy.sh"))
        for node in self._get("nodes"):
            found += _node_problems(node)
        return found

    def members(self, service: str) -> tuple[list[Member], list[Finding]]:
        """The pods that run, and what keeps others from it."""
        there = self._get("pods", "-l", f"app={service}")
        running, problems = pods.sort_out(service, there, self._last_line)
        if not there:
            said, needed = f"no pod with the label app={service}", "a pod of it at least"
            following = self.mend["workers"].format(service=service)
            problems.append(broken(service, "no pod of it is there", said, needed, following))
        return running, problems

    def run(self, member: Member, command: Sequence[str]) -> str:
        """By kubectl exec."""
        return self._kubectl("exec", member.name, "--", *command)

    def broker(self, *command: str) -> str:
        """In the broker's first pod."""
        return self._kubectl("exec", RABBITMQ, "-c", "rabbitmq", "--", *command)

    def why_cut(self, service: str, reason: str) -> Finding | None:
        """Whether a server is silent to the pods only, or listens to this machine only."""
        loopback = self._loopback(service, reason) if "MySQL: (20" in reason else None
        if loopback:
            return loopback
        if not any(word in reason for word in SILENCE):
            return None
        policies = self._get("networkpolicies")
        foreign = [p["metadata"]["name"] for p in policies if not _is_ours(p)]
        changed = [p["metadata"]["name"] for p in policies if _is_ours(p) and _is_changed(p)]
        if not foreign and not changed:
            return None
        names = ", ".join(changed + foreign)
        following = "./deploy.sh" if changed else f"kubectl describe networkpolicy {foreign[0]}"
        return broken(
            service,
            f"a NetworkPolicy may cut it off: {names}",
            f"{reason}; {'changed since the deploy' if changed else 'none of ours'}: {names}",
            "the network policies of the manifests, and none that cuts what they allow",
            following,
        )

    def after(self) -> list[Finding]:
        """Certificates and, on this machine's own cluster, the way to the gateway."""
        found = certificates(self._get("secrets"))
        if not self._inside and self._context == "minikube":
            found += door.way_in()
        return found

    def _loopback(self, service: str, reason: str) -> Finding | None:
        config = self._get("configmaps", "-l", f"app={service}")
        host = next((c["data"]["MYSQL_HOST"] for c in config if "MYSQL_HOST" in c["data"]), "")
        if "," in host or _connects(host) or not _connects("127.0.0.1"):
            return None
        return broken(
            service,
            "MySQL listens on loopback only",
            f"127.0.0.1:3306 answers, {host}:3306 refuses: {reason}",
            "bind-address = 0.0.0.0; the firewall keeps others out",
            self.mend["databases"],
            lasting=True,
        )

    def _last_line(self, pod: str) -> str:
        for which in (["--previous"], []):
            try:
                return last_line(self._kubectl("logs", pod, *which, "--tail=5"))
            except SiteError:
                continue
        return ""

    def _get(self, kind: str, *selection: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]]
        items = json.loads(self._kubectl("get", kind, *selection, "-o", "json"))["items"]
        return items

    def _kubectl(self, *arguments: str) -> str:
        return output(["kubectl", "--context", self._context, *arguments])


def _wrong_context(said: str) -> Finding:
    return broken(
        "context",
        "the cluster cannot be asked",
        said,
        "the context minikube, or the one that --context names",
        "kubectl config use-context minikube, or minikube start",
    )


def _node_problems(node: dict[str, Any]) -> list[Finding]:
    """NotReady, or short of memory, disk or processes."""
    name, found = node["metadata"]["name"], []
    for condition in node["status"]["conditions"]:
        good = "True" if condition["type"] == "Ready" else "False"
        if condition["status"] != good:
            summary = f"the node {name} says {condition['type']}: {condition['status']}"
            said, following = condition.get("message", ""), f"kubectl describe node {name}"
            found.append(broken("context", summary, said, "a node that is well", following))
    return found


def _is_ours(item: dict[str, Any]) -> bool:
    name, _, value = OURS.partition("=")
    return bool(item["metadata"].get("labels", {}).get(name) == value)


def _is_changed(policy: dict[str, Any]) -> bool:
    """Whether it is not what `kubectl apply` left, which keeps a copy of that in an annotation."""
    applied = policy["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"]
    return bool(json.loads(applied)["spec"] != policy["spec"])


def _connects(host: str) -> bool:
    try:
        socket.create_connection((host, 3306), CONNECT_TIMEOUT).close()
    except OSError:
        return False
    return True
