"""The queue core's promises, kept by the deployed pods; `tests/README.md` lists them."""

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cluster.conftest import Jobs
from tests.support import cluster, media
from tests.support.client import Client, assert_unavailable
from tests.support.cluster import kubectl, rabbitmqctl, shell
from tests.support.outages import application_stopped, memory_alarm
from tests.support.project import ROOT
from tests.support.wait import eventually, until

pytestmark = pytest.mark.timeout(600)

READY_WITHIN = 30.0  # seconds, as promised
DATABASES = ROOT / ".local-databases"  # of `setup-host.sh --embedded`


@contextmanager
def no_mongodb() -> Iterator[None]:
    databases("stop", "mongod")
    try:
        yield
    finally:
        databases("start", "mongod")


def databases(*command: str) -> None:
    """Move the servers that the pods' databases are; those of the machine are not ours to stop."""
    if not (DATABASES / "run" / "supervisor.sock").exists():
        pytest.skip("the databases are the machine's own")
    shell(f"LOCAL_DIR={DATABASES} local/ctl {' '.join(command)}")


OUTAGES = {
    "memory_alarm": lambda: memory_alarm(rabbitmqctl, "0.6"),  # rabbitmq.conf's
    "application_stopped": lambda: application_stopped(rabbitmqctl),
    "no_mongodb": no_mongodb,
}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return media.with_sound(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=2)


@pytest.mark.usefixtures("ready_again")
@pytest.mark.parametrize("outage", OUTAGES)
def test_an_upload_that_cannot_become_a_job_is_a_503_and_leaves_nothing(
    outage: str, user: Client, jobs: Jobs, clip: Path
) -> None:
    name = f"{outage}.mp4"
    with OUTAGES[outage]():
        assert_unavailable(lambda: user.upload(clip, name))
    until(lambda: jobs.named(name) == 0, "nothing of it is left")
    jobs.settle([eventually(lambda: jobs.upload(clip), READY_WITHIN)])


@pytest.mark.usefixtures("ready_again")
@pytest.mark.parametrize("server", ["mongod", "mariadb"])
def test_a_database_restarted_under_load_loses_no_job(
    server: str, user: Client, jobs: Jobs, clip: Path
) -> None:
    accepted = [jobs.upload(clip) for _ in range(3)]
    with ThreadPoolExecutor(1) as pool:
        restart = pool.submit(databases, "restart", server)
        while not restart.done():
            answer = user.upload(clip)
            assert answer.status_code in (200, 503), answer.text
            accepted += [answer.headers["X-Job-Id"]] if answer.ok else []
        restart.result()
    accepted.append(eventually(lambda: jobs.upload(clip), READY_WITHIN))
    jobs.settle(accepted)


def test_bad_files_are_told_by_mail_and_stop_no_converter(
    user: Client, jobs: Jobs, clip: Path, tmp_path: Path
) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("This is no video.\n" * 1000)
    bad = {
        "not a media file": text,
        "no audio track": media.silent(tmp_path / "silent.mp4"),
        "the file is cut off": media.truncated(tmp_path / "truncated.mp4"),
    }
    before, restarts = cluster.pods("converter"), cluster.restarts("converter")
    told = {jobs.upload(path): reason for reason, path in bad.items()}
    jobs.settle([jobs.upload(clip)])
    for job, reason in told.items():
        until(lambda job=job: jobs.state(job) == "failed", f"{job} has failed")  # type: ignore[misc]
        until(
            lambda line=f"{job} could not be converted: {reason}": line in cluster.mails(),  # type: ignore[misc]
            f"the mail about {job}",
            60,
        )
    assert (cluster.pods("converter"), cluster.restarts("converter")) == (before, restarts)


def test_four_converters_share_a_backlog_evenly(jobs: Jobs, video: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        uploaded = list(pool.map(jobs.upload, [video] * 40))
    jobs.settle(uploaded)
    shares = {pod: _received(pod, uploaded) for pod in cluster.pods("converter")}
    assert sum(shares.values()) == 40
    assert max(shares.values()) <= 14, shares


def test_a_deleted_queue_is_declared_again_and_consumed_within_10_s(jobs: Jobs, clip: Path) -> None:
    rabbitmqctl("delete_queue", "video")
    until(lambda: "video\tquorum\tjobs\t4" in _queues(), "four converters consume", 10)
    jobs.settle([jobs.upload(clip)])


def _queues() -> str:
    return rabbitmqctl("list_queues", "name", "type", "policy", "consumers")


@contextmanager
def mail_password(password: str) -> Iterator[None]:
    """Inside, the notifiers log in to the mail server with another password than theirs."""
    right = kubectl("get", "secret", "notification-secret", "-o", "jsonpath={.data.GMAIL_PASSWORD}")
    _set_mail_password(base64.b64encode(password.encode()).decode())
    try:
        yield
    finally:
        _set_mail_password(right)


def _set_mail_password(coded: str) -> None:
    patch = json.dumps({"data": {"GMAIL_PASSWORD": coded}})
    kubectl("patch", "secret", "notification-secret", "-p", patch)
    kubectl("rollout", "restart", "deployment/notification")
    cluster.rolled_out("deployment/notification")
    # The pods of before, with the password of before, are told to end, and take their time.
    until(lambda: len(cluster.get("pods", "-l", "app=notification")) == 4, "only new ones", 120)


def test_a_refused_mail_login_loses_no_mail_and_all_go_out_once_it_is_mended(
    jobs: Jobs, clip: Path
) -> None:
    with mail_password("wrong"):
        uploaded = [jobs.upload(clip) for _ in range(6)]
        until(lambda: len(_unready("notification")) == 4, "no notifier is ready", 60)
        assert cluster.restarts("notification") == 0
        announced = eventually(lambda: jobs.fids(uploaded))
        assert not [fid for fid in announced if fid in cluster.mails()]
    jobs.settle(uploaded)


def _unready(app: str) -> list[str]:
    return [
        pod["metadata"]["name"]
        for pod in cluster.get("pods", "-l", f"app={app}")
        if "deletionTimestamp" not in pod["metadata"]
        and not all(status["ready"] for status in pod["status"]["containerStatuses"])
    ]


def _received(pod: str, jobs: list[str]) -> int:
    """How many of these jobs' messages a pod was given."""
    lines = kubectl("logs", pod).splitlines()
    received = [line for line in lines if line.startswith("Received message: ")]
    return sum(job in line for job in jobs for line in received)
