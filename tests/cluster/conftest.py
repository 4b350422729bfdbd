"""The demo, run once on the cluster of the current context; what it deployed serves all tests."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymongo
import pytest

from tests.support import cluster, media
from tests.support.client import Client
from tests.support.cluster import kubectl, shell
from tests.support.project import DEMO, ROOT, SERVICES
from tests.support.wait import eventually, until

USER, PASSWORD = DEMO
POD_SECURITY = "pod-security.kubernetes.io/enforce"


@pytest.fixture(scope="session")
def host() -> Iterator[str]:
    """The databases' address; they are started, where there are none, and our pods must be
    restricted ones.
    """
    address = cluster.prepare_host()
    kubectl("label", "namespace", "default", f"{POD_SECURITY}=restricted", "--overwrite")
    yield address
    kubectl("label", "namespace", "default", f"{POD_SECURITY}-")


@pytest.fixture(scope="session")
def demo(host: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """What the demo printed, and the folder that it ran in."""
    folder = tmp_path_factory.mktemp("demo")
    output = shell(f"cd {folder} && {ROOT}/run-demo.sh --cluster", cluster.DEPLOY_TIMEOUT)
    yield output, folder
    shell("./start-services.sh --stop")


@pytest.fixture(scope="session")
def mongo(demo: object, host: str) -> Iterator[pymongo.MongoClient[dict[str, Any]]]:
    with pymongo.MongoClient[dict[str, Any]](f"mongodb://{host}:27017", timeoutMS=10_000) as client:
        yield client


@pytest.fixture(scope="session")
def user(demo: object) -> Client:
    """The tutorial's user, logged in through the port forward."""
    client = Client("http://video2mp3.com")
    client.login(USER, PASSWORD).raise_for_status()
    return client


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute of sound, named so that no other run's is meant."""
    folder = tmp_path_factory.mktemp("video")
    return media.with_sound(folder / f"{uuid.uuid4().hex}.mp4", seconds=60)


@pytest.fixture
def client_pod(demo: object) -> Iterator[None]:
    """A pod that runs clients inside the cluster."""
    cluster.start_pod(cluster.CLIENT)
    yield
    cluster.stop_pod(cluster.CLIENT)


class Jobs:
    """Uploads, and the proof that each became one MP3 and one mail."""

    def __init__(self, user: Client, mongo: pymongo.MongoClient[dict[str, Any]]) -> None:
        self._user = user
        self._mongo = mongo

    def upload(self, path: Path) -> str:
        answer = self._user.upload(path)
        assert answer.text == "success!"
        return answer.headers["X-Job-Id"]

    def state(self, job: str) -> str:
        return str(self._user.request("GET", f"/jobs/{job}").json()["state"])

    def settle(self, jobs: list[str], timeout: float = 300) -> None:
        """Wait until each has ended well, once: one MP3, and mails with one Message-ID."""
        until(lambda: not self._open(jobs), "all jobs are done", timeout)
        fids = self.fids(jobs)
        until(lambda: not _untold(fids), "all mails", timeout)
        mails = cluster.mails().split("Return-Path:")
        for fid in fids:
            ids = {_message_id(mail) for mail in mails if fid in mail}
            assert len(ids) == 1, f"{fid} was announced by {ids}"

    def fids(self, jobs: list[str]) -> list[str]:
        """The ids of the one MP3 of each job."""
        return [self._fid(job) for job in jobs]

    def named(self, filename: str) -> int:
        """How many videos are called so."""
        return self._mongo["videos"]["fs.files"].count_documents({"filename": filename})

    def _open(self, jobs: list[str]) -> list[str]:
        done = self._mongo["mp3s"]["fs.files"].distinct(
            "metadata.video_fid", {"metadata.video_fid": {"$in": jobs}}
        )
        return sorted(set(jobs) - set(done))

    def _fid(self, job: str) -> str:
        (mp3,) = self._mongo["mp3s"]["fs.files"].find({"metadata.video_fid": job})
        return str(mp3["_id"])


@pytest.fixture
def jobs(user: Client, mongo: pymongo.MongoClient[dict[str, Any]]) -> Jobs:
    return Jobs(user, mongo)


def _untold(fids: list[str]) -> list[str]:
    mails = cluster.mails()
    return [fid for fid in fids if fid not in mails]


def _message_id(mail: str) -> str:
    (line,) = [line for line in mail.splitlines() if line.lower().startswith("message-id:")]
    return line.split(":", 1)[1].strip()


@pytest.fixture
def ready_again(user: Client) -> Iterator[None]:
    """Afterwards: the numbers of the tutorial, all pods ready, and a port forward that has noticed
    that its pod is another one.
    """
    yield
    kubectl("scale", "deployment", "converter", "--replicas=4")
    for name in ("statefulset/rabbitmq", *(f"deployment/{service}" for service in SERVICES)):
        cluster.rolled_out(name)
    cluster.old_ones_gone("gateway")
    eventually(lambda: user.request("GET", "/healthz").ok)
