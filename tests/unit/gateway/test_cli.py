"""The command for terminals: what it runs on, what it offers, and whom it trusts."""

import ast
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import video2mp3
from servicekit.jobs import options
from tests.support import certificate
from tests.support.closing import Closing
from tests.support.command import PROGRAM, Command

OLDEST = (3, 9)  # of the Pythons that it runs on


class Listener(Closing):
    """A server that sends every request on to another address, and notes what it got."""

    def __init__(self, to: str = "") -> None:
        self.got: list[str] = []
        noted = self.got

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                noted.append(f"{self.command} {self.headers}")
                self.send_response(308)
                self.send_header("Location", to)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_HEAD = do_PATCH = do_POST

            def log_message(self, *_: object) -> None:
                """Nothing: it is no part of the test's output."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def elsewhere() -> Iterator[Listener]:
    with Listener() as listener:
        yield listener


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One with a video, as far as its name goes."""
    (tmp_path / "here").mkdir()
    (tmp_path / "here/talk.mp4").write_text("x")
    return tmp_path / "here"


def test_it_is_written_in_the_oldest_python_that_it_promises() -> None:
    ast.parse(PROGRAM.read_text(encoding="utf-8"), feature_version=OLDEST)


def test_it_offers_the_options_that_the_server_has() -> None:
    assert tuple(video2mp3.OPTIONS) == options.NAMES


def test_no_server_gets_the_token_by_being_named_by_another(
    folder: Path, elsewhere: Listener
) -> None:
    with Listener(f"http://127.0.0.1:{elsewhere.port}/uploads") as first:
        run = Command(folder, f"http://127.0.0.1:{first.port}", "secret").run("talk.mp4")
    assert run.returncode == 4
    assert f"is now http://127.0.0.1:{elsewhere.port}/uploads: use --server" in run.stderr
    assert "Bearer secret" in "".join(first.got)
    assert not elsewhere.got
    server = video2mp3.Server(f"http://127.0.0.1:{first.port}", None)
    assert server.path_of("/uploads/1") == server.path_of(f"{server.url}/uploads/1") == "/uploads/1"
    for url in (f"http://127.0.0.1:{elsewhere.port}/uploads/1", "//other/1", f"{server.url}1/1"):
        with pytest.raises(video2mp3.AwayError):
            server.path_of(url)


def test_a_server_is_trusted_by_its_certificate_only(folder: Path, tmp_path: Path) -> None:
    context, trusted = certificate.make(tmp_path)
    with Listener("the right one") as secure:
        secure.server.socket = context.wrap_socket(secure.server.socket, server_side=True)
        command = Command(folder, f"https://localhost:{secure.port}", "secret")
        run = command.run("talk.mp4")
        assert run.returncode == 4
        assert "certificate is not good" in run.stderr
        assert not secure.got
        assert "the right one" in command.run("talk.mp4", "--cacert", trusted).stderr
        known = Command(folder, command.server, "secret", {"SSL_CERT_FILE": str(trusted)})
        assert "the right one" in known.run("talk.mp4").stderr


@pytest.mark.parametrize(
    ("name", "taken"),
    [("a.mp4", True), ("B.MKV", True), ("a.m2ts", True), ("a.mp3", False), ("a.mp4.part", False)],
)
def test_of_a_folder_it_takes_video_and_sound_but_no_mp3(
    tmp_path: Path, name: str, taken: bool
) -> None:
    (tmp_path / "other.wav").touch()
    (tmp_path / name).touch()
    assert (tmp_path / name in video2mp3.media_at(tmp_path)) == taken
