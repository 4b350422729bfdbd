"""What a program uses is bounded by the kernel (setrlimit(2))."""

import resource
import struct

from convert.cage.launch import Launch
from convert.cage.rules import Cage


def bound(launch: Launch, cage: Cage) -> None:
    """RLIMIT_NPROC is not among them: it counts all processes of the user on the whole machine,
    those of other pods too. That no process starts another is seccomp's part.
    """
    limits = cage.limits
    for which, wanted in (
        (resource.RLIMIT_CPU, limits.cpu),
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_STACK, limits.stack),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(which)
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        launch.call("setrlimit", which, struct.pack("QQ", most, most))
