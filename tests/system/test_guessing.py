"""Guessing passwords gets nowhere, and nobody else notices that somebody tries."""

import hashlib
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import bcrypt
import pytest
import requests
from argon2 import PasswordHasher

from tests.support.auth import login, new_source, own_auth
from tests.support.process import Process
from tests.support.source import session
from tests.support.stack import Stack
from tests.support.users import PASSWORD, add_user, unused_email
from tests.support.wait import eventually

TIMEOUT = 30
NO_LIMIT = "1000000"
# Strict limits, but for what other tests fill too: the count of all logins is one for all of them.
STRICT = {
    "LOGIN_LIMIT": "5",
    "LOGIN_ACCOUNT_LIMIT": NO_LIMIT,
    "LOGIN_SOURCE_LIMIT": NO_LIMIT,
    "LOGIN_OVERALL_LIMIT": NO_LIMIT,
    "LOGIN_FAILURE_TIME": "0",
}


@pytest.fixture
def person(stack: Stack, email: str) -> str:
    """The address of a user with PASSWORD, who never logged in."""
    add_user(stack, email, PASSWORD)
    return email


@pytest.fixture
def strict(stack: Stack) -> Iterator[Process]:
    """An auth service with STRICT limits."""
    with own_auth(stack, **STRICT) as auth:
        yield auth


def assert_too_many(answer: requests.Response) -> None:
    assert (answer.status_code, answer.text) == (429, "Too Many Requests")
    assert int(answer.headers["Retry-After"]) > 0


def guess_through_gateway(stack: Stack, source: str, email: str, password: str) -> int:
    """The status of a login that really comes from `source`."""
    url = stack.env["GATEWAY_URL"] + "/login"
    with session(source) as client:
        answer = client.post(url, auth=(email, password), timeout=TIMEOUT)
    if answer.status_code in (429, 503):
        assert int(answer.headers["Retry-After"]) > 0
    return answer.status_code


def counted(stack: Stack) -> str:
    """All that is kept about logins."""
    columns = "HEX(account), source, attempts, ends"
    query = f"SELECT {columns} FROM accounts.login_attempts"  # noqa: S608 no value in it
    return stack.ctl("mysql", "-e", query)


def test_of_128_guesses_at_once_no_more_than_the_limit_are_tried(stack: Stack, person: str) -> None:
    guesser, elsewhere = new_source(), new_source()
    with ThreadPoolExecutor(128) as threads:
        statuses = list(
            threads.map(
                lambda number: guess_through_gateway(stack, guesser, person, f"guess {number}"),
                range(128),
            )
        )
    assert set(statuses) <= {401, 429, 503}
    tried = statuses.count(401)
    while guess_through_gateway(stack, guesser, person, "guess") == 401:
        tried += 1
    assert tried == 10
    stack.restart("auth:*")
    stack.wait_ready("auth")
    assert guess_through_gateway(stack, guesser, person, PASSWORD) == 429
    assert guess_through_gateway(stack, elsewhere, person, PASSWORD) == 200


def test_a_forged_header_makes_no_other_source(stack: Stack, person: str) -> None:
    url, statuses = stack.env["GATEWAY_URL"], []
    with session(new_source()) as guesser:
        for number in range(12):
            guesser.headers["X-Forwarded-For"] = f"203.0.113.{number}"
            answer = guesser.post(f"{url}/login", auth=(person, "guess"), timeout=TIMEOUT)
            statuses.append(answer.status_code)
    assert statuses == [401] * 10 + [429] * 2


def test_after_the_limit_the_right_password_works_from_elsewhere_only(
    strict: Process, person: str
) -> None:
    guesser = new_source()
    for _ in range(5):
        assert login(strict.url, guesser, person, "guess").status_code == 401
    assert_too_many(login(strict.url, guesser, person, "guess"))
    assert_too_many(login(strict.url, guesser, person, PASSWORD))
    assert login(strict.url, new_source(), person, PASSWORD).status_code == 200


def test_the_limit_is_the_same_for_a_name_that_nobody_has(strict: Process) -> None:
    guesser, nobody = new_source(), unused_email()
    for _ in range(5):
        assert login(strict.url, guesser, nobody, "guess").status_code == 401
    assert_too_many(login(strict.url, guesser, nobody, "guess"))


def test_who_mistypes_now_and_then_is_never_refused(strict: Process, person: str) -> None:
    source = new_source()
    for _ in range(4):
        for _ in range(4):
            assert login(strict.url, source, person, "typo").status_code == 401
        assert login(strict.url, source, person, PASSWORD).status_code == 200


def test_one_source_tries_a_bounded_number_of_names(stack: Stack, person: str) -> None:
    with own_auth(stack, **STRICT | {"LOGIN_SOURCE_LIMIT": "3"}) as auth:
        sprayer = new_source()
        for _ in range(3):
            assert login(auth.url, sprayer, unused_email(), "guess").status_code == 401
        assert_too_many(login(auth.url, sprayer, unused_email(), "guess"))
        assert_too_many(login(auth.url, sprayer, person, PASSWORD))
        assert login(auth.url, new_source(), person, PASSWORD).status_code == 200


def test_many_guessers_of_one_account_have_one_guess_each_and_lock_nobody_out(
    stack: Stack, person: str
) -> None:
    with own_auth(stack, **STRICT | {"LOGIN_ACCOUNT_LIMIT": "3"}) as auth:
        guessers = [new_source() for _ in range(6)]
        for guesser in guessers:
            assert login(auth.url, guesser, person, "guess").status_code == 401
        for guesser in guessers:
            assert_too_many(login(auth.url, guesser, person, "guess"))
        owner = new_source()
        for _ in range(3):
            assert login(auth.url, owner, person, PASSWORD).status_code == 200
        assert login(auth.url, guessers[0], unused_email(), "guess").status_code == 401


def test_many_guessers_of_many_accounts_have_one_guess_each_and_lock_nobody_out(
    stack: Stack, person: str
) -> None:
    with own_auth(stack, **STRICT | {"LOGIN_OVERALL_LIMIT": "1"}) as auth:
        sprayers = [new_source() for _ in range(6)]
        for sprayer in sprayers:
            assert login(auth.url, sprayer, unused_email(), "guess").status_code == 401
        for sprayer in sprayers:
            assert_too_many(login(auth.url, sprayer, unused_email(), "guess"))
        owner = new_source()
        for _ in range(3):
            assert login(auth.url, owner, person, PASSWORD).status_code == 200


def test_retry_after_is_when_the_next_login_is_tried(stack: Stack, person: str) -> None:
    with own_auth(stack, **STRICT | {"LOGIN_LIMIT": "1", "LOGIN_WINDOW": "3"}) as auth:
        source = new_source()
        assert login(auth.url, source, person, "guess").status_code == 401
        refused = login(auth.url, source, person, PASSWORD)
        ends = time.monotonic() + int(refused.headers["Retry-After"])
        assert_too_many(refused)
        eventually(lambda: login(auth.url, source, person, PASSWORD).status_code == 200, 10)
        assert ends - 1 <= time.monotonic() <= ends + 1


def test_all_addresses_of_one_ipv6_subscriber_are_one_guesser(strict: Process, person: str) -> None:
    subscriber = hashlib.sha256(person.encode()).hexdigest()
    network = f"2001:db8:{subscriber[:4]}:{subscriber[4:8]}"
    for number in range(5):
        assert login(strict.url, f"{network}::{number}", person, "guess").status_code == 401
    assert_too_many(login(strict.url, f"{network}:1:2:3:4", person, "guess"))


def test_what_is_counted_is_forgotten_and_names_nobody(stack: Stack) -> None:
    with own_auth(stack, **STRICT | {"LOGIN_WINDOW": "1"}) as auth:
        names = [unused_email() for _ in range(20)]
        source, others = new_source(), count()
        for name in names:
            assert login(auth.url, source, name, "guess").status_code == 401
        assert source in counted(stack)
        assert not any(name.split("@")[0] in counted(stack) + auth.log for name in names)

        def forgotten() -> bool:
            login(auth.url, new_source(), f"other {next(others)}", "guess")
            return source not in counted(stack)

        eventually(forgotten, 60)


def test_a_flood_of_guesses_keeps_nobody_else_waiting(stack: Stack, person: str) -> None:
    """Forty wrong passwords take three seconds each, and auth has sixteen threads."""
    slow = {"LOGIN_LIMIT": NO_LIMIT, "LOGIN_FAILURE_TIME": "3"}
    with own_auth(stack, **STRICT | slow) as auth, ThreadPoolExecutor(40) as threads:
        guesser, source = new_source(), new_source()
        token, waits = login(auth.url, source, person, PASSWORD).text, list[float]()
        bearer = {"Authorization": f"Bearer {token}"}
        guesses = [
            threads.submit(login, auth.url, guesser, person, f"guess {number}")
            for number in range(40)
        ]
        while not all(guess.done() for guess in guesses):
            began = time.monotonic()
            assert login(auth.url, source, person, PASSWORD).status_code == 200
            validated = requests.post(f"{auth.url}/validate", headers=bearer, timeout=TIMEOUT)
            assert validated.status_code == 200
            waits.append(time.monotonic() - began)
    assert {guess.result().status_code for guess in guesses} == {401, 503}
    assert max(waits) < 1.5


def test_a_token_is_validated_for_whom_no_login_is_tried(strict: Process, person: str) -> None:
    source = new_source()
    token = login(strict.url, source, person, PASSWORD).text
    while (refused := login(strict.url, source, person, "guess")).status_code == 401:
        pass
    assert_too_many(refused)
    answer = requests.post(
        f"{strict.url}/validate",
        headers={"Authorization": f"Bearer {token}", "X-Forwarded-For": source},
        timeout=TIMEOUT,
    )
    assert answer.status_code == 200


def test_a_wrong_password_tells_nothing_of_what_is_stored(stack: Stack) -> None:
    """Not even by its time, which a bcrypt hash of today's cost would give away."""
    rows = {
        "unknown": None,
        "plaintext": PASSWORD,
        "bcrypt": bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(rounds=12)).decode(),
        "argon2": PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1).hash(PASSWORD),
    }
    settings = STRICT | {"LOGIN_LIMIT": NO_LIMIT, "LOGIN_FAILURE_TIME": "0.8"}
    with own_auth(stack, **settings) as auth, ThreadPoolExecutor(len(rows)) as threads:

        def fail(stored: str | None) -> tuple[set[tuple[int, str, str]], float]:
            email, source = unused_email(), new_source()
            if stored:
                add_user(stack, email, stored)
            answers = [login(auth.url, source, email, "guess") for _ in range(30)]
            seen = {(a.status_code, a.text, str(sorted(a.headers))) for a in answers}
            return seen, statistics.median(a.elapsed.total_seconds() for a in answers)

        seen, medians = zip(*threads.map(fail, rows.values()), strict=True)
    assert len(set.union(*seen)) == 1
    assert max(medians) < 1.25 * min(medians), dict(zip(rows, medians, strict=True))


def test_without_its_database_auth_says_so_and_logs_in(stack: Stack, person: str) -> None:
    with own_auth(stack, ACCOUNTS_PASSWORD_FILE="", LOGIN_FAILURE_TIME="0") as auth:
        auth.wait_for_line("ACCOUNTS_PASSWORD is not set")
        source = new_source()
        for _ in range(15):
            assert login(auth.url, source, person, "guess").status_code == 401
        assert login(auth.url, source, person, PASSWORD).status_code == 200
