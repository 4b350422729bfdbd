"""An auth service of a test's own, asked as the gateway asks it: for clients of any address."""

import itertools
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address

import requests
from requests.auth import HTTPBasicAuth

from tests.support.process import Process
from tests.support.stack import Stack

TIMEOUT = 30  # seconds
_sources = itertools.count(secrets.randbelow(2**16) * 2**8 + int(IPv4Address("127.1.0.0")))


@contextmanager
def own_auth(stack: Stack, **settings: str) -> Iterator[Process]:
    """A ready auth service on the stack's databases, with `settings` of its own."""
    names = ("MYSQL_HOST", "MYSQL_PORT", "MYSQL_PASSWORD")
    secret = {
        f"{name.upper()}_FILE": str(stack.folder / "secrets" / name)
        for name in ("accounts_password", "jwt_secret")
    } | {"RABBITMQ_URL": stack.broker_url("auth")}
    with Process("auth", {name: stack.env[name] for name in names} | secret | settings) as process:
        process.wait_until_ready()
        yield process


def new_source() -> str:
    """An address on loopback that no other test comes from."""
    return str(IPv4Address(next(_sources)))


def login(url: str, source: str, email: str, password: str) -> requests.Response:
    """POST /login of an auth service for a client with the address `source`."""
    return requests.post(
        f"{url}/login",
        auth=HTTPBasicAuth(email.encode(), password.encode()),
        headers={"X-Forwarded-For": source},
        timeout=TIMEOUT,
    )
