"""The message on the queues `video` and `mp3`: a public contract, one JSON object."""

import json
import re
from dataclasses import dataclass
from typing import TypeGuard

from bson import ObjectId
from bson.errors import InvalidId

from servicekit.errors import PermanentError

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class JobMessage:
    """A job on its way: the video, its MP3 once there is one, or the error that ended it."""

    video_fid: ObjectId
    username: str
    mp3_fid: ObjectId | None = None
    error: str | None = None

    def encode(self) -> str:
        """The JSON text; `error` appears in the message of a failed job only."""
        fields: dict[str, str | None] = {
            "video_fid": str(self.video_fid),
            "mp3_fid": str(self.mp3_fid) if self.mp3_fid else None,
            "username": self.username,
        }
        if self.error:
            fields["error"] = self.error
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
        mp3_fid = fields.get("mp3_fid")
        return cls(
            video_fid=_object_id(fields.get("video_fid"), "video_fid"),
            username=username,
            mp3_fid=None if mp3_fid is None else _object_id(mp3_fid, "mp3_fid"),
            error=error_text,
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
