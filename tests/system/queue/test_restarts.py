"""A server that restarts under load loses no job."""

from pathlib import Path

import pytest

from tests.support.jobs import Jobs
from tests.support.load import Load, check_all_ended
from tests.support.mailbox import Mailbox
from tests.support.stack import Stack
from tests.support.users import NewUser

pytestmark = pytest.mark.usefixtures("local_broker")

READY_WITHIN = 30.0  # seconds; the promise


@pytest.fixture
def good(tmp_path: Path, clip: bytes) -> Path:
    path = tmp_path / "good.mp4"
    path.write_bytes(clip)
    return path


@pytest.mark.parametrize("how", ["restart", "kill"])
@pytest.mark.parametrize("server", ["rabbitmq", "mongod", "mariadb"])
def test_a_server_gone_under_load_loses_nothing(
    server: str,
    how: str,
    stack: Stack,
    jobs: Jobs,
    mailbox: Mailbox,
    new_user: NewUser,
    good: Path,
) -> None:
    email, client = new_user()
    with Load(client, {"good": good}) as load:
        load.wait_for_more(3)
        if how == "restart":
            stack.restart(server)
        else:
            stack.signal("KILL", server)
        stack.wait_ready(timeout=READY_WITHIN)
        load.wait_for_more(3)
    check_all_ended(load, email, jobs, mailbox, timeout=60)
