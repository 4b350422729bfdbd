"""The message on the queues `video` and `mp3`: a public contract, one JSON object."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeGuard

from bson import ObjectId
from bson.errors import InvalidId

from servicekit.about import of_job
from servicekit.errors import PermanentError

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class JobMessage:
    """A job on its way: the video, its MP3 once there is one, or the error that ended it.

    `retries` is how often its user had it tried again before it failed with `error`.
    """

    video_fid: ObjectId
    username: str
    mp3_fid: ObjectId | None = None
    error: str | None = None
    retries: int = 0

    @property
    def about(self) -> Mapping[str, str]:
        """The fields of the log lines about it."""
        return of_job(str(self.video_fid), self.username)

    def encode(self) -> str:
        """The JSON text; `error` appears in the message of a failed job only, and so `retries`."""
        fields: dict[str, str | int | None] = {
            "video_fid": str(self.video_fid),
            "mp3_fid": str(self.mp3_fid) if self.mp3_fid else None,
            "username": self.username,
        }
        if self.error:
            fields["error"] = self.error
            if self.retries:
                fields["retries"] = self.retries
        return json.dumps(fields)

    @classmethod
    def decode(cls, body: bytes) -> "JobMessage":
        """The message in `body`; PermanentError when it is not one."""
        try:
            fields = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise PermanentError("the message is not JSON") from error
        if not isinstance(fields, dict):
            raise PermanentError("the message is not a JSON object")
        username, error_text = fields.get("username"), fields.get("error")
        if not _is_text(username) or not username:
            raise PermanentError("the message has no username")
        if error_text is not None and not _is_text(error_text):
            raise PermanentError("the message's error is not a text")
        retries = fields.get("retries", 0)
        if type(retries) is not int or retries < 0:  # JSON's true is an int to isinstance
            raise PermanentError("the message's retries are not a number")
        mp3_fid = fields.get("mp3_fid")
        return cls(
            video_fid=_object_id(fields.get("video_fid"), "video_fid"),
            username=username,
            mp3_fid=None if mp3_fid is None else _object_id(mp3_fid, "mp3_fid"),
            error=error_text,
            retries=retries,
        )


def _is_text(value: object) -> TypeGuard[str]:
    """JSON's escapes can name half a character, which no mail and no log can encode."""
    return isinstance(value, str) and not _HALF_CHARACTER.search(value)


def _object_id(value: object, name: str) -> ObjectId:
    if not isinstance(value, str):
        raise PermanentError(f"the message has no {name}")
    try:
        return ObjectId(value)
    except InvalidId as error:
        raise PermanentError(f"the message's {name} is not an id") from error
