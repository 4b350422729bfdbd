"""Start a program whose cage is closed before its first instruction."""

import os
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from landlockpy import Ruleset

from convert.cage.syscalls import NUMBERS

CANNOT = 126  # the exit code of a launcher that could not close the cage or start the program

# The cage must be closed by the process that becomes the program. Between Python's fork and exec no
# code is safe beside other threads, and a fork of the worker takes 6 ms; an interpreter of Python
# takes 15 ms to start. Perl takes 1 ms, makes any system call, and is on every Debian (perl-base).
# It is told the calls as numbers; x1f00 are bytes, f1f00 a program for seccomp with its length.
_LAUNCHER = r"""
sub cannot { print STDERR "no cage: $_[0]: $!\n"; exit 126 }
my ($parent, @filters) = shift;
while (($_ = shift) ne "--") {
    my ($number, @arguments) = map {
        /^x(.*)/ ? pack("H*", $1)
        : /^f(.*)/ ? do { push @filters, pack("H*", $1); pack("QP", length($1) / 16, $filters[-1]) }
        : $_ + 0
    } split;
    syscall($number, @arguments) == 0 or cannot($_);
}
getppid() == $parent or exit 126;
exec { $ARGV[0] } @ARGV or cannot($ARGV[0]);
"""


class Launch:
    """The command that makes a row of system calls and then becomes `program`.

    A context manager: what it keeps open for the program is closed at its end.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self.program = Path(_found(command[0]))
        self.descriptors: list[int] = []
        self._arguments = command[1:]
        self._calls: list[str] = []
        self._kept = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()

    def call(self, name: str, *arguments: int | bytes) -> None:
        """Let the process make this system call before it becomes the program."""
        words = [x if isinstance(x, int) else f"x{x.hex()}" for x in arguments]
        self._calls.append(" ".join(map(str, [NUMBERS[name], *words])))

    def filter(self, program: bytes) -> None:
        """The same for prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program)."""
        self._calls.append(f"{NUMBERS['prctl']} 22 2 f{program.hex()} 0 0")

    def keep(self, ruleset: Ruleset) -> int:
        """The descriptor by which the process knows `ruleset`."""
        self._kept.enter_context(ruleset)
        self.descriptors.append(ruleset.fileno())
        return ruleset.fileno()

    @property
    def command(self) -> list[str]:
        """For subprocess.Popen, with `descriptors` passed on."""
        perl = [_found("perl"), "-e", _LAUNCHER, "--", str(os.getpid()), *self._calls, "--"]
        return [*perl, str(self.program), *self._arguments]


def _found(name: str) -> str:
    if (path := shutil.which(name)) is None:
        raise FileNotFoundError(f"there is no program {name}")
    return path
