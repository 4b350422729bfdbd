"""ffmpeg in the hands of a stranger gets at nothing but its own file; each layer holds alone."""

import http.server
import threading
from pathlib import Path

import pytest

from convert import cage
from convert.cage import Cage, Limits
from convert.process import run
from tests.unit.converter.conftest import PICTURE, TONE, Make
from tests.unit.converter.escapes import ESCAPES, STOPPED, escapes

LIMITS = Limits(cpu=60, file_size=2**30)
ALONE = [(layer, name) for layer, names in STOPPED.items() for name in sorted(names)]


@pytest.mark.parametrize("name", ESCAPES)
def test_no_escape_comes_through_the_cage(name: str) -> None:
    assert not escapes(name)


@pytest.mark.parametrize("name", ESCAPES)
def test_without_the_cage_each_escape_would_come_through(name: str) -> None:
    if name != "raise_limits":  # that needs a right which even root may be without
        assert escapes(name, layers=[])


@pytest.mark.parametrize(("layer", "name"), ALONE)
def test_each_layer_holds_with_the_others_off(layer: str, name: str) -> None:
    assert not escapes(name, layers=[layer])


def test_the_one_port_is_open_to_ffmpeg(video: Path, go: threading.Event) -> None:
    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

        def translate_path(self, path: str) -> str:
            return str(video)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            port = server.server_address[1]
            command = ["ffprobe", "-v", "error", f"http://127.0.0.1:{port}/video"]
            assert run(command, 30, go, Cage(LIMITS, port=port)).code == 0
            assert "Operation not permitted" in run(command, 30, go, Cage(LIMITS)).stderr
        finally:
            server.shutdown()
            thread.join()


def test_ffmpegs_threads_start_in_the_cage(make: Make, tmp_path: Path, go: threading.Event) -> None:
    video = make("threads.mp4", *TONE, *PICTURE, "-c:v", "libx264", "-c:a", "aac")
    target = tmp_path / "frame"
    command = ["ffmpeg", "-v", "error", "-threads", "16", "-i", str(video), "-frames:v", "1"]
    ended = run(
        [*command, "-f", "mjpeg", "-y", str(target)],
        30,
        go,
        Cage(LIMITS, reads=(video,), writes=(target,)),
    )
    assert (ended.code, ended.stderr) == (0, "")
    assert target.stat().st_size


def test_a_kernel_without_landlock_is_served_with_the_rest(
    monkeypatch: pytest.MonkeyPatch, go: threading.Event
) -> None:
    monkeypatch.setattr(cage.landlock, "abi", lambda: 0)
    assert "Landlock" not in cage.described()
    assert run(["bash", "-c", "exit 3"], 10, go, Cage(LIMITS)).code == 3


def test_an_unknown_machine_is_told(monkeypatch: pytest.MonkeyPatch, go: threading.Event) -> None:
    monkeypatch.setattr(cage, "NUMBERS", {})
    assert cage.described().startswith("nothing")
    assert run(["bash", "-c", "exit 3"], 10, go, Cage(LIMITS)).code == 3
