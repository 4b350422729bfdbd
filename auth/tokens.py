"""The token that a login gives: a JWT with the user's name and an end."""

import time
from typing import TypedDict

import jwt

from settings import TokenSettings

ALGORITHM = "HS256"


class Named(TypedDict):
    """Whom credentials name."""

    username: str


class Claims(Named):
    """A token's payload, exactly; `exp` is in seconds since 1970."""

    exp: int


class InvalidTokenError(Exception):
    """The token is expired, ended, forged or no token at all."""


class Tokens:
    """Issues and checks tokens. Those of the secret before stay good when the secret changes."""

    def __init__(self, settings: TokenSettings) -> None:
        self.lifetime = settings.lifetime
        self._secret = settings.secret
        self._secrets = [secret for secret in (settings.secret, settings.previous_secret) if secret]

    def issue(self, username: str, after: int = 0) -> str:
        """A token for `username` that is valid from now on, and ends later than `after`."""
        end = max(int(time.time()) + self.lifetime, after + 1)
        claims = Claims(username=username, exp=end)
        return jwt.encode(dict(claims), self._secret, algorithm=ALGORITHM)

    def claims(self, token: str) -> Claims:
        """What a valid `token` says; raises InvalidTokenError."""
        for secret in self._secrets:
            try:
                payload = jwt.decode(
                    token,
                    secret,
                    algorithms=[ALGORITHM],
                    options={"require": ["exp", "username"]},
                )
            except jwt.InvalidSignatureError:
                continue
            # The header is parsed before the signature is checked, and it may be 2,000 arrays deep.
            except (jwt.InvalidTokenError, RecursionError) as error:
                raise InvalidTokenError(type(error).__name__) from error
            username = payload["username"]
            if not isinstance(username, str):
                raise InvalidTokenError("username is not a text")
            return Claims(username=username, exp=int(payload["exp"]))
        raise InvalidTokenError("signed by somebody else")
