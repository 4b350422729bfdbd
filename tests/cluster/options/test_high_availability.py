"""./deploy.sh --ha on a cluster of one node: one broker or one member of three may go at any time.

It has the cluster for itself: these tests undeploy what there is.
"""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import cluster, media
from tests.support.client import Client
from tests.support.cluster import kubectl, shell
from tests.support.log import say
from tests.support.project import DEMO, SERVICES
from tests.support.steady import SteadyLoad
from tests.support.wait import eventually, until

pytestmark = pytest.mark.timeout(900)

USER, PASSWORD = DEMO
NODES = 3
RATE = 4  # uploads a second
AGAIN_WITHIN = 10.0  # seconds; the promise
QUEUES = {"video", "mp3", "dead"}
DOOR = "high-availability-door"

# Run in a gateway's pod, which may reach MongoDB.
_IN_GATEWAY = """
import json, os, pymongo
client = pymongo.MongoClient(os.environ["MONGODB_URI"], timeoutMS=10_000)
"""
_MP3S = """
counts = {{}}
for mp3 in client["mp3s"]["fs.files"].find({{"metadata.video_fid": {{"$in": {jobs}}}}}):
    counts.setdefault(mp3["metadata"]["video_fid"], []).append(str(mp3["_id"]))
print(json.dumps(counts))
"""
_PRIMARY = """
print(json.dumps(client.admin.command("hello")["primary"]))
"""
_HEALTHY = """
members = client.admin.command("replSetGetStatus")["members"]
print(json.dumps([member["stateStr"] for member in members]))
"""


def ask_mongodb(program: str) -> object:
    text = (_IN_GATEWAY + program).encode()
    answer: object = json.loads(
        kubectl("exec", "-i", "deployment/gateway", "--", "python", "-", data=text)
    )
    return answer


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """The demo's user, logged in through the node's own address."""
    cluster.prepare_host()
    shell("./undeploy.sh", cluster.UNDEPLOY_TIMEOUT)
    deploy()
    kubectl("expose", "deployment", "gateway", "--type=NodePort", f"--name={DOOR}", "--port=8080")
    try:
        yield _logged_in()
    finally:
        kubectl("delete", "service", DOOR)
        shell("./undeploy.sh", cluster.UNDEPLOY_TIMEOUT)


def deploy() -> None:
    image = cluster.mongodb_image()
    shell(f"MONGODB_IMAGE={image} ./deploy.sh --ha --mailcatcher", cluster.DEPLOY_TIMEOUT)


def _logged_in() -> Client:
    port = kubectl("get", "service", DOOR, "-o", "jsonpath={.spec.ports[0].nodePort}")
    client = Client(f"http://{shell('minikube ip').strip()}:{port}")
    eventually(lambda: client.login(USER, PASSWORD).ok)
    return client


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return media.with_sound(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=1)


def online() -> dict[str, int]:
    """How many members of each queue are there, as the first node knows it."""
    lines = cluster.rabbitmqctl("-q", "--formatter=json", "list_queues", "name", "online")
    return {queue["name"]: len(queue["online"]) for queue in json.loads(lines)}


def all_healthy() -> bool:
    """Whether MongoDB has a primary and two members that follow it."""
    states = ask_mongodb(_HEALTHY)
    return isinstance(states, list) and sorted(states) == ["PRIMARY", "SECONDARY", "SECONDARY"]


def settled(jobs: list[str]) -> None:
    """Each job has one MP3, and mails of one Message-ID tell its user, and no queue holds more."""
    wanted = json.dumps(jobs)

    def mp3s() -> dict[str, list[str]]:
        found = ask_mongodb(_MP3S.format(jobs=wanted))
        assert isinstance(found, dict)
        return found

    until(lambda: len(mp3s()) == len(jobs), "an MP3 of each job", 300)
    fids = mp3s()
    assert {len(each) for each in fids.values()} == {1}
    until(lambda: all(fid in cluster.mails() for (fid,) in fids.values()), "all mails", 120)
    mails = cluster.mails().split("Return-Path:")
    for (fid,) in fids.values():
        assert len({_message_id(mail) for mail in mails if fid in mail}) == 1
    until(lambda: _messages() == dict.fromkeys(QUEUES, 0), "all queues are empty", 60)


def _message_id(mail: str) -> str:
    (line,) = [line for line in mail.splitlines() if line.lower().startswith("message-id:")]
    return line


def _messages() -> dict[str, int]:
    lines = cluster.rabbitmqctl("-q", "--formatter=json", "list_queues", "name", "messages")
    return {queue["name"]: queue["messages"] for queue in json.loads(lines)}


def test_all_are_ready_and_each_queue_has_three_members(client: Client) -> None:
    for name in ("statefulset/rabbitmq", "statefulset/mongodb"):
        cluster.rolled_out(name)
    for service in SERVICES:
        cluster.rolled_out(f"deployment/{service}")
    until(lambda: online() == dict.fromkeys(QUEUES, NODES), "three members of each queue", 90)
    assert all_healthy()


def servers() -> tuple[list[str], int]:
    """The pods of RabbitMQ and MongoDB, and how often one of them was started again."""
    apps = ("rabbitmq", "mongodb")
    return sum(map(cluster.pods, apps), []), sum(map(cluster.restarts, apps))


def test_deploying_again_changes_nothing(client: Client) -> None:
    before = servers()
    deploy()
    assert servers() == before


def test_one_node_does_not_become_three_unasked(client: Client) -> None:
    with pytest.raises(AssertionError, match="cannot change between one node and three"):
        shell("./deploy.sh --mailcatcher", cluster.DEPLOY_TIMEOUT)


def test_a_video_becomes_an_mp3_and_a_mail(client: Client, clip: Path) -> None:
    answer = client.upload(clip)
    assert answer.text == "success!"
    settled([answer.headers["X-Job-Id"]])


def leader() -> str:
    """The pod that leads the queue `video`."""
    lines = cluster.rabbitmqctl("-q", "--formatter=json", "list_queues", "name", "leader")
    (name,) = (queue["leader"] for queue in json.loads(lines) if queue["name"] == "video")
    return str(name).removeprefix("rabbit@").removesuffix(".rabbitmq-nodes")


def primary() -> str:
    """The pod of MongoDB's primary."""
    return str(ask_mongodb(_PRIMARY)).partition(".")[0]


@pytest.mark.parametrize(("app", "victim"), [("rabbitmq", leader), ("mongodb", primary)])
def test_a_leader_is_killed_under_4_uploads_a_second(
    app: str, victim: Callable[[], str], client: Client, clip: Path
) -> None:
    pod = victim()
    with SteadyLoad([client], clip, RATE) as load:
        until(lambda: len(load.jobs) >= 3 * RATE, "uploads are accepted")
        killed = time.monotonic()
        kubectl("delete", "pod", pod, "--grace-period=0", "--force")
        cluster.rolled_out(f"statefulset/{app}")
        goal = len(load.jobs) + 5 * RATE
        until(lambda: len(load.jobs) >= goal, "uploads are accepted again", 60)
    assert {told.status for told in load.failures()} <= {503}
    out = max(load.last_failure() - killed, 0)
    refused = len(list(load.failures()))
    longest = max(told.ended - told.began for told in load.journal)
    counts = f"{len(load.jobs)} accepted, {refused} refused within {out:.1f} s"
    say(f"{app}: {counts}; the longest answer took {longest:.1f} s")
    assert out < AGAIN_WITHIN
    settled(load.jobs)
    if app == "rabbitmq":
        until(lambda: online() == dict.fromkeys(QUEUES, NODES), "three members of each queue", 90)
    else:
        until(all_healthy, "three members", 90)


@pytest.mark.parametrize("pod", ["rabbitmq-2", "rabbitmq-0", "mongodb-0"])
def test_a_node_that_loses_its_disk_joins_the_others_again(
    pod: str, client: Client, clip: Path
) -> None:
    """rabbitmq-0 is who formed the cluster: it must not form a second one."""
    kubectl("scale", "deployment", "converter", "--replicas=0")
    accepted = client.upload(clip).headers["X-Job-Id"]
    kubectl("delete", "pvc", f"data-{pod}", "--wait=false")
    kubectl("delete", "pod", pod, "--grace-period=0", "--force")
    until(lambda: _is_new(pod), f"another {pod}")
    for name in ("rabbitmq", "mongodb"):
        cluster.rolled_out(f"statefulset/{name}")
    until(lambda: online() == dict.fromkeys(QUEUES, NODES), "three members of each queue", 120)
    until(all_healthy, "three members", 120)
    kubectl("scale", "deployment", "converter", "--replicas=4")
    settled([accepted])


def _is_new(pod: str) -> bool:
    """Whether it runs on a volume of its own, and not on one that is on its way out."""
    claims = cluster.get("pvc", "-l", f"app={pod.partition('-')[0]}")
    return any(
        claim["metadata"]["name"] == f"data-{pod}" and "deletionTimestamp" not in claim["metadata"]
        for claim in claims
    )
