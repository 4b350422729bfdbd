"""A program gains no privileges, keeps none, and dies with the thread that started it."""

import signal
import struct

from convert.cage.launch import Launch
from convert.cage.rules import Cage

_SET_PDEATHSIG, _SET_NO_NEW_PRIVS = 1, 38  # linux/prctl.h
_CAPABILITY_VERSION = 0x20080522  # linux/capability.h
_NO_CAPABILITIES = struct.pack("6I", 0, 0, 0, 0, 0, 0)


def drop(launch: Launch, cage: Cage) -> None:
    """Without them even root keeps to the limits, for it may otherwise raise them again."""
    launch.call("prctl", _SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    launch.call("prctl", _SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    launch.call("capset", struct.pack("Ii", _CAPABILITY_VERSION, 0), _NO_CAPABILITIES)
