"""Codes that go out by mail: whoever has one chooses the password of an address."""

import hashlib
import time
from collections.abc import Callable

from itsdangerous import BadData, Signer
from itsdangerous.encoding import base64_decode, base64_encode

from servicekit.accounts.message import CodeMessage, Purpose
from settings import TokenSettings
from users import User


class BadCodeError(Exception):
    """The code has ended, was used, or is none of ours."""


class Codes:
    """Signs codes and reads them; those of the secret before stay good when the secret changes.

    A code is signed together with what is stored for its address, so it is over once that is
    another, and works once. For an address without an account that is nothing.
    """

    def __init__(self, settings: TokenSettings) -> None:
        self._secrets = [*filter(None, (settings.previous_secret, settings.secret))]

    def message(
        self, email: str, user: User | None, purpose: Purpose, lifetime: int
    ) -> CodeMessage:
        """A new code for `email`, which is that of `user` if there is one.

        `lifetime` is in seconds.
        """
        expires = int(time.time()) + lifetime
        code = self._signer(user).sign(b"%s.%d" % (base64_encode(email), expires)).decode()
        return CodeMessage(email, purpose, code, expires)

    def read(self, code: str, find: Callable[[str], User | None]) -> tuple[str, User | None]:
        """The address of a `code`, and the user whom `find` finds for it; BadCodeError."""
        name, _, rest = code.partition(".")
        try:
            email = base64_decode(name).decode()
            user = find(email)
            self._signer(user).unsign(code)
        except (BadData, UnicodeError) as error:
            raise BadCodeError("the signature is not ours") from error
        expires, _, _ = rest.partition(".")
        if int(expires) <= time.time():
            raise BadCodeError("it has ended")
        return email, user

    def _signer(self, user: User | None) -> Signer:
        stored = user.password if user else ""
        return Signer(
            self._secrets,  # the last one signs
            salt=f"code {stored}".encode(),
            key_derivation="hmac",
            digest_method=hashlib.sha256,
        )
