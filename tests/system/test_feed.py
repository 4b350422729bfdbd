"""A feed takes its user's MP3s to whoever has its address, until it is ended or replaced.

That it is RSS is judged by feedparser and by the rules of the RSS Advisory Board's specification,
2.0.11 (https://www.rssboard.org/rss-specification), its Best Practices Profile, and Apple's "A
Podcaster's Guide to RSS" (https://help.apple.com/itc/podcasts_connect/#/itcb54353390).
"""

import secrets
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import feedparser
import pytest
import requests
from bson import ObjectId

from tests.support.client import Client, assert_unavailable
from tests.support.files import Mongo, store_done, store_mp3, store_video
from tests.support.gateway import own_gateway
from tests.support.relay import Relay
from tests.support.stack import Stack
from tests.support.users import NewUser, User

SOUND = secrets.token_bytes(300_000)  # more than one chunk
ENDED = 404, "Feed not found"
ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
ATOM = "{http://www.w3.org/2005/Atom}"
FEED_TYPE = "application/rss+xml; charset=utf-8"


@pytest.fixture
def anybody(stack: Stack) -> Client:
    """Who has no token."""
    return Client(stack.env["GATEWAY_URL"])


def made(user: User) -> str:
    """The path of a new feed of the user's."""
    answer = user.client.request("POST", "/feed")
    assert answer.status_code == 201
    path: str = answer.headers["Location"]
    assert answer.json() == {"url": user.client.url + path}
    return path


def done(mongo: Mongo, user: User, name: str = "talk.mp4") -> str:
    """A done job of the user's; its MP3's id."""
    video = store_video(mongo, user.email, name=name, state="done")
    return str(store_mp3(mongo, user.email, video, SOUND))


def told(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.text


def parsed(client: Client, path: str) -> Any:
    """The feed as an independent parser has it, after it was found to be good."""
    answer = client.request("GET", path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, FEED_TYPE)
    assert_is_rss(answer.content, client.url + path)
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    assert feed.version == "rss20"
    return feed


def assert_is_rss(document: bytes, address: str) -> None:
    """What the specifications ask of a feed at `address`."""
    rss = ElementTree.fromstring(document)  # noqa: S314
    assert (rss.tag, rss.get("version"), len(rss)) == ("rss", "2.0", 1)
    (channel,) = rss
    assert channel.tag == "channel"
    for needed in ("title", "link", "description", "language"):
        assert len(channel.findall(needed)) == 1 and channel.findtext(needed)
    (self,) = channel.findall(f"{ATOM}link")
    assert self.attrib == {"rel": "self", "href": address, "type": "application/rss+xml"}
    assert channel.findtext(f"{ITUNES}block") == "Yes"  # any other word has no effect
    items = channel.findall("item")
    assert len({item.findtext("guid") for item in items}) == len(items)
    for item in items:
        assert [child.tag for child in item] == ["title", "guid", "pubDate", "enclosure"]
        assert item.findtext("title")
        assert item.find("guid").attrib == {"isPermaLink": "false"}  # type: ignore[union-attr]
        moment = parsedate_to_datetime(item.findtext("pubDate") or "")
        assert moment.tzinfo is not None and moment <= datetime.now(UTC)
        enclosure = item.find("enclosure")
        assert enclosure is not None and enclosure.keys() == ["url", "length", "type"]
        assert enclosure.get("type") == "audio/mpeg"
        assert int(enclosure.get("length", "")) > 0
        parts = urlsplit(enclosure.get("url", ""))
        assert parts.scheme in ("http", "https") and parts.path.endswith(".mp3")
        assert not parts.query and not parts.fragment


def test_a_feed_has_its_users_mp3s_and_gives_them_to_who_has_no_token(
    user: User, new_user: NewUser, anybody: Client, mongo: Mongo
) -> None:
    older, newer = done(mongo, user, "one.mp4"), done(mongo, user, "two.tar.mkv")
    store_video(mongo, user.email, state="failed")
    store_video(mongo, user.email, state="queued")
    others = done(mongo, new_user())
    path = made(user)
    entries = parsed(anybody, path).entries
    assert [(entry.title, entry.id) for entry in entries] == [("two.tar", newer), ("one", older)]
    (enclosure,) = entries[1].enclosures
    assert enclosure.href == f"{anybody.url}{path.removesuffix('.rss')}/{older}.mp3"
    assert (enclosure.length, enclosure.type) == (str(len(SOUND)), "audio/mpeg")
    got = requests.get(enclosure.href, timeout=30)
    assert (got.content == SOUND, got.headers["Content-Type"]) == (True, "audio/mpeg")
    head = requests.head(enclosure.href, timeout=30)
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(SOUND)))
    part = requests.get(enclosure.href, headers={"Range": "bytes=1000-1999"}, timeout=30)
    assert (part.status_code, part.content) == (206, SOUND[1000:2000])
    for each in (got, head, anybody.request("GET", path)):
        assert each.headers["X-Robots-Tag"] == "noindex"
        assert each.headers["Referrer-Policy"] == "no-referrer"
    assert told(requests.get(enclosure.href.replace(older, others), timeout=30)) == (
        404,
        "File not found",
    )


def test_an_app_that_asks_again_gets_the_feed_only_when_it_changed(
    user: User, anybody: Client, mongo: Mongo
) -> None:
    path = made(user)
    assert parsed(anybody, path).entries == []
    first = anybody.request("GET", path)
    known = {"If-None-Match": first.headers["ETag"]}
    assert told(anybody.request("GET", path, known)) == (304, "")
    assert first.headers["Cache-Control"] == "private, no-cache"
    head = anybody.request("HEAD", path)
    assert (head.status_code, head.headers["ETag"]) == (200, first.headers["ETag"])
    assert head.headers["Content-Length"] == str(len(first.content))
    done(mongo, user)
    assert anybody.request("GET", path, known).status_code == 200
    assert len(parsed(anybody, path).entries) == 1


@pytest.mark.parametrize(("method", "ends"), [("DELETE", "/feed"), ("DELETE", "/links")])
def test_a_feed_ends_with_its_mp3s_at_once_on_every_replica(
    stack: Stack, user: User, anybody: Client, mongo: Mongo, method: str, ends: str
) -> None:
    mp3, path = done(mongo, user), made(user)
    sound = f"{path.removesuffix('.rss')}/{mp3}.mp3"
    assert anybody.request("GET", sound).ok
    with own_gateway(stack) as another:
        client = Client(another.url, user.client.token)
        assert client.request(method, ends).status_code == 204
    assert [told(anybody.request("GET", each)) for each in (path, sound)] == [ENDED, ENDED]
    assert user.client.request("GET", "/feed").json() == {"created": None}
    assert user.client.request(method, ends).status_code == 204
    again = made(user)
    assert len(parsed(anybody, again).entries) == 1
    assert told(anybody.request("GET", path)) == ENDED


def test_a_new_feed_ends_the_one_before_and_nobody_elses(
    user: User, new_user: NewUser, anybody: Client
) -> None:
    other = new_user()
    others, first, second = made(other), made(user), made(user)
    assert told(anybody.request("GET", first)) == ENDED
    assert parsed(anybody, second).entries == parsed(anybody, others).entries == []
    created = datetime.fromisoformat(user.client.request("GET", "/feed").json()["created"])
    assert abs((datetime.now(UTC) - created).total_seconds()) < 60
    user.client.request("DELETE", "/feed").raise_for_status()
    assert anybody.request("GET", others).ok


def test_nobody_makes_up_a_feed(user: User, anybody: Client, mongo: Mongo) -> None:
    mp3, path = done(mongo, user), made(user)
    key = path.removeprefix("/feed/").removesuffix(".rss")
    made_up = [f"/feed/{other}.rss" for other in (key[:-1], key.swapcase(), user.email, ObjectId())]
    made_up += [f"/feed/{key[:-1]}/{mp3}.mp3", f"/feed/%FF/{mp3}.mp3", "/feed/%FF%00.rss"]
    assert {told(anybody.request("GET", other)) for other in made_up} == {ENDED}


def test_what_a_feed_opens_is_nothing_else(user: User, mongo: Mongo) -> None:
    done(mongo, user)
    key = made(user).removeprefix("/feed/").removesuffix(".rss")
    thief = Client(user.client.url, key)
    for method, path in (
        ("GET", "/jobs"),
        ("DELETE", "/feed"),
        ("POST", "/feed"),
        ("GET", "/keys"),
    ):
        assert thief.request(method, path).status_code == 401
    assert key not in str(list(mongo["mp3s"]["links"].find()))


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("]]><script>&amp;\"'.mp4", "]]><script>&amp;\"'"),
        ("a\x00b\x1b[31m\x0bc\ufffe\uffff.mp4", "ab[31mc"),
        ("🎙️ שלום \u202egpj.mp4", "🎙️ שלום \u202egpj"),
        ("\x01\x02.mp4", None),
    ],
)
def test_a_strangers_name_is_text_and_breaks_no_feed(
    user: User, anybody: Client, mongo: Mongo, name: str, title: str | None
) -> None:
    mp3 = done(mongo, user, name)
    path = made(user)
    (entry,) = parsed(anybody, path).entries
    assert entry.title_detail.value == (title or mp3)


def test_a_feed_has_the_hundred_newest_and_none_that_was_removed(
    user: User, anybody: Client, mongo: Mongo
) -> None:
    store_done(mongo, user.email, (f"{n}.mp4" for n in range(100)), SOUND[:10])
    newest, gone = done(mongo, user, "newest.mp4"), done(mongo, user, "gone.mp4")
    removed = {"$set": {"metadata.removed": datetime(2026, 5, 17, tzinfo=UTC)}}
    mongo["mp3s"]["fs.files"].update_one({"_id": ObjectId(gone)}, removed)
    path = made(user)
    entries = parsed(anybody, path).entries
    assert (len(entries), entries[0].id) == (99, newest)  # of a hundred jobs
    sound = f"{path.removesuffix('.rss')}/{gone}.mp3"
    said = 410, "The file was removed on 2026-05-17"
    assert told(anybody.request("GET", sound)) == said


def test_nothing_of_a_feeds_key_is_in_a_log(stack: Stack, user: User, mongo: Mongo) -> None:
    mp3, path = done(mongo, user), made(user)
    key = path.removeprefix("/feed/").removesuffix(".rss")
    sound = f"/feed/{key}/{mp3}.mp3"
    with (
        Relay(stack.env["MONGODB_URI"]) as relay,
        own_gateway(stack, MONGODB_URI=relay.url, LOG_LEVEL="DEBUG") as gateway,
    ):
        client = Client(gateway.url, user.client.token)
        for method in ("GET", "HEAD", "POST", "OPTIONS"):
            for each in (path, sound):
                client.request(method, each)
        for other in (f"{path}/", f"{path}?a=b", f"/feed/{key}", f"/feed/{key}/x", f"/feed/x{key}"):
            client.request("GET", other)
        relay.cut()
        assert_unavailable(lambda: client.request("GET", path))
        assert_unavailable(lambda: client.request("POST", "/feed"))
        assert gateway.count("/feed/<secret>") == 14
        assert gateway.count(key) == gateway.count(key[:20]) == 0
