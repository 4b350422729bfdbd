"""Auth logs in to a MySQL that demands TLS, as managed ones do, when MYSQL_TLS says so."""

from collections.abc import Iterator

import pytest
import requests

from tests.support.process import Process
from tests.support.project import DEMO
from tests.support.stack import Stack


@pytest.fixture
def demanding(stack: Stack) -> Iterator[None]:
    stack.ctl("mysql", "-e", "SET GLOBAL require_secure_transport = ON")
    yield
    stack.ctl("mysql", "-e", "SET GLOBAL require_secure_transport = OFF")
    stack.wait_ready("auth")


@pytest.mark.usefixtures("demanding")
@pytest.mark.parametrize(("tls", "status"), [("yes", 200), ("no", 503)])
def test_a_mysql_that_demands_tls_is_asked_for_it(stack: Stack, tls: str, status: int) -> None:
    mysql = {name: value for name, value in stack.env.items() if name.startswith("MYSQL_")}
    with Process("auth", mysql | {"JWT_SECRET": "x" * 32, "MYSQL_TLS": tls}) as process:
        process.wait_for_line("Listening at")
        assert requests.post(f"{process.url}/login", auth=DEMO, timeout=30).status_code == status
