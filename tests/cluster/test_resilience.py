"""What may happen to pods, and what a user notices of it: nothing."""

import json
import random
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.cluster.conftest import PASSWORD, USER, Jobs
from tests.support import cluster
from tests.support.cluster import kubectl
from tests.support.project import SERVICES

pytestmark = [pytest.mark.timeout(900), pytest.mark.usefixtures("ready_again")]

LOAD = Path(__file__).with_name("load.py")
ATTACHED_MB = 230  # a Matroska element may have 256; two of them are more than ffmpeg's 512


def test_a_rollout_and_a_broker_restart_fail_no_request_and_lose_no_job(
    client_pod: None, jobs: Jobs, video: Path
) -> None:
    first = jobs.upload(video)
    jobs.settle([first])
    (fid,) = jobs.fids([first])
    cluster.in_client("sh", "-c", "cat >/tmp/video", data=video.read_bytes())
    cluster.in_client("sh", "-c", "cat >/tmp/load.py", data=LOAD.read_bytes())
    with ThreadPoolExecutor(1) as pool:
        load = ["python3", "/tmp/load.py", USER, PASSWORD, fid]  # noqa: S108 in the pod
        running = pool.submit(cluster.in_client, *load, timeout=600)
        try:
            for service in SERVICES:
                kubectl("rollout", "restart", f"deployment/{service}")
            for service in SERVICES:
                cluster.rolled_out(f"deployment/{service}")
            kubectl("delete", "pod", "rabbitmq-0")
            cluster.rolled_out("statefulset/rabbitmq")
        finally:
            cluster.in_client("touch", "/tmp/stop")  # noqa: S108
        report = json.loads(running.result())
    assert report["failed"] == []
    assert min(report["logins"], report["downloads"], len(report["jobs"])) > 5
    jobs.settle(report["jobs"])


@pytest.mark.parametrize("seed", [random.randrange(1 << 32)])  # noqa: S311 shown, to be repeated
def test_pods_deleted_at_random_amid_jobs_lose_none_and_double_none(
    jobs: Jobs, video: Path, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311
    uploaded = []
    for _ in range(4):
        uploaded += [jobs.upload(video) for _ in range(3)]
        names = [name for app in ("converter", "notification") for name in cluster.pods(app)]
        kubectl("delete", "pod", *chance.sample(names, 4), "--grace-period=0", "--force")
    kubectl("delete", "pod", "rabbitmq-0")
    jobs.settle(uploaded)


def test_a_file_that_wants_all_memory_stops_neither_the_queue_nor_the_converters(
    jobs: Jobs, video: Path, tmp_path: Path
) -> None:
    """ffmpeg is refused the memory, goes without the attachments, and converts the sound."""
    restarts = cluster.restarts("converter")
    hostile = jobs.upload(_with_attachments(video, tmp_path))
    jobs.settle([hostile, *(jobs.upload(video) for _ in range(4))])
    assert cluster.restarts("converter") == restarts


def _with_attachments(video: Path, folder: Path) -> Path:
    """The video with two fonts of zeros, which ffmpeg would read into memory."""
    zeros = folder / "font.ttf"
    with zeros.open("wb") as file:
        file.truncate(ATTACHED_MB << 20)
    hostile = folder / "hostile.mkv"
    attach = ["-attach", str(zeros), "-metadata:s:t", "mimetype=application/x-truetype-font"]
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(video), "-c", "copy"]
    subprocess.run([*command, *attach, *attach, str(hostile)], check=True, timeout=120)
    return hostile
