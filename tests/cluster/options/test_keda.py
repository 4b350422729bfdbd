"""./deploy.sh --keda, on a cluster that has KEDA's kinds and a pod in place of its operator.

The operator itself is not here: what it asks, and of what it makes the number of converters, is.
It has the cluster for itself: these tests undeploy what there is.
"""

import json
from collections.abc import Iterator

import pytest

from tests.support import cluster, keda
from tests.support.cluster import get, kubectl, rabbitmqctl, shell
from tests.support.wait import until

pytestmark = [pytest.mark.timeout(900), pytest.mark.usefixtures("deployed")]

OPERATOR = "keda-operator"
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "keda"}}
KEDA = {"apiVersion": "v1", "kind": "List", "items": [NAMESPACE, *keda.CRDS]}
ASK = ["curl", "--silent", "--max-time", "5", "--write-out", "\n%{http_code}"]


@pytest.fixture(scope="module")
def deployed(host: str) -> Iterator[None]:
    kubectl("apply", "-f", "-", data=json.dumps(KEDA).encode())
    names = [f"crd/{crd['metadata']['name']}" for crd in keda.CRDS]
    kubectl("wait", "--for=condition=Established", *names, "--timeout=30s")
    shell("./deploy.sh --mailcatcher --keda", cluster.DEPLOY_TIMEOUT)
    cluster.start_pod(OPERATOR, "keda")
    yield
    shell("./undeploy.sh", cluster.UNDEPLOY_TIMEOUT)
    kubectl("delete", "namespace/keda", *names)


@pytest.fixture
def question() -> str:
    """What KEDA asks for, as its scaler makes it of the address in the secret."""
    (secret,) = (i for i in get("secrets") if i["metadata"]["name"] == "keda-secret")
    host = shell("base64 -d", text=secret["data"]["host"])
    return f"{host}api/queues/%2F/video"


def test_the_operator_is_told_how_many_messages_there_are(question: str) -> None:
    def answer() -> tuple[str, str]:
        told = kubectl("exec", "-n", "keda", OPERATOR, "--", *ASK, question)
        body, _, code = told.rpartition("\n")
        return code, body

    until(lambda: answer()[0] == "200", "the operator is let in", 30)
    assert json.loads(answer()[1])["messages"] == 0


def test_nobody_else_is_let_in_to_ask(question: str) -> None:
    cluster.start_pod(OPERATOR)  # of the same name, in our own namespace
    try:
        told = kubectl("exec", OPERATOR, "--", "sh", "-c", '"$@"; true', "-", *ASK, question)
        assert told.strip() == "000"
    finally:
        cluster.stop_pod(OPERATOR)


def test_the_number_is_shown_held_and_let_go_by_the_documented_lines() -> None:
    paused = "autoscaling.keda.sh/paused"
    for change in (f"{paused}=true", f"{paused}-"):
        shell(f"kubectl annotate scaledobject converter {change}")
        (scaled,) = get("scaledobjects.keda.sh")
        assert (paused in scaled["metadata"].get("annotations", {})) == change.endswith("true")
    assert "converter" in shell("kubectl get scaledobject converter")


def test_another_deploy_leaves_the_number_of_converters_to_keda() -> None:
    kubectl("scale", "deployment", "converter", "--replicas=2")
    shell("./deploy.sh --mailcatcher --keda", cluster.DEPLOY_TIMEOUT)
    (converter,) = get("deployments", "-l", "app=converter")
    assert converter["spec"]["replicas"] == 2


def test_the_autoscaler_of_cpu_takes_its_place_and_leaves_nothing_of_it() -> None:
    shell("./deploy.sh --mailcatcher --hpa", cluster.DEPLOY_TIMEOUT)
    for kind in ("scaledobjects.keda.sh", "triggerauthentications.keda.sh"):
        assert get(kind) == []
    left = get("secrets,networkpolicies", "-l", "app=keda")
    assert left == []
    assert "keda" not in rabbitmqctl("--quiet", "list_users")
    assert [item["metadata"]["name"] for item in get("hpa")] == ["converter-hpa"]
