"""One local stack for all system tests."""

import os
from collections.abc import Iterator

import pytest

from tests.support import backups, files, users
from tests.support.backups import Kept
from tests.support.files import Mongo
from tests.support.mailbox import Mailbox
from tests.support.mongod import Mongod
from tests.support.recordings import Library
from tests.support.stack import Stack
from tests.support.users import NewUser, User


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The stack, up and ready; stopped at the end unless KEEP_STACK is set."""
    running = Stack.up()
    # All tests log in from one address, and an earlier run's wrong passwords count for a while.
    running.ctl("mysql", "-e", "DELETE FROM accounts.login_attempts")
    yield running
    if not os.environ.get("KEEP_STACK"):
        running.down()


@pytest.fixture
def mailbox(stack: Stack) -> Mailbox:
    return Mailbox(stack.env["MAIL_DIR"])


@pytest.fixture
def mongo(stack: Stack) -> Iterator[Mongo]:
    """A client of the videos and MP3s."""
    with files.connect(stack.env["MONGODB_URI"]) as client:
        yield client


@pytest.fixture(scope="session")
def own_mongod(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongod]:
    """A MongoDB in which none of the stack's gateways announces the jobs that tests leave."""
    with Mongod(stack, tmp_path_factory.mktemp("mongod")) as mongod:
        yield mongod


@pytest.fixture(scope="session")
def kept(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """A backup of the stack."""
    return backups.keep(stack, users.new_user(stack), tmp_path_factory.mktemp("kept"))


@pytest.fixture
def email() -> str:
    """An address that no other test uses."""
    return users.unused_email()


@pytest.fixture
def new_user(stack: Stack) -> NewUser:
    """Makes a user and logs them in."""
    return lambda: users.new_user(stack)


@pytest.fixture
def user(new_user: NewUser) -> User:
    """A user of this test alone, logged in."""
    return new_user()


@pytest.fixture(scope="session")
def library(pytestconfig: pytest.Config) -> Library:
    """Real recordings."""
    assert pytestconfig.cache
    return Library(pytestconfig.cache.mkdir("recordings"))
