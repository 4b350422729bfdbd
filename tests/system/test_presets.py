"""A preset and the cut of silences, asked for by both ways to upload."""

from pathlib import Path

import pytest

from tests.support import tus
from tests.support.follow import converted, ended, fetched
from tests.support.media import duration, make, probe
from tests.support.users import User


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tone in two channels, with six seconds of silence in it."""
    tone = "aevalsrc='if(between(t,2,8),0,0.1*sin(880*PI*t))':s=44100:d=10"
    path = tmp_path_factory.mktemp("presets") / "talk.mkv"
    return make(path, "-f", "lavfi", "-i", tone, "-ac", "2", "-c:a", "aac")


def test_a_preset_is_obeyed_and_shown_as_it_was_asked_for(
    user: User, talk: Path, tmp_path: Path
) -> None:
    job = converted(user.client, talk, preset="speech", bitrate="96k")
    assert job["options"] == {"preset": "speech", "bitrate": "96k"}
    mp3 = fetched(user.client, f"/jobs/{job['id']}/mp3", tmp_path / "sound.mp3")
    sound = probe(mp3)["streams"][0]
    assert (sound["channels"], sound["bit_rate"]) == (1, "96000")


def test_silences_are_cut_for_who_asks(user: User, talk: Path, tmp_path: Path) -> None:
    content = talk.read_bytes()
    options = {"silence": "cut", "preset": "podcast"}
    url = tus.begin(user.client, len(content), content, **options).headers["Location"]
    job = ended(user.client, str(tus.id_of(url)))
    assert (job["state"], job["options"]) == ("done", options)
    mp3 = fetched(user.client, f"/jobs/{job['id']}/mp3", tmp_path / "sound.mp3")
    assert 4.3 < duration(mp3) < 5.3
