"""No secret of the stack, and no token, is in anything that it shows while it works or fails."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.support import leaks
from tests.support.client import Client
from tests.support.leaks import CommandLines
from tests.support.media import with_sound
from tests.support.process import Process
from tests.support.project import DEMO, ROOT
from tests.support.stack import Stack
from tests.support.users import NewUser
from tests.support.wait import until

SECRET = "a-secret-value-that-nothing-may-ever-show"  # noqa: S105
NOWHERE = "127.0.0.1:9"
# Each setting that holds a secret, of each service, beside what it needs to start.
SETTINGS = {
    "auth": {"MYSQL_PASSWORD": SECRET, "JWT_SECRET": SECRET, "MYSQL_HOST": "127.0.0.1"},
    "gateway": {"MONGODB_URI": f"mongodb://u:{SECRET}@{NOWHERE}", "LINK_SECRET": SECRET},
    "converter": {"MONGODB_URI": f"mongodb://u:{SECRET}@{NOWHERE}"},
    "notification": {
        "GMAIL_ADDRESS": "a@b.c",
        "GMAIL_PASSWORD": SECRET,
        "SMTP_PASSWORD": SECRET,
        "LINK_SECRET": SECRET,
    },
}
BROKER = {"RABBITMQ_URL": f"amqp://u:{SECRET}@{NOWHERE}"}
SHOW = "import os; from settings import Settings; print(repr(Settings.from_env(os.environ)))"


@pytest.fixture
def logs(stack: Stack) -> Iterator[dict[str, int]]:
    """How long each log of the stack was before the test."""
    yield {file.name: file.stat().st_size for file in stack.logs()}


def _since(stack: Stack, before: dict[str, int]) -> dict[str, str]:
    """What each log says since then; one that was rolled over meanwhile, whole."""
    texts = {}
    for file in stack.logs():
        size = before.get(file.name, 0)
        content = file.read_bytes()
        texts[file.name] = content[size if size <= len(content) else 0 :].decode(errors="replace")
    return texts


def _metrics(stack: Stack) -> dict[str, str]:
    """What each process of the services says of itself."""
    table = stack.ctl("status")
    ports = re.findall(r"^\w+:\w+-(\d+) +RUNNING", table, re.MULTILINE)
    return {
        f"{port}/{page}": requests.get(f"http://127.0.0.1:{port}/{page}", timeout=10).text
        for port in ports
        for page in ("metrics", "readyz", "livez")
    }


def test_a_whole_demo_shows_no_secret_and_no_token(
    stack: Stack, logs: dict[str, int], tmp_path: Path
) -> None:
    with CommandLines() as commands:
        run = subprocess.run(
            [ROOT / "run-demo.sh", "--local"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
            check=True,
        )
    token = (tmp_path / "token.txt").read_text()
    assert "run-demo.sh" in commands.text and "curl" in commands.text
    shown = _since(stack, logs) | _metrics(stack)
    assert any("POST /upload 200" in text for text in shown.values())
    shown |= {"the demo": run.stdout + run.stderr, "command lines": commands.text}
    shown |= {"status": stack.ctl("status"), "supervisor": _configuration(stack)}
    assert leaks.leaks(leaks.secrets_of(stack) | {"token": token}, shown) == []


def _configuration(stack: Stack) -> str:
    return (stack.folder / "run/supervisord.conf").read_text()


def test_outages_and_refusals_show_no_secret(
    stack: Stack, logs: dict[str, int], new_user: NewUser, tmp_path: Path
) -> None:
    user = new_user().client
    clip = with_sound(tmp_path / "a.mp4", 1)
    answers = []
    for server in ("rabbitmq", "mariadb"):
        with stack.stopped(server):
            answers += [user.upload(clip), user.login(*DEMO), user.request("GET", "/jobs")]
    answers.append(user.login(DEMO[0], SECRET))
    answers.append(user.request("GET", "/jobs", {"Authorization": f"Bearer {user.token}{SECRET}"}))
    assert {answer.status_code for answer in answers} >= {503, 401}
    shown = _since(stack, logs) | _metrics(stack)
    shown |= {f"answer {n}": a.text + str(a.headers) for n, a in enumerate(answers) if not a.ok}
    tokens = {"token": user.token, "password": SECRET}
    assert leaks.leaks(leaks.secrets_of(stack) | tokens, shown) == []


@pytest.mark.parametrize("service", SETTINGS)
def test_the_settings_of_a_service_do_not_show_their_secrets(service: str) -> None:
    shown = subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=ROOT / service,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / service}"} | SETTINGS[service] | BROKER,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    assert "Settings(" in shown
    assert SECRET not in shown


@pytest.mark.parametrize("service", ["gateway", "converter", "notification"])
def test_a_service_whose_servers_are_away_or_refuse_it_does_not_show_why(
    service: str, stack: Stack, tmp_path: Path
) -> None:
    address = stack.env["RABBITMQ_URL"].rpartition("@")[2]
    for broker in (NOWHERE, address):
        settings = SETTINGS[service] | {"RABBITMQ_URL": f"amqp://{service}:{SECRET}@{broker}"}
        if service == "converter":
            settings |= {"WORK_DIR": str(tmp_path), "FFMPEG_BINARY": "ffmpeg"}
        with Process(service, settings) as process:
            until(lambda: process.probe("/readyz") == 503, "it is not ready", 30)
            if service != "gateway":
                process.wait_for_line("Not consuming")
            assert SECRET not in process.log


def test_a_gateway_that_mongodb_refuses_does_not_show_its_password(
    stack: Stack, new_user: NewUser, tmp_path: Path
) -> None:
    address = stack.env["MONGODB_URI"].rpartition("/")[2]
    token = new_user().client.token
    settings = {"MONGODB_URI": f"mongodb://u:{SECRET}@{address}", "MONGODB_TIMEOUT": "1"}
    servers = {"AUTH_SVC_ADDRESS": stack.env["AUTH_URL"].removeprefix("http://")}
    broker = {"RABBITMQ_URL": stack.broker_url("gateway")}
    with Process("gateway", settings | servers | broker) as gateway:
        until(lambda: gateway.probe("/readyz") == 503, "it is not ready", 30)
        answer = Client(gateway.url, token).upload(with_sound(tmp_path / "a.mp4", 1))
        assert answer.status_code in (500, 503)
        assert SECRET not in gateway.log + answer.text
