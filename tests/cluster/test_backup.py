"""backup.sh and restore.sh on the cluster: the services' own pods move the data."""

from pathlib import Path

from tests.cluster.conftest import Jobs
from tests.support import media
from tests.support.client import Client
from tests.support.cluster import shell
from tests.support.wait import until

TIMEOUT = 300  # seconds; nodes are slow to begin an exec


def test_a_deleted_job_and_its_mp3_come_back(user: Client, jobs: Jobs, tmp_path: Path) -> None:
    job = jobs.upload(media.with_sound(tmp_path / "film.mp4"))
    jobs.settle([job])
    (fid,) = jobs.fids([job])
    mp3 = user.download(fid).content
    shell(f"./backup.sh {tmp_path}/backup", TIMEOUT)

    user.request("DELETE", f"/jobs/{job}").raise_for_status()
    until(lambda: user.download(fid).status_code == 404, "the MP3 is gone")
    shell(f"! ./restore.sh {tmp_path}/backup", TIMEOUT)
    assert user.download(fid).status_code == 404

    shell(f"./restore.sh --replace {tmp_path}/backup", TIMEOUT)
    assert user.download(fid).content == mp3
    assert jobs.state(job) == "done"
