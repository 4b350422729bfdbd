"""local/ctl doctor names the first broken hop, each time by a fault that is really there."""

import functools
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from tests.support.outages import memory_alarm
from tests.support.project import DEMO, ROOT
from tests.support.stack import CTL_TIMEOUT, Stack
from tests.support.wait import until

Plant = Callable[[Stack], AbstractContextManager[None]]


def doctor(*options: str) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / "local/ctl"), "doctor", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=CTL_TIMEOUT, check=False)


def not_ok() -> list[dict[str, Any]]:
    """What the doctor has to say of the stack, besides what is well."""
    table: dict[str, Any] = json.loads(doctor("--json").stdout)
    return [finding for finding in table["findings"] if finding["level"] != "ok"]


@contextmanager
def sql(stack: Stack, plant: str, mend: str) -> Iterator[None]:
    """Statements of MySQL's administrator."""
    stack.ctl("mysql", "-e", plant)
    try:
        yield
    finally:
        stack.ctl("mysql", "-e", mend)


def another_password(stack: Stack) -> AbstractContextManager[None]:
    alter = "ALTER USER 'auth_user'@'%' IDENTIFIED BY '{}'"
    return sql(stack, alter.format("another"), alter.format(stack.env["MYSQL_PASSWORD"]))


def no_grant(stack: Stack) -> AbstractContextManager[None]:
    revoke = "REVOKE ALL PRIVILEGES ON auth.* FROM 'auth_user'@'%'"
    return sql(stack, revoke, "GRANT ALL PRIVILEGES ON auth.* TO 'auth_user'@'%'")


def no_table(stack: Stack) -> AbstractContextManager[None]:
    away = "RENAME TABLE auth.user TO auth.elsewhere"
    return sql(stack, away, "RENAME TABLE auth.elsewhere TO auth.user")


def no_mongod(stack: Stack) -> AbstractContextManager[None]:
    return stack.stopped("mongod")


def no_notifiers(stack: Stack) -> AbstractContextManager[None]:
    return stack.stopped("notification:*")


def no_memory(stack: Stack) -> AbstractContextManager[None]:
    return memory_alarm(functools.partial(stack.ctl, "rabbitmqctl"), "0.4")


@contextmanager
def refused_mail_login(stack: Stack) -> Iterator[None]:
    """The mail server is started with another password than the notifiers have."""
    secret = stack.folder / "secrets/smtp_password"
    password = secret.read_text()
    secret.write_text("another")
    stack.restart("mailcatcher")
    secret.write_text(password)
    try:
        yield
    finally:
        stack.restart("mailcatcher")


@contextmanager
def no_policy(stack: Stack) -> Iterator[None]:
    stack.ctl("rabbitmqctl", "clear_policy", "jobs")
    try:
        yield
    finally:
        stack.restart("rabbitmq")
        stack.wait_ready()


@contextmanager
def stuck_converter(stack: Stack) -> Iterator[None]:
    name = stack.processes("converter")[0]
    stack.signal("STOP", name)
    try:
        yield
    finally:
        stack.signal("CONT", name)


PLANTS: dict[Plant, tuple[str, str, str]] = {
    another_password: ("auth", "MySQL refuses the login of auth_user", "local/up"),
    no_grant: ("auth", "has no right to the database auth", "local/up"),
    no_table: ("auth", "its table user is missing", "local/up"),
    no_mongod: ("gateway", "MongoDB refuses connections", "local/up"),
    refused_mail_login: ("notification", "the mail server refuses the login", "local/up"),
    no_memory: ("gateway", "RabbitMQ takes no messages", "local/ctl tail rabbitmq"),
    no_policy: ("queues", "video is without its policy", "local/ctl restart rabbitmq"),
    stuck_converter: ("converter", "it is stuck", "local/ctl restart 'converter:*'"),
    no_notifiers: ("notification", "does not run", "local/ctl start notification:"),
}


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_the_doctor_names_the_first_broken_hop_and_what_mends_it(
    stack: Stack, plant: Plant
) -> None:
    hop, summary, following = PLANTS[plant]
    with plant(stack):
        first = until(not_ok, "the doctor finds it")[0]
    assert (first["level"], first["hop"]) == ("BROKEN", hop)
    assert summary in first["summary"]
    assert following in first["next"]
    assert first["found"]
    assert first["needed"]


def test_the_doctor_says_that_all_is_well(stack: Stack) -> None:
    stack.wait_ready()
    stack.ctl("dead", "purge")
    walked = doctor()
    assert (walked.returncode, walked.stderr) == (0, ""), walked.stdout
    assert "BROKEN" not in walked.stdout


def test_a_dead_message_is_told_with_its_reason_and_breaks_nothing(
    stack: Stack, user: object
) -> None:
    stack.ctl("dead", "purge")
    with stack.channel() as channel:
        channel.basic_publish("", "video", b"no message of ours")
    told = until(lambda: [f for f in not_ok() if "dead" in f["summary"]], "it is told", 60)[0]
    assert (told["level"], told["hop"]) == ("warning", "queues")
    assert "rejected" in told["summary"]
    assert doctor().returncode == 0
    stack.ctl("dead", "purge")


def test_a_missing_demo_user_is_told_and_breaks_nothing(stack: Stack) -> None:
    stack.sql("DELETE FROM user WHERE email = %s", DEMO[0])
    walked = doctor()
    assert walked.returncode == 0
    assert "the demo's user is not there" in walked.stdout
    assert subprocess.run([ROOT / "local/up"], check=False, timeout=900).returncode == 0
    assert "the demo's user" not in doctor().stdout


def test_misuse_of_the_doctor_is_told() -> None:
    assert doctor("--nonsense").returncode == 2
