"""Passwords at rest: argon2id for all, older forms accepted once and then replaced."""

import hmac
import re
from concurrent.futures import ThreadPoolExecutor

import bcrypt
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

MAX_BYTES = 1024  # nobody types more, and hashing costs time
BCRYPT_BYTES = 72  # bcrypt looks no further
_BCRYPT = re.compile(r"\$2[abxy]?\$\d\d\$")

# OWASP's minimum for argon2id: 33 ms on one core, where the library's default takes 205 ms.
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
# However many requests come in, 2 x 19 MiB: each thread that ever hashed keeps that much in an
# arena of malloc's, and in all 16 request threads it was 384 MB.
_hashing = ThreadPoolExecutor(max_workers=2, thread_name_prefix="hash")
# The hash of random bytes that nobody knows, with the parameters above.
_DUMMY = (
    "$argon2id$v=19$m=19456,t=2,p=1$"
    "RCFb8ZNiioEi20R//K9vow$r1eI6nrypd+/abnpBaJ8Cl6/dzZjBhDbZRN10MVjG48"
)


def matches(password: str, stored: str | None) -> bool:
    """Whether `password` is the one `stored` was made from; None stands for an unknown user.

    Takes as long for an unknown user and for a plaintext row as for a hashed one.
    """
    raw = password.encode()
    if not 0 < len(raw) <= MAX_BYTES:
        return False
    if stored is None:
        _verify(password, _DUMMY)
        return False
    if stored.startswith("$argon2"):
        return _verify(password, stored)
    if _BCRYPT.match(stored):
        return _verify_bcrypt(raw, stored)
    if hmac.compare_digest(raw, stored.encode()):
        return True  # the time goes into the new hash
    _verify(password, _DUMMY)
    return False


def upgrade(password: str, stored: str) -> str | None:
    """The hash to replace `stored` with, whose password is known to be `password`, or None.

    A bcrypt hash does not know the end of a longer password, so it cannot vouch for it.
    """
    if stored.startswith("$argon2") and not _hasher.check_needs_rehash(stored):
        return None
    if _BCRYPT.match(stored) and len(password.encode()) > BCRYPT_BYTES:
        return None
    return _hashing.submit(_hasher.hash, password).result()


def _verify(password: str, stored: str) -> bool:
    try:
        return _hashing.submit(_hasher.verify, stored, password).result()
    except (Argon2Error, InvalidHashError):
        return False


def _verify_bcrypt(raw: bytes, stored: str) -> bool:
    try:
        return bcrypt.checkpw(raw[:BCRYPT_BYTES], stored.encode())
    except ValueError:  # a NUL byte, or not a hash after all
        return False
