"""run-demo.sh on the local stack."""

import subprocess
from pathlib import Path

import pytest

from tests.support import media
from tests.support.project import ROOT
from tests.support.recordings import SEGMENT, TRAILER, Library, Recording
from tests.support.stack import Stack

DEMO_TIMEOUT = 300  # seconds
CLOSING = """
==========================================
Demo Complete!
==========================================

What happens next:
  1. Converter workers are processing the video → MP3
  2. When complete, notification service will send email to: dksahuji@gmail.com
  3. Email subject: 'MP3 Download'
  4. Email body: 'mp3 file_id: <ObjectId> is now ready!'

Monitor progress:
  kubectl logs -l app=converter -f    # Watch conversion
  kubectl logs -l app=notification -f # Watch email sending

Check your email inbox for the notification!
"""


def demo(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "run-demo.sh", *arguments],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        timeout=DEMO_TIMEOUT,
    )


def test_the_demo_ends_with_the_mp3_of_its_own_sample(stack: Stack, tmp_path: Path) -> None:
    run = demo(tmp_path, "--local")
    assert run.returncode == 0, run.stdout + run.stderr
    assert CLOSING in run.stdout
    assert [f"Step {n}:" in run.stdout for n in range(1, 7)] == [True] * 6
    assert run.stdout.rstrip().endswith(f"Your MP3: {tmp_path}/mp3_download.mp3")
    assert (tmp_path / "token.txt").stat().st_mode & 0o777 == 0o600
    assert abs(media.duration(tmp_path / "mp3_download.mp3") - 10) <= 0.1


def test_the_demo_takes_the_users_own_video_whatever_its_name(stack: Stack, tmp_path: Path) -> None:
    media.with_sound(tmp_path / 'my "own"; video.mp4', 4)
    run = demo(tmp_path, "--local", 'my "own"; video.mp4')
    assert run.returncode == 0, run.stdout + run.stderr
    assert not (tmp_path / "sample.mp4").exists()


@pytest.mark.parametrize(
    "recording",
    [
        pytest.param(TRAILER, id="a trailer whose sound ends before its picture"),
        pytest.param(SEGMENT, id="a segment whose header says less than there is"),
    ],
)
def test_the_demo_takes_a_real_recording_whatever_its_header_says_of_its_length(
    stack: Stack, library: Library, tmp_path: Path, recording: Recording
) -> None:
    run = demo(tmp_path, "--local", str(library[recording]))
    assert run.returncode == 0, run.stdout + run.stderr
    seconds = media.duration(tmp_path / "mp3_download.mp3")
    assert seconds == pytest.approx(recording.seconds, abs=0.1)


def test_a_video_that_cannot_be_converted_ends_the_demo_with_the_reason(
    stack: Stack, tmp_path: Path
) -> None:
    (tmp_path / "letter.mp4").write_text("Dear reader,\n" * 100)
    run = demo(tmp_path, "--local", "letter.mp4")
    assert run.returncode == 1
    assert "Step 6: the mail says: video file_id:" in run.stderr
    assert "Next:" in run.stderr


@pytest.mark.parametrize(
    "arguments",
    [["missing.mp4"], ["empty.mp4"], ["."], ["--nonsense"], ["--local", "--cluster"], ["a", "b"]],
)
def test_misuse_ends_the_demo_at_once_with_code_2(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "empty.mp4").touch()
    run = demo(tmp_path, *arguments)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr
