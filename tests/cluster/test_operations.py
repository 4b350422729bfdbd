"""Every kubectl line of docs/operations.md works, and does what the document says of it."""

import json
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster import test_tutorial
from tests.cluster.conftest import Jobs
from tests.support import cluster
from tests.support.client import Client
from tests.support.cluster import get, shell
from tests.support.multipart import StreamedForm
from tests.support.project import ROOT, SERVICES
from tests.support.users import unused_email
from tests.support.wait import eventually

ID = "the-story-of-one-job"
DEAD, QUEUE = (f"kubectl exec rabbitmq-0 -- {tool}" for tool in ("dead", "queue"))
WEBHOOKS = "kubectl exec deployment/notification -- webhooks"
OF_ALL = "-l app.kubernetes.io/part-of=video2mp3"
STORY = f'kubectl logs {OF_ALL} --tail=-1 | grep "$ID" | sort'
SWITCH_ON = f"kubectl set env deployment {OF_ALL} LOG_FORMAT=json"
BACK = "kubectl rollout undo deployment gateway"
HOLD = "kubectl annotate scaledobject converter autoscaling.keda.sh/paused"
ALL_PODS = r"Running"
# Where nothing is wrong, grep finds nothing, and no container was there before.
NOTHING = " || [[ $? == 1 ]]"

LINES = {
    "kubectl exec deployment/mailcatcher -- sh -c 'cat /mail/*'": "Subject: ",
    "kubectl exec rabbitmq-0 -- rabbitmq-diagnostics memory_breakdown": r"quorum_queue_procs",
    "kubectl exec rabbitmq-0 -- df -h /var/lib/rabbitmq": r"\d%",
    "kubectl exec rabbitmq-0 -- rabbitmqctl list_consumers": r"video\t",
    f"{DEAD} list": r"\d+ in the dead queue",
    f"{DEAD} requeue": "",
    "kubectl describe networkpolicy NAME": r"Allowing ingress traffic",
    "kubectl config use-context minikube": 'Switched to context "minikube"',
    "kubectl get pods -o wide | grep ADDRESS": r"rabbitmq-0 ",
    "kubectl get pods -l app=NAME": ALL_PODS,
    "kubectl get pods -l app=converter": ALL_PODS,
    "kubectl get deployments": r"converter +\d/4",
    "kubectl get cronjob sweep": r"sweep +17 \* \* \* \*",
    "kubectl get jobs": "",
    "kubectl describe pods -l app=NAME": "Image: ",
    "kubectl logs POD --previous": "",
    "kubectl logs -l app=NAME --previous": "",
    "kubectl logs -l app=converter --tail=20": r"Waiting for messages|Conversion complete",
    "kubectl logs -l app=gateway --tail=-1 | grep 'Not ready'": "",
    "kubectl logs -l app=gateway --tail=-1 | grep 'Announced again'": "",
    "kubectl logs -l app=gateway --tail=-1 | grep -E 'Not ready| 50[0-9] '": "",
    "kubectl logs -l app=converter --tail=-1 | grep 'Not consuming'": "",
    "kubectl logs -l app=converter --tail=-1 | grep -A15 'Attempt .* failed'": "",
    "kubectl logs -l app=notification --tail=-1 | grep -E 'Waiting|Not consuming'": "Waiting",
    "kubectl logs -l app=notification --tail=-1 | grep -E 'Waiting|Attempt'": "Waiting",
    f"{WEBHOOKS} dead": "",
    f"{WEBHOOKS} replay --all": r"\d+ webhooks are sent again",
    "kubectl top node": r"\d+%",
    "kubectl scale deployment converter notification --replicas=4": r"notification scaled",
    "kubectl scale deployment converter --replicas=4": r"converter scaled",
}
SECRETS_FOLLOW = 180  # seconds; the kubelet looks each minute, at what it has kept for another
USERS = "kubectl exec deployment/auth -- users"
TYPED = USERS.replace("exec", "exec -it")
SAID = ("is added", "has another password", "is disabled")
USER_LINES = [f"{TYPED} add EMAIL", f"{TYPED} passwd EMAIL", f"{USERS} disable EMAIL"]
QUEUE_LINES = [f"{QUEUE} {action}" for action in ("pause video", "drain video", "resume video")]
# Run by other tests, or by those below.
ELSEWHERE = {
    "kubectl port-forward service/prometheus 9091:9090": "options/test_monitoring.py",
    "kubectl exec deployment/prometheus -- promtool query instant http://localhost:9090 'ALERTS'": (
        "options/test_monitoring.py"
    ),
    "kubectl scale deployment converter --replicas=8": "test_scale.py",
    "kubectl get scaledobject converter": "options/test_keda.py",
    f"{HOLD}=true": "options/test_keda.py",
    f"{HOLD}-": "options/test_keda.py",
    "kubectl exec rabbitmq-0 -- rabbitmqctl import_definitions "
    "/etc/rabbitmq/definitions/20-broker.json": "plants.py",
    f"{USERS} invite EMAIL": "test_accounts.py",
    f"{DEAD} purge": "test_tutorial.py",
    "kubectl exec rabbitmq-0 -- pkill python3": "test_tutorial.py",
    "kubectl create job --from=cronjob/sweep sweep-now": "test_operations.py",
    "kubectl logs -l app=sweep --tail=-1": "test_operations.py",
    "kubectl rollout restart deployment converter": "test_operations.py",
    "kubectl scale deployment gateway --replicas=4": "test_operations.py",
}
# A line's beginning, of which the text speaks; or one that reads what another program writes.
BEGINNINGS = {
    "kubectl",
    "kubectl apply -f -",
    "kubectl apply -k",
    "kubectl delete -f -",
    "kubectl delete pod",
    "kubectl describe",
    "kubectl describe pod",
    "kubectl logs",
    "kubectl scale",
}


def documented() -> set[str]:
    """The lines in the document, with the pipes that a table hides."""
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    found = re.findall(r"(?<!`)`(kubectl[^`]*)`", text)
    return {" ".join(line.replace("\\|", "|").split()) for line in found}


def test_every_line_of_the_document_is_run_by_a_test() -> None:
    here = {
        *LINES,
        *QUEUE_LINES,
        *USER_LINES,
        f"{USERS} list",
        f"{QUEUE} show",
        STORY,
        SWITCH_ON,
        BACK,
    }
    assert documented() - here - BEGINNINGS - {*test_tutorial.LINES, *ELSEWHERE} == set()
    assert (here | BEGINNINGS | set(ELSEWHERE)) - documented() == set()


@pytest.mark.parametrize(("line", "expected"), LINES.items(), ids=list(LINES))
def test_the_line_works_where_all_is_well(demo: object, line: str, expected: str) -> None:
    (broker,) = get("pods", "-l", "app=rabbitmq")
    meant = {"ADDRESS": broker["status"]["podIP"], "POD": "rabbitmq-0", "NAME": "gateway"}
    for name, value in meant.items():
        line = re.sub(rf"\b{name}\b", value, line)
    output = shell(line if expected else f"{{ {line}; }}{NOTHING}")
    assert re.search(expected, output), output


def test_a_queue_is_paused_drained_and_resumed(demo: object) -> None:
    for line in QUEUE_LINES:
        shell(line)
        shown = shell(f"{QUEUE} show")
        assert ("paused" in shown) == ("resume" not in line), shown


def test_a_user_is_made_changed_disabled_and_listed(demo: object) -> None:
    email = unused_email()
    # Another test deploys a wrong password; the files of a running pod follow within minutes.
    eventually(lambda: shell(f"{USERS} list"), SECRETS_FOLLOW)
    for line, said in zip(USER_LINES, SAID, strict=True):
        # The password is no typist's here.
        piped = line.replace("EMAIL", email).replace("exec -it", "exec -i")
        assert shell(piped, text=f"{secrets.token_hex(8)}\n") == f"{email} {said}\n"
    assert f"{email}\tdisabled\n" in shell(f"{USERS} list")


def test_converters_are_replaced_and_gateways_added(demo: object, ready_again: None) -> None:
    shell("kubectl rollout restart deployment converter")
    shell("kubectl scale deployment gateway --replicas=4")
    for name in ("deployment/converter", "deployment/gateway"):
        cluster.rolled_out(name)
    shell("kubectl scale deployment gateway --replicas=2")


def test_a_sweep_by_hand_says_what_it_removed(demo: object) -> None:
    shell("kubectl create job --from=cronjob/sweep sweep-now")
    try:
        shell("kubectl wait --for=condition=complete job/sweep-now --timeout=60s")
        assert "Removed" in shell("kubectl logs -l app=sweep --tail=-1")
    finally:
        shell("kubectl delete job sweep-now")


@pytest.fixture
def json_logs(demo: object, ready_again: None) -> Iterator[None]:
    """All services write them; afterwards none does."""
    shell(SWITCH_ON)
    try:
        for service in SERVICES:
            cluster.rolled_out(f"deployment/{service}")
        cluster.old_ones_gone("gateway")
        yield
    finally:
        shell(BACK)
        shell(f"kubectl set env deployment {OF_ALL} LOG_FORMAT-")


def test_one_line_tells_the_story_of_a_job(
    json_logs: None, user: Client, jobs: Jobs, video: Path
) -> None:
    eventually(lambda: user.request("GET", "/healthz").ok)
    answer = user.send_form(StreamedForm.of_file(video, video.name), X_Request_Id=ID)
    jobs.settle([answer.headers["X-Job-Id"]])

    def check() -> bool:
        told = [json.loads(line) for line in shell(f"ID={ID}; {STORY}").splitlines()]
        assert {line["service"] for line in told} == set(SERVICES)
        assert told[-1]["event"] == "Email sent successfully!"
        assert {line["request_id"] for line in told} == {ID}
        return True

    eventually(check)
