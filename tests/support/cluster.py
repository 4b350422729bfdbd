"""The cluster of the current kubectl context, as an operator sees it."""

import json
import os
import subprocess
import tempfile
from typing import Any

from tests.support.project import ROOT
from tests.support.wait import until

TIMEOUT = 120  # seconds for one command
DEPLOY_TIMEOUT = 1500  # seconds; the first one builds the images
UNDEPLOY_TIMEOUT = 400  # seconds
GRACE = 150  # seconds; a pod has at most 135 to end
CLIENT = "cluster-test-client"
MONGODB_IMAGE = "video2mp3-test-mongodb:1"
# The terminal's width, which kubectl's tables would follow, and what says where the local stack of
# the tests is: the cluster's databases are others.
_NOT_MEANT = ("COLUMNS", "LOCAL_DIR", "LOCAL_PORT_BASE")


def shell(line: str, timeout: float = TIMEOUT, text: str = "") -> str:
    """Both outputs of a command line of bash, run in the checkout; AssertionError when it fails."""
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in _NOT_MEANT},
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, f"{line} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


def prepare_host() -> str:
    """The address of this machine for the pods; its databases are started where there are none."""
    address = shell(". scripts/lib.sh; find_host; echo $host_ip").strip()
    shell(
        f". scripts/lib.sh; answers {address} 3306 && answers {address} 27017 && "
        "grep -qs ACCOUNTS_PASSWORD .env || ./setup-host.sh --embedded",
        timeout=900,
    )
    return address


def mongodb_image() -> str:
    """The name of the image of MongoDB that `--ha` runs here; it is built if it is not there."""
    if MONGODB_IMAGE not in shell("minikube image ls"):
        with tempfile.TemporaryDirectory() as folder:
            shell(f"cp tests/cluster/mongodb/Dockerfile local/mongod/requirements.txt {folder}")
            build = f"minikube image build -t {MONGODB_IMAGE} -f Dockerfile ."
            shell(f"cd {folder} && {build}", DEPLOY_TIMEOUT)
    return MONGODB_IMAGE


def kubectl(*arguments: str, data: bytes = b"", timeout: float = TIMEOUT) -> str:
    """kubectl's standard output; CalledProcessError, with what it said, when it fails."""
    return subprocess.run(
        ["kubectl", *arguments], input=data, capture_output=True, timeout=timeout, check=True
    ).stdout.decode()


def get(*arguments: str) -> list[dict[str, Any]]:
    """The items of `kubectl get`."""
    items: list[dict[str, Any]] = json.loads(kubectl("get", *arguments, "-o", "json"))["items"]
    return items


def pods(app: str) -> list[str]:
    """The names of the pods of a service that are not on their way out."""
    found = get("pods", "-l", f"app={app}")
    return [pod["metadata"]["name"] for pod in found if "deletionTimestamp" not in pod["metadata"]]


def old_ones_gone(app: str) -> None:
    """Wait until no pod of a service is on its way out: each may serve for seconds after a rollout
    is done, and a port forward of before leads to it.
    """

    def gone() -> bool:
        pods = get("pods", "-l", f"app={app}")
        return not any("deletionTimestamp" in pod["metadata"] for pod in pods)

    until(gone, f"each old {app} is gone", GRACE)


def restarts(app: str) -> int:
    """How often containers of a service were started again."""
    return sum(
        status["restartCount"]
        for pod in get("pods", "-l", f"app={app}")
        for status in pod["status"].get("containerStatuses", [])
    )


def rolled_out(kind_and_name: str, timeout: int = 240) -> None:
    """Wait until a workload is as it should be; CalledProcessError when it is not in time."""
    kubectl("rollout", "status", kind_and_name, f"--timeout={timeout}s", timeout=timeout + 10)


def rabbitmqctl(*arguments: str) -> str:
    """What the broker's own tool says in its pod."""
    return kubectl("exec", "rabbitmq-0", "-c", "rabbitmq", "--", "rabbitmqctl", *arguments)


def mails() -> str:
    """All mails that the mail catcher keeps."""
    return kubectl("exec", "deployment/mailcatcher", "--", "bash", "-c", "cat /mail/*.eml || true")


def start_pod(name: str, namespace: str = "default", **requests: str) -> None:
    """Run a pod that does nothing, with Python at hand, and wait for it; it asks for `requests`."""
    gateway = get("pods", "-l", "app=gateway")[0]["spec"]["containers"][0]
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": 0,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 10001,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [
                {
                    "name": name,
                    "image": gateway["image"],
                    "command": ["sleep", "infinity"],
                    "resources": {"requests": requests},
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "capabilities": {"drop": ["ALL"]},
                    },
                }
            ],
        },
    }
    kubectl("apply", "-n", namespace, "-f", "-", data=json.dumps(pod).encode())
    kubectl("wait", "-n", namespace, "--for=condition=Ready", f"pod/{name}", "--timeout=60s")


def stop_pod(name: str) -> None:
    """Remove such a pod."""
    kubectl("delete", "pod", name, "--ignore-not-found")


def in_client(*command: str, data: bytes = b"", timeout: float = TIMEOUT) -> str:
    """The output of a command in the pod CLIENT."""
    return kubectl("exec", "-i", CLIENT, "--", *command, data=data, timeout=timeout)
