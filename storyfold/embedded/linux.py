"""The system calls Python has no function for. Only Linux has them; elsewhere `AVAILABLE` is false."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import Any

AVAILABLE = sys.platform.startswith("linux")

# linux/sched.h, linux/prctl.h, linux/capability.h
_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP = 28, 4
_PR_SET_CHILD_SUBREAPER = 36
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 47, 2
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522


def die_with_parent(number: signal.Signals) -> None:
    """Have the kernel send `number` to this process when the thread that started it ends.

    To be called last before `exec`: the kernel forgets it whenever the process changes who it is.
    """
    _call("prctl", _PR_SET_PDEATHSIG, int(number), 0, 0, 0)


def adopt_orphans() -> None:
    """Become the parent of whatever this process's descendants leave behind."""
    _call("prctl", _PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def new_user_namespace() -> None:
    """Move this process into a user namespace of its own, where it is nobody until the maps are written."""
    # a process that has changed its user may not write its own maps otherwise
    _call("prctl", _PR_SET_DUMPABLE, 1, 0, 0, 0)
    _call("unshare", _CLONE_NEWUSER)


def keep_capabilities() -> None:
    """Keep the capabilities over the coming `setuid`, and have `access(2)` heed them, as `initdb` relies on."""
    _call("prctl", _PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP, 0, 0, 0)


def keep_only_path_override() -> None:
    """Keep one capability of root over `exec`: to pass folders and open files whatever their mode."""
    bit = 1 << _CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    # effective, permitted, inheritable: the low 32 capabilities, then the high ones
    data = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    _call("capset", header, data)
    _call("prctl", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)


def _call(name: str, *arguments: Any) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    # prctl is variadic and reads unsigned longs: a plain int would leave the upper half undefined
    wide = [ctypes.c_ulong(value) if name == "prctl" else value for value in arguments]
    if getattr(libc, name)(*wide) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
