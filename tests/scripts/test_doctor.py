"""The doctor's judgement, of what Kubernetes and RabbitMQ say in their own words."""

import base64
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scripts.doctor import certificates, cluster, local_stack, pods, rules
from scripts.doctor.clocks import Clocks
from scripts.doctor.disks import full
from scripts.doctor.finding import Finding, Level
from scripts.doctor.queues import queues
from scripts.doctor.site import SiteError
from tests.scripts.conftest import Run
from tests.support import certificate
from tests.support.project import ROOT

MENDS = (cluster.MEND, local_stack.MEND)


def pod(state: dict[str, Any], **container: Any) -> dict[str, Any]:
    status = {"state": state, "restartCount": 0, "ready": False, **container}
    return {"metadata": {"name": "auth-1"}, "status": {"containerStatuses": [status]}}


def judged(one: dict[str, Any], log: str = "") -> Finding:
    _, (finding,) = pods.sort_out("auth", [one], lambda _: log)
    return finding


@pytest.mark.parametrize("reason", ["ErrImageNeverPull", "ImagePullBackOff", "InvalidImageName"])
def test_an_image_that_is_not_there_is_named(reason: str) -> None:
    finding = judged(pod({"waiting": {"reason": reason, "message": "no auth:1"}}))
    assert (finding.level, finding.next, finding.lasting) == (Level.BROKEN, "./deploy.sh", True)
    assert finding.found == f"auth-1: {reason}: no auth:1"


def test_a_setting_that_stops_a_service_is_named() -> None:
    waiting = {"waiting": {"reason": "CrashLoopBackOff"}}
    line = "cannot start: JWT_SECRET must have 32 bytes at least"
    finding = judged(pod(waiting, restartCount=4), line)
    assert line in finding.found
    assert finding.needed == "JWT_SECRET of 32 bytes at least"
    assert finding.lasting


def test_a_process_that_is_killed_for_its_memory_again_and_again_is_named() -> None:
    ended = {"terminated": {"reason": "OOMKilled", "finishedAt": f"{datetime.now(UTC):%FT%TZ}"}}
    finding = judged(pod({"running": {}}, restartCount=3, lastState=ended))
    assert "last by OOMKilled" in finding.found


def test_crashes_of_yesterday_are_no_fault_of_today() -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    ended = {"terminated": {"exitCode": 1, "finishedAt": f"{yesterday:%FT%TZ}"}}
    running, found = pods.sort_out(
        "auth", [pod({"running": {}}, restartCount=9, lastState=ended)], lambda _: ""
    )
    assert (len(running), found) == (1, [])


def test_a_pod_that_finds_no_node_is_told_in_the_schedulers_words() -> None:
    condition = {"type": "PodScheduled", "status": "False", "message": "Insufficient memory"}
    waits: dict[str, Any] = {"metadata": {"name": "auth-1"}, "status": {"conditions": [condition]}}
    assert "Insufficient memory" in judged(waits).found


def test_an_evicted_pod_is_a_warning() -> None:
    status = {"reason": "Evicted", "message": 'emptyDir volume "tmp" exceeds the limit "4Gi"'}
    gone: dict[str, Any] = {"metadata": {"name": "auth-1"}, "status": status}
    assert judged(gone).level is Level.WARNING


def test_a_pod_on_its_way_out_is_not_judged() -> None:
    leaving = pod({"waiting": {"reason": "ErrImagePull"}})
    leaving["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert pods.sort_out("auth", [leaving], lambda _: "") == ([], [])


REASONS = {
    'mysql: UnavailableError: MySQL: (1045, "Access denied")': "MySQL refuses the login",
    'mysql: UnavailableError: MySQL: (1044, "Access denied")': "no right to the database",
    "MySQL: (1146, \"Table 'auth.user' doesn't exist\")": "its table user is missing",
    'mysql: UnavailableError: MySQL: (2002, "Can\'t connect (115)")': "MySQL cannot be reached",
    'mysql: UnavailableError: MySQL: (2026, "TLS/SSL error")': "cannot use MySQL",
    "mongodb: ServerSelectionTimeoutError: a:27017: refused": "MongoDB refuses connections",
    "mongodb: ServerSelectionTimeoutError: a:27017: timed out": "MongoDB does not answer",
    "mongodb: OperationFailure: Authentication failed.": "MongoDB refuses the login",
    "worker: UnavailableError: SMTP: the login is refused: 535": "the login of GMAIL_ADDRESS",
    "SMTP: gaierror: Name or service not known": "the mail server cannot be used",
    "rabbitmq: UnavailableError: RabbitMQ: … and blocks publishers": "takes no messages",
    "worker: UnavailableError: not consuming: AMQPConnectionError: ": "does not answer",
    "worker: UnavailableError: not consuming: (404, 'NOT_FOUND')": "lacks a queue",
    "no answer to probes: timed out": "it is stuck",
    "auth: ConnectionError: refused": "auth does not answer",
    "a reason of tomorrow": "is not ready",
}


@pytest.mark.parametrize(("reason", "summary"), REASONS.items())
@pytest.mark.parametrize("mend", MENDS, ids=["cluster", "local"])
def test_a_reason_is_understood_and_has_a_command(
    reason: str, summary: str, mend: dict[str, str]
) -> None:
    finding = rules.diagnose("gateway", reason, mend)
    assert summary in finding.summary
    assert finding.found == reason
    assert finding.needed
    assert finding.next
    assert "{" not in finding.next


def test_both_sites_know_a_command_for_every_kind_of_fault() -> None:
    assert MENDS[0].keys() == MENDS[1].keys()


class Broker:
    """A site whose broker says what a test has it say."""

    mend = cluster.MEND

    def __init__(
        self, *listed: dict[str, Any], alarms: Sequence[Any] = (), exchanges: Sequence[str] = ()
    ) -> None:
        said = {"status": {"alarms": alarms}, "list_queues": listed}
        self._said = said | {"list_exchanges": [{"name": name} for name in exchanges]}

    def broker(self, *command: str) -> str:
        """Its tools' output."""
        if command[0] == "dead":
            return "1 in the dead queue\n2026-01-01T00:00:00Z\tvideo\trejected\t{}\n"
        return json.dumps(self._said[command[1]])


def queue(name: str, **values: Any) -> dict[str, Any]:
    policy = "" if name == "dead" else "jobs"
    usual = {"type": "quorum", "policy": policy, "messages": 0, "consumers": 4}
    return {"name": name} | usual | values


ALL = {name: queue(name) for name in ("video", "mp3", "dead")}


@pytest.mark.parametrize(
    ("changed", "level", "summary"),
    [
        ({}, Level.OK, "no alarm"),
        ({"video": None}, Level.BROKEN, "the queue video is missing"),
        ({"mp3": queue("mp3", type="classic")}, Level.BROKEN, "mp3 is no quorum queue"),
        ({"video": queue("video", policy="")}, Level.BROKEN, "video is without its policy"),
        ({"video": queue("video", messages=3, consumers=0)}, Level.BROKEN, "jobs wait in video"),
        ({"dead": queue("dead", messages=1)}, Level.WARNING, "1 messages are dead: rejected"),
    ],
)
def test_what_is_wrong_with_a_queue_is_named(
    changed: dict[str, Any], level: Level, summary: str
) -> None:
    there = [each for each in (ALL | changed).values() if each]
    (finding,) = queues(Broker(*there))  # type: ignore[arg-type]
    assert finding.level is level
    assert summary in finding.summary


def test_a_paused_queue_is_told_and_is_no_fault() -> None:
    waiting = ALL | {"video": queue("video", messages=3, consumers=0)}
    site = Broker(*waiting.values(), exchanges=["running-mp3", "paused-video"])
    (finding,) = queues(site)  # type: ignore[arg-type]
    assert (finding.level, finding.summary) == (Level.WARNING, "an operator has paused video")
    assert finding.next == "kubectl exec rabbitmq-0 -- queue resume video"


@pytest.mark.parametrize("kind", ["memory", "disk"])
def test_an_alarm_of_the_broker_is_named(kind: str) -> None:
    alarm = [f"resource_limit,{kind},rabbit@rabbitmq-0"]
    (finding,) = queues(Broker(*ALL.values(), alarms=alarm))  # type: ignore[arg-type]
    assert f"out of {kind}" in finding.summary


def test_a_broker_without_an_answer_is_a_finding() -> None:
    class Silent(Broker):
        def broker(self, *command: str) -> str:
            raise SiteError("no such pod")

    (finding,) = queues(Silent())  # type: ignore[arg-type]
    assert (finding.level, finding.found) == (Level.BROKEN, "no such pod")


@pytest.mark.parametrize(
    ("days", "levels"), [(30, [Level.OK]), (3, [Level.WARNING]), (-1, [Level.BROKEN])]
)
def test_a_certificate_is_judged_by_its_end(days: int, levels: list[Level]) -> None:
    data = {"tls.crt": base64.b64encode(certificate.that_ends_in(days)).decode()}
    found = certificates.certificates([{"metadata": {"name": "tls"}, "data": data}])
    assert [finding.level for finding in found] == levels


@pytest.mark.parametrize(
    ("share", "levels"),
    [(None, []), (0.89, []), (0.9, [Level.WARNING]), (0.98, [Level.BROKEN]), (1, [Level.BROKEN])],
)
def test_a_disk_is_told_before_it_is_full(share: float | None, levels: list[Level]) -> None:
    assert [each.level for each in full("gateway", "MongoDB's disk", share, "df -h")] == levels


def test_a_clock_that_is_a_minute_off_is_named_and_no_other() -> None:
    now = datetime.now(UTC).timestamp()
    clocks = Clocks()
    clocks.note("MySQL", now - 59, now)
    assert clocks.compared().level is Level.OK
    clocks.note("MongoDB", now + 70, now)
    assert clocks.compared().level is Level.BROKEN
    assert "MongoDB: +70 s" in clocks.compared().found
    assert "MySQL" not in clocks.compared().found


def test_another_clusters_context_is_named_and_not_touched(run: Run) -> None:
    walked = run("./doctor.sh", "--json")
    assert walked.returncode == 1
    table = json.loads(walked.stdout)
    assert table["broken"] == "context"
    assert "kubectl config use-context minikube" in table["findings"][0]["next"]


def test_the_doctor_explains_itself(run: Run) -> None:
    told = run("./doctor.sh", "--help")
    assert (told.returncode, "--json" in told.stdout) == (0, True)
    assert run("./doctor.sh", "--nonsense").returncode == 2


def test_no_python_of_the_doctor_is_beside_what_debian_has() -> None:
    """An operator's machine has Python and none of our packages."""
    imports = {
        line.split()[1].split(".")[0]
        for file in (ROOT / "scripts/doctor").glob("*.py")
        for line in file.read_text().splitlines()
        if line.startswith(("import ", "from "))
    }
    assert imports <= {"scripts", "local", *sys.stdlib_module_names}
