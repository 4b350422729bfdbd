"""The parts of the scripts that take text and give text."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.scripts.conftest import Run
from tests.support.project import ROOT, SERVICES

READ = """. scripts/lib.sh
read_env .env A_NAME B_NAME C_NAME
printf '%s|' "${A_NAME-}" "${B_NAME-}" "${C_NAME-}"
"""


def settings(checkout: Path, text: str) -> None:
    (checkout / ".env").touch(0o600)
    (checkout / ".env").write_text(text)


def test_an_env_file_is_read_and_never_run(run: Run, checkout: Path) -> None:
    settings(
        checkout, "# note\n\nexport A_NAME=\"a b=c\"\nB_NAME=$(touch harm)`id`\nC_NAME='q'\r\n"
    )
    assert run("bash", "-c", READ).stdout == "a b=c|$(touch harm)`id`|q|"
    assert not (checkout / "harm").exists()


def test_the_environment_wins_over_the_env_file(run: Run, checkout: Path) -> None:
    settings(checkout, "A_NAME=file")
    assert run("bash", "-c", READ, A_NAME="environment").stdout == "environment|||"


VERSIONS = """. scripts/lib.sh; . scripts/images.sh
dry_run=yes; ensure_images "$(mktemp -d)" rabbitmq mailcatcher prometheus "${services[@]}"
for image in "${!version[@]}"; do echo "$image ${version[$image]}"; done
"""


@pytest.mark.parametrize(
    ("changed", "images"),
    [
        ("servicekit/amqp/publish.py", set(SERVICES)),
        ("servicekit/gridfs/read.py", {"gateway", "converter", "notification"}),
        ("servicekit/http/server.py", {"auth", "gateway"}),
        ("servicekit/logs.py", {"auth", "gateway", "converter", "notification", "mailcatcher"}),
        ("gateway/server.py", {"gateway"}),
        ("local/mailcatcher/catcher.py", {"mailcatcher"}),
        ("broker/dead", {"rabbitmq"}),
        ("broker/queue", {"rabbitmq"}),
        ("broker/tool.py", {"rabbitmq"}),
        ("monitoring/Dockerfile", {"prometheus"}),
        ("auth/Dockerfile", {"auth"}),
        ("scripts/sbom.py", {*SERVICES, "mailcatcher", "rabbitmq", "prometheus"}),
        ("converter/requirements.in", set()),
    ],
)
def test_a_change_gives_a_new_version_to_the_images_that_hold_the_file_only(
    run: Run, checkout: Path, changed: str, images: set[str]
) -> None:
    def versions() -> set[str]:
        return set(run("bash", "-euc", VERSIONS).stdout.splitlines())

    before = versions()
    assert len(before) == 7
    assert versions() == before
    with (checkout / changed).open("a") as file:
        file.write("\n")
    assert {line.split()[0] for line in versions() - before} == images


FIREWALL = """. scripts/lib.sh; . scripts/host.sh; . scripts/firewall.sh
network=192.168.49.0/24
start() { firewall_unit | sed -n 's/^ExecStart=//p' | bash -e; }
count() { iptables -S INPUT | grep -c video2mp3; ip6tables -S INPUT | grep -c video2mp3; }
twice() { iptables -A INPUT $(iptables -S INPUT | sed -n 's/-A INPUT//p'); }
{
  network=192.168.58.0/24; add_rules
  network=192.168.49.0/24; add_rules; start; start
} >/dev/null; count
iptables -S INPUT | grep -c 192.168.49.0/24
{ twice; add_rules; } >/dev/null; count
add_rules
{ twice; remove_rules; } >/dev/null; count
"""


def test_the_firewall_has_each_rule_once_for_todays_network_and_none_when_undone(
    run: Run,
) -> None:
    if run("unshare", "--net", "true").returncode:
        pytest.skip("a network of its own needs root")
    done = run("unshare", "--net", "bash", "-uc", FIREWALL)
    assert (done.stdout.split(), done.stderr) == (list("1111100"), "")


ENSURE = """. scripts/lib.sh; . scripts/images.sh
context=$CONTEXT dry_run=no; ensure_images work rabbitmq
"""
RECORDER = """#!/bin/sh
echo "${0##*/} $*" >>"$CALLS"
case " $FAILING " in *" $1 "*) exit 1 ;; esac
"""


@pytest.fixture
def ensure(run: Run, tmp_path: Path) -> Callable[..., list[str]]:
    """Takes an image to the cluster of a context, with programs that only note how they are called.

    Whoever calls says which commands of theirs fail.
    """
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("docker", "kind"):
        (programs / name).write_text(RECORDER)
        (programs / name).chmod(0o755)
    calls = tmp_path / "calls"

    def ensured(context: str, failing: str = "", code: int = 0, **settings: str) -> list[str]:
        path = f"{programs}:/usr/bin:/bin"
        given = {"CONTEXT": context, "FAILING": failing, "CALLS": str(calls), "PATH": path}
        done = run("bash", "-euc", ENSURE, **given, **settings)
        assert done.returncode == code, done.stderr
        return [" ".join(call.split()[:2]) for call in calls.read_text().splitlines()]

    return ensured


def test_an_image_is_built_and_pushed_once(ensure: Callable[..., list[str]]) -> None:
    registry = {"IMAGE_REGISTRY": "registry.example.com/team"}
    assert ensure("production", **registry) == ["docker manifest"]
    again = ensure("production", failing="manifest", **registry)[1:]
    assert again == ["docker manifest", "docker build", "docker push"]


def test_an_image_is_labelled_with_the_version_of_the_release(run: Run, checkout: Path) -> None:
    (checkout / "servicekit/__init__.py").write_text('__version__ = "7.8.9"\n')
    command = ". scripts/images.sh; image_context $1/Dockerfile context; cat context/$1/Dockerfile"
    for service in SERVICES:
        lines = run("bash", "-euc", command, "-", service).stdout.splitlines()
        assert "ARG VERSION=7.8.9" in lines
        assert 'LABEL org.opencontainers.image.version="${VERSION}"' in lines


def test_an_image_is_built_on_the_digest_that_is_set_and_anew_on_another(run: Run) -> None:
    def versions(digest: str) -> set[str]:
        base = f"python:3.13-slim-trixie@sha256:{digest * 64}"
        return set(run("bash", "-euc", VERSIONS, PYTHON_IMAGE=base).stdout.splitlines())

    command = ". scripts/images.sh; image_context $1 context; cat context/$1"
    base = "rabbitmq:4.3-management@sha256:" + "a" * 64
    for dockerfile, name in (
        ("broker/Dockerfile", "RABBITMQ_IMAGE"),
        ("auth/Dockerfile", "PYTHON_IMAGE"),
    ):
        lines = run("bash", "-euc", command, "-", dockerfile, **{name: base}).stdout.splitlines()
        assert f"ARG {name}={base}" in lines
        assert f"FROM ${{{name}}}" in lines
    assert len(versions("a") - versions("b")) == 7
    assert versions("a") == versions("a")


def test_a_base_image_that_is_no_name_is_refused(run: Run) -> None:
    done = run("bash", "-euc", VERSIONS, PYTHON_IMAGE="python|e id")
    assert done.returncode == 1
    assert "PYTHON_IMAGE is not the name of an image" in done.stderr


@pytest.mark.parametrize(
    ("listed", "there"),
    [
        ("docker.io/library/video2mp3-auth:1", True),
        ("localhost/video2mp3-auth:1", True),
        ("localhost:5001/team/video2mp3-auth:1", False),
        ("docker.io/library/video2mp3-auth:12", False),
    ],
)
def test_only_an_image_that_the_pods_would_find_counts_as_there(
    run: Run, listed: str, there: bool
) -> None:
    command = ". scripts/images.sh; context=minikube there=$LISTED; image_there video2mp3-auth:1"
    assert (run("bash", "-c", command, LISTED=listed).returncode == 0) == there


def test_kind_gets_the_image_from_docker(ensure: Callable[..., list[str]]) -> None:
    assert ensure("kind-demo", failing="image") == ["docker image", "docker build", "kind load"]


@pytest.mark.parametrize(
    ("context", "look", "settings"),
    [
        ("kind-demo", "image", {}),
        ("production", "manifest", {"IMAGE_REGISTRY": "registry.example.com"}),
    ],
)
def test_an_image_that_cannot_be_built_goes_nowhere(
    ensure: Callable[..., list[str]], context: str, look: str, settings: dict[str, str]
) -> None:
    calls = ensure(context, failing=f"{look} build", code=1, **settings)
    assert calls == [f"docker {look}", "docker build"]


def test_a_cluster_that_takes_no_images_needs_a_registry(run: Run) -> None:
    done = run("bash", "-euc", ENSURE, CONTEXT="production")
    assert done.returncode == 1
    assert "Next: set IMAGE_REGISTRY in .env" in done.stderr


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            "get queue=video count=5",
            "get messages --queue video --count 5 --ack-mode ack_requeue_true",
        ),
        (
            "get queue=video ackmode=ack_requeue_false",
            "get messages --queue video --ack-mode ack_requeue_false",
        ),
        (
            "declare queue name=video durable=true",
            "declare queue --name video --durable true --type quorum",
        ),
        ("declare queue --name video", "declare queue --name video --type quorum"),
        ("declare queue --name old --type classic", "declare queue --name old --type classic"),
        ("list queues", "list queues"),
        (
            "publish routing_key=video payload=a=b",
            "publish message --routing-key video --payload a=b",
        ),
    ],
)
def test_both_forms_of_rabbitmqadmin_are_understood(
    run: Run, tmp_path: Path, first: str, second: str
) -> None:
    program = tmp_path / "rabbitmqadmin-v2"  # the real one is in the image only
    program.write_text('#!/bin/sh\necho "$@"\n')
    program.chmod(0o755)
    script = str(ROOT / "broker/rabbitmqadmin")
    done = run(script, *first.split(), PATH=f"{tmp_path}:/usr/bin:/bin")
    assert done.stdout.strip() == second


SECURE = """. scripts/lib.sh; . scripts/host.sh
state=$PWD/state mongod_conf=$PWD/mongod.conf embedded=no host_ip=127.0.0.1
mkdir -p "$state"
as_root() { "$@"; }
restart_server() { echo "restarted $*" >>calls; }
change_mongodb_users() { echo "$1 ${MONGODB_SWEEP_PASSWORD:0:1}" >>calls; }
read_env .env "${known_settings[@]}"
"$@"
"""
CONFIGURATIONS = {
    "none": "net:\n  bindIp: 0.0.0.0\n#security:\n",
    "other": "security:\n  keyFile: /etc/key\nnet:\n  bindIp: 0.0.0.0\n",
    "off": "security:\n  authorization: disabled\nnet:\n  port: 27017\n",
}


@pytest.mark.parametrize("before", CONFIGURATIONS.values(), ids=list(CONFIGURATIONS))
def test_mongodb_gets_its_users_before_it_asks_for_them_and_is_put_back(
    run: Run, checkout: Path, before: str
) -> None:
    configuration, env, calls = (checkout / name for name in ("mongod.conf", ".env", "calls"))
    configuration.write_text(before)
    settings(checkout, "SMTP_PORT=25")  # its last line has no end
    for _ in range(2):
        done = run("bash", "-euc", SECURE, "-", "secure_mongodb")
        assert done.returncode == 0, done.stderr
    parsed = yaml.safe_load(configuration.read_text())
    assert parsed["security"]["authorization"] == "enabled"
    others = yaml.safe_load(before)
    assert parsed.get("net") == others["net"]
    assert parsed["security"].get("keyFile") == (others.get("security") or {}).get("keyFile")
    lines = env.read_text().splitlines()
    assert [line.partition("=")[0] for line in lines] == [
        "SMTP_PORT",
        *(
            f"MONGODB_{name}_PASSWORD"
            for name in ("ADMIN", "GATEWAY", "CONVERTER", "NOTIFICATION", "SWEEP")
        ),
    ]
    assert len({line.partition("=")[2] for line in lines}) == 6
    assert env.stat().st_mode & 0o777 == 0o600
    first = lines[-1].partition("=")[2][0]
    assert calls.read_text() == f"make {first}\nrestarted mongod\nmake {first}\n"
    calls.unlink()
    run("bash", "-euc", SECURE, "-", "eval", "forget_mongodb_users; close_mongodb")
    assert calls.read_text() == f"remove {first}\nrestarted mongod\n"
    assert configuration.read_text() == before
    assert env.read_text() == "SMTP_PORT=25\n"


SECRETS = """. scripts/lib.sh; . scripts/render.sh
in_cluster() { local name=KEPT_$2; printf %s "${!name-}"; }
mkdir one two && write_signing_secret "$1" "$2" . one two && cmp one/"$1" two/"$1"
cat one/"$1" && echo " $(cat two/"$1"_PREVIOUS)"
"""


@pytest.mark.parametrize(
    ("rotate", "given", "expected"),
    [
        ("no", {}, "kept before"),
        ("yes", {}, "new kept"),
        ("no", {"LINK_SECRET": "given"}, "given kept"),
        ("no", {"LINK_SECRET": "kept"}, "kept before"),
    ],
)
def test_a_secret_that_is_replaced_stays_good_for_what_it_signed(
    run: Run, rotate: str, given: dict[str, str], expected: str
) -> None:
    cluster = {"KEPT_LINK_SECRET": "kept", "KEPT_LINK_SECRET_PREVIOUS": "before"}
    command = ("bash", "-euc", SECRETS, "-", "LINK_SECRET", rotate)
    said = run(*command, **cluster, **given).stdout.split()
    if expected == "new kept":
        assert re.fullmatch("[0-9a-f]{64}", said[0])
        said[0] = "new"
    assert said == expected.split()
