"""Everybody who may ask for a user's files, signed in or no more."""

from base64 import b64encode
from typing import NamedTuple

from bson import ObjectId

from tests.support import users
from tests.support.files import Mongo, store_mp3, store_video
from tests.support.stack import Stack

SIGNED_IN = ("owner", "another")
WITH_ACCOUNT = (*SIGNED_IN, "signed out")
EVERYBODY = ("nobody", *WITH_ACCOUNT, "deleted", "disabled")

_ENDS = {
    "deleted": "DELETE FROM user WHERE email = %s",
    "disabled": "UPDATE user SET password = CONCAT('!', password) WHERE email = %s",
}


class Files(NamedTuple):
    """A user's video, whose job is done, and its MP3, by their ids."""

    email: str
    video: ObjectId
    mp3: ObjectId


class Person(NamedTuple):
    """The Authorization headers that somebody has: a token's, and a password's."""

    email: str
    bearer: dict[str, str]
    basic: dict[str, str]


def person(stack: Stack, name: str) -> Person:
    """One of EVERYBODY; who is not signed in any more has the token and the password of before."""
    if name == "nobody":
        return Person(users.unused_email(), {}, {})
    user = users.new_user(stack)
    if name in _ENDS:
        stack.sql(_ENDS[name], user.email)
    if name == "signed out":
        user.client.request("POST", "/logout").raise_for_status()
    credentials = b64encode(f"{user.email}:{users.PASSWORD}".encode()).decode()
    return Person(
        user.email,
        {"Authorization": f"Bearer {user.client.token}"},
        {"Authorization": f"Basic {credentials}"},
    )


def store_files(mongo: Mongo, email: str) -> Files:
    """A done job of a user; the video's name and the MP3's bytes are the address."""
    video = store_video(mongo, email, name=email, state="done")
    return Files(email, video, store_mp3(mongo, email, video, email.encode()))
