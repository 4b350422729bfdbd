"""Users that a test makes for itself."""

import uuid
from collections.abc import Callable
from typing import NamedTuple

from tests.support.client import Client
from tests.support.stack import Stack

PASSWORD = "SecurePass123"


class User(NamedTuple):
    """A user, and the client with which they are logged in."""

    email: str
    client: Client


NewUser = Callable[[], User]


def unused_email() -> str:
    """An address that no other test uses."""
    return f"user-{uuid.uuid4().hex[:12]}@example.com"


def add_user(stack: Stack, email: str, password: str) -> None:
    """Insert a user as the tutorial does: the row holds `password` as it is given."""
    stack.sql("INSERT INTO user (email, password) VALUES (%s, %s)", email, password)


def new_user(stack: Stack) -> User:
    """A new user with PASSWORD, logged in."""
    user = User(unused_email(), Client(stack.env["GATEWAY_URL"]))
    add_user(stack, user.email, PASSWORD)
    user.client.login(user.email, PASSWORD).raise_for_status()
    return user
