#!/usr/bin/env python3
"""Turn videos into MP3s on a Video2MP3 server: `video2mp3 talk.mp4` writes talk.mp3.

The gateway serves this file at /cli. It needs Python 3.9 and nothing else.
"""

from __future__ import annotations

import argparse
import base64
import getpass
import hashlib
import http.client
import io
import json
import os
import re
import socket
import ssl
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any, Callable, TypeVar
from urllib.parse import urljoin, urlsplit

T = TypeVar("T")

SERVER = "http://video2mp3.com"
CONNECT_TIMEOUT = 10.0  # seconds
SILENCE = 60.0  # seconds without a byte, after which a connection is given up
WAIT = 30  # seconds of a long poll; below SILENCE
POLL_GAP = 1.0  # seconds between two polls, where the server has no place for a long one
FIRST_GAP, LAST_GAP = 0.5, 30.0  # seconds between two attempts; each gap is twice the one before
PIECE = 64 * 1024  # bytes; Python wants each sent within SILENCE, so a slow link needs small ones
MAX_TEXT = 1000  # bytes of an error's text
MEMORY_LIFE = 30 * 86400.0  # seconds; the server keeps an unfinished upload for a day

DONE, FAILED, USAGE, REFUSED, AWAY, INTERRUPTED = 0, 1, 2, 3, 4, 130
BUSY = (408, 429, 502, 503, 504)  # statuses after which the same request is sent again
OUTRUN = (404, 409, 410)  # of an upload that is gone, or not where this command believes it is
TUS = {"Tus-Resumable": "1.0.0"}

# What is taken from a folder: what the server takes, but not .mp3, which is there already.
MEDIA = re.compile(
    r"\.(3g[2p]|aac|ac3|aiff?|amr|ape|asf|au|avi|caf|flac|flv|m2?ts|m4[abv]|mk[av]|mov|mp4|mpe?g"
    r"|mxf|og[agv]|opus|ts|vob|wav|webm|wm[av]|wv)",
    re.IGNORECASE,
)

# By the names that they have in the API; the server checks the values.
OPTIONS = {
    "preset": "speech, podcast or music",
    "bitrate": "a constant rate, 64k to 320k",
    "quality": "a variable rate, 0 (best) to 9",
    "channels": "1 or 2",
    "sample_rate": "16000 to 48000",
    "track": "an audio track, by its number or language",
    "start": "where to begin, in seconds or h:mm:ss",
    "end": "where to end",
    "normalize": "yes: even loudness by EBU R128",
    "silence": "cut: no silence stays longer than a second",
    "cover": "the time of the frame that becomes the cover art",
    "title": "a tag; without it the video's own is kept",
    "artist": "the same",
    "album": "the same",
    "webhook": "a URL that is told how the job ends",
}

EPILOG = """\
Environment:
  VIDEO2MP3_TOKEN     an API key (the page's "Account" makes one) or a token
  VIDEO2MP3_USER      without one, the address to log in with; the password is asked for
  VIDEO2MP3_PASSWORD  ... unless it is here
  VIDEO2MP3_SERVER    the server, as --server
  SSL_CERT_FILE       the authorities to trust; --cacert goes before it

Exit status: 0 every MP3 is there; 1 one at least is not; 2 wrong usage; 3 the login is refused;
4 the server cannot be reached or stays busy; 130 interrupted. Of several, the highest.

What was interrupted goes on where it stopped when the same command is run again, with
--skip-existing past what is done.
"""


class CommandError(Exception):
    """Why there is no MP3, for a person; `code` is the exit status."""

    code = FAILED


class UsageError(CommandError):
    """The command is wrong."""

    code = USAGE


class LoginError(CommandError):
    """The server does not know who this is; no other file fares better."""

    code = REFUSED


class AwayError(CommandError):
    """There is no server, or none that has time in time; no other file fares better."""

    code = AWAY


class RefusedError(CommandError):
    """The server does not do what it is asked, and says why."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class BusyError(Exception):
    """Not now: to be tried again, after `seconds` at the earliest."""

    def __init__(self, text: str, seconds: float = 0) -> None:
        super().__init__(text)
        self.seconds = seconds


# --- the server


@dataclass(frozen=True)
class Answer:
    """A whole answer."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def job(self) -> dict[str, Any]:
        """The job in it; AwayError when somebody else answered."""
        try:
            found = json.loads(self.body)
        except ValueError:
            found = None
        if not isinstance(found, dict) or "state" not in found:
            raise AwayError("what answers is no Video2MP3 server")
        return found


class Server:
    """One server; a request has a connection of its own, and never goes on to another server."""

    def __init__(self, url: str, cacert: str | None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
            raise UsageError(f"{url} is no address of a server, like {SERVER}")
        self.url, self.token = f"{parts.scheme}://{parts.netloc}", ""
        try:
            self._place = parts.hostname, parts.port
            secure = parts.scheme == "https"
            self._tls = ssl.create_default_context(cafile=cacert) if secure else None
        except (OSError, ValueError) as error:
            raise UsageError(f"{cacert or url}: {error}") from error

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None) -> Answer:
        """The whole answer; as `exchange`."""
        with self.exchange(method, path, headers or {}) as response, _link():
            return Answer(response.status, response.headers, response.read())

    @contextmanager
    def exchange(
        self, method: str, path: str, headers: dict[str, str], body: Iterable[bytes] | None = None
    ) -> Iterator[http.client.HTTPResponse]:
        """The answer, not read yet; BusyError, RefusedError, LoginError, AwayError."""
        own = {"Connection": "close", "User-Agent": "video2mp3"}
        if self.token:
            own["Authorization"] = f"Bearer {self.token}"
        with _link():
            connection = self._connect()
        try:
            with _link():
                # Who takes no more of a body has answered before its end.
                with suppress(BrokenPipeError, ConnectionResetError):
                    connection.request(method, path, body, {**own, **headers})
                response = connection.getresponse()
                self._check(response)
            yield response
        finally:
            connection.close()

    def path_of(self, url: str) -> str:
        """The path of an address that the server told; AwayError when it is elsewhere."""
        whole = urljoin(self.url, url)
        if not whole.startswith(f"{self.url}/"):
            raise AwayError(f"{self.url} wants an upload at {whole}")
        return whole[len(self.url) :]

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._place
        connection = (
            http.client.HTTPSConnection(host, port, timeout=CONNECT_TIMEOUT, context=self._tls)
            if self._tls
            else http.client.HTTPConnection(host, port, timeout=CONNECT_TIMEOUT)
        )
        connection.connect()
        connection.sock.settimeout(SILENCE)
        return connection

    def _check(self, response: http.client.HTTPResponse) -> None:
        """Raise what the status stands for, unless that is success."""
        status = response.status
        if status < 300 or status == http.client.NOT_MODIFIED:
            return
        text = _text(response)
        if status == http.client.UNAUTHORIZED:
            raise LoginError(f"{self.url} refuses the login")
        if status < 400:
            raise AwayError(f"{self.url} is now {response.getheader('Location')}: use --server")
        if status in BUSY:
            raise BusyError(text, _number(response.getheader("Retry-After")))
        raise RefusedError(status, text)


@contextmanager
def _link() -> Iterator[None]:
    """What fails inside is the network: BusyError, but AwayError where no waiting helps."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise AwayError(f"the server's certificate is not good: {error.verify_message}") from error
    except (OSError, http.client.HTTPException) as error:
        text = getattr(error, "strerror", None) or str(error) or "no answer"
        if isinstance(error, socket.gaierror) and error.errno == socket.EAI_NONAME:
            raise AwayError(f"the server's name: {text}") from error
        raise BusyError(text) from error


def _text(response: http.client.HTTPResponse) -> str:
    """An error's: the server's own, or the status where a proxy speaks HTML."""
    body = response.read(MAX_TEXT).decode(errors="replace").strip()
    if response.headers.get_content_type() == "text/plain" and body:
        return body
    return f"{response.status} {response.reason}"


def _number(header: str | None) -> int:
    return int(header) if header and header.isdecimal() else 0


def _base64(text: str) -> str:
    return base64.b64encode(text.encode(errors="replace")).decode()


class Patience:
    """How long to try without getting on: `timeout` seconds from the first failure on."""

    def __init__(self, timeout: float, tell: Callable[[str], None]) -> None:
        self._timeout, self._tell = timeout, tell
        self.went_on()

    def went_on(self) -> None:
        """Something was done: the next failure is the first one again."""
        self._end, self._gap = 0.0, FIRST_GAP

    def again(self, step: Callable[[], T]) -> T:
        """What `step` comes to, however often it is to be tried; AwayError after the timeout."""
        while True:
            try:
                result = step()
            except BusyError as error:
                self._wait(error)
            else:
                self.went_on()
                return result

    def _wait(self, error: BusyError) -> None:
        now = time.monotonic()
        self._end = self._end or now + self._timeout
        left = self._end - now
        if left <= 0 or error.seconds > left:
            raise AwayError(f"given up after {self._timeout:g} s: {error}") from error
        self._tell(f"waiting: {error}")
        time.sleep(min(max(self._gap, error.seconds), left))
        self._gap = min(self._gap * 2, LAST_GAP)


# --- one file


class Memory:
    """Where the upload of one file is, from run to run until its MP3 is saved.

    The job that an upload becomes has its address too, so nothing else need be known. Where no file
    can be written, nothing is remembered.
    """

    def __init__(self, *what: object) -> None:
        home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state"
        key = json.dumps([str(part) for part in what]).encode()
        self._file = Path(home, "video2mp3", hashlib.sha256(key).hexdigest()[:32])

    def recall(self) -> str:
        """The upload's path; empty when there is none."""
        try:
            return self._file.read_text(encoding="ascii")
        except (OSError, ValueError):
            return ""

    def keep(self, path: str) -> None:
        """Remember it, and no more what nobody came back for."""
        with suppress(OSError):
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            for old in self._file.parent.iterdir():
                if old.stat().st_mtime < time.time() - MEMORY_LIFE:
                    old.unlink()
            fresh = self._file.with_suffix(f".{os.getpid()}")
            fresh.write_text(path, encoding="ascii")
            fresh.replace(self._file)

    def forget(self) -> None:
        """There is nothing to go on with."""
        with suppress(OSError):
            self._file.unlink()


@dataclass
class Conversion:
    """One file on its way; `show` tells how far it is.

    What its steps raise: CommandError, and OSError for a file of this machine.
    """

    server: Server
    source: Path
    size: int
    options: dict[str, str]
    memory: Memory
    patience: Patience
    show: Callable[[str], None]
    reached: int = 0  # bytes that the server is known to have

    def upload(self) -> str:
        """The id of the job that the file becomes, or has become in an earlier run."""
        with self.source.open("rb") as file:
            return self.patience.again(partial(self._upload, file))

    def wait(self, job_id: str) -> dict[str, Any]:
        """The job, done or failed."""
        etag = ""
        while True:
            answer = self.patience.again(partial(self._look, job_id, etag))
            if answer.status == http.client.OK:
                job, etag = answer.job(), answer.headers.get("ETag", "")
                if job["state"] in ("done", "failed"):
                    return job
                converting = job["state"] == "converting"
                self.show(f"converting {job['percent']:.0f} %" if converting else job["state"])

    def save(self, job: dict[str, Any], target: Path) -> None:
        """Write the MP3 of a done job to `target`, whole or not at all."""
        # Named by the MP3 too: what an earlier run left is of the very same bytes.
        part = target.with_name(f"{target.name}.{job['mp3_fid']}.part")
        part.touch()
        with part.open("r+b") as file:
            self.patience.again(partial(self._download, file, job))
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)

    def _upload(self, file: IO[bytes]) -> str:
        path, offset, job_id = self._found() or (self._begun(), 0, "")
        if job_id:
            return job_id
        headers = {
            **TUS,
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": str(offset),
            "Content-Length": str(self.size - offset),
        }
        try:
            with self.server.exchange("PATCH", path, headers, self._rest(file, offset)) as answer:
                job_id = answer.getheader("X-Job-Id", "")
        except RefusedError as error:
            if error.status not in OUTRUN:
                raise
            raise BusyError(str(error)) from error
        if not job_id:
            raise BusyError("the upload broke off")
        return job_id

    def _found(self) -> tuple[str, int, str] | None:
        """Path, offset and job of the upload that is remembered, if the server still has it."""
        path = self.memory.recall()
        if not path.startswith("/"):
            return None
        try:
            headers = self.server.ask("HEAD", path, TUS).headers
        except RefusedError as error:
            if error.status in OUTRUN:
                return None
            raise
        offset = _number(headers.get("Upload-Offset"))
        if offset > self.reached:
            self.reached = offset
            self.patience.went_on()
        return path, offset, headers.get("X-Job-Id", "")

    def _begun(self) -> str:
        """The path of a new upload."""
        given = {"filename": self.source.name, **self.options}
        metadata = ",".join(f"{name} {_base64(value)}" for name, value in given.items())
        headers = {**TUS, "Upload-Length": str(self.size), "Upload-Metadata": metadata}
        answer = self.server.ask("POST", "/uploads", headers)
        path = self.server.path_of(answer.headers.get("Location", ""))
        self.memory.keep(path)
        return path

    def _rest(self, file: IO[bytes], offset: int) -> Iterator[bytes]:
        """The file from there on; CommandError, also for what the system says."""
        while offset < self.size:
            self.show(f"uploading {offset * 100 // self.size} %")
            try:
                file.seek(offset)
                piece = file.read(min(PIECE, self.size - offset))
            except OSError as error:
                raise CommandError(f"cannot be read: {error.strerror}") from error
            if not piece:
                raise CommandError("was changed while it was uploaded")
            yield piece
            offset += len(piece)

    def _look(self, job_id: str, etag: str) -> Answer:
        """At the job: at once, or when it is no longer that of `etag`."""
        asked = time.monotonic()
        path = f"/jobs/{job_id}?wait={WAIT if etag else 0}"
        answer = self.server.ask("GET", path, {"If-None-Match": etag} if etag else {})
        if answer.status == http.client.NOT_MODIFIED and time.monotonic() - asked < POLL_GAP:
            time.sleep(POLL_GAP)
        return answer

    def _download(self, file: IO[bytes], job: dict[str, Any]) -> None:
        """Add to `file` what it lacks; BusyError when not all of it comes."""
        at, size = file.seek(0, os.SEEK_END), job["mp3_bytes"]
        if at == size:
            return
        path, headers = f"/jobs/{job['id']}/mp3", {"Range": f"bytes={at}-"}
        with self.server.exchange("GET", path, headers) as answer:
            if answer.status != http.client.PARTIAL_CONTENT:
                at = file.seek(0)
                file.truncate()
            while piece := _read(answer):
                at += file.write(piece)
                self.patience.went_on()
                self.show(f"downloading {at * 100 // size} %")
        if at != size:
            raise BusyError("the download broke off")


def _read(answer: http.client.HTTPResponse) -> bytes:
    with _link():
        return answer.read(PIECE)


# --- all files


class Screen:
    """On a terminal a line for each file under way, drawn anew in place; nothing elsewhere."""

    def __init__(self, live: bool) -> None:
        self._live = live
        self._rows: dict[str, str] = {}
        self._drawn = 0
        self._lock = threading.RLock()

    def show(self, name: str, text: str) -> None:
        """How far a file is."""
        with self._lock:
            if self._live and self._rows.get(name) != text:
                self._rows[name] = text
                self._draw(self._rows)

    def end(self, name: str) -> None:
        """Take the line of a file away."""
        with self._lock:
            self._rows.pop(name, None)
            self._draw(self._rows)

    def say(self, text: str, to: IO[str]) -> None:
        """A line that stays, above the others."""
        with self._lock:
            self._draw({})
            try:
                print(text, file=to, flush=True)
            except BrokenPipeError:  # who read it has enough; the MP3s are still wanted
                os.dup2(os.open(os.devnull, os.O_WRONLY), to.fileno())
            self._draw(self._rows)

    def _draw(self, rows: dict[str, str]) -> None:
        """Up to the first line, erase all, and write without wrapping: a line stays one."""
        if not self._drawn and not rows:
            return
        up = f"\x1b[{self._drawn}A" if self._drawn else ""
        lines = "".join(_printable(f"{name}: {text}") + "\n" for name, text in rows.items())
        sys.stderr.write(f"{up}\x1b[J\x1b[?7l{lines}\x1b[?7h")
        sys.stderr.flush()
        self._drawn = len(rows)


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)


@dataclass
class Task:
    """A file, where its MP3 goes, and what has become of it."""

    source: Path
    target: Path
    state: str = "error"  # or that of its job; or "skipped"
    job_id: str | None = None
    error: str | None = None
    code: int = DONE

    def json(self) -> str:
        """As --json prints it."""
        mp3 = None if self.error else str(self.target)
        told = {"file": str(self.source), "id": self.job_id, "state": self.state}
        return json.dumps({**told, "mp3": mp3, "error": self.error})


class Command:
    """The command as it was called."""

    def __init__(self, given: argparse.Namespace) -> None:
        self._given = given
        self._options = {name: value for name in OPTIONS if (value := getattr(given, name))}
        self._server = Server(given.server, given.cacert)
        self._hopeless: CommandError | None = None
        self._screen = Screen(sys.stderr.isatty() and not given.quiet)

    def run(self) -> int:
        """The exit status; CommandError, OSError."""
        tasks = planned(self._given.paths, self._given.output, self._given.output_dir)
        self._server.token = self._given.token or self._new_token()
        if not (self._server.token.isascii() and self._server.token.isprintable()):
            raise UsageError("no token has such characters")  # which are secret
        pool = ThreadPoolExecutor(self._given.jobs)
        for done in as_completed([pool.submit(self._do, task) for task in tasks]):
            self._tell(done.result())
        return max(task.code for task in tasks)

    def _new_token(self) -> str:
        user = self._given.user
        password = os.environ.get("VIDEO2MP3_PASSWORD") or asked_for(user)
        basic = {"Authorization": f"Basic {_base64(f'{user}:{password}')}"}
        patience = Patience(self._given.timeout, partial(self._screen.show, "login"))
        try:
            answer = patience.again(partial(self._server.ask, "POST", "/login", basic))
        finally:
            self._screen.end("login")
        return answer.body.decode(errors="replace").strip()

    def _do(self, task: Task) -> Task:
        """Whatever comes of it is noted in it."""
        try:
            if self._hopeless:
                raise self._hopeless
            if not self._is_kept(task):
                self._convert(task)
        except CommandError as error:
            task.error, task.code = str(error), error.code
            if isinstance(error, (LoginError, AwayError)):
                self._hopeless = error
        except OSError as error:
            task.error, task.code = _of_system(error), FAILED
        self._screen.end(str(task.source))
        return task

    def _is_kept(self, task: Task) -> bool:
        """Whether there is an MP3 that is to stay; CommandError when nobody has said so."""
        if self._given.force or not task.target.exists():
            return False
        if not self._given.skip_existing:
            raise CommandError(f"{task.target} exists; --force replaces it")
        task.state = "skipped"
        return True

    def _convert(self, task: Task) -> None:
        conversion = self._conversion(task.source)
        task.job_id = conversion.upload()
        try:
            job = conversion.wait(task.job_id)
            if job["state"] == "done":
                conversion.save(job, task.target)
        except RefusedError:  # the job is deleted, or its MP3 is
            conversion.memory.forget()
            raise
        conversion.memory.forget()
        task.state = job["state"]
        if task.state == "failed":
            raise CommandError(job["error"])

    def _conversion(self, source: Path) -> Conversion:
        show = partial(self._screen.show, str(source))
        file, given = source.stat(), self._given
        options = sorted(self._options.items())
        same_file = (source.resolve(), file.st_size, file.st_mtime_ns)
        memory = Memory(self._server.url, given.token or given.user, *same_file, options)
        patience = Patience(given.timeout, show)
        return Conversion(self._server, source, file.st_size, self._options, memory, patience, show)

    def _tell(self, task: Task) -> None:
        if self._given.json:
            self._screen.say(task.json(), sys.stdout)
        elif not task.error and not self._given.quiet:
            self._screen.say(str(task.target), sys.stdout)
        if task.error:
            text = f"video2mp3: {task.source}: {task.error}"
            self._screen.say(_printable(text), sys.stderr)


def planned(paths: list[Path], output: Path | None, folder: Path | None) -> list[Task]:
    """Each file with a target of its own, that is none of the files; UsageError, OSError."""
    sources = list(dict.fromkeys(file for path in paths for file in media_at(path)))
    if output and len(sources) > 1:
        raise UsageError("-o is for one file; -d FOLDER for more")
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    tasks: dict[Path, Task] = {}
    for source in sources:
        target = output or (folder or source.parent) / f"{source.stem}.mp3"
        if target in tasks:
            raise UsageError(f"{tasks[target].source} and {source} would both become {target}")
        if target.exists() and any(target.samefile(each) for each in sources):
            raise UsageError(f"{target} is to be converted itself; name another place by -o or -d")
        tasks[target] = Task(source, target)
    return list(tasks.values())


def media_at(path: Path) -> list[Path]:
    """The file, or what of a folder looks like video or sound; UsageError."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise UsageError(f"{path}: there is no such file")
    found = sorted(p for p in path.iterdir() if MEDIA.fullmatch(p.suffix) and p.is_file())
    if not found:
        raise UsageError(f"{path}: there are no videos in it")
    return found


def asked_for(user: str) -> str:
    """The user's password, from the terminal; UsageError without one."""
    if not user:
        raise UsageError("who are you? Set VIDEO2MP3_TOKEN, or VIDEO2MP3_USER; see --help")
    if not sys.stdin.isatty():
        raise UsageError("no terminal to ask for the password; set VIDEO2MP3_TOKEN; see --help")
    return getpass.getpass(f"Password of {user}: ")


# --- the command line


def positive(text: str) -> float:
    """A number of seconds."""
    number = float(text)
    if not 0 < number < float("inf"):
        raise ValueError(text)
    return number


def arguments() -> argparse.Namespace:
    """Those of this call; ends with 2 when they are wrong."""
    env = os.environ.get
    parser = argparse.ArgumentParser(
        prog="video2mp3",
        description="Turn videos into MP3s on a Video2MP3 server.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("paths", nargs="+", type=Path, metavar="FILE", help="a video, or a folder of them")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("-o", "--output", type=Path, metavar="FILE", help="the one video's MP3")
    where.add_argument(
        "-d", "--output-dir", type=Path, metavar="DIR", help="for the MP3s [beside each video]"
    )
    old = parser.add_mutually_exclusive_group()
    old.add_argument("--force", action="store_true", help="replace an MP3 that exists")
    old.add_argument("--skip-existing", action="store_true", help="count it as done")
    few = range(1, 17)
    add("-j", "--jobs", type=int, choices=few, default=4, metavar="N", help="files at once [4]")
    add("-q", "--quiet", action="store_true", help="errors only")
    add("--json", action="store_true", help="for each file a line: file, id, state, mp3, error")
    add("--server", default=env("VIDEO2MP3_SERVER") or SERVER, metavar="URL", help=f"[{SERVER}]")
    add(
        "--token", default=env("VIDEO2MP3_TOKEN"), help="VIDEO2MP3_TOKEN, for everyone to see in ps"
    )
    add("--user", default=env("VIDEO2MP3_USER"), help="VIDEO2MP3_USER")
    add("--cacert", metavar="FILE", help="the authority of the server's certificate, in PEM")
    away = "how long to wait for a server that is away or busy [300]"
    add("--timeout", type=positive, default=300, metavar="SECONDS", help=away)
    sound = parser.add_argument_group("the MP3")
    for name, text in OPTIONS.items():
        sound.add_argument(f"--{name.replace('_', '-')}", metavar="VALUE", help=text)
    return parser.parse_intermixed_args()


def _of_system(error: OSError) -> str:
    text = error.strerror or str(error)
    return f"{error.filename}: {text}" if error.filename else text


def complain(text: str) -> None:
    """Say why there is nothing to be done."""
    print(_printable(f"video2mp3: {text}"), file=sys.stderr, flush=True)


def main() -> int:
    """The exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="surrogateescape")  # a file's name comes out as it is
    try:
        return Command(arguments()).run()
    except CommandError as error:
        complain(str(error))
        return error.code
    except OSError as error:
        complain(_of_system(error))
        return FAILED
    except KeyboardInterrupt:
        complain("stopped; the same command goes on from here, with --skip-existing past the done")
        os._exit(INTERRUPTED)  # the threads wait for the network, and leave nothing half-written


if __name__ == "__main__":
    sys.exit(main())
