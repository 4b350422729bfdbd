"""From a video on the desk to an MP3 in the ear."""

import base64
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.screen import Screen
from tests.support import media

DROP = """([name, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([Uint8Array.from(atob(bytes), c => c.charCodeAt(0))], name));
  for (const type of ["dragenter", "dragover", "drop"]) {
    const event = new DragEvent(type, {dataTransfer: data, bubbles: true, cancelable: true});
    document.querySelector("main").dispatchEvent(event);
  }
}"""


def test_several_videos_become_mp3s_that_play_and_download(
    screen: Screen, videos: dict[str, Path], tmp_path: Path
) -> None:
    content = videos["sound"].read_bytes()
    screen.add(
        {"name": "concert.mp4", "mimeType": "video/mp4", "buffer": content},
        {"name": "Übung №2.mp4", "mimeType": "video/mp4", "buffer": content},
    )
    screen.shows("concert.mp4", "Ready")
    screen.shows("Übung №2.mp4", "Ready")

    screen.press("Play", "concert.mp4")
    screen.plays()
    expect(screen.page.get_by_role("region", name="Player")).to_contain_text("concert.mp4")

    with screen.page.expect_download() as download:
        screen.press("Download", "Übung №2.mp4")
    assert download.value.suggested_filename == "Übung №2.mp3"
    mp3 = tmp_path / "got.mp3"
    download.value.save_as(mp3)
    assert media.probe(mp3)["format"]["format_name"] == "mp3"
    assert abs(media.duration(mp3) - media.duration(videos["sound"])) < 0.1


def test_the_options_of_the_fold_are_obeyed(
    screen: Screen, videos: dict[str, Path], tmp_path: Path
) -> None:
    page = screen.page
    page.get_by_text("Sound options").click()
    page.get_by_label("Quality").select_option("bitrate=96k")
    page.get_by_label("Channels").select_option("Stereo")
    page.get_by_label("Sampling rate").select_option("32 kHz")
    page.get_by_label("From").fill("0:01")
    page.get_by_label("Cover picture at").fill("1")
    page.get_by_label("Even loudness").check()
    page.get_by_label("Artist").fill("Ada")
    screen.add(videos["sound"])
    screen.shows("concert.mp4", "Ready")
    screen.shows("concert.mp4", "96 kbit/s, stereo, 32 kHz, even loudness, from 0:01")
    with page.expect_download() as download:
        screen.press("Download", "concert.mp4")
    mp3 = tmp_path / "got.mp3"
    download.value.save_as(mp3)
    found = media.probe(mp3)
    sound = next(stream for stream in found["streams"] if stream["codec_type"] == "audio")
    assert (sound["channels"], sound["sample_rate"]) == (2, "32000")
    assert found["format"]["tags"]["artist"] == "Ada"
    assert any(stream["codec_type"] == "video" for stream in found["streams"])
    assert abs(media.duration(mp3) - 2) < 0.1


def test_a_preset_a_track_and_the_cut_of_silences_are_asked_for(
    screen: Screen, videos: dict[str, Path]
) -> None:
    page = screen.page
    page.get_by_text("Sound options").click()
    page.get_by_label("Made for").select_option("Speech")
    page.get_by_label("Audio track").fill("1")
    page.get_by_label("Cut silences").check()
    screen.add(videos["sound"])
    screen.shows("concert.mp4", "Ready")
    screen.shows("concert.mp4", "for speech, silences cut, track 1")


def test_a_track_that_is_not_there_is_told_with_those_that_are(
    screen: Screen, videos: dict[str, Path]
) -> None:
    screen.page.get_by_text("Sound options").click()
    screen.page.get_by_label("Audio track").fill("2")
    screen.add(videos["sound"])
    screen.shows("concert.mp4", "Failed: there is no audio track 2, only 1")


def test_a_time_that_is_none_keeps_the_files_back(screen: Screen, videos: dict[str, Path]) -> None:
    screen.page.get_by_text("Sound options").click()
    screen.page.get_by_label("From").fill("soon")
    screen.add(videos["sound"])
    expect(screen.page.get_by_label("From")).to_be_focused()
    expect(screen.page.get_by_label("From")).to_have_attribute("aria-invalid", "true")
    expect(screen.notice).to_contain_text("Nothing was added")
    expect(screen.row("concert.mp4")).to_have_count(0)
    screen.page.get_by_label("From").fill("0:01")
    screen.add(videos["sound"])
    expect(screen.notice).to_have_count(0)
    screen.shows("concert.mp4", "Uploading|stored|In the queue|Converting|Ready")


def test_a_video_without_sound_fails_with_the_reason_and_can_be_tried_again(
    screen: Screen, videos: dict[str, Path]
) -> None:
    screen.add(videos["silent"])
    screen.shows("silent film.mp4", "Failed: .*no audio")
    screen.press("Try again", "silent film.mp4")
    screen.shows("silent film.mp4", "In the queue|Converting")
    screen.shows("silent film.mp4", "Failed: .*no audio")


def test_what_is_no_video_fails_with_the_reason(screen: Screen, videos: dict[str, Path]) -> None:
    screen.add(videos["text"])
    screen.shows("letter.mp4", "Failed: .*not a media file")


def test_a_dropped_file_is_taken(screen: Screen, videos: dict[str, Path]) -> None:
    content = base64.b64encode(videos["sound"].read_bytes()).decode()
    screen.page.evaluate(DROP, ["dropped.mp4", content])
    screen.shows("dropped.mp4", "Ready")
