"""local/ctl backup and restore: what was there comes back, and a bad backup does no harm."""

import io
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from servicekit.gridfs import backup
from tests.support import files, media, users
from tests.support.another_stack import another_stack
from tests.support.client import Client
from tests.support.mongod import Mongod
from tests.support.project import DEMO, ROOT
from tests.support.stack import CTL_TIMEOUT, Stack
from tests.support.users import PASSWORD, NewUser, User
from tests.support.wait import until


class Kept(NamedTuple):
    """A backup, and what its user had: an MP3, and a job that waited."""

    folder: Path
    email: str
    mp3_fid: str
    mp3: bytes
    done: str
    waiting: str


def ctl(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [str(word) for word in (ROOT / "local/ctl", *arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=CTL_TIMEOUT, check=False)


def restore(*arguments: str | Path) -> None:
    done = ctl("restore", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr


def finished(client: Client, job: str) -> str:
    """The id of a job's MP3, once there is one."""

    def mp3() -> str:
        answer = client.request("GET", f"/jobs/{job}")
        return str(answer.json()["mp3_fid"] or "")

    return until(mp3, f"job {job} is done", 120)


def signed_in(stack: Stack, email: str) -> Client:
    client = Client(stack.env["GATEWAY_URL"])
    client.login(email, PASSWORD).raise_for_status()
    return client


def take_backup(stack: Stack, user: User, folder: Path) -> Kept:
    """Of a stack in which the user's first job is done and the second one waits."""
    video = media.with_sound(folder / "film.mp4")
    done = user.client.upload(video).headers["X-Job-Id"]
    fid = finished(user.client, done)
    stack.ctl("queue", "drain", "video")
    try:
        waiting = user.client.upload(video).headers["X-Job-Id"]
        taken = ctl("backup", folder / "backup")
        assert taken.returncode == 0, taken.stdout + taken.stderr
    finally:
        stack.ctl("queue", "resume", "video")
    mp3 = user.client.download(fid).content
    return Kept(folder / "backup", user.email, fid, mp3, done, waiting)


@pytest.fixture(scope="module")
def kept(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return take_backup(stack, users.new_user(stack), tmp_path_factory.mktemp("kept"))


@pytest.fixture
def other(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An empty stack."""
    with another_stack(stack, tmp_path_factory.mktemp("other")) as empty:
        yield empty


def test_what_was_there_comes_back_in_an_empty_stack(kept: Kept, other: Stack) -> None:
    restore(kept.folder)
    client = signed_in(other, kept.email)
    assert {job["id"] for job in client.request("GET", "/jobs").json()["jobs"]} == {
        kept.done,
        kept.waiting,
    }
    assert client.download(kept.mp3_fid).content == kept.mp3
    assert client.download(finished(client, kept.waiting)).ok

    users.add_user(other, "later@example.com", PASSWORD)
    restore("--replace", kept.folder)
    assert client.download(kept.mp3_fid).content == kept.mp3
    assert not other.sql("SELECT 1 FROM user WHERE email = 'later@example.com'")


def test_only_its_owner_can_read_a_backup(kept: Kept) -> None:
    assert {path.stat().st_mode & 0o077 for path in (kept.folder, *kept.folder.rglob("*"))} == {0}


@pytest.mark.parametrize("part", ["users.sql", "mp3s/fs.chunks.bson", "backup.json"])
def test_a_damaged_backup_is_refused_before_anything_changes(
    stack: Stack, kept: Kept, tmp_path: Path, part: str
) -> None:
    damaged = tmp_path / "damaged"
    subprocess.run(["cp", "-r", kept.folder, damaged], check=True, timeout=60)
    (damaged / part).write_bytes((damaged / part).read_bytes()[:-1])
    done = ctl("restore", "--replace", damaged)
    assert done.returncode == 1
    assert part in done.stdout + done.stderr
    assert signed_in(stack, kept.email).download(kept.mp3_fid).content == kept.mp3


def test_a_folder_that_is_no_whole_backup_is_refused(kept: Kept, tmp_path: Path) -> None:
    (tmp_path / "users.sql").write_bytes((kept.folder / "users.sql").read_bytes())
    done = ctl("restore", "--replace", tmp_path)
    assert done.returncode == 1
    assert "no whole backup" in done.stderr


def test_what_is_there_is_replaced_only_on_demand(stack: Stack, kept: Kept) -> None:
    done = ctl("restore", kept.folder)
    assert done.returncode == 1
    assert "--replace" in done.stderr
    assert signed_in(stack, kept.email).download(kept.mp3_fid).content == kept.mp3


def test_a_backup_that_breaks_off_leaves_nothing(stack: Stack, tmp_path: Path) -> None:
    with stack.stopped("mongod"):
        done = ctl("backup", tmp_path / "backup")
    assert done.returncode == 1
    assert "MongoDB" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_file_of_a_user_whom_a_text_could_break_comes_back(
    stack: Stack, new_user: NewUser, tmp_path: Path
) -> None:
    user = new_user()
    odd = "line\n; -- 'quoted' \\ %s é\N{SMILING FACE WITH OPEN MOUTH}"
    stack.sql("UPDATE user SET password = %s WHERE email = %s", odd, user.email)
    assert ctl("backup", tmp_path / "backup").returncode == 0
    stack.sql("DELETE FROM user WHERE email = %s", user.email)
    restore("--replace", tmp_path / "backup")
    rows = stack.sql("SELECT password FROM user WHERE email = %s", user.email)
    assert rows == ((odd,),)


def test_a_file_that_is_deleted_during_a_backup_is_left_out(stack: Stack, tmp_path: Path) -> None:
    with Mongod(stack, tmp_path) as mongod, files.connect(mongod.uri) as mongo:
        stays, goes = (files.store_video(mongo, DEMO[0], state="done") for _ in range(2))
        database = mongo["videos"]
        records, chunks = io.BytesIO(), io.BytesIO()
        backup.dump(database, "fs.files", records)
        database["fs.files"].delete_one({"_id": goes})
        database["fs.chunks"].delete_many({"files_id": goes})
        during = files.store_video(mongo, DEMO[0], state="queued")
        backup.dump(database, "fs.chunks", chunks)

        backup.clear(database)
        for name, file in (("fs.chunks", chunks), ("fs.files", records)):
            file.seek(0)
            backup.load(database, name, file)
        assert database["fs.files"].distinct("_id") == [stays]
        assert files.content(database, stays) == b"x"
        assert files.orphans(mongo) == {during}  # which the sweeper takes a day later
