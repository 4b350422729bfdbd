"""What a request names, or the refusal that says that there is none."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bson import ObjectId

from download.send import check_is_kept
from servicekit.http.errors import RefusedError
from servicekit.http.problem import Code
from servicekit.jobs.chapters import Chapter
from servicekit.jobs.job import Job, Mp3
from servicekit.jobs.jobs import Jobs


def job(jobs: Jobs, job_id: str, username: str) -> Job:
    """The user's job of this id; RefusedError when there is none."""
    return _there(jobs.find(job_id, username))


def mp3(jobs: Jobs, job: Job) -> Mp3:
    """The job's MP3; RefusedError when there is none."""
    return _made(job, jobs.mp3_of(job.id))


def mp3s(jobs: Jobs, job_ids: Sequence[str], username: str) -> list[tuple[Mp3, Job]]:
    """The MP3s that are kept of the user's jobs of these ids, in their order.

    RefusedError, as for the one job, names the first without.
    """
    found = jobs.find_all(job_ids, username)
    made = jobs.mp3s_of(*(job.id for job in found.values()))
    some = []
    for job_id in job_ids:
        with _naming(job_id):
            job = _there(found.get(job_id))
            mp3 = _made(job, made.get(job.id))
            check_is_kept(mp3)
            some.append((mp3, job))
    return some


def chapters(jobs: Jobs, mp3: Mp3) -> Sequence[Chapter]:
    """The MP3's chapters; RefusedError when there are none, or the MP3 is gone by its age."""
    check_is_kept(mp3)
    found = jobs.chapters_of(mp3)
    if not found:
        raise RefusedError("The MP3 has no chapters", 404, Code.NO_CHAPTERS)
    return found


def chapter(jobs: Jobs, mp3: Mp3, number: str) -> Chapter:
    """The one of this number; RefusedError when there is none."""
    for one in chapters(jobs, mp3):
        if str(one.number) == number:
            return one
    raise RefusedError("Chapter not found", 404, Code.CHAPTER_NOT_FOUND)


def _there(found: Job | None) -> Job:
    if found is None:
        raise RefusedError("Job not found", 404, Code.JOB_NOT_FOUND)
    return found


def _made(job: Job, mp3: Mp3 | None) -> Mp3:
    if mp3 is None:
        raise RefusedError(f"There is no MP3: the job is {job.state}", 409, Code.NO_MP3)
    return mp3


@contextmanager
def _naming(job_id: str) -> Iterator[None]:
    """Inside, a refusal says which of many it is about; no stranger's text is said again."""
    try:
        yield
    except RefusedError as error:
        about = f" ({job_id})" if ObjectId.is_valid(job_id) else ""
        raise RefusedError(error.text + about, error.status, error.code) from error
