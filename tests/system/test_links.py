"""A link gives its MP3 to whoever has it, until it ends, its job is deleted or it is revoked."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from bson import ObjectId

from tests.support.client import Client, assert_unavailable
from tests.support.files import Mongo, store_mp3, store_video
from tests.support.gateway import own_gateway
from tests.support.mailbox import Mailbox
from tests.support.media import with_sound
from tests.support.relay import Relay
from tests.support.stack import Stack
from tests.support.users import NewUser, User
from tests.support.wait import until

SIZE = 5_000_000  # more than what one query of the gateway reads
SOUND = secrets.token_bytes(SIZE)
DAY = 86400  # seconds
ENDED = 410, "The link has ended"


@pytest.fixture
def anybody(stack: Stack) -> Client:
    """Who has no token."""
    return Client(stack.env["GATEWAY_URL"])


def done(mongo: Mongo, user: User) -> str:
    """A done job of the user's; its id."""
    video = store_video(mongo, user.email, name="talk.mp4", state="done")
    store_mp3(mongo, user.email, video, SOUND)
    return str(video)


def make(user: User, job: str, **query: int) -> requests.Response:
    return user.client.request("POST", f"/jobs/{job}/links", params=query)


def path(made: requests.Response) -> str:
    assert made.status_code == 201
    return made.headers["Location"]


def answer(client: Client, where: str) -> tuple[int, str]:
    got = client.request("GET", where)
    return got.status_code, "the MP3" if got.content == SOUND else got.text


def test_a_link_gives_its_mp3_to_whoever_has_it(user: User, anybody: Client, mongo: Mongo) -> None:
    made = make(user, done(mongo, user))
    assert made.json()["url"] == anybody.url + path(made)
    week = datetime.fromisoformat(made.json()["expires"]) - datetime.now(UTC)
    assert timedelta(days=6, hours=23) < week <= timedelta(days=7)
    got = requests.get(made.json()["url"], timeout=30)
    assert (got.status_code, got.content == SOUND) == (200, True)
    assert got.headers["Content-Type"] == "audio/mpeg"
    assert 'filename="talk.mp3"' in got.headers["Content-Disposition"]
    head = anybody.request("HEAD", path(made))
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(SIZE))
    part = anybody.request("GET", path(made), {"Range": "bytes=1000-1999"})
    assert (part.status_code, part.content) == (206, SOUND[1000:2000])
    assert (got.headers["Referrer-Policy"], got.headers["X-Robots-Tag"]) == (
        "no-referrer",
        "noindex",
    )


def test_the_mail_has_a_link_to_its_mp3(
    user: User, anybody: Client, mailbox: Mailbox, tmp_path: Path
) -> None:
    user.client.upload(with_sound(tmp_path / "talk.mp4", 1)).raise_for_status()
    (mail,) = until(lambda: mailbox.mails(user.email), "the mail", 60)
    plain, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None and html is not None
    said = re.fullmatch(r"mp3 file_id: ([0-9a-f]{24}) is now ready!\r?\n", plain.get_content())
    assert said is not None
    (address,) = re.findall(r'href="([^"]+)"', html.get_content())
    assert address.startswith(f"{anybody.url}/links/")
    got = anybody.request("GET", urlsplit(address).path)
    assert got.status_code == 200
    assert got.content == user.client.download(said[1]).content
    user.client.request("DELETE", "/links").raise_for_status()
    assert answer(anybody, urlsplit(address).path) == ENDED


def test_a_link_ends_with_its_time(user: User, anybody: Client, mongo: Mongo) -> None:
    link = path(make(user, done(mongo, user), lifetime=1))
    until(lambda: answer(anybody, link) == ENDED, "it has ended")


def test_a_link_lasts_no_longer_than_its_mp3(
    stack: Stack, user: User, mongo: Mongo, anybody: Client
) -> None:
    job = done(mongo, user)
    link = path(make(user, job))
    with own_gateway(stack, MP3_RETENTION_DAYS="2") as gateway:
        client = Client(gateway.url, user.client.token)
        end = client.request("POST", f"/jobs/{job}/links").json()["expires"]
    assert datetime.fromisoformat(end) < datetime.now(UTC) + timedelta(days=2)
    removed = {"$set": {"metadata.removed": datetime(2026, 5, 17, tzinfo=UTC)}}
    mongo["mp3s"]["fs.files"].update_one({"metadata.video_fid": job}, removed)
    gone = 410, "The file was removed on 2026-05-17"
    assert answer(anybody, link) == gone
    again = make(user, job)
    assert (again.status_code, again.text) == gone


def test_a_deleted_job_ends_its_links(user: User, anybody: Client, mongo: Mongo) -> None:
    job = done(mongo, user)
    link = path(make(user, job))
    user.client.request("DELETE", f"/jobs/{job}").raise_for_status()
    assert answer(anybody, link) == (404, "File not found")


def test_revoking_ends_every_link_of_that_user_and_no_others_and_no_later_one(
    stack: Stack, user: User, new_user: NewUser, anybody: Client, mongo: Mongo
) -> None:
    other = new_user()
    jobs = [done(mongo, user), done(mongo, user)]
    links = [path(make(user, job)) for job in jobs]
    others = path(make(other, done(mongo, other)))
    with own_gateway(stack) as another:
        assert Client(another.url, user.client.token).request("DELETE", "/links").ok
    assert [answer(anybody, link) for link in links] == [ENDED, ENDED]
    assert answer(anybody, others) == (200, "the MP3")
    assert answer(anybody, path(make(user, jobs[0]))) == (200, "the MP3")
    assert answer(anybody, links[0]) == ENDED


def test_a_link_lasts_no_longer_than_the_operator_lets_it(
    stack: Stack, user: User, mongo: Mongo
) -> None:
    with own_gateway(stack, LINK_LIFETIME="60") as gateway:
        links = f"/jobs/{done(mongo, user)}/links?lifetime={DAY}"
        made = Client(gateway.url, user.client.token).request("POST", links)
    end = datetime.fromisoformat(made.json()["expires"])
    assert end <= datetime.now(UTC) + timedelta(seconds=60)


@pytest.mark.parametrize("seconds", [0, 365 * DAY + 1])
def test_a_bad_lifetime_is_refused(user: User, mongo: Mongo, seconds: int) -> None:
    made = make(user, done(mongo, user), lifetime=seconds)
    text = f"lifetime must be a whole number from 1 to {365 * DAY}"
    assert (made.status_code, made.text) == (400, text)


def test_a_job_without_an_mp3_has_no_link(user: User, mongo: Mongo) -> None:
    made = make(user, str(store_video(mongo, user.email, state="failed")))
    assert (made.status_code, made.text) == (409, "There is no MP3: the job is failed")


def test_nobody_makes_up_a_link(anybody: Client, user: User, mongo: Mongo) -> None:
    link = path(make(user, done(mongo, user)))
    made_up = [f"/links/{ObjectId()}", link[:-2], f"{link}/", f"/links/x{link[7:]}", "/links/%FF"]
    assert {answer(anybody, other) for other in made_up} == {(404, "File not found")}


def test_a_link_of_the_secret_before_is_good(
    stack: Stack, user: User, anybody: Client, mongo: Mongo
) -> None:
    link = path(make(user, done(mongo, user)))
    rotated = {"LINK_SECRET": "n" * 32, "LINK_SECRET_PREVIOUS": stack.secret("link_secret")}
    with own_gateway(stack, **rotated) as gateway:
        assert answer(Client(gateway.url), link) == (200, "the MP3")
    with own_gateway(stack, LINK_SECRET="n" * 32) as gateway:
        assert answer(Client(gateway.url), link) == (404, "File not found")


def test_nothing_of_a_link_is_in_a_log(stack: Stack, user: User, mongo: Mongo) -> None:
    link = path(make(user, done(mongo, user)))
    secret = link.removeprefix("/links/")
    with (
        Relay(stack.env["MONGODB_URI"]) as relay,
        own_gateway(stack, MONGODB_URI=relay.url, LOG_LEVEL="DEBUG") as gateway,
    ):
        client = Client(gateway.url)
        for method in ("GET", "HEAD", "POST", "OPTIONS"):
            client.request(method, link)
        for other in (f"{link}/", f"{link}?a=b", f"/links/x{secret}"):
            client.request("GET", other)
        with requests.get(gateway.url + link, stream=True, timeout=30) as got:
            got.raw.read(1000)
            relay.cut()
            with pytest.raises(requests.RequestException):
                _ = got.content
        assert_unavailable(lambda: client.request("GET", link))
        assert gateway.count("/links/<path:secret>") == 9
        assert gateway.count(secret) == gateway.count(secret[:40]) == 0
