"""Who forgot a password, or has none yet, chooses one by a code from a mail; nobody else does."""

import re
import secrets
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage

import pytest
import requests

from tests.support.auth import login, new_source, own_auth
from tests.support.mailbox import Mailbox
from tests.support.process import Process
from tests.support.project import ROOT
from tests.support.relay import Relay
from tests.support.stack import Stack
from tests.support.toxics import Silent
from tests.support.users import PASSWORD, User, add_user, unused_email
from tests.support.wait import eventually, until

TIMEOUT = 30  # seconds
AUTH_TIMEOUT = 5  # seconds for which a gateway waits
NEW_PASSWORD = "correct horse battery"
OVER = (410, "This code is not good any more")
AT_ONCE = {"CODE_INTERVAL": "0", "LOGIN_FAILURE_TIME": "0"}
NOWHERE = {"RABBITMQ_URL": "amqp://auth:secret@127.0.0.1:1"}

Answer = tuple[int, str]


def post(url: str, path: str, **form: str) -> Answer:
    """Ask an auth service, or the gateway, without credentials, from a source that nobody knows."""
    headers = {"X-Forwarded-For": new_source()}
    answer = requests.post(url + path, data=form, headers=headers, timeout=TIMEOUT)
    return answer.status_code, answer.text


def choose(url: str, code: str, password: str = NEW_PASSWORD) -> Answer:
    return post(url, "/password", code=code, password=password)


def code_of(mail: EmailMessage) -> str:
    match = re.search(r"^http://127\.0\.0\.1:\d+/#code=(\S+)", mail.get_content(), re.MULTILINE)
    assert match
    return match[1]


def mailed(mailbox: Mailbox, email: str, count: int = 1) -> EmailMessage:
    """The last of `count` mails."""
    until(lambda: len(mailbox.mails(email)) >= count, "the mails")
    mails = mailbox.mails(email)
    assert len(mails) == count
    return mails[-1]


@pytest.fixture
def auth(stack: Stack) -> Iterator[Process]:
    """An auth service in which everybody may register, and ask again at once."""
    with own_auth(stack, REGISTRATION="open", **AT_ONCE) as process:
        yield process


def test_a_forgotten_password_is_replaced_by_a_mail_and_every_token_is_over(
    stack: Stack, user: User, mailbox: Mailbox
) -> None:
    url = stack.env["GATEWAY_URL"]
    assert post(url, "/password/forgotten", email=user.email) == (202, "")
    mail = mailed(mailbox, user.email)
    assert mail["Subject"] == "Choose a new password"
    code = code_of(mail)
    assert choose(url, code, "short")[0] == 400
    assert choose(url, code) == (204, "")
    eventually(lambda: user.client.request("GET", "/jobs").status_code == 401)
    assert user.client.login(user.email, PASSWORD).status_code == 401
    assert user.client.login(user.email, NEW_PASSWORD).ok
    assert choose(url, code, "another good one") == OVER
    told = "".join(file.read_text(errors="replace") for file in stack.logs())
    assert user.email in told and code not in told


def test_a_user_whom_the_operator_inserted_in_plain_text_gets_one_too(
    auth: Process, stack: Stack, email: str, mailbox: Mailbox
) -> None:
    add_user(stack, email, PASSWORD)
    assert post(auth.url, "/password/forgotten", email=email) == (202, "")
    assert choose(auth.url, code_of(mailed(mailbox, email))) == (204, "")
    assert login(auth.url, new_source(), email, NEW_PASSWORD).ok


def test_the_answer_does_not_tell_whether_there_is_such_a_user(
    auth: Process, stack: Stack, user: User, mailbox: Mailbox
) -> None:
    unknown, disabled = unused_email(), unused_email()
    add_user(stack, disabled, f"!{PASSWORD}")
    for email in (unknown, disabled, user.email):
        assert post(auth.url, "/password/forgotten", email=email) == (202, "")
    mailed(mailbox, user.email)  # theirs would have gone out before
    assert mailbox.mails(unknown) == mailbox.mails(disabled) == []
    for email in (unknown, disabled, user.email):
        assert post(auth.url, "/registration", email=email) == (202, "")
    assert mailed(mailbox, user.email, 2)["Subject"] == "Choose a new password"
    assert mailed(mailbox, unknown)["Subject"] == "Confirm your address"
    assert mailbox.mails(disabled) == []


def test_an_address_gets_one_mail_in_a_while_however_often_and_from_wherever_it_is_asked_for(
    auth: Process, stack: Stack, user: User, mailbox: Mailbox
) -> None:
    url = stack.env["GATEWAY_URL"]
    for _ in range(3):
        assert post(url, "/password/forgotten", email=user.email) == (202, "")
    assert post(auth.url, "/password/forgotten", email=user.email) == (202, "")
    mailed(mailbox, user.email, 2)  # the last one, of the service that knows no while


def test_who_asks_too_often_has_to_wait(stack: Stack, user: User) -> None:
    with own_auth(stack, LOGIN_LIMIT="2", **AT_ONCE) as auth:
        headers, form = {"X-Forwarded-For": new_source()}, {"email": user.email}
        ask = [
            requests.post(
                f"{auth.url}/password/forgotten", data=form, headers=headers, timeout=TIMEOUT
            )
            for _ in range(3)
        ]
        assert [answer.status_code for answer in ask] == [202, 202, 429]
        assert int(ask[-1].headers["Retry-After"]) > 0
        assert login(auth.url, headers["X-Forwarded-For"], user.email, PASSWORD).ok


def test_of_two_codes_the_first_that_is_used_ends_the_other(
    auth: Process, user: User, mailbox: Mailbox
) -> None:
    for _ in range(2):
        post(auth.url, "/password/forgotten", email=user.email)
    mailed(mailbox, user.email, 2)
    codes = [code_of(mail) for mail in mailbox.mails(user.email)]
    with ThreadPoolExecutor() as pool:
        answers = [*pool.map(lambda code: choose(auth.url, code), codes)]
    assert sorted(status for status, _ in answers) in ([204, 409], [204, 410])


def test_a_code_ends_with_its_time(stack: Stack, user: User, mailbox: Mailbox) -> None:
    with own_auth(stack, CODE_LIFETIME="3", **AT_ONCE) as auth:
        post(auth.url, "/password/forgotten", email=user.email)
        code = code_of(mailed(mailbox, user.email))
        until(lambda: choose(auth.url, code, "short") == OVER, "it has ended", 10)
        assert choose(auth.url, code) == OVER


def test_nobody_makes_up_a_code(auth: Process, user: User, mailbox: Mailbox) -> None:
    post(auth.url, "/password/forgotten", email=user.email)
    code = code_of(mailed(mailbox, user.email))
    name, expires, signature = code.split(".")
    made_up = [
        f"{name}.{int(expires) + 1}.{signature}",
        f"{name}.{expires}.{secrets.token_urlsafe(32)}",
        f"{name}.{expires}.",
        f"{name}..{signature}",
        f".{expires}.{signature}",
        f"{name}.{signature}",
        f"_w.{expires}.{signature}",
        "é.1.é",
        "\0",
        "." * 4000,
        user.client.token,
    ]
    assert {choose(auth.url, code) for code in made_up} == {OVER}
    assert choose(auth.url, "")[0] == 401
    assert choose(auth.url, code)[0] == 204


@pytest.mark.parametrize("email", ["", "nobody", "a@b.com,c@d.com", "a@b.com\nBcc: c@d.com"])
@pytest.mark.parametrize("path", ["/password/forgotten", "/registration"])
def test_what_is_no_address_is_refused(auth: Process, path: str, email: str) -> None:
    assert post(auth.url, path, email=email) == (400, "email must be a mail address")


def test_without_the_broker_nobody_is_told_that_a_mail_is_on_its_way(
    auth: Process, stack: Stack, user: User, mailbox: Mailbox
) -> None:
    with own_auth(stack, **NOWHERE) as cut_off:
        for email in (user.email, unused_email()):
            answer = post(cut_off.url, "/password/forgotten", email=email)
            assert answer == (503, "Service Unavailable")
    url = stack.env["GATEWAY_URL"]
    assert post(url, "/password/forgotten", email=user.email) == (202, "")
    mailed(mailbox, user.email)


def test_beside_a_silent_broker_who_asks_is_told_in_time_and_who_logs_in_waits_for_nothing(
    stack: Stack, user: User, mailbox: Mailbox
) -> None:
    with (
        Relay(stack.broker_url("auth")) as link,
        own_auth(stack, RABBITMQ_URL=link.url, **AT_ONCE) as auth,
        ThreadPoolExecutor() as pool,
    ):
        link.poison(Silent())
        began = time.monotonic()
        asked = pool.submit(post, auth.url, "/password/forgotten", email=user.email)
        assert login(auth.url, new_source(), user.email, PASSWORD).ok
        assert not asked.done()
        assert asked.result() == (503, "Service Unavailable")
        assert time.monotonic() - began < AUTH_TIMEOUT
        link.resume()
        assert post(auth.url, "/password/forgotten", email=user.email) == (202, "")
        mailed(mailbox, user.email)


def test_who_registers_chooses_a_password_by_a_mail_and_only_then_is_a_user(
    auth: Process, stack: Stack, email: str, mailbox: Mailbox
) -> None:
    assert requests.get(f"{auth.url}/registration", timeout=TIMEOUT).json() == {
        "registration": "open"
    }
    for _ in range(2):
        assert post(auth.url, "/registration", email=email) == (202, "")
    mailed(mailbox, email, 2)
    assert stack.sql("SELECT * FROM user WHERE email = %s", email) == ()
    first, second = (code_of(mail) for mail in mailbox.mails(email))
    assert choose(auth.url, first) == (204, "")
    assert login(auth.url, new_source(), email, NEW_PASSWORD).ok
    assert choose(auth.url, second) == OVER
    ((stored,),) = stack.sql("SELECT password FROM user WHERE email = %s", email)
    assert stored.startswith("$argon2id$")


def test_an_address_that_mysql_takes_for_another_users_becomes_no_second_account(
    auth: Process, user: User, mailbox: Mailbox
) -> None:
    upper = user.email.upper()
    post(auth.url, "/registration", email=upper)
    answer = choose(auth.url, code_of(mailed(mailbox, upper)))
    assert answer == (409, "There is an account of this address already")
    assert user.client.login(user.email, PASSWORD).ok


def test_registration_is_closed_until_the_operator_opens_it(
    auth: Process, stack: Stack, email: str, mailbox: Mailbox
) -> None:
    url = stack.env["GATEWAY_URL"]
    assert requests.get(f"{url}/registration", timeout=TIMEOUT).json() == {"registration": "closed"}
    assert post(url, "/registration", email=email) == (403, "Registration is not open")
    post(auth.url, "/registration", email=email)
    code = code_of(mailed(mailbox, email))
    assert choose(url, code) == (403, "Registration is closed")
    assert stack.sql("SELECT * FROM user WHERE email = %s", email) == ()
    assert choose(auth.url, code) == (204, "")


def invite(email: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = ["env", *(f"{name}={value}" for name, value in settings.items())]
    command += [str(ROOT / "local/ctl"), "users", "invite", email]
    return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)


def test_whom_the_operator_invites_becomes_a_user_and_nobody_else_does(
    stack: Stack, user: User, email: str, mailbox: Mailbox
) -> None:
    assert invite(email).stderr.startswith("users: registration is closed; REGISTRATION=invitation")
    guests = {"REGISTRATION": "invitation"}
    assert invite(email, **guests).stdout == f"{email} is invited\n"
    assert invite(user.email, **guests).stderr == f"users: {user.email} is a user already\n"
    assert invite("nobody", **guests).stderr == "users: nobody is not a mail address\n"
    mail = mailed(mailbox, email)
    assert mail["Subject"] == "You are invited"
    with own_auth(stack, **guests) as auth:
        answer = post(auth.url, "/registration", email=unused_email())
        assert answer == (403, "Registration is not open")
        assert choose(auth.url, code_of(mail)) == (204, "")
        assert login(auth.url, new_source(), email, NEW_PASSWORD).ok


def test_without_a_database_of_its_own_auth_says_that_there_are_no_codes(
    stack: Stack, user: User
) -> None:
    with own_auth(stack, ACCOUNTS_PASSWORD_FILE="", REGISTRATION="open") as auth:
        off = (501, "Not Implemented")
        assert post(auth.url, "/password/forgotten", email=user.email) == off
        assert post(auth.url, "/registration", email=user.email) == off
        assert requests.get(f"{auth.url}/registration", timeout=TIMEOUT).status_code == 501
        assert choose(auth.url, "a.1.b") == off
