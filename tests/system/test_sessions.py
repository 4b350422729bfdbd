"""A token ends with its user's session, on every replica, and no other token does."""

from collections.abc import Iterator

import pytest
import requests
from argon2 import PasswordHasher

from tests.support.auth import login, new_source, own_auth
from tests.support.process import Process
from tests.support.stack import Stack
from tests.support.users import PASSWORD, add_user, unused_email
from tests.support.wait import eventually

TIMEOUT = 30
NEW_PASSWORD = "correct horse battery"
WITHIN = 1.0  # seconds; the promise

Replicas = tuple[Process, Process]


@pytest.fixture(scope="module")
def replicas(stack: Stack) -> Iterator[Replicas]:
    """Two auth services on the stack's databases."""
    with own_auth(stack) as one, own_auth(stack) as other:
        yield one, other


@pytest.fixture
def person(stack: Stack, email: str) -> str:
    """The address of a user with PASSWORD, who never logged in."""
    add_user(stack, email, PASSWORD)
    return email


def token_of(replica: Process, email: str, password: str = PASSWORD) -> str:
    answer = login(replica.url, new_source(), email, password)
    assert answer.status_code == 200
    return answer.text


def post(replica: Process, path: str, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.post(replica.url + path, headers=headers, timeout=TIMEOUT).status_code


def change(replica: Process, email: str, old: str, new: str) -> requests.Response:
    return requests.post(
        f"{replica.url}/password", auth=(email, old), data={"password": new}, timeout=TIMEOUT
    )


def known(replicas: Replicas, token: str) -> None:
    """Every replica has just found that the token is good, and may remember it."""
    assert [post(replica, "/validate", token) for replica in replicas] == [200, 200]


def ended(replica: Process, token: str) -> None:
    """The token is over within the promised time."""
    eventually(lambda: post(replica, "/validate", token) == 401, WITHIN)


def queries(stack: Stack) -> int:
    """How many SELECTs MySQL has had."""
    ((_, count),) = stack.sql("SHOW GLOBAL STATUS LIKE 'Com_select'")
    return int(count)


HASH = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1).hash("another password")
CHANGE = "UPDATE user SET password = %s WHERE email = %s"
ENDS: dict[str, tuple[str, list[str]]] = {
    "changed": (CHANGE, ["NewPassword456"]),
    "changed for a hash": (CHANGE, [HASH]),
    "disabled": ("UPDATE user SET password = CONCAT('!', password) WHERE email = %s", []),
    "deleted": ("DELETE FROM user WHERE email = %s", []),
}


@pytest.mark.parametrize("how", ENDS)
def test_what_an_operator_does_to_a_user_ends_the_users_tokens(
    stack: Stack, replicas: Replicas, person: str, how: str
) -> None:
    add_user(stack, other := unused_email(), PASSWORD)
    tokens = [token_of(replica, person) for replica in replicas]
    others = token_of(replicas[0], other)
    statement, values = ENDS[how]
    known(replicas, tokens[0])
    stack.sql(statement, *values, person)
    for replica in replicas:
        for token in tokens:
            ended(replica, token)
        assert post(replica, "/validate", others) == 200


def test_a_disabled_user_cannot_log_in_until_enabled(
    stack: Stack, replicas: Replicas, person: str
) -> None:
    token_of(replicas[0], person)
    stack.sql("UPDATE user SET password = CONCAT('!', password) WHERE email = %s", person)
    ((stored,),) = stack.sql("SELECT password FROM user WHERE email = %s", person)
    for password in (PASSWORD, stored):
        assert login(replicas[0].url, new_source(), person, password).status_code == 401
    stack.sql("UPDATE user SET password = SUBSTRING(password, 2) WHERE email = %s", person)
    token_of(replicas[1], person)


def test_signing_out_ends_every_token_of_the_user_and_nobody_elses(
    stack: Stack, replicas: Replicas, person: str
) -> None:
    add_user(stack, other := unused_email(), PASSWORD)
    tokens = [token_of(replica, person) for replica in replicas]
    others = token_of(replicas[0], other)
    known(replicas, tokens[1])
    assert post(replicas[0], "/logout", tokens[0]) == 204
    for replica in replicas:
        for token in tokens:
            ended(replica, token)
        assert post(replica, "/validate", others) == 200
    assert post(replicas[0], "/logout", tokens[0]) == 401


def test_a_login_right_after_signing_out_is_good_on_every_replica(
    replicas: Replicas, person: str
) -> None:
    for _ in range(3):
        known(replicas, token := token_of(replicas[0], person))
        assert post(replicas[1], "/logout", token) == 204
        known(replicas, token_of(replicas[1], person))


def test_signing_out_again_at_once_ends_the_login_between(replicas: Replicas, person: str) -> None:
    for _ in range(3):
        known(replicas, token := token_of(replicas[0], person))
        assert post(replicas[1], "/logout", token) == 204
        assert post(replicas[1], "/validate", token) == 401
        ended(replicas[0], token)


@pytest.mark.parametrize("stored", ["NewPassword456", HASH])
def test_a_login_with_the_password_that_an_operator_gave_is_good_at_once(
    stack: Stack, replicas: Replicas, person: str, stored: str
) -> None:
    known(replicas, old := token_of(replicas[0], person))
    stack.sql(CHANGE, stored, person)
    ended(replicas[0], old)
    given = "another password" if stored == HASH else stored
    known(replicas, token_of(replicas[1], person, given))
    ended(replicas[1], old)


def test_who_asks_often_costs_mysql_few_queries(
    stack: Stack, replicas: Replicas, person: str
) -> None:
    token = token_of(replicas[0], person)
    before = queries(stack)
    assert {post(replicas[0], "/validate", token) for _ in range(50)} == {200}
    assert queries(stack) - before < 50


def test_a_login_does_not_end_the_users_other_tokens(replicas: Replicas, person: str) -> None:
    tokens = [token_of(replica, person) for replica in replicas * 2]
    assert {post(replicas[0], "/validate", token) for token in tokens} == {200}


def test_an_old_token_stays_over_after_the_next_login(
    stack: Stack, replicas: Replicas, person: str
) -> None:
    old = token_of(replicas[0], person)
    stack.sql("UPDATE user SET password = 'NewPassword456' WHERE email = %s", person)
    new = token_of(replicas[1], person, "NewPassword456")
    assert [post(replica, "/validate", old) for replica in replicas] == [401, 401]
    assert [post(replica, "/validate", new) for replica in replicas] == [200, 200]


def test_a_changed_password_ends_the_tokens_and_is_the_only_one(
    replicas: Replicas, person: str
) -> None:
    known(replicas, token := token_of(replicas[0], person))
    assert change(replicas[0], person, PASSWORD, NEW_PASSWORD).status_code == 204
    for replica in replicas:
        ended(replica, token)
    assert login(replicas[1].url, new_source(), person, PASSWORD).status_code == 401
    token_of(replicas[1], person, NEW_PASSWORD)


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("short", "A password needs at least 8 characters"),
        ("Password123", "The password is one of the most common ones"),
        ("", "A password needs at least 8 characters"),
        ("x" * 1025, "A password may have at most 1024 bytes"),
    ],
)
def test_a_bad_new_password_changes_nothing(
    replicas: Replicas, person: str, new: str, said: str
) -> None:
    token = token_of(replicas[0], person)
    answer = change(replicas[0], person, PASSWORD, new)
    assert (answer.status_code, answer.text) == (400, said)
    assert post(replicas[0], "/validate", token) == 200
    token_of(replicas[0], person)


def test_only_the_password_of_now_changes_it(replicas: Replicas, person: str) -> None:
    assert change(replicas[0], person, "guess", NEW_PASSWORD).status_code == 401
    token_of(replicas[0], person)


def test_a_new_secret_signs_nobody_out(stack: Stack, person: str) -> None:
    secrets = stack.folder / "secrets/jwt_secret", "n" * 64
    with own_auth(stack) as before:
        old = token_of(before, person)
    kept = secrets[0].read_text().strip()
    rotated = {"JWT_SECRET_FILE": "", "JWT_SECRET": secrets[1], "JWT_SECRET_PREVIOUS": kept}
    with own_auth(stack, **rotated) as after:
        new = token_of(after, person)
        assert post(after, "/validate", old) == post(after, "/validate", new) == 200
    again = {"JWT_SECRET_FILE": "", "JWT_SECRET": "m" * 64, "JWT_SECRET_PREVIOUS": secrets[1]}
    with own_auth(stack, **again) as later:
        assert post(later, "/validate", old) == 401
        assert post(later, "/validate", new) == 200


def test_what_becomes_of_a_session_is_logged(stack: Stack, person: str) -> None:
    with own_auth(stack) as auth:
        source = new_source()
        login(auth.url, source, person, "not the password")
        auth.wait_for_line(f"Wrong password from {source}")
        token = login(auth.url, source, person, PASSWORD).text
        auth.wait_for_line(f"{person} logged in from {source}")
        assert post(auth, "/logout", token) == 204
        auth.wait_for_line(f"{person} signed out")
        assert change(auth, person, PASSWORD, NEW_PASSWORD).status_code == 204
        auth.wait_for_line(f"{person} changed the password from")
        assert auth.count("not the password") == auth.count(PASSWORD) == auth.count(token) == 0


def test_without_its_database_auth_says_that_nobody_can_sign_out(stack: Stack, person: str) -> None:
    with own_auth(stack, ACCOUNTS_PASSWORD_FILE="") as auth:
        auth.wait_for_line("ACCOUNTS_PASSWORD is not set: nobody can sign out")
        token = token_of(auth, person)
        assert post(auth, "/logout", token) == 501
        assert change(auth, person, PASSWORD, NEW_PASSWORD).status_code == 501
        stack.sql("DELETE FROM user WHERE email = %s", person)
        ended(auth, token)


def test_the_gateway_signs_out_and_changes_passwords(stack: Stack, person: str) -> None:
    gateway = stack.env["GATEWAY_URL"]
    token = requests.post(f"{gateway}/login", auth=(person, PASSWORD), timeout=TIMEOUT).text
    bearer = {"Authorization": f"Bearer {token}"}
    assert requests.get(f"{gateway}/jobs", headers=bearer, timeout=TIMEOUT).status_code == 200
    assert requests.post(f"{gateway}/logout", headers=bearer, timeout=TIMEOUT).status_code == 204
    assert requests.get(f"{gateway}/jobs", headers=bearer, timeout=TIMEOUT).status_code == 401
    form = {"password": "short"}
    url, basic = f"{gateway}/password", (person, PASSWORD)
    refused = requests.post(url, auth=basic, data=form, timeout=TIMEOUT)
    assert (refused.status_code, refused.text) == (400, "A password needs at least 8 characters")
    form = {"password": NEW_PASSWORD}
    assert requests.post(url, auth=basic, data=form, timeout=TIMEOUT).status_code == 204
    again = requests.post(f"{gateway}/login", auth=(person, NEW_PASSWORD), timeout=TIMEOUT)
    assert again.status_code == 200
