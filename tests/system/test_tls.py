"""The services speak TLS with servers that demand it, and trust none but the right authority."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.support import certificate
from tests.support.gateway import own_gateway, servers_of
from tests.support.machine import free_port
from tests.support.mongod import Mongod
from tests.support.process import Process
from tests.support.project import DEMO
from tests.support.stack import Stack
from tests.support.wait import until

STRANGER = "stranger.example"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificate and key of a server on `localhost`, each and both in one file."""
    made = tmp_path_factory.mktemp("tls")
    certificate.make(made)
    both = (made / "cert.pem").read_bytes() + (made / "key.pem").read_bytes()
    (made / "both.pem").write_bytes(both)
    return made


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The file of an authority that has certified none of the servers."""
    return str(certificate.make(tmp_path_factory.mktemp("stranger"), STRANGER)[1])


@pytest.fixture
def mysql(stack: Stack) -> Iterator[dict[str, str]]:
    """The settings of a MySQL that demands TLS."""
    stack.ctl("mysql", "-e", "SET GLOBAL require_secure_transport = ON")
    yield {name: value for name, value in stack.env.items() if name.startswith("MYSQL_")}
    stack.ctl("mysql", "-e", "SET GLOBAL require_secure_transport = OFF")
    stack.wait_ready("auth")


@pytest.fixture(scope="module")
def mongodb(stack: Stack, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URI of a MongoDB that demands TLS."""
    data = tmp_path_factory.mktemp("mongod")
    with Mongod(stack, data, tls=folder / "both.pem") as mongod:
        yield mongod.uri


@pytest.fixture(scope="module")
def amqps(stack: Stack, folder: Path) -> str:
    """The gateway's RABBITMQ_URL of a port that takes nothing but TLS, until the broker ends."""
    port = free_port()
    files = f'[{{certfile, "{folder}/cert.pem"}}, {{keyfile, "{folder}/key.pem"}}]'
    listen = f'rabbit_networking:start_ssl_listener({{"127.0.0.1", {port}}}, {files}, 2).'
    stack.ctl("rabbitmqctl", "eval", listen)
    account, _, _ = stack.broker_url("gateway").rpartition("@")
    return f"{account.replace('amqp:', 'amqps:')}@localhost:{port}"


def login(settings: dict[str, str]) -> int:
    """The status of a login at an auth service with these settings."""
    with Process("auth", settings | {"JWT_SECRET": "x" * 32}) as process:
        process.wait_for_line("Listening at")
        return requests.post(f"{process.url}/login", auth=DEMO, timeout=30).status_code


@pytest.mark.parametrize(("tls", "status"), [("yes", 200), ("no", 503)])
def test_a_mysql_that_demands_tls_is_asked_for_it(
    mysql: dict[str, str], tls: str, status: int
) -> None:
    assert login(mysql | {"MYSQL_TLS": tls}) == status


def test_a_mysql_is_verified_where_an_authority_is_named(
    stack: Stack, mysql: dict[str, str], stranger: str
) -> None:
    own = str(stack.folder / "tls/cert.pem")
    assert login(mysql | {"MYSQL_TLS": "yes", "MYSQL_CA_FILE": own}) == 200
    assert login(mysql | {"MYSQL_TLS": "yes", "MYSQL_CA_FILE": stranger}) == 503


def test_a_gateway_speaks_tls_with_mongodb_and_rabbitmq(
    stack: Stack, mongodb: str, amqps: str, folder: Path
) -> None:
    ca_file = str(folder / "cert.pem")
    with own_gateway(stack, MONGODB_URI=mongodb, RABBITMQ_URL=amqps, RABBITMQ_CA_FILE=ca_file):
        pass  # it is ready: both have answered


@pytest.mark.parametrize("server", ["mongodb", "rabbitmq"])
def test_a_server_of_another_authority_is_not_trusted(
    stack: Stack, mongodb: str, amqps: str, stranger: str, server: str
) -> None:
    settings = servers_of(stack)
    if server == "mongodb":
        settings["MONGODB_URI"] = f"{mongodb.partition('tlsCAFile=')[0]}tlsCAFile={stranger}"
    else:
        settings |= {"RABBITMQ_URL": amqps, "RABBITMQ_CA_FILE": stranger}
    why = re.compile(f"^Not ready: {server}: .*certificate verify failed", re.MULTILINE)
    with Process("gateway", settings) as gateway:
        until(lambda: gateway.probe() == 503 and why.search(gateway.log), "it says why", 30)


def test_a_file_of_authorities_that_is_missing_ends_the_start(stack: Stack) -> None:
    with Process("gateway", {"RABBITMQ_CA_FILE": "/nowhere", "JWT_SECRET": "x"}) as gateway:
        gateway.wait_for_line("RABBITMQ_CA_FILE cannot be read")
