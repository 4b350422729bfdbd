"""Passwords at rest: argon2id for all, older forms accepted once and then replaced."""

import functools
import hmac
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import bcrypt
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

MIN_LENGTH = 8  # characters; OWASP ASVS 5.0.0, 6.2.1
MAX_BYTES = 1024  # nobody types more, and hashing costs time
OBVIOUS = ("video2mp3", "video-2-mp3")  # what a guesser tries here first; see docs/security.md
COMMON = Path(__file__).with_name("common_passwords.txt")
DISABLED = "!"  # in front of what is stored, as in /etc/shadow
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


def refusal(new: str) -> str | None:
    """Why `new` cannot become a password, for its user to read; None when it can.

    Case does not make a common password another one: guessers try that first.
    """
    if len(new) < MIN_LENGTH:
        return f"A password needs at least {MIN_LENGTH} characters"
    if len(new.encode(errors="replace")) > MAX_BYTES:
        return f"A password may have at most {MAX_BYTES} bytes"
    if not _is_text(new):
        return "The password is not text"
    if any(word in new.lower() for word in OBVIOUS):
        return "The password contains the name of this service"
    if new.lower() in _common():
        return "The password is one of the most common ones"
    return None


def matches(password: str, stored: str | None) -> bool:
    """Whether `password` is the one `stored` was made from; None stands for an unknown user.

    Costs as much for an unknown user and for a plaintext row as for a hash of today. A bcrypt hash
    costs more: whoever answers waits until the time that a wrong password takes is over.
    """
    raw = password.encode()
    if not 0 < len(raw) <= MAX_BYTES:
        return False
    if stored is None or is_disabled(stored):
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


def is_disabled(stored: str) -> bool:
    """Whether nobody may log in."""
    return stored.startswith(DISABLED)


def is_hash(stored: str) -> bool:
    """Whether a login has left what is stored: nobody has put another password there since."""
    return stored.startswith("$argon2") or bool(_BCRYPT.match(stored))


def hashed(password: str) -> str:
    """What `password` is stored as."""
    return _hashing.submit(_hasher.hash, password).result()


def upgrade(password: str, stored: str) -> str | None:
    """The hash to replace `stored` with, whose password is known to be `password`, or None.

    A bcrypt hash does not know the end of a longer password, so it cannot vouch for it.
    """
    if stored.startswith("$argon2") and not _hasher.check_needs_rehash(stored):
        return None
    if _BCRYPT.match(stored) and len(password.encode()) > BCRYPT_BYTES:
        return None
    return hashed(password)


def _is_text(password: str) -> bool:
    """Whether it has a form in UTF-8; JSON can hold halves of characters, which have none."""
    try:
        password.encode()
    except UnicodeEncodeError:
        return False
    return True


@functools.cache
def _common() -> frozenset[str]:
    """Those of the file; they take 2.5 ms to read and 1 MB (measured)."""
    lines = COMMON.read_text(encoding="ascii").splitlines()
    return frozenset(line for line in lines if not line.startswith("# "))


def _verify(password: str, stored: str) -> bool:
    try:
        return _hashing.submit(_hasher.verify, stored, password).result()
    except (Argon2Error, InvalidHashError):
        return False


def _verify_bcrypt(raw: bytes, stored: str) -> bool:
    checking = _hashing.submit(bcrypt.checkpw, raw[:BCRYPT_BYTES], stored.encode())
    try:
        return checking.result()
    except ValueError:  # a NUL byte, or not a hash after all
        return False
