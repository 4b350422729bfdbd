"""The message on the queue `mp3` that lets somebody choose a password: one JSON object."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from servicekit.about import user_hash
from servicekit.amqp.body import fields_of, number_of, text_of
from servicekit.errors import PermanentError


class Purpose(StrEnum):
    """Why somebody gets a code."""

    RESET = "reset"  # who has an account asked for another password
    REGISTRATION = "registration"  # who has none asked for one
    INVITATION = "invitation"  # the operator did


@dataclass(frozen=True)
class CodeMessage:
    """A code on its way to its user; it is good until `expires`, in seconds since 1970."""

    username: str
    purpose: Purpose
    code: str = field(repr=False)
    expires: int

    @property
    def about(self) -> Mapping[str, str]:
        """The fields of the log lines about it."""
        return {"user": user_hash(self.username)}

    @property
    def shown(self) -> str:
        """For the log: whoever has the code has the account."""
        return json.dumps(asdict(self) | {"code": "hidden"})

    def encode(self) -> str:
        """The JSON text."""
        return json.dumps(asdict(self))

    @classmethod
    def decode(cls, body: bytes) -> "CodeMessage":
        """The message in `body`; PermanentError when it is not one."""
        fields = fields_of(body)
        try:
            purpose = Purpose(text_of(fields, "purpose"))
        except ValueError as error:
            raise PermanentError("the message's purpose is not known") from error
        expires = number_of(fields, "expires")
        if expires >= 2**32:
            raise PermanentError("the message's expires is no moment of this century")
        return cls(
            username=text_of(fields, "username"),
            purpose=purpose,
            code=text_of(fields, "code"),
            expires=expires,
        )
