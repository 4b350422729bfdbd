"""A gateway of a test's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from tests.support.process import Process
from tests.support.stack import Stack


def servers_of(stack: Stack) -> dict[str, str]:
    """The settings of a gateway on the stack's servers."""
    return {
        "MONGODB_URI": stack.env["MONGODB_URI"],
        "RABBITMQ_URL": stack.broker_url("gateway"),
        "AUTH_SVC_ADDRESS": urlsplit(stack.env["AUTH_URL"]).netloc,
        "LINK_SECRET": stack.secret("link_secret"),
    }


@contextmanager
def own_gateway(stack: Stack, **settings: str) -> Iterator[Process]:
    """A ready gateway on the stack's servers, except where `settings` name others."""
    with Process("gateway", servers_of(stack) | settings) as process:
        process.wait_until_ready()
        yield process
