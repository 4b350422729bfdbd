"""A login gives a token to the right person only, and only that token opens the gateway."""

import base64
import time
from collections.abc import Callable

import bcrypt
import jwt
import pytest
import requests

from tests.support.auth import login as auth_login
from tests.support.auth import new_source, own_auth
from tests.support.client import assert_unavailable
from tests.support.project import DEMO
from tests.support.stack import Stack
from tests.support.tokens import forged, part
from tests.support.users import PASSWORD, User, add_user
from tests.support.wait import eventually

TIMEOUT = 30

Post = Callable[..., requests.Response]


@pytest.fixture(params=["AUTH_URL", "GATEWAY_URL"])
def login(request: pytest.FixtureRequest, stack: Stack) -> Post:
    """POST /login of the auth service, and of the gateway in front of it."""
    url = stack.env[request.param] + "/login"

    def post(
        user: str | bytes = "", password: str | bytes = "", header: str = ""
    ) -> requests.Response:
        joined = b":".join(
            part.encode() if isinstance(part, str) else part for part in (user, password)
        )
        authorization = header or f"Basic {base64.b64encode(joined).decode()}"
        return requests.post(url, headers={"Authorization": authorization}, timeout=TIMEOUT)

    return post


@pytest.fixture(params=["/validate", "/upload", "/download"])
def show_token(request: pytest.FixtureRequest, stack: Stack) -> Post:
    """Every endpoint that takes a token: auth's and the gateway's."""
    base = stack.env["AUTH_URL" if request.param == "/validate" else "GATEWAY_URL"]
    method = "GET" if request.param == "/download" else "POST"

    def post(authorization: str | None) -> requests.Response:
        headers = {"Authorization": authorization} if authorization is not None else {}
        return requests.request(method, base + request.param, headers=headers, timeout=TIMEOUT)

    return post


@pytest.fixture(scope="session")
def secret(stack: Stack) -> str:
    return (stack.folder / "secrets/jwt_secret").read_text(encoding="utf-8").strip()


def assert_unauthorized(answer: requests.Response, scheme: str) -> None:
    assert (answer.status_code, answer.text) == (401, "Unauthorized")
    assert answer.headers["WWW-Authenticate"].startswith(f"{scheme} ")
    assert answer.headers["Content-Type"].startswith("text/plain")


def stored(stack: Stack, email: str) -> str:
    ((password,),) = stack.sql("SELECT password FROM user WHERE email = %s", email)
    return str(password)


def test_the_right_password_gives_a_token_for_a_day(stack: Stack, login: Post, email: str) -> None:
    add_user(stack, email, PASSWORD)
    answer = login(email, PASSWORD)
    assert answer.status_code == 200
    claims = jwt.decode(answer.text, options={"verify_signature": False})
    assert list(claims) == ["username", "exp"]
    assert claims["username"] == email
    assert claims["exp"] == pytest.approx(time.time() + 86400, abs=60)
    validated = requests.post(
        stack.env["AUTH_URL"] + "/validate",
        headers={"Authorization": f"Bearer {answer.text}"},
        timeout=TIMEOUT,
    )
    assert (validated.status_code, validated.json()) == (200, claims)


def test_the_tutorials_user_logs_in(login: Post) -> None:
    assert login(*DEMO).status_code == 200


def test_a_wrong_password_gets_401(stack: Stack, login: Post, email: str) -> None:
    add_user(stack, email, PASSWORD)
    for wrong in (
        "",
        PASSWORD.lower(),
        PASSWORD + " ",
        PASSWORD + "\0",
        PASSWORD * 100,
        "\U0001f511",
    ):
        assert_unauthorized(login(email, wrong), "Basic")


def test_an_unknown_user_gets_401(stack: Stack, login: Post, email: str) -> None:
    for unknown in (email, "", "%", "' OR '1'='1", "a" * 2000, "\0", "\U0001f511", "\\"):
        assert_unauthorized(login(unknown, PASSWORD), "Basic")


def test_a_name_that_only_the_database_takes_for_the_same_gets_401(
    stack: Stack, login: Post, email: str
) -> None:
    add_user(stack, email, PASSWORD)
    for other in (email.upper(), email + " ", email.replace("e", "é")):
        assert_unauthorized(login(other, PASSWORD), "Basic")


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic %%%",
        "Basic YQ",
        "Basic YQ==",
        "Basic /w==",
        "Basic " + "A" * 6000,
        "Digest a=b",
        "x",
    ],
)
def test_broken_credentials_get_401(login: Post, header: str) -> None:
    assert_unauthorized(login(header=header), "Basic")


def test_bytes_that_are_no_text_get_401(login: Post) -> None:
    assert_unauthorized(login(b"\xff\xfe", b"\xff"), "Basic")


@pytest.mark.parametrize("name", ["AUTH_URL", "GATEWAY_URL"])
def test_no_credentials_get_401(stack: Stack, name: str) -> None:
    assert_unauthorized(requests.post(stack.env[name] + "/login", timeout=TIMEOUT), "Basic")


def test_the_tutorials_insert_makes_a_user_whose_first_login_hashes_the_password(
    stack: Stack, login: Post
) -> None:
    stack.sql("DELETE FROM user WHERE email = 'newuser@example.com'")
    stack.sql(
        "INSERT INTO user (email, password)\nVALUES ('newuser@example.com', 'SecurePass123');"
    )
    assert_unauthorized(login("newuser@example.com", "securepass123"), "Basic")
    assert stored(stack, "newuser@example.com") == "SecurePass123"
    assert login("newuser@example.com", "SecurePass123").status_code == 200
    assert stored(stack, "newuser@example.com").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert login("newuser@example.com", "SecurePass123").status_code == 200
    stack.sql("UPDATE user\nSET password = 'New456'\nWHERE email = 'newuser@example.com';")
    assert_unauthorized(login("newuser@example.com", "SecurePass123"), "Basic")
    assert login("newuser@example.com", "New456").status_code == 200


def test_a_bcrypt_hash_logs_in_and_becomes_argon2id(stack: Stack, login: Post, email: str) -> None:
    add_user(stack, email, bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(rounds=5)).decode())
    assert_unauthorized(login(email, "wrong"), "Basic")
    assert login(email, PASSWORD).status_code == 200
    assert stored(stack, email).startswith("$argon2id$")
    assert login(email, PASSWORD).status_code == 200


def test_a_column_that_the_operator_adds_does_no_harm(
    stack: Stack, login: Post, email: str
) -> None:
    add_user(stack, email, PASSWORD)
    stack.sql("ALTER TABLE user ADD COLUMN created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP;")
    try:
        assert login(email, PASSWORD).status_code == 200
        assert login(email, PASSWORD).status_code == 200
    finally:
        stack.sql("ALTER TABLE user DROP COLUMN created_at")


def test_a_login_goes_well_where_the_new_hash_cannot_be_stored(
    stack: Stack, login: Post, email: str
) -> None:
    add_user(stack, email, PASSWORD)
    stack.sql("CREATE TRIGGER keep BEFORE UPDATE ON user FOR EACH ROW SIGNAL SQLSTATE '45000'")
    try:
        assert login(email, PASSWORD).status_code == 200
        assert stored(stack, email) == PASSWORD
    finally:
        stack.sql("DROP TRIGGER keep")


def test_no_token_gets_401(show_token: Post) -> None:
    for nothing in (None, "", "Bearer", "Bearer ", "Basic YTpi", "token"):
        assert_unauthorized(show_token(nothing), "Bearer")


def test_a_forged_or_broken_token_gets_401(show_token: Post, secret: str, user: User) -> None:
    email, _ = user
    now = int(time.time())
    claims: dict[str, object] = {"username": email, "exp": now + 60}
    key = "x" * 64
    tokens = {
        "expired": jwt.encode(claims | {"exp": now - 1}, secret, "HS256"),
        "endless": jwt.encode({"username": email}, secret, "HS256"),
        "nameless": jwt.encode({"exp": now + 60}, secret, "HS256"),
        "unsigned": jwt.encode(claims, None, "none"),
        "of another key": jwt.encode(claims, key, "HS256"),
        "cut": jwt.encode(claims, secret, "HS256")[:-2],
        "garbage": "garbage",
        "garbage in three parts": "a.b.c",
        "deep": f"{part(b'[' * 4500)}.e30.e30",
        "of another algorithm": forged("HS512", claims, secret, "sha512"),
    }
    for kind, token in tokens.items():
        answer = show_token(f"Bearer {token}")
        assert answer.status_code == 401, kind
        assert_unauthorized(answer, "Bearer")


def test_a_good_token_is_not_unauthorized(show_token: Post, secret: str, user: User) -> None:
    email, _ = user
    token = jwt.encode({"username": email, "exp": int(time.time()) + 60}, secret, "HS256")
    assert show_token(f"Bearer {token}").status_code in (200, 400)
    assert show_token(f"bearer {token}").status_code in (200, 400)


def test_auth_answers_405_on_get_of_its_root_and_ok_on_healthz(stack: Stack) -> None:
    url = stack.env["AUTH_URL"]
    assert requests.get(f"{url}/", timeout=TIMEOUT).status_code == 405
    answer = requests.get(f"{url}/healthz", timeout=TIMEOUT)
    assert (answer.status_code, answer.text) == (200, "ok")


def test_a_stopped_mysql_gives_503_and_logins_return_with_it(
    stack: Stack, login: Post, email: str
) -> None:
    add_user(stack, email, PASSWORD)
    assert login(email, PASSWORD).status_code == 200
    auths = stack.processes("auth")
    with stack.stopped("mariadb"):
        assert_unavailable(lambda: login(email, PASSWORD))
        assert not any(stack.ready(process) for process in auths)
    assert login(email, PASSWORD).status_code == 200


def test_a_connection_that_mysql_closed_costs_no_login(stack: Stack, email: str) -> None:
    add_user(stack, email, PASSWORD)
    with own_auth(stack) as auth:
        for _ in range(3):
            assert auth_login(auth.url, new_source(), email, PASSWORD).status_code == 200
            for account in ("auth_user", "accounts_user"):
                stack.ctl("mysql", "-e", f"KILL CONNECTION USER {account}")


def test_a_mysql_that_hangs_gives_503_within_the_bound(
    stack: Stack, login: Post, email: str
) -> None:
    add_user(stack, email, PASSWORD)
    with stack.frozen("mariadb"):
        assert_unavailable(lambda: login(email, PASSWORD))
    eventually(lambda: login(email, PASSWORD).status_code == 200)


def test_a_token_is_validated_without_mysql(stack: Stack, user: User) -> None:
    email, client = user
    with stack.stopped("mariadb"):
        answer = requests.post(
            stack.env["AUTH_URL"] + "/validate",
            headers={"Authorization": f"Bearer {client.token}"},
            timeout=TIMEOUT,
        )
        assert answer.json()["username"] == email
