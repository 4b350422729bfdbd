"""A link opens its one MP3, for its time, and nobody else can make one."""

from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from hypothesis import assume, given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from servicekit.links.settings import DAY, LinkSettings
from servicekit.links.signed import BadLinkError, Link, Signer
from servicekit.milliseconds import MILLISECOND

SECRET, NEXT = "s" * 32, "n" * 32
MP3 = ObjectId()


def signer(secret: str = SECRET, previous: str = "", mp3_days: int = 0) -> Signer:
    return Signer(LinkSettings(secret, previous, "https://example.com", 7 * DAY, mp3_days))


def signed(link: Link, by: Signer) -> str:
    return by.path(link).removeprefix("/links/")


def test_a_link_is_read_as_it_was_made() -> None:
    link = signer().make([MP3])
    assert signer().read(signed(link, signer())) == link
    assert link.expires - link.made == timedelta(days=7)
    assert signer().url(link) == f"https://example.com{signer().path(link)}"


def test_a_link_may_last_less() -> None:
    link = signer().make([MP3], 1)
    assert link.expires - link.made == timedelta(seconds=1)
    assert not link.is_over
    assert Link((MP3,), link.made, link.made).is_over


def test_a_link_lasts_no_longer_than_its_mp3_is_kept() -> None:
    old = ObjectId.from_datetime(datetime.now(UTC) - timedelta(days=29))
    end = old.generation_time + timedelta(days=30)
    assert signer(mp3_days=30).make([old]).expires == end
    assert signer(mp3_days=90).make([old]).expires < end + timedelta(days=7)


def test_a_link_is_younger_than_what_it_comes_after_whatever_the_clock_says() -> None:
    later = signer().make([MP3]).made + timedelta(hours=1)
    assert signer().make([MP3], after=later).made == later + MILLISECOND
    assert signer().make([MP3], after=later - timedelta(hours=2)).made < later


def test_links_of_the_secret_before_stay_good_and_of_the_one_before_that_do_not() -> None:
    link = signer().make([MP3])
    old = signed(link, signer())
    assert signer(NEXT, SECRET).read(old) == link
    assert signer(NEXT).read(signed(link, signer(NEXT, SECRET))) == link
    with pytest.raises(BadLinkError):
        signer("o" * 32, NEXT).read(old)


@given(st.text() | st.from_regex(r"[\w-]{20,90}\.[\w-]{43}", fullmatch=True))
def test_no_text_is_a_link(text: str) -> None:
    with pytest.raises(BadLinkError):
        signer().read(text)


# Made once: its length, and so the test's draws, depend on the moment at which it is made.
ONE = signed(signer().make([MP3]), signer())


# The last sign has two bits without a meaning.
@given(st.integers(0, len(ONE) - 2), st.sampled_from("aZ09-_."))
def test_a_link_that_is_changed_anywhere_is_none(place: int, other: str) -> None:
    assume(other != ONE[place])
    changed = f"{ONE[:place]}{other}{ONE[place + 1 :]}"
    with pytest.raises(BadLinkError):
        signer().read(changed)


def test_what_the_secret_signs_for_another_purpose_is_no_link() -> None:
    other = URLSafeSerializer(SECRET, salt="other").dumps((str(MP3), 0, 2**50))
    with pytest.raises(BadLinkError):
        signer().read(str(other))
