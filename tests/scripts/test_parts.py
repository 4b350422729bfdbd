"""The parts of the scripts that take text and give text."""

import base64
import hashlib
from pathlib import Path

import pytest

from tests.scripts.conftest import ROOT, Run

READ = """. manifests/lib.sh
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


def test_the_brokers_password_is_hashed_as_rabbitmq_does(run: Run) -> None:
    done = run("bash", "-c", '. manifests/render.sh; rabbitmq_hash "$1"', "-", "s3cret")
    raw = base64.b64decode(done.stdout)
    assert raw[4:] == hashlib.sha256(raw[:4] + b"s3cret").digest()


def test_an_images_version_changes_with_its_content_only(run: Run, checkout: Path) -> None:
    command = ". manifests/images.sh; image_version manifests"
    first = run("bash", "-c", command).stdout
    assert run("bash", "-c", command).stdout == first
    (checkout / "manifests" / "new").write_text("x")
    assert run("bash", "-c", command).stdout != first


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
    script = str(ROOT / "manifests/rabbitmq/rabbitmqadmin")
    done = run(script, *first.split(), PATH=f"{tmp_path}:/usr/bin:/bin")
    assert done.stdout.strip() == second
