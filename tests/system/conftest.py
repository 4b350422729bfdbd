"""One local stack for all system tests."""

import os
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pymongo
import pytest

from tests.support.client import Client
from tests.support.mailbox import Mailbox
from tests.support.stack import Stack

PASSWORD = "SecurePass123"


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The stack, up and ready; stopped at the end unless KEEP_STACK is set."""
    running = Stack.up()
    yield running
    if not os.environ.get("KEEP_STACK"):
        running.down()


@pytest.fixture
def mailbox(stack: Stack) -> Mailbox:
    return Mailbox(stack.env["MAIL_DIR"])


@pytest.fixture
def mongo(stack: Stack) -> Iterator[pymongo.MongoClient[dict[str, Any]]]:
    """A client of the videos and MP3s."""
    with stack.mongo() as client:
        yield client


@pytest.fixture
def email() -> str:
    """An address that no other test uses."""
    return f"user-{uuid.uuid4().hex[:12]}@example.com"


@pytest.fixture
def new_user(stack: Stack) -> Callable[[], tuple[str, Client]]:
    """Makes a user and logs in: the address and the client."""

    def make() -> tuple[str, Client]:
        address = f"user-{uuid.uuid4().hex[:12]}@example.com"
        stack.sql("INSERT INTO user (email, password) VALUES (%s, %s)", address, PASSWORD)
        client = Client(stack.env["GATEWAY_URL"])
        client.login(address, PASSWORD).raise_for_status()
        return address, client

    return make


@pytest.fixture
def user(new_user: Callable[[], tuple[str, Client]]) -> tuple[str, Client]:
    """A user of this test alone, logged in."""
    return new_user()
