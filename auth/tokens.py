"""The token that a login gives: a JWT with the user's name and an end."""

import time
from dataclasses import dataclass, field
from typing import TypedDict

import jwt

ALGORITHM = "HS256"


class Claims(TypedDict):
    """A token's payload, exactly; `exp` is in seconds since 1970."""

    username: str
    exp: int


class InvalidTokenError(Exception):
    """The token is expired, forged or no token at all."""


@dataclass(frozen=True)
class Tokens:
    """Issues and checks tokens with one `secret`; `lifetime` is in seconds."""

    secret: str = field(repr=False)
    lifetime: int

    def issue(self, username: str) -> str:
        """A token for `username` that is valid from now on."""
        claims = Claims(username=username, exp=int(time.time()) + self.lifetime)
        return jwt.encode(dict(claims), self.secret, algorithm=ALGORITHM)

    def claims(self, token: str) -> Claims:
        """What a valid `token` says; raises InvalidTokenError."""
        try:
            payload = jwt.decode(
                token,
                self.secret,
                algorithms=[ALGORITHM],
                options={"require": ["exp", "username"]},
            )
        # The header is parsed before the signature is checked, and it may be 2,000 arrays deep.
        except (jwt.InvalidTokenError, RecursionError) as error:
            raise InvalidTokenError(type(error).__name__) from error
        username = payload["username"]
        if not isinstance(username, str):
            raise InvalidTokenError("username is not a text")
        return Claims(username=username, exp=int(payload["exp"]))
