"""A job tells which audio tracks its video has, and converts the one that is asked for."""

from pathlib import Path

import pytest

from tests.support import tus
from tests.support.client import Client
from tests.support.files import Mongo, store_video
from tests.support.follow import converted, ended, fetched
from tests.support.mailbox import Mailbox
from tests.support.media import make
from tests.support.sound import RATE, decode
from tests.support.users import User
from tests.support.wait import until

TONES = {"ger": 400, "eng": 800}  # Hz


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tone for each language, the first one marked as the default."""
    tones = [
        word
        for hertz in TONES.values()
        for word in ("-f", "lavfi", "-i", f"sine=frequency={hertz}:sample_rate=44100:duration=2")
    ]
    marks = [
        *("-metadata:s:a:0", "language=ger", "-metadata:s:a:1", "language=eng"),
        *("-metadata:s:a:1", "title=A comment", "-ac:a:1", "2", "-disposition:a:0", "default"),
    ]
    path = tmp_path_factory.mktemp("tracks") / "film.mkv"
    return make(path, *tones, "-map", "0", "-map", "1", "-c:a", "aac", *marks)


def hertz(client: Client, job_id: str, folder: Path) -> float:
    """What the job's MP3 sounds like: the pitch of its only tone."""
    samples, complaints = decode(fetched(client, f"/jobs/{job_id}/mp3", folder / "sound.mp3"))
    assert not complaints
    middle = samples[RATE // 2 : RATE // 2 + RATE]
    return sum(one < 0 <= two for one, two in zip(middle, middle[1:], strict=False))


def test_a_job_lists_its_audio_tracks(user: User, film: Path) -> None:
    job = converted(user.client, film)
    german = {"number": 1, "language": "ger", "title": None, "channels": 1, "default": True}
    english = {"number": 2, "language": "eng", "title": "A comment", "channels": 2}
    same = {"codec": "aac", "sample_rate": 44100}
    assert job["tracks"] == [german | same, english | same | {"default": False}]


@pytest.mark.parametrize(
    ("wanted", "language"), [("", "ger"), ("2", "eng"), ("EN", "eng"), ("deu", "ger")]
)
def test_the_track_that_is_asked_for_is_converted(
    user: User, film: Path, tmp_path: Path, wanted: str, language: str
) -> None:
    options = {"track": wanted} if wanted else {}
    job = converted(user.client, film, **options)
    assert job["options"] == {name: value.lower() for name, value in options.items()}
    assert hertz(user.client, job["id"], tmp_path) == pytest.approx(TONES[language], abs=2)


def test_a_resumable_upload_asks_for_a_track_too(user: User, film: Path, tmp_path: Path) -> None:
    content = film.read_bytes()
    url = tus.begin(user.client, len(content), content, "film.mkv", track="eng").headers["Location"]
    job = ended(user.client, str(tus.id_of(url)))
    assert hertz(user.client, job["id"], tmp_path) == pytest.approx(TONES["eng"], abs=2)


def test_a_track_that_is_not_there_is_told_with_those_that_are(
    user: User, film: Path, mailbox: Mailbox
) -> None:
    job = converted(user.client, film, track="fr")
    told = "there is no audio track fr, only 1 (ger), 2 (eng)"
    assert (job["state"], job["error_code"], job["error"]) == ("failed", "no_such_track", told)
    assert [track["language"] for track in job["tracks"]] == ["ger", "eng"]
    mails = until(lambda: mailbox.mails(user.email), "the mail about it", 30)
    body = mails[0].get_body(("plain",))
    assert body is not None
    assert told in body.get_content()


@pytest.mark.parametrize("stored", [None, "none", 7, {}])
def test_a_job_that_nobody_looked_at_has_no_list(user: User, mongo: Mongo, stored: object) -> None:
    job_id = store_video(mongo, user.email, state="done", tracks=stored)
    assert user.client.request("GET", f"/jobs/{job_id}").json()["tracks"] is None
