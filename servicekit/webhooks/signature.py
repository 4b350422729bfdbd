"""The signatures of Standard Webhooks 1.0.0 with a shared secret, its scheme `v1`."""

import hashlib
import hmac
import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping

PREFIX = "whsec_"
SECRET_BYTES = 32  # of 24 to 64, by "Signature scheme" of the specification


def new_secret() -> str:
    """A secret in the specification's form, as its libraries take it."""
    return PREFIX + b64encode(os.urandom(SECRET_BYTES)).decode()


def signed(
    webhook_id: str, timestamp: int, body: bytes, secrets: Iterable[str]
) -> Mapping[str, str]:
    """The headers of a webhook, with a signature by each of `secrets`.

    `timestamp` is the attempt's, in seconds since 1970: receivers refuse what is minutes old.
    """
    content = f"{webhook_id}.{timestamp}.".encode() + body
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(_signature(secret, content) for secret in secrets),
    }


def _signature(secret: str, content: bytes) -> str:
    key = b64decode(secret.removeprefix(PREFIX))
    return "v1," + b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
