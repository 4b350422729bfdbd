"""The command `video2mp3` makes MP3s of files, whatever breaks on the way."""

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import media
from tests.support.client import Client
from tests.support.command import PROGRAM, TIMEOUT, Command
from tests.support.files import Mongo, videos_of
from tests.support.gateway import own_gateway
from tests.support.machine import free_port
from tests.support.process import Process
from tests.support.relay import Relay
from tests.support.stack import Stack
from tests.support.toxics import ResetAfter, Slow
from tests.support.users import PASSWORD, User
from tests.support.wait import until

MIB = 2**20
MEGABYTES = 14  # of a large video
AGAIN = 4 * MIB  # bytes that may be sent again after each break; the promise
BREAKS_AFTER = 600_000  # bytes
UPLOADED = "video2mp3_upload_bytes_total"
NOBODY = "http://127.0.0.1:1"  # tcpmux, which no machine of ours has


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video with sound; do not change it."""
    return media.with_sound(tmp_path_factory.mktemp("cli") / "talk.mp4", 1)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A large one with a second of sound."""
    return media.large(tmp_path_factory.mktemp("cli") / "film.mkv", MEGABYTES)


@pytest.fixture
def command(stack: Stack, user: User, tmp_path: Path) -> Command:
    """The command of a user, in an empty folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    return Command(folder, stack.env["GATEWAY_URL"], user.client.token)


@pytest.fixture
def gateway(stack: Stack) -> Iterator[Process]:
    """One by itself, which counts what comes."""
    with own_gateway(stack) as gateway:
        yield gateway


@pytest.fixture
def relay(gateway: Process) -> Iterator[Relay]:
    """The link to it."""
    with Relay(gateway.url) as relay:
        yield relay


def through(relay: Relay, command: Command) -> Command:
    return Command(command.folder, relay.url, command.token)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def come(mongo: Mongo, user: User) -> int:
    """How many bytes of the user's unfinished upload have come to stay."""
    upload = mongo["videos"]["uploads"].find_one({"username": user.email})
    return upload["stored"] + len(upload["tail"]) if upload else 0


def test_it_is_served_as_it_is_and_kept_by_caches_until_it_changes(stack: Stack) -> None:
    client = Client(stack.env["GATEWAY_URL"])
    answer = client.request("GET", "/cli", {"Accept-Encoding": "identity"})
    assert answer.status_code == 200
    assert answer.content == PROGRAM.read_bytes()
    assert answer.headers["Content-Type"].startswith("text/x-python")
    assert answer.headers["Content-Disposition"] == "attachment; filename=video2mp3"
    known = {"If-None-Match": answer.headers["ETag"], "Accept-Encoding": "identity"}
    assert client.request("GET", "/cli", known).status_code == 304
    assert answer.headers["Cache-Control"] == "no-cache"


def test_a_file_becomes_an_mp3_and_a_pipe_gets_its_name_alone(command: Command, talk: Path) -> None:
    run = command.run(talk, "-o", "sound.mp3", "--title", "Überall", "--bitrate", "64k")
    assert (run.returncode, run.stdout, run.stderr) == (0, "sound.mp3\n", "")
    found = media.probe(command.folder / "sound.mp3")["format"]
    assert found["tags"]["title"] == "Überall"
    assert abs(float(found["duration"]) - 1) < 0.2
    assert names(command.folder) == {"sound.mp3"}
    assert not command.memory


def test_a_folder_gives_all_its_mp3s_and_those_that_cannot_be_are_told(
    command: Command, talk: Path
) -> None:
    source = command.folder / "videos"
    source.mkdir()
    for name in ("a.mp4", "b.MP4", "not\nnice.mp4"):
        (source / name).write_bytes(talk.read_bytes())
    media.silent(source / "silent.mp4", 1)
    (source / "letter.txt").write_text("Dear reader")
    run = command.run("--json", "-d", "mp3s", "videos", talk)
    told = {entry["file"]: entry for entry in map(json.loads, run.stdout.splitlines())}
    made = {"a.mp3", "b.mp3", "not\nnice.mp3", "talk.mp3"}
    assert run.returncode == 1
    assert names(command.folder / "mp3s") == made
    assert {Path(each["mp3"]).name for each in told.values() if each["mp3"]} == made
    silent = told.pop("videos/silent.mp4")
    assert (silent["state"], silent["error"], len(silent["id"])) == ("failed", "no audio track", 24)
    assert run.stderr == "video2mp3: videos/silent.mp4: no audio track\n"
    assert {each["state"] for each in told.values()} == {"done"}
    assert not command.memory


def test_a_terminal_shows_how_far_each_file_is(command: Command, talk: Path) -> None:
    code, shown = command.on_terminal(talk, "-o", "sound.mp3")
    assert code == 0
    steps = ["talk.mp4: uploading 0 %", "talk.mp4: downloading 100 %", "sound.mp3"]
    assert sorted(steps, key=shown.find) == steps
    assert all(step in shown for step in steps)
    code, shown = command.on_terminal(talk, "-o", "quiet.mp3", "--quiet")
    assert (code, shown) == (0, "")


def test_whoever_has_no_token_logs_in_with_a_password(
    command: Command, user: User, talk: Path
) -> None:
    def by(**environ: str) -> Command:
        return Command(command.folder, command.server, "", {"VIDEO2MP3_USER": user.email} | environ)

    code, shown = by().on_terminal(talk, "-o", "typed.mp3", typed=PASSWORD)
    assert code == 0
    assert PASSWORD not in shown
    assert by(VIDEO2MP3_PASSWORD=PASSWORD).run(talk, "-o", "set.mp3").returncode == 0
    assert names(command.folder) == {"typed.mp3", "set.mp3"}
    assert by().run(talk, "-o", "none.mp3").returncode == 2
    assert by(VIDEO2MP3_PASSWORD="wrong").run(talk, "-o", "none.mp3").returncode == 3


def test_an_api_key_is_enough(command: Command, user: User, talk: Path) -> None:
    key = user.client.request("POST", "/keys", data={"name": "nightly"}).json()["key"]
    assert Command(command.folder, command.server, key).run(talk, "-d", ".").returncode == 0
    assert names(command.folder) == {"talk.mp3"}


@pytest.mark.parametrize(
    ("server", "token", "arguments", "code", "says"),
    [
        ("", "nonsense", (), 3, "refuses the login"),
        ("", "no\ntoken", (), 2, "no token has such characters"),
        (NOBODY, "x", ("--timeout", "1"), 4, "Connection refused"),
        ("http://nobody.invalid", "x", (), 4, "name"),
        ("ftp://localhost", "x", (), 2, "no address of a server"),
        ("", "", (), 2, "who are you?"),
        ("", None, ("--bitrate", "1k"), 1, "bitrate must be one of 64k"),
        ("", None, ("more.mp4",), 2, "no such file"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line_and_told_by_the_exit_status(
    command: Command,
    talk: Path,
    server: str,
    token: str | None,
    arguments: tuple[str, ...],
    code: int,
    says: str,
) -> None:
    given = command.token if token is None else token
    run = Command(command.folder, server or command.server, given).run(talk, "-d", ".", *arguments)
    assert run.returncode == code, run.stderr
    (line,) = run.stderr.splitlines()
    assert line.startswith("video2mp3: ")
    assert says in line
    assert not given or given not in run.stderr
    assert run.stdout == ""
    assert names(command.folder) == set()


def test_an_mp3_that_exists_stays_until_it_is_said_what_to_do(command: Command, talk: Path) -> None:
    mp3 = command.folder / "talk.mp3"
    mp3.write_text("mine")
    run = command.run(talk, "-d", ".")
    assert (run.returncode, run.stdout) == (1, "")
    assert "talk.mp3 exists; --force replaces it" in run.stderr
    assert command.run(talk, "-d", ".", "--skip-existing").returncode == 0
    assert mp3.read_text() == "mine"
    assert command.run(mp3, "--force").returncode == 2  # it would take the place of its source
    (command.folder / "talk.mkv").write_bytes(talk.read_bytes())
    run = command.run(talk, "--force", "-d", ".", "talk.mkv")
    assert "both become talk.mp3" in run.stderr
    assert run.returncode == 2
    assert mp3.read_text() == "mine"
    assert command.run(talk, "-d", ".", "--force").returncode == 0
    assert media.duration(mp3) > 0.8


def test_an_upload_that_is_interrupted_goes_on_in_the_next_run(
    command: Command, user: User, mongo: Mongo, film: Path, gateway: Process, relay: Relay
) -> None:
    """By Ctrl-C, and then by kill -9."""
    slow = through(relay, command)
    relay.poison(Slow(4 * MIB))
    before = 0
    for number, code in ((signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)):
        with slow.start(film, "-d", ".") as process:
            until(lambda before=before: come(mongo, user) > before, "bytes come")  # type: ignore[misc]
            process.send_signal(number)
            _, said = process.communicate(timeout=TIMEOUT)
        assert process.returncode == code
        assert ("the same command goes on" in said) == (number == signal.SIGINT)
        assert "Traceback" not in said
        until(lambda: gateway.metric("video2mp3_uploads_in_flight") == 0, "the gateway saw its end")
        before = come(mongo, user)
    assert names(command.folder) == set()
    sent = gateway.metric(UPLOADED)
    assert sent - before <= 2 * AGAIN
    relay.resume()
    run = slow.run(film, "-d", ".")
    assert run.returncode == 0, run.stderr
    assert gateway.metric(UPLOADED) - sent == film.stat().st_size - before
    assert len(videos_of(mongo, user.email)) == 1
    assert media.duration(command.folder / "film.mp3") > 0.8


def test_an_upload_outlives_its_gateway(
    stack: Stack, command: Command, user: User, mongo: Mongo, film: Path
) -> None:
    port = free_port()
    with Relay(f"http://127.0.0.1:{port}") as relay:
        relay.poison(Slow(4 * MIB))
        with own_gateway(stack, PORT=str(port)) as gateway:
            process = through(relay, command).start(film, "-d", ".")
            before = until(lambda: come(mongo, user), "bytes come")
            gateway.kill()
        relay.resume()
        with own_gateway(stack, PORT=str(port)) as gateway, process:
            _, said = process.communicate(timeout=TIMEOUT)
            assert (process.returncode, said) == (0, "")
            assert gateway.metric(UPLOADED) <= film.stat().st_size - before
    assert len(videos_of(mongo, user.email)) == 1
    assert media.duration(command.folder / "film.mp3") > 0.8


@pytest.fixture
def no_converters(stack: Stack) -> Iterator[Callable[[], None]]:
    """Jobs stay in the queue until this is called."""

    def go_on() -> None:
        stack.signal("CONT", "converter:*")

    stack.signal("STOP", "converter:*")
    yield go_on
    go_on()


def test_a_job_of_an_interrupted_run_is_waited_for_and_not_made_again(
    command: Command, user: User, mongo: Mongo, talk: Path, no_converters: Callable[[], None]
) -> None:
    with command.start(talk, "-d", ".") as process:
        (job,) = until(lambda: videos_of(mongo, user.email), "the job is made")
        process.kill()
    with command.start(talk, "-d", ".") as process:
        no_converters()
        assert process.wait(TIMEOUT) == 0
    assert [found["_id"] for found in videos_of(mongo, user.email)] == [job["_id"]]
    assert names(command.folder) == {"talk.mp3"}
    assert not command.memory


def test_a_link_that_breaks_again_and_again_costs_no_file(
    command: Command, tmp_path: Path, relay: Relay
) -> None:
    """Each connection passes less than a third of the MP3, which only by ranges comes whole."""
    sound = media.make(
        tmp_path / "long.m4a", "-f", "lavfi", "-i", "sine=duration=60", "-b:a", "48k"
    )
    relay.poison(ResetAfter(BREAKS_AFTER))
    run = through(relay, command).run(sound, "-d", ".", "--bitrate", "320k")
    assert (run.returncode, run.stderr) == (0, "")
    assert names(command.folder) == {"long.mp3"}
    assert (command.folder / "long.mp3").stat().st_size > 3 * BREAKS_AFTER
    assert abs(media.duration(command.folder / "long.mp3") - 60) < 0.2
