"""A whole video becomes an MP3; whatever is not one is told in words for its user."""

import http.server
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from servicekit.errors import StoppedError
from tests.support.media import duration, probe
from tests.unit.converter.conftest import CODECS, PICTURE, TONE, Make
from tests.unit.converter.engine import convert, reason

UPLOAD = "upload"  # without a suffix, as the converter names its input: ffmpeg would believe one


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "sound.mp3"


def cut(path: Path, target: Path, share: float) -> Path:
    """The first `share` of a file, as a broken-off transfer leaves it."""
    data = path.read_bytes()
    target.write_bytes(data[: int(len(data) * share)])
    return target


def test_a_video_becomes_an_mp3_of_the_same_length(video: Path, target: Path) -> None:
    convert(video, target)
    form = probe(target)["format"]
    assert form["format_name"] == "mp3"
    assert float(form["duration"]) == pytest.approx(4.0, abs=0.1)


def test_file_calls_the_result_an_audio_file_with_id3(video: Path, target: Path) -> None:
    convert(video, target)
    named = subprocess.run(["file", "-b", target], check=True, capture_output=True, timeout=10)
    assert named.stdout.decode().startswith("Audio file with ID3 version 2.4.0")


def test_title_artist_and_chapters_survive(make: Make, tmp_path: Path, target: Path) -> None:
    notes = tmp_path / "notes.txt"
    chapter = "[CHAPTER]\nTIMEBASE=1/1000\nSTART={}\nEND={}\ntitle={}\n"
    notes.write_text(
        ";FFMETADATA1\ntitle=A Song\nartist=The Band\n"
        + chapter.format(0, 2000, "One")
        + chapter.format(2000, 4000, "Two")
    )
    tagged = make("tagged.mp4", *TONE, *PICTURE, "-i", str(notes), "-map_metadata", "2", *CODECS)
    convert(tagged, target)
    found = probe(target)
    tags = found["format"]["tags"]
    assert (tags["title"], tags["artist"]) == ("A Song", "The Band")
    assert [c["tags"]["title"] for c in found["chapters"]] == ["One", "Two"]


@pytest.mark.parametrize("name", ["brands.mp4", "brands.mkv"])
def test_what_a_container_says_of_itself_is_no_tag(name: str, make: Make, target: Path) -> None:
    brands = ("-metadata", "compatible_brands=isomavc1", "-metadata", "title=A Song")
    convert(make(name, *TONE, *PICTURE, *CODECS, *brands), target)
    assert probe(target)["format"]["tags"] == {"title": "A Song"}


@pytest.mark.parametrize("name", ["a.mkv", "a.webm", "a.avi", "a.mov", "a.ts", "a.flv", "a.wav"])
def test_every_common_container_is_converted(name: str, make: Make, target: Path) -> None:
    codecs = {
        "a.webm": ("-c:v", "libvpx", "-c:a", "libopus"),
        "a.flv": ("-c:v", "flv", "-c:a", "aac"),
        "a.wav": ("-map", "0:a"),
    }.get(name, CODECS)
    convert(make(name, *TONE, *PICTURE, *codecs), target)
    assert duration(target) == pytest.approx(4, abs=0.2)


def test_a_text_file_is_not_a_media_file(tmp_path: Path, target: Path) -> None:
    source = tmp_path / UPLOAD
    source.write_text("This is no video.\n" * 1000)
    assert reason(source, target) == "not a media file"


@pytest.mark.parametrize("name", ["a.w64", "a.voc", "a.nut", "a.tta", "a.rm", "a.swf"])
def test_a_container_that_nobody_records_in_is_not_opened(
    name: str, make: Make, target: Path
) -> None:
    codecs = {"a.rm": ("-c:a", "ac3"), "a.swf": ("-ar", "44100", "-c:a", "mp3")}.get(name, ())
    assert reason(make(name, *TONE, *codecs), target) == "not a media file"


def test_an_empty_file_is_told_as_empty(tmp_path: Path, target: Path) -> None:
    source = tmp_path / UPLOAD
    source.touch()
    assert reason(source, target) == "the file is empty"


def test_a_video_without_sound_has_no_audio_track(make: Make, target: Path) -> None:
    assert reason(make("mute.mp4", *PICTURE, *CODECS), target) == "no audio track"


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("name", ["end.mp4", "start.mp4", "cut.mkv"])
def test_a_truncated_video_is_told_as_cut_off(
    name: str, share: float, make: Make, tmp_path: Path, target: Path
) -> None:
    front = ("-movflags", "+faststart") if name == "start.mp4" else ()
    whole = make(name, *TONE, *PICTURE, *CODECS, *front)
    assert reason(cut(whole, tmp_path / UPLOAD, share), target) == "the file is cut off"


def test_progress_rises_to_the_whole(video: Path, target: Path) -> None:
    seen: list[float] = []
    convert(video, target, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(100, abs=3)


def test_a_job_past_its_time_limit_is_a_timeout(video: Path, target: Path) -> None:
    with pytest.raises(TimeoutError):
        convert(video, target, limit=0.0)


def test_a_broken_off_job_is_stopped(video: Path, target: Path) -> None:
    abort = threading.Event()
    abort.set()
    with pytest.raises(StoppedError):
        convert(video, target, abort=abort)


@pytest.fixture
def canary() -> Iterator[tuple[str, list[str]]]:
    """A web server that notes who asks it, and its address."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:
            """Notes in `asked` are enough."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()


PLAYLISTS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:4,\n{}\n#EXT-X-ENDLIST\n",
    "concat": "ffconcat version 1.0\nfile '{}'\n",
    "dash": (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT4S" profiles="urn:mpeg:dash:profile:isoff-main:2011">'
        '<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1">'
        "<BaseURL>{}</BaseURL></Representation></AdaptationSet></Period></MPD>"
    ),
}


@pytest.mark.parametrize("kind", PLAYLISTS)
def test_a_playlist_sent_as_a_video_opens_no_other_file(
    kind: str, video: Path, tmp_path: Path, target: Path
) -> None:
    source = tmp_path / UPLOAD
    source.write_text(PLAYLISTS[kind].format(video))
    assert reason(source, target) == "not a media file"
    assert not target.exists()


@pytest.mark.parametrize("kind", PLAYLISTS)
def test_a_playlist_sent_as_a_video_asks_no_host(
    kind: str, canary: tuple[str, list[str]], tmp_path: Path, target: Path
) -> None:
    url, asked = canary
    source = tmp_path / UPLOAD
    source.write_text(PLAYLISTS[kind].format(f"{url}/clip.mp4"))
    assert reason(source, target) == "not a media file"
    assert asked == []
