"""What Kubernetes itself says of a service's pods: why one does not run."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from scripts.doctor.finding import Finding, broken, warning
from scripts.doctor.site import Member

HEALTH_PORT = 9090
CRASHES, LATELY = 3, timedelta(minutes=10)  # so often, and the last one so lately, is a loop
NO_IMAGE = ("ErrImage", "ImagePull", "InvalidImage")

Pod = Mapping[str, Any]
LastLine = Callable[[str], str]  # of a pod's log, of its container before if that has ended


def sort_out(
    service: str, pods: Sequence[Pod], log: LastLine
) -> tuple[list[Member], list[Finding]]:
    """Those that run, and a finding for each kind of what keeps the others from it."""
    running: list[Member] = []
    found: dict[str, Finding] = {}
    for pod in pods:
        name = pod["metadata"]["name"]
        if "deletionTimestamp" in pod["metadata"]:
            continue
        problem = _problem(service, pod, log)
        if problem:
            found.setdefault(problem.summary, problem)
        if "running" in _container(pod).get("state", {}):
            running.append(Member(service, name, HEALTH_PORT))
    return running, list(found.values())


def _problem(service: str, pod: Pod, log: LastLine) -> Finding | None:
    status, name = pod["status"], pod["metadata"]["name"]
    if status.get("reason") == "Evicted":
        said = f"{name}: {status.get('message', '')}"
        following = f"kubectl delete pod {name}"
        summary = "a pod was evicted, and another took its place"
        return warning(service, summary, said, "room on the node and in /tmp", following)
    container = _container(pod)
    waiting = container.get("state", {}).get("waiting") or {}
    reason, message = waiting.get("reason", ""), waiting.get("message", "")
    describe = f"kubectl describe pod {name}"
    if reason.startswith(NO_IMAGE):
        summary, said = "its image is not on the node", f"{name}: {reason}: {message}"
        needed = "the image that deploy.sh builds"
        return broken(service, summary, said, needed, "./deploy.sh", lasting=True)
    if reason == "CreateContainerConfigError":
        summary, said = "its Secret or ConfigMap lacks something", f"{name}: {message}"
        needed = "what deploy.sh makes"
        return broken(service, summary, said, needed, "./deploy.sh", lasting=True)
    if _crashes(container):
        end = (container.get("lastState", {}).get("terminated")) or {}
        said = f"{name} ended {container['restartCount']} times, last by {_end(end)}: {log(name)}"
        return _crash_loop(service, name, said)
    unscheduled = _condition(pod, "PodScheduled")
    if unscheduled:
        summary, said = "a pod finds no node", f"{name}: {unscheduled}"
        return broken(service, summary, said, "what it asks for, on one node", describe)
    if reason == "ContainerCreating" and not container.get("started"):
        summary = "a pod does not start"
        return broken(service, summary, f"{name}: {reason}", "its volumes and its image", describe)
    return None


def _crash_loop(service: str, name: str, said: str) -> Finding:
    if "cannot start:" in said:  # a setting, which the line names
        needed, following = "a good value of the setting that is named", "./deploy.sh"
        if "JWT_SECRET" in said:
            needed = "JWT_SECRET of 32 bytes at least"
            following = "kubectl delete secret auth-secret, then ./deploy.sh: it makes a good one"
        summary = "a setting stops it at its start"
        return broken(service, summary, said, needed, following, lasting=True)
    following = f"kubectl logs {name} --previous"
    return broken(service, "it crashes again and again", said, "a process that stays", following)


def _crashes(container: Mapping[str, Any]) -> bool:
    if (container.get("state", {}).get("waiting") or {}).get("reason") == "CrashLoopBackOff":
        return True
    ended = (container.get("lastState", {}).get("terminated") or {}).get("finishedAt")
    return bool(
        ended
        and container["restartCount"] >= CRASHES
        and datetime.now(UTC) - datetime.fromisoformat(ended) < LATELY
    )


def _end(terminated: Mapping[str, Any]) -> str:
    reason = terminated.get("reason", "")
    return reason if reason == "OOMKilled" else f"exit code {terminated.get('exitCode')}"


def _container(pod: Pod) -> Mapping[str, Any]:
    statuses = pod["status"].get("containerStatuses") or [{}]
    return dict(statuses[0])


def _condition(pod: Pod, kind: str) -> str:
    """Why a condition is false; empty when it is not."""
    for condition in pod["status"].get("conditions", []):
        if condition["type"] == kind and condition["status"] == "False":
            return str(condition.get("message", condition.get("reason", "")))
    return ""
