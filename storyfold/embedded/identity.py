"""As whom the engines run. PostgreSQL refuses to be root, so a run that was started by root must be somebody else.

- **Not root**: the engines run as whoever started them.
- **Root, in a data directory of another user**: as that user. What root does there stays usable without root.
- **Root, in a data directory of root's**: in a user namespace that knows root under another number. The kernel still
  lets it at root's own files, wherever they are, but it has none of root's powers. No file changes hands, no folder is
  opened to others, no system user is needed.
- **Root, where user namespaces are not to be had** (most containers): as `nobody`, to whom the data directory is given.

Where the user chosen cannot pass a folder above the data directory or above the programs (`/root`, a virtual
environment in it), the one capability that lets root pass is kept; where root itself has not got it, the message says
what to do.

`initdb` alone also wants its user to have a name on this machine, which a container's user may not have: see
`identity_with_name`.
"""

from __future__ import annotations

import os
import pwd
import signal
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from storyfold.embedded import linux
from storyfold.errors import EngineError

_NOBODY = 65534


@dataclass(frozen=True)
class Identity:
    """`uid` and `gid` own the engines' files; `name` is for the log; `assume` makes a process of ours be this."""

    name: str
    uid: int
    gid: int
    assume: Callable[[], None]

    def before_exec(self, death: signal.Signals) -> Callable[[], None]:
        """What a forked child does before it becomes an engine; `death` is sent to it should this process end.

        This process must have one thread, which lives as long as the engine is to live.
        """
        parent = os.getpid()

        def become() -> None:
            self.assume()
            if linux.AVAILABLE:
                linux.die_with_parent(death)
                if os.getppid() != parent:  # it ended before the kernel was told
                    os._exit(1)

        return become

    def own(self, path: Path) -> None:
        """Give `path`, not what is in it, to the engines."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def choose_identity(data_dir: Path, programs: Iterable[Path]) -> Identity:
    """The identity under which the engines can use `data_dir` and run `programs`.

    Raises `EngineError` where there is none.
    """
    if os.geteuid() != 0:
        return Identity("the user who started it", os.geteuid(), os.getegid(), lambda: None)
    paths = [data_dir, *programs]
    owner = data_dir.stat().st_uid
    if owner == 0:
        if all(_reachable(path, 0, 0) for path in paths) and _works(_enter_namespace):
            return Identity("root without its powers, in a user namespace", 0, 0, _enter_namespace)
        owner = _NOBODY
    return _other_user(owner, paths)


def identity_with_name(identity: Identity) -> Identity:
    """`identity`, or one to run `initdb` as instead, where `identity` has no name on this machine.

    Raises `EngineError` where there is none. The files may then belong to another than `identity`.
    """
    if _has_name(identity.uid):
        return identity
    if os.geteuid() == 0:
        return Identity("nobody", _NOBODY, _NOBODY, lambda: _become_passing_folders(_NOBODY, _NOBODY))
    if _works(_enter_namespace):
        return Identity("a user with a name", identity.uid, identity.gid, _enter_namespace)
    raise EngineError(
        f"initdb does not run as a user without a name, and user {identity.uid} has none here: add it to /etc/passwd, "
        "start Storyfold once as root, or let STORYFOLD_DATABASE_URL name a running server"
    )


def _other_user(uid: int, paths: list[Path]) -> Identity:
    try:
        user = pwd.getpwuid(uid)
        name, gid = user.pw_name, user.pw_gid
    except KeyError:
        name, gid = str(uid), uid
    if all(_reachable(path, uid, gid) for path in paths):
        return Identity(name, uid, gid, lambda: _become(uid, gid))
    if _works(lambda: _become_passing_folders(uid, gid)):
        return Identity(f"{name}, passing closed folders", uid, gid, lambda: _become_passing_folders(uid, gid))
    closed = next(path for path in paths if not _reachable(path, uid, gid))
    raise EngineError(
        f"PostgreSQL does not run as root, and {name} cannot reach {closed}: start Storyfold as an ordinary user, or "
        "keep the data directory (STORYFOLD_DATA_DIR) and the virtual environment where others may enter"
    )


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _become(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def _become_passing_folders(uid: int, gid: int) -> None:
    linux.keep_capabilities()
    _become(uid, gid)
    linux.keep_only_path_override()


def _enter_namespace() -> None:
    """Be another number, which is not root's and has a name."""
    uid, gid = os.geteuid(), os.getegid()
    inside = _NOBODY if _has_name(_NOBODY) else next((u.pw_uid for u in pwd.getpwall() if u.pw_uid != 0), _NOBODY)
    linux.new_user_namespace()
    proc = Path("/proc/self")
    (proc / "setgroups").write_text("deny")
    (proc / "uid_map").write_text(f"{inside} {uid} 1")
    (proc / "gid_map").write_text(f"{inside} {gid} 1")


def _works(assume: Callable[[], None]) -> bool:
    """Whether a child of this process can do `assume`; the process must have one thread."""
    if not linux.AVAILABLE:
        return False
    child = os.fork()
    if child == 0:
        try:
            assume()
            os._exit(0)
        except BaseException:  # noqa: BLE001 - a forked child ends here, whatever happened
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def _reachable(path: Path, uid: int, gid: int) -> bool:
    """Whether the mode bits let `uid` (without capabilities) into every folder above `path`, and use `path` itself."""
    return all(_may_enter(place.stat(), uid, gid) for place in (path, *path.parents))


def _may_enter(status: os.stat_result, uid: int, gid: int) -> bool:
    if status.st_uid == uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)
