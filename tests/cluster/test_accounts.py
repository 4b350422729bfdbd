"""Who is invited, or forgot a password, chooses one by a mail, through all services."""

import re
from collections.abc import Iterator

import pytest
import requests

from tests.support import cluster
from tests.support.client import Client
from tests.support.cluster import shell
from tests.support.users import unused_email
from tests.support.wait import until

SITE = "http://video2mp3.com"
TIMEOUT = 30  # seconds
USERS = "kubectl exec deployment/auth -- users"


@pytest.fixture
def invitations(demo: object, ready_again: None) -> Iterator[None]:
    """The operator may invite."""
    shell("kubectl set env deployment auth REGISTRATION=invitation")
    cluster.rolled_out("deployment/auth")
    cluster.old_ones_gone("auth")
    yield
    shell("kubectl set env deployment auth REGISTRATION-")


def codes(email: str) -> list[str]:
    """Those of the mails to an address, oldest first."""
    mails = re.split(r"(?m)^Return-Path:", cluster.mails())
    ours = "".join(mail for mail in mails if f"To: {email}" in mail)
    return re.findall(rf"^{SITE}/#code=(\S+)", ours, re.MULTILINE)


def choose(code: str, password: str) -> int:
    form = {"code": code, "password": password}
    return requests.post(f"{SITE}/password", data=form, timeout=TIMEOUT).status_code


def test_an_invitation_and_a_forgotten_password_lead_to_an_account(invitations: None) -> None:
    email, client = unused_email(), Client(SITE)
    assert shell(f"{USERS} invite {email}") == f"{email} is invited\n"
    until(lambda: codes(email), "the invitation")
    assert choose(codes(email)[0], "correct horse battery") == 204
    assert client.login(email, "correct horse battery").ok
    asked = requests.post(f"{SITE}/password/forgotten", data={"email": email}, timeout=TIMEOUT)
    assert asked.status_code == 202
    until(lambda: len(codes(email)) == 2, "the mail")
    assert choose(codes(email)[1], "another horse battery") == 204
    assert choose(codes(email)[1], "a third horse battery") == 410
    assert client.login(email, "another horse battery").ok
