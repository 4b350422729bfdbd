"""Tokens by hand: what no library would sign."""

import base64
import hmac
import json


def part(value: bytes) -> str:
    """One of a token's three parts: base64url without padding."""
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def forged(algorithm: object, claims: dict[str, object], key: str, digest: str) -> str:
    """A token whose header names `algorithm`, signed with the HMAC of `digest`."""
    header = json.dumps({"alg": algorithm}).encode()
    signing = f"{part(header)}.{part(json.dumps(claims).encode())}"
    return f"{signing}.{part(hmac.digest(key.encode(), signing.encode(), digest))}"
