"""The message on the queues `video` and `mp3`: a public contract, one JSON object."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from bson.errors import InvalidId

from servicekit.about import of_job
from servicekit.amqp.body import fields_of, number_of, text_of
from servicekit.errors import PermanentError


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

    @property
    def shown(self) -> str:
        """For the log."""
        return self.encode()

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
        fields = fields_of(body)
        return cls(
            video_fid=_object_id(fields, "video_fid"),
            username=text_of(fields, "username"),
            mp3_fid=_object_id(fields, "mp3_fid") if fields.get("mp3_fid") is not None else None,
            error=text_of(fields, "error") if fields.get("error") not in (None, "") else None,
            retries=number_of(fields, "retries", 0),
        )


def _object_id(fields: dict[str, Any], name: str) -> ObjectId:
    try:
        return ObjectId(text_of(fields, name))
    except InvalidId as error:
        raise PermanentError(f"the message's {name} is not an id") from error
