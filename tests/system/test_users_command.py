"""The operator makes, disables and lists users by one command, beside the tutorial's SQL."""

import subprocess

from tests.support.client import Client
from tests.support.project import ROOT
from tests.support.stack import Stack
from tests.support.users import PASSWORD, User
from tests.support.wait import eventually

TIMEOUT = 60  # seconds
NEW_PASSWORD = "correct horse battery"


def users(*arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / "local/ctl"), "users", *arguments]
    return subprocess.run(
        command, input=said, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )


def states() -> dict[str, str]:
    return dict(line.split("\t") for line in users("list").stdout.splitlines())


def logs_in(stack: Stack, email: str, password: str) -> bool:
    return Client(stack.env["GATEWAY_URL"]).login(email, password).ok


def test_a_user_who_is_added_logs_in_and_the_password_is_stored_as_a_hash_and_not_printed(
    stack: Stack, email: str
) -> None:
    added = users("add", email, said=f"{NEW_PASSWORD}\n")
    assert (added.stdout, added.returncode) == (f"{email} is added\n", 0)
    assert states()[email] == "active"
    ((stored,),) = stack.sql("SELECT password FROM user WHERE email = %s", email)
    assert stored.startswith("$argon2id$")
    assert logs_in(stack, email, NEW_PASSWORD)


def test_another_password_is_the_only_one_and_ends_the_tokens(stack: Stack, user: User) -> None:
    assert users("passwd", user.email, said=NEW_PASSWORD).returncode == 0
    eventually(lambda: user.client.request("GET", "/jobs").status_code == 401)
    assert not logs_in(stack, user.email, PASSWORD)
    assert logs_in(stack, user.email, NEW_PASSWORD)


def test_who_is_disabled_is_out_until_enabled(stack: Stack, user: User) -> None:
    for _ in range(2):  # it may be said again
        assert users("disable", user.email).stdout == f"{user.email} is disabled\n"
    assert states()[user.email] == "disabled"
    eventually(lambda: user.client.request("GET", "/jobs").status_code == 401)
    assert not logs_in(stack, user.email, PASSWORD)
    for _ in range(2):
        assert users("enable", user.email).returncode == 0
    assert states()[user.email] == "active"
    assert logs_in(stack, user.email, PASSWORD)


REFUSED = [
    ("add USER", NEW_PASSWORD, "USER is a user already"),
    ("add UPPER", NEW_PASSWORD, "UPPER is a user already"),
    ("add nobody", "", "nobody is not a mail address"),
    ("add a@b.com,c@d.com", "", "a@b.com,c@d.com is not a mail address"),
    ("add new@example.com", "short", "A password needs at least 8 characters"),
    ("passwd USER", "password", "The password is one of the most common ones"),
    ("passwd USER", "", "no password came; kubectl passes it on with exec -i, or -it to type it"),
    ("passwd unknown@example.com", "", "unknown@example.com is no user"),
    ("disable unknown@example.com", "", "unknown@example.com is no user"),
    ("enable unknown@example.com", "", "unknown@example.com is no user"),
]


def test_what_is_refused_changes_nothing_and_says_why(stack: Stack, user: User) -> None:
    before = stack.sql("SELECT * FROM user ORDER BY id")
    for line, said, why in REFUSED:
        named, told = (
            text.replace("USER", user.email).replace("UPPER", user.email.upper())
            for text in (line, why)
        )
        done = users(*named.split(), said=said)
        assert (done.returncode, done.stdout, done.stderr) == (1, "", f"users: {told}\n")
    assert stack.sql("SELECT * FROM user ORDER BY id") == before


def test_without_mysql_it_says_so(stack: Stack) -> None:
    with stack.stopped("mariadb"):
        done = users("list")
    assert done.returncode == 1
    assert done.stderr.startswith("users: MySQL: ")
