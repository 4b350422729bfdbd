"""A user's request of each kind that waits for a server behind the gateway, and how it ends."""

import time
import uuid
from typing import Any, NamedTuple

import requests
from bson import ObjectId

from tests.support import files
from tests.support.client import Client
from tests.support.files import Mongo
from tests.support.multipart import FORM_TYPE, form, part
from tests.support.users import PASSWORD, User

WAIT = 3  # seconds of the long poll
UPLOADS = ("upload", "upload with a key")
KINDS = ("login", "list", "show", "wait", "download", "delete", "retry", *UPLOADS)

_MP3 = bytes(20_000)
_UPLOADED = "uploaded.mp4"


class Ending(NamedTuple):
    """What a request of a kind got, and after how many seconds; 0 stands for no whole answer."""

    kind: str
    status: int
    seconds: float
    retry_after: str

    @property
    def is_true(self) -> bool:
        """Whether it was done as asked."""
        return self.status in (200, 204)

    @property
    def is_honest(self) -> bool:
        """Whether it was done as asked, or is to be tried again."""
        return self.is_true or (self.status == 503 and self.retry_after.isdigit())


class EveryRequest:
    """One user's requests to one gateway; what they are about is stored directly."""

    def __init__(self, user: User, url: str, mongo: Mongo, video: bytes) -> None:
        self.endings: list[Ending] = []
        self._email, self._mongo = user.email, mongo
        self._client = Client(url, user.client.token)
        self._form = form(part("file", video, _UPLOADED))

    def send(self, kind: str) -> Ending:
        """Send one, and read its answer to the end."""
        method, path, options = self._prepared(kind)
        started = time.monotonic()
        try:
            answer = self._client.request(method, path, **options)
        except requests.RequestException:
            ending = Ending(kind, 0, time.monotonic() - started, "")
        else:
            retry_after = answer.headers.get("Retry-After", "")
            seconds = time.monotonic() - started
            ending = Ending(kind, _status(kind, answer), seconds, retry_after)
        self.endings.append(ending)
        return ending

    def nothing_is_left(self) -> bool:
        """Whether there are as many videos as uploads that were told `success!`."""
        taken = sum(ending.is_true and ending.kind in UPLOADS for ending in self.endings)
        query = {"metadata.username": self._email, "filename": _UPLOADED}
        return self._mongo["videos"]["fs.files"].count_documents(query) == taken

    def _prepared(self, kind: str) -> tuple[str, str, dict[str, Any]]:
        """The request's method, path and rest."""
        form_type = {"Content-Type": FORM_TYPE}
        match kind:
            case "login":
                return "POST", "/login", {"auth": (self._email, PASSWORD)}
            case "list":
                return "GET", "/jobs", {}
            case "show":
                return "GET", f"/jobs/{self._store('done')}", {}
            case "wait":
                return "GET", f"/jobs/{self._store('converting')}?wait={WAIT}", {}
            case "download":
                mp3 = files.store_mp3(self._mongo, self._email, self._store("done"), _MP3)
                return "GET", f"/download?fid={mp3}", {}
            case "delete":
                return "DELETE", f"/jobs/{self._store('done')}", {}
            case "retry":
                return "POST", f"/jobs/{self._store('failed')}/retry", {}
            case "upload":
                return "POST", "/upload", {"headers": form_type, "data": self._form}
            case "upload with a key":
                headers = form_type | {"Idempotency-Key": uuid.uuid4().hex}
                return "POST", "/upload", {"headers": headers, "data": self._form}
        raise ValueError(kind)

    def _store(self, state: str) -> ObjectId:
        return files.store_video(self._mongo, self._email, state=state, error=None)


def _status(kind: str, answer: requests.Response) -> int:
    """The answer's; 0 for bytes that are not the file's."""
    is_other = kind == "download" and answer.ok and answer.content != _MP3
    return 0 if is_other else answer.status_code
