"""local/ctl restore in a stack that has nothing: what a backup holds serves its users again.

`version_1_0_0` is a backup of that version's data, taken by the present backup.sh from a stack of
its own: two users, one of them with a plain password, and of the other one a job that is done, one
that failed for want of sound, and one that waited, the converters being stopped.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bson
import pytest

from tests.support import backups, users
from tests.support.another_stack import another_stack
from tests.support.backups import Kept, mp3_of, restore, signed_in
from tests.support.client import Client
from tests.support.stack import Stack
from tests.support.users import PASSWORD
from tests.support.wait import until

VERSION_1_0_0 = Path(__file__).with_name("version_1_0_0")


@pytest.fixture(scope="module")
def other(stack: Stack, kept: Kept, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Another stack, which the first test finds empty."""
    with another_stack(stack, tmp_path_factory.mktemp("other")) as empty:
        yield empty


def jobs(client: Client) -> dict[str, dict[str, Any]]:
    """A user's, by their ids."""
    return {job["id"]: job for job in client.request("GET", "/jobs").json()["jobs"]}


def test_what_was_there_comes_back_in_an_empty_stack(kept: Kept, other: Stack) -> None:
    restore(kept.folder)
    client = signed_in(other, kept.email)
    assert set(jobs(client)) == {kept.done, kept.waiting}
    assert client.download(kept.mp3_fid).content == kept.mp3
    assert client.download(mp3_of(client, kept.waiting)).ok


def test_a_feed_and_webhooks_come_back_as_their_user_made_them(kept: Kept, other: Stack) -> None:
    client = signed_in(other, kept.email)
    feed = Client(other.env["GATEWAY_URL"]).request("GET", kept.feed)
    assert feed.ok
    assert kept.mp3_fid in feed.text
    webhooks = client.request("GET", "/webhooks").json()["webhooks"]
    assert [(one["id"], one["url"]) for one in webhooks] == [(kept.webhook, backups.WEBHOOK)]
    assert client.request("GET", "/webhook-secret").json()["secret"] == kept.secret


def test_what_came_after_the_backup_is_gone_where_it_is_replaced(kept: Kept, other: Stack) -> None:
    email = users.unused_email()
    users.add_user(other, email, PASSWORD)
    restore("--replace", kept.folder)
    assert not other.sql("SELECT 1 FROM user WHERE email = %s", email)
    assert signed_in(other, kept.email).download(kept.mp3_fid).content == kept.mp3


def test_the_data_of_version_1_0_0_serve_their_users(kept: Kept, other: Stack) -> None:
    restore("--replace", VERSION_1_0_0)
    feed = Client(other.env["GATEWAY_URL"]).request("GET", kept.feed)
    assert (feed.ok, kept.mp3_fid in feed.text) == (True, False)  # that format knows of no feeds
    signed_in(other, "bob@example.com")
    ann = signed_in(other, "ann@example.com")
    by_file = {job["filename"]: job for job in jobs(ann).values()}
    assert ann.download(by_file["done.mp4"]["mp3_fid"]).content == old_mp3()
    assert by_file["silent.mp4"]["state"] == "failed"
    assert by_file["silent.mp4"]["error_code"] == "no_audio_track"
    assert ann.download(mp3_of(ann, by_file["waiting.mp4"]["id"])).ok

    silent = f"/jobs/{by_file['silent.mp4']['id']}"
    ann.request("POST", f"{silent}/retry").raise_for_status()
    until(lambda: ann.request("GET", silent).json()["state"] == "failed", "it fails again", 60)
    ann.request("DELETE", silent).raise_for_status()


def old_mp3() -> bytes:
    chunks = bson.decode_all((VERSION_1_0_0 / "mp3s/fs.chunks.bson").read_bytes())
    return b"".join(chunk["data"] for chunk in sorted(chunks, key=lambda chunk: int(chunk["n"])))
