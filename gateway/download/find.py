"""The MP3 that a request names by the mail's id, or the refusal that says that there is none."""

from servicekit.http.errors import RefusedError
from servicekit.http.problem import Code
from servicekit.jobs.job import Mp3
from servicekit.jobs.jobs import Jobs


def mp3(jobs: Jobs, fid: str, username: str) -> Mp3:
    """The user's MP3 of this id; RefusedError when there is none."""
    found = jobs.find_mp3(fid, username)
    if found is None:
        raise RefusedError("File not found", 404, Code.FILE_NOT_FOUND)
    return found
