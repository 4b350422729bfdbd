"""MONGODB_URI: a replica set of somebody else's, of which one member may go at any time.

It has the cluster for itself: these tests undeploy what there is.
"""

import ipaddress
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pymongo
import pytest

from tests.support import cluster, media
from tests.support.client import Client
from tests.support.cluster import kubectl, shell
from tests.support.place import Place
from tests.support.project import DEMO, ROOT
from tests.support.replica_set import ReplicaSet
from tests.support.stack import Stack
from tests.support.wait import eventually, until

pytestmark = pytest.mark.timeout(900)

MEMBERS = 3
DOOR = "mongodb-elsewhere-door"


@pytest.fixture(scope="module")
def members(host: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicaSet]:
    """At three addresses of this machine in the cluster's network, each on MongoDB's own port."""
    link = shell(f"ip -oneline address show to {host} | cut -d' ' -f2").strip()
    addresses = [str(ipaddress.ip_address(host) + 100 + number) for number in range(MEMBERS)]
    with ExitStack() as gone:
        for address in addresses:
            shell(f"ip address add {address}/32 dev {link}")
            gone.callback(shell, f"ip address delete {address}/32 dev {link}")
        places = [Place(f"mongodb{each}", each, ("env",)) for each in addresses]
        folder = tmp_path_factory.mktemp("members")
        databases = Stack(ROOT / ".local-databases")
        yield gone.enter_context(ReplicaSet(databases, folder, places))


@pytest.fixture(scope="module")
def client(members: ReplicaSet) -> Iterator[Client]:
    """The demo's user, logged in through the node's own address."""
    shell("./undeploy.sh", cluster.UNDEPLOY_TIMEOUT)
    shell(f"MONGODB_URI='{members.uri}' ./deploy.sh --mailcatcher", cluster.DEPLOY_TIMEOUT)
    kubectl("expose", "deployment", "gateway", "--type=NodePort", f"--name={DOOR}", "--port=8080")
    port = kubectl("get", "service", DOOR, "-o", "jsonpath={.spec.ports[0].nodePort}")
    client = Client(f"http://{shell('minikube ip').strip()}:{port}")
    try:
        eventually(lambda: client.login(*DEMO).ok)
        yield client
    finally:
        kubectl("delete", "service", DOOR)
        shell("./undeploy.sh", cluster.UNDEPLOY_TIMEOUT)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return media.with_sound(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=1)


def converted(client: Client, clip: Path) -> str:
    """The job of an upload, which became an MP3 that was told and can be downloaded."""
    answer = client.upload(clip)
    assert answer.text == "success!"
    job = answer.headers["X-Job-Id"]
    until(lambda: show(client, job)["state"] == "done", "it is done", 60)
    fid = show(client, job)["mp3_fid"]
    until(lambda: fid in cluster.mails(), "it is told", 60)
    assert client.download(fid).content[:3] == b"ID3"
    return job


def show(client: Client, job: str) -> dict[str, Any]:
    found: dict[str, Any] = client.request("GET", f"/jobs/{job}").json()
    return found


def test_what_is_stored_is_in_the_members_that_were_named(
    client: Client, members: ReplicaSet, clip: Path
) -> None:
    converted(client, clip)
    with pymongo.MongoClient[dict[str, object]](members.uri, timeoutMS=10_000) as mongo:
        assert mongo["mp3s"]["fs.files"].count_documents({}) == 1


def test_no_object_but_the_secrets_has_the_address(client: Client, members: ReplicaSet) -> None:
    address = members.members[0].address
    shown = kubectl("get", "configmaps,deployments,statefulsets,cronjobs", "-o", "yaml")
    assert address not in shown
    assert "MONGODB_HOST" not in shown


def test_uploads_go_on_when_the_primary_is_killed(
    client: Client, members: ReplicaSet, clip: Path
) -> None:
    before = converted(client, clip)
    killed = members.primary()
    killed.kill()
    until(lambda: client.upload(clip).text == "success!", "an upload is taken again", 30)
    assert show(client, before)["state"] == "done"
    converted(client, clip)
    killed.start()
    members.wait_until_whole()
