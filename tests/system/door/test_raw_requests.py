"""Bytes that no honest client sends: each gets the answer of the table, and harms nobody."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.support import raw, users
from tests.support.files import Mongo, store_mp3, store_video
from tests.support.gateway import own_gateway
from tests.support.ingress import ingress
from tests.support.raw_requests import BEHIND_NGINX, HONEST, ROWS, TEXTS, TEXTS_BEHIND_NGINX
from tests.support.stack import Stack
from tests.support.users import User

ROUNDS = 3  # honest requests after each

NOSNIFF = b"\r\nx-content-type-options: nosniff"

Doors = dict[str, int]


@pytest.fixture(scope="module")
def doors(stack: Stack) -> Iterator[Doors]:
    """The ports of one gateway and of an nginx before it."""
    with own_gateway(stack) as gateway, ingress(gateway.url) as proxy:
        yield {"gateway": urlsplit(gateway.url).port or 80, "nginx": proxy}


@pytest.fixture(scope="module")
def bystander(stack: Stack) -> User:
    """Somebody else, who uses the same gateway."""
    return users.new_user(stack)


@pytest.mark.parametrize("door", ["gateway", "nginx"])
@pytest.mark.parametrize("name", ROWS)
def test_a_malformed_request_gets_its_answer_and_no_other(
    name: str, door: str, doors: Doors, mongo: Mongo, user: User, bystander: User
) -> None:
    proxied = door == "nginx"
    video = store_video(mongo, user.email, name=user.email, state="done")
    store_mp3(mongo, user.email, video, b"0123456789")
    store_video(mongo, bystander.email, name=bystander.email, state="done")

    def send(request: bytes, by: User) -> tuple[raw.Answer, ...]:
        filled = request.replace(b"TOKEN", by.client.token.encode())
        return raw.exchange(doors[door], filled.replace(b"JOB", str(video).encode()), proxied)

    request, due = ROWS[name]
    answers = send(request, user)
    texts = TEXTS
    if proxied:
        due, texts = BEHIND_NGINX.get(name, due), TEXTS | TEXTS_BEHIND_NGINX
    assert tuple(answer.status for answer in answers) == due
    if not proxied:
        assert all(NOSNIFF in answer.head.lower() for answer in answers if answer.status != 100)
    if name in texts:
        assert answers[-1].body == texts[name]
    assert not any(bystander.email.encode() in answer.body for answer in answers)
    for _ in range(ROUNDS):
        (honest,) = send(HONEST, bystander)
        assert honest.status == 200, "an honest client suffers"
        assert bystander.email.encode() in honest.body, "somebody else's answer"
        assert user.email.encode() not in honest.body, "somebody else's answer"
