"""A program makes none of the system calls by which it could start, reach or harm another."""

import errno
import platform
import socket
import struct
from pathlib import Path

from convert.cage.launch import Launch
from convert.cage.rules import Cage
from convert.cage.syscalls import NUMBERS

_REFUSED = """
fork vfork execveat
ptrace process_vm_readv process_vm_writev kcmp
kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo
setpriority ioprio_set sched_setaffinity sched_setattr sched_setparam sched_setscheduler
migrate_pages move_pages
socketpair bind listen sendmsg sendmmsg mq_open msgget semget shmget
chmod fchmod fchmodat chown fchown lchown fchownat utime utimes utimensat futimesat
setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr
mount umount2 pivot_root chroot unshare setns name_to_handle_at open_by_handle_at quotactl
add_key request_key keyctl bpf seccomp perf_event_open userfaultfd personality fanotify_init
io_setup memfd_create vmsplice
"""  # Landlock does not know chmod and its like

# What came after Linux 5.0 has the same number on every machine: io_uring, pidfds, the new mounts,
# clone3. A libc does without, as on an older kernel; clone3 hides its flags, clone shows them.
_FIRST_NEW = 424
_MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # linux/audit.h
_CLONE_THREAD, _MSG_FASTOPEN = 0x10000, 0x20000000
_SET_NAME, _GET_NAME, _SET_VMA = 15, 16, 0x53564D41  # linux/prctl.h: names of threads and memory
_ALL = 0xFFFFFFFF

# One of a call's arguments, the bits of it that count, and their values that are let pass.
_Condition = tuple[int, int, tuple[int, ...]]
_LIMITED: dict[str, list[_Condition]] = {
    "clone": [(0, _CLONE_THREAD, (_CLONE_THREAD,))],
    "prctl": [(0, _ALL, (_SET_NAME, _GET_NAME, _SET_VMA))],
    "prlimit64": [(0, _ALL, (0,))],  # its own, which it cannot raise
    "sendto": [(3, _MSG_FASTOPEN, (0,))],  # that connects, unseen by Landlock
}
# Landlock knows the ports of TCP alone: neither UDP's nor those of Multipath TCP or SCTP.
_TCP: list[_Condition] = [
    (0, _ALL, (socket.AF_INET,)),
    (1, 0xF, (socket.SOCK_STREAM,)),
    (2, _ALL, (0, socket.IPPROTO_TCP)),
]


def supported() -> bool:
    """Whether the kernel filters, and this machine's numbers are known."""
    return bool(NUMBERS) and Path("/proc/sys/kernel/seccomp/actions_avail").exists()


def restrict(launch: Launch, cage: Cage) -> None:
    """Close the filter, last of all: it refuses what closes the rest of the cage."""
    if supported():
        launch.filter(_program(_REFUSE if cage.port is None else _if_all(_TCP)))


# Classic BPF over struct seccomp_data (linux/filter.h, linux/seccomp.h): what its statements do,
# and where the number, the machine and the lower halves of the arguments lie.
_LOAD, _AND, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_NUMBER, _MACHINE, _ARGUMENTS = 0, 4, 16


def _statement(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _load(offset: int) -> bytes:
    return _statement(_LOAD, offset)


def _equal(value: int, if_true: int, if_false: int) -> bytes:
    """Skip so many statements."""
    return _statement(_EQUAL, value, if_true, if_false)


_ALLOW = _statement(_RETURN, 0x7FFF0000)
_KILL = _statement(_RETURN, 0x80000000)
_REFUSE = _statement(_RETURN, 0x00050000 | errno.EPERM)
_UNKNOWN = _statement(_RETURN, 0x00050000 | errno.ENOSYS)


def _program(sockets: bytes) -> bytes:
    program = _load(_MACHINE) + _equal(_MACHINES[platform.machine()], 1, 0) + _KILL
    program += _load(_NUMBER) + _on("socket", sockets)
    program += _on("close_range", _ALLOW) + _statement(_AT_LEAST, _FIRST_NEW, 0, 1) + _UNKNOWN
    for name in _REFUSED.split():
        program += _on(name, _REFUSE)
    for name, conditions in _LIMITED.items():
        program += _on(name, _if_all(conditions))
    return program + _ALLOW


def _on(name: str, verdict: bytes) -> bytes:
    if name not in NUMBERS:
        return b""
    return _equal(NUMBERS[name], 0, len(verdict) // len(_ALLOW)) + verdict


def _if_all(conditions: list[_Condition]) -> bytes:
    program = b""
    for argument, mask, values in conditions:
        program += _load(_ARGUMENTS + 8 * argument) + _statement(_AND, mask)
        for index, value in enumerate(values):
            program += _equal(value, len(values) - index, 0)
        program += _REFUSE
    return program + _ALLOW
