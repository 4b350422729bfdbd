"""local/ctl backup and restore: a backup is whole or not there, and a bad one does no harm."""

import io
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from servicekit.gridfs import backup
from tests.support import files
from tests.support.backups import Kept, ctl, restore, signed_in, take
from tests.support.files import Mongo
from tests.support.mongod import Mongod
from tests.support.project import DEMO, ROOT
from tests.support.stack import Stack
from tests.support.users import NewUser


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


def test_a_backup_of_a_newer_version_is_refused_before_anything_changes(
    stack: Stack, kept: Kept, tmp_path: Path
) -> None:
    newer = tmp_path / "newer"
    subprocess.run(["cp", "-r", kept.folder, newer], check=True, timeout=60)
    about, sums = newer / "backup.json", newer / "SHA256SUMS"
    known = sha256(about.read_bytes()).hexdigest()
    about.write_text(about.read_text().replace('"format": 2', '"format": 3'))
    sums.write_text(sums.read_text().replace(known, sha256(about.read_bytes()).hexdigest()))
    done = ctl("restore", "--replace", newer)
    assert done.returncode == 1
    assert "a newer version took it" in done.stderr
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


def test_a_text_that_could_break_out_of_its_quotes_comes_back_as_it_was(
    stack: Stack, new_user: NewUser, tmp_path: Path
) -> None:
    user = new_user()
    odd = "line\n; -- 'quoted' \\ %s é\N{SMILING FACE WITH OPEN MOUTH}"
    stack.sql("UPDATE user SET password = %s WHERE email = %s", odd, user.email)
    take(tmp_path / "backup")
    stack.sql("DELETE FROM user WHERE email = %s", user.email)
    restore("--replace", tmp_path / "backup")
    rows = stack.sql("SELECT password FROM user WHERE email = %s", user.email)
    assert rows == ((odd,),)


def test_a_link_that_was_ended_stays_so(
    stack: Stack, mongo: Mongo, new_user: NewUser, tmp_path: Path
) -> None:
    user = new_user()
    job = files.store_video(mongo, user.email, state="done")
    files.store_mp3(mongo, user.email, job)
    link = user.client.request("POST", f"/jobs/{job}/links").headers["Location"]
    user.client.request("DELETE", "/links").raise_for_status()
    take(tmp_path / "backup")
    mongo["mp3s"]["links"].delete_many({})
    assert user.client.request("GET", link).ok
    restore("--replace", tmp_path / "backup")
    assert user.client.request("GET", link).status_code == 410


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

        backup.clear(database, "fs.files")
        database["fs.chunks"].drop_indexes()
        for name, file in (("fs.chunks", chunks), ("fs.files", records)):
            file.seek(0)
            backup.load(database, name, file)
        assert database["fs.files"].distinct("_id") == [stays]
        assert files.content(database, stays) == b"x"
        assert "files_id_1_n_1" in database["fs.chunks"].index_information()
        assert files.orphans(mongo) == {during}  # which the sweeper takes a day later


def test_users_that_break_off_replace_nobody(stack: Stack, kept: Kept) -> None:
    whole = (kept.folder / "users.sql").read_bytes().splitlines(keepends=True)
    before = stack.sql("SELECT email FROM user")
    done = subprocess.run(
        [stack.folder / "venv/bin/python", "backup.py", "load", "users"],
        cwd=ROOT / "auth",
        env={"PYTHONPATH": str(ROOT)} | stack.env,
        input=b"".join(whole[:-1]),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert stack.sql("SELECT email FROM user") == before
