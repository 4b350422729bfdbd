"""An API key is as good as a token until it ends, and nothing that is kept of it gives it away."""

import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support import tus
from tests.support.auth import own_auth
from tests.support.client import Client, assert_unavailable
from tests.support.files import Mongo, store_mp3, store_video
from tests.support.media import with_sound
from tests.support.stack import Stack
from tests.support.users import PASSWORD, NewUser, User, add_user
from tests.support.wait import eventually, until

TIMEOUT = 30  # seconds
KEY = re.compile(r"v2m_([0-9a-f]{12})_([0-9a-f]{64})")
MAX_KEYS = 100
ROWS = "SELECT id, HEX(secret), name FROM accounts.api_keys"


def make(user: User, name: str = "my script", **fields: str) -> dict[str, Any]:
    made = user.client.request("POST", "/keys", data={"name": name, **fields})
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


def keys_of(user: User) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = user.client.request("GET", "/keys").json()["keys"]
    return found


def program(user: User, key: str) -> Client:
    """A client that has the key and nothing else."""
    return Client(user.client.url, key)


def status(client: Client) -> int:
    return client.request("GET", "/jobs").status_code


def test_a_key_is_accepted_wherever_a_token_is(user: User, mongo: Mongo, tmp_path: Path) -> None:
    client = program(user, make(user)["key"])
    job = store_video(mongo, user.email, state="done")
    mp3 = store_mp3(mongo, user.email, job)
    assert client.upload(with_sound(tmp_path / "a.mp4", 1)).text == "success!"
    assert client.download(str(mp3)).content == b"sound"
    assert client.request("GET", f"/jobs/{job}/mp3").content == b"sound"
    assert client.request("POST", f"/jobs/{job}/links").status_code == 201
    assert client.request("DELETE", "/links").status_code == 204
    upload = tus.begun(client, 10)
    assert client.request("DELETE", upload, tus.VERSION).status_code == 204
    assert client.request("DELETE", f"/jobs/{job}").status_code == 204
    assert client.request("POST", "/logout").status_code == 204
    eventually(lambda: status(user.client) == 401)
    assert status(client) == 200


def test_a_key_is_told_once_and_kept_as_a_hash(stack: Stack, user: User) -> None:
    made = make(user)
    match = KEY.fullmatch(made["key"])
    assert match and match[1] == made["id"]
    (shown,) = keys_of(user)
    assert shown == {name: value for name, value in made.items() if name != "key"}
    assert (shown["name"], shown["expires"], shown["used"]) == ("my script", None, None)
    kept = stack.ctl("mysql", "-e", ROWS).lower()
    assert made["id"] in kept and match[2] not in kept


def test_when_a_key_was_used_last_is_shown(user: User) -> None:
    key = make(user)["key"]
    assert status(program(user, key)) == 200
    (shown,) = keys_of(user)
    assert shown["used"] >= shown["created"]


def test_a_revoked_key_is_over_on_every_replica_and_no_other_is(stack: Stack, user: User) -> None:
    made, other = make(user), make(user, "another")
    assert user.client.request("DELETE", f"/keys/{made['id']}").status_code == 204
    with own_auth(stack) as auth:
        headers = {"Authorization": f"Bearer {made['key']}"}
        answer = requests.post(f"{auth.url}/validate", headers=headers, timeout=TIMEOUT)
        assert (answer.status_code, answer.text) == (401, "Unauthorized")
    assert status(program(user, made["key"])) == 401
    assert status(program(user, other["key"])) == 200
    assert user.client.request("DELETE", f"/keys/{made['id']}").status_code == 404
    assert [key["id"] for key in keys_of(user)] == [other["id"]]


def test_a_key_ends_with_its_time(user: User) -> None:
    key = make(user, lifetime="1")["key"]
    until(lambda: status(program(user, key)) == 401, "it has ended")
    assert keys_of(user)[0]["expires"] is not None


def test_another_users_key_does_not_exist(user: User, new_user: NewUser) -> None:
    made = make(user)
    other = new_user()
    assert keys_of(other) == []
    answer = other.client.request("DELETE", f"/keys/{made['id']}")
    assert (answer.status_code, answer.text) == (404, "Key not found")
    assert status(program(user, made["key"])) == 200


def test_a_key_outlives_the_sessions(user: User) -> None:
    client = program(user, make(user)["key"])
    user.client.request("POST", "/logout").raise_for_status()
    user.client.request(
        "POST",
        "/password",
        {"Authorization": ""},
        auth=(user.email, PASSWORD),
        data={"password": "correct horse battery"},
    ).raise_for_status()
    assert status(client) == 200


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_key_does_not_manage_keys(user: User, method: str) -> None:
    made = make(user)
    where = f"/keys/{made['id']}" if method == "DELETE" else "/keys"
    answer = program(user, made["key"]).request(method, where, data={"name": "more"})
    assert (answer.status_code, answer.text) == (403, "An API key is not enough for this: log in")
    assert len(keys_of(user)) == 1


def _disable(stack: Stack, email: str) -> None:
    stack.sql("UPDATE user SET password = CONCAT('!', password) WHERE email = %s", email)


def _delete(stack: Stack, email: str) -> None:
    stack.sql("DELETE FROM user WHERE email = %s", email)


def _replace(stack: Stack, email: str) -> None:
    _delete(stack, email)
    add_user(stack, email, PASSWORD)


@pytest.mark.parametrize("change", [_disable, _delete, _replace])
def test_a_key_is_its_users_and_no_later_users_of_that_address(
    stack: Stack, user: User, change: Callable[[Stack, str], None]
) -> None:
    client = program(user, make(user)["key"])
    assert status(client) == 200
    change(stack, user.email)
    assert status(client) == 401


def test_nobody_makes_up_a_key(user: User) -> None:
    key = make(user)["key"]
    made_up = [
        f"v2m_{key[4:16]}_{secrets.token_hex(32)}",
        f"v2m_{secrets.token_hex(6)}{key[16:]}",
        key.upper(),
        key[:-1],
        f"{key}0",
        "v2m_",
        "v2m_' OR 1 -- _",
    ]
    assert {status(program(user, other)) for other in made_up} == {401}


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "name must be a text of 1 to 100 characters"),
        ({"name": " "}, "name must be a text of 1 to 100 characters"),
        ({"name": "x" * 101}, "name must be a text of 1 to 100 characters"),
        ({"name": "a\nb"}, "name must be a text of 1 to 100 characters"),
        *(
            (
                {"name": "x", "lifetime": wrong},
                "lifetime must be a whole number from 1 to 316224000",
            )
            for wrong in ("0", "-1", "1.5", "forever", "316224001", "")
        ),
    ],
)
def test_a_bad_key_is_refused_with_what_is_allowed(
    user: User, fields: dict[str, str], text: str
) -> None:
    answer = user.client.request("POST", "/keys", data=fields)
    assert (answer.status_code, answer.text) == (400, text)
    assert keys_of(user) == []


def test_a_user_has_a_bounded_number_of_keys(user: User) -> None:
    for n in range(MAX_KEYS):
        make(user, f"key {n}")
    answer = user.client.request("POST", "/keys", data={"name": "one more"})
    assert (answer.status_code, answer.text) == (409, "You have 100 API keys already")
    assert len(keys_of(user)) == MAX_KEYS


def test_without_auths_own_database_there_are_none(stack: Stack, user: User) -> None:
    with own_auth(stack, ACCOUNTS_PASSWORD_FILE="") as auth:
        headers = {"Authorization": f"Bearer {user.client.token}"}
        answer = requests.get(f"{auth.url}/keys", headers=headers, timeout=TIMEOUT)
        assert (answer.status_code, answer.text) == (501, "Not Implemented")
        headers = {"Authorization": f"Bearer {make(user)['key']}"}
        answer = requests.post(f"{auth.url}/validate", headers=headers, timeout=TIMEOUT)
        assert answer.status_code == 401


def test_without_mysql_a_key_gets_503(stack: Stack, user: User) -> None:
    client = program(user, make(user)["key"])
    with stack.stopped("mariadb"):
        assert_unavailable(lambda: client.request("GET", "/jobs"))


def test_no_log_has_a_key(stack: Stack, user: User) -> None:
    made = make(user)
    status(program(user, made["key"]))
    status(program(user, made["key"][:-1]))
    assert user.client.request("DELETE", f"/keys/{made['id']}").ok
    text = "".join(file.read_text(encoding="utf-8", errors="replace") for file in stack.logs())
    assert f"{user.email} made the API key {made['id']}" in text
    assert f"{user.email} revoked the API key {made['id']}" in text
    assert made["key"][16:-1] not in text
