"""A program reaches no file, port, process or abstract socket but those that it is given."""

from pathlib import Path

import landlockpy
from landlockpy import AccessFS, AccessNet, LandlockError, Ruleset, Scope

from convert.cage.launch import Launch
from convert.cage.rules import Cage

_READ = AccessFS.READ_FILE | AccessFS.READ_DIR
_WRITE = AccessFS.READ_FILE | AccessFS.WRITE_FILE | AccessFS.TRUNCATE
_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache")
# The kernel runs a dynamic program through one of these. They could run others too, but only such
# as can be read, and the folders of programs cannot.
_LOADERS = ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")


def abi() -> int:
    """The kernel's version of Landlock, 0 where there is none or a container's filter hides it."""
    try:
        return landlockpy.abi_version()
    except LandlockError:
        return 0


def confine(launch: Launch, cage: Cage) -> None:
    """What a kernel's version knows of these rules holds; the rest is left out."""
    if not abi():
        return
    for path in cage.writes:
        path.touch(mode=0o600)
    rules = Ruleset(scoped=Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL)
    descriptor = launch.keep(rules)
    for path in (*map(Path, _LIBRARIES + _DEVICES), *cage.reads):
        _allow(rules, path, _READ)
    for path in (launch.program, *map(Path, _LOADERS)):
        _allow(rules, path, AccessFS.READ_FILE | AccessFS.EXECUTE)
    for path in (Path("/dev/null"), *cage.writes):
        _allow(rules, path, _WRITE)
    if cage.port is not None:
        rules.allow_port(cage.port, AccessNet.CONNECT_TCP)
    launch.call("landlock_restrict_self", descriptor, 0)


def _allow(rules: Ruleset, path: Path, access: AccessFS) -> None:
    if path.exists():  # not every machine has each of the folders
        rules.allow_path(path, access if path.is_dir() else access & ~AccessFS.READ_DIR)
