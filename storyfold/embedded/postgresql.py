"""How PostgreSQL's data directory is made and how the server is started on it."""

from __future__ import annotations

import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from storyfold.embedded.binaries import POSTGRES_MAJOR, postgres_program
from storyfold.embedded.directory import DataDirectory, give_tree
from storyfold.embedded.identity import Identity, identity_with_name
from storyfold.embedded.leftovers import clear_leftover
from storyfold.embedded.urls import DATABASE
from storyfold.errors import EngineError

_OURS = "storyfold.supervised=on"
"""A setting PostgreSQL keeps without knowing it: marks the process as started by Storyfold."""

_INITIAL = {
    # for a machine that does other things too; an operator may change them in postgresql.conf
    "max_connections": "100",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "max_wal_size": "2GB",
    "jit": "off",
    # fewer processes: each of these would be one more that waits
    "io_method": "sync",
    "max_worker_processes": "4",
    "max_parallel_workers_per_gather": "0",
    "autovacuum_max_workers": "2",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
"""Written to postgresql.conf once, when the directory is made."""

_NOT_DURABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}

_INITDB_SECONDS = 120


@dataclass(frozen=True)
class PostgresEngine:
    """PostgreSQL on `directory`, run as `identity`, reached by a socket in `socket_dir` and by nothing else."""

    directory: DataDirectory
    socket_dir: Path
    identity: Identity
    durable: bool = True

    name = "postgres"
    stop_signal = signal.SIGINT
    """Fast shutdown: clients are sent away, everything is written, the next start needs no recovery."""
    abort_signal = signal.SIGQUIT
    """Immediate shutdown: recovery by the next start."""

    @property
    def place(self) -> Path:
        return self.directory.postgres

    def prepare(self) -> None:
        """Make the data directory, or check the one there is; remove what a killed server left.

        Raises `EngineError`, saying what to do, where the directory cannot be used.
        """
        if not self.place.is_dir() or not any(self.place.iterdir()):
            self._make()
        self._check()
        clear_leftover(
            self.place / "postmaster.pid", self.place, program="postgres", ours=_OURS, stop=self.abort_signal
        )
        for stale in self.socket_dir.glob(".s.PGSQL.*"):
            stale.unlink()

    def command(self) -> list[str]:
        quoted = str(self.socket_dir).replace('"', '""')  # a comma outside quotes would separate two folders
        settings = {"listen_addresses": "", "unix_socket_directories": f'"{quoted}"', "unix_socket_permissions": "0700"}
        settings |= {} if self.durable else _NOT_DURABLE
        options = [f"{name}={value}" for name, value in settings.items()] + [_OURS]
        return [
            str(postgres_program("postgres")),
            "-D",
            str(self.place),
            *(part for o in options for part in ("-c", o)),
        ]

    def ready(self, pid: int) -> bool:
        """Whether the server `pid` takes connections: it says so in the last line of its pid file."""
        try:
            lines = (self.place / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"

    def _make(self) -> None:
        """`initdb` beside the final place, so that a directory that is there is complete."""
        maker, scratch = identity_with_name(self.identity), self.place.with_suffix(".new")
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(mode=0o700)
        maker.own(scratch)
        options = [part for name, value in _INITIAL.items() for part in ("-c", f"{name}={value}")]
        self._run(
            maker,
            ["initdb", "-D", str(scratch), "-U", DATABASE, "--no-instructions", *options]
            # whoever can open the socket in its private folder is trusted, nobody else is let in
            + ["--auth-local=trust", "--auth-host=reject"]
            # the built-in provider knows Unicode's letters wherever it runs; the system's locales differ by machine
            + ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            + ([] if self.durable else ["--no-sync"]),
        )
        self._run(maker, ["postgres", "--single", "-D", str(scratch), "postgres"], f"CREATE DATABASE {DATABASE};\n")
        if maker.uid != self.identity.uid:
            give_tree(scratch, self.identity.uid, self.identity.gid)
        scratch.replace(self.place)

    def _check(self) -> None:
        version = self.place / "PG_VERSION"
        if not version.is_file():
            raise EngineError(f"{self.place} is not empty and no data directory of PostgreSQL: move it away")
        if (found := version.read_text().strip()) != str(POSTGRES_MAJOR):
            raise EngineError(
                f"{self.place} was made by PostgreSQL {found}, this is {POSTGRES_MAJOR}: carry it over with "
                "pg_upgrade or a dump, or let STORYFOLD_DATA_DIR name a new directory"
            )
        if self.place.stat().st_uid != self.identity.uid:
            raise EngineError(f"{self.place} belongs to another user: start Storyfold as that user or as root")

    def _run(self, maker: Identity, command: list[str], text: str = "") -> None:
        """Run a program of PostgreSQL's as `maker`. Raises `EngineError` with the last it said."""
        program, *arguments = command
        try:
            done = subprocess.run(  # noqa: S603 - our own program and arguments
                [str(postgres_program(program)), *arguments],
                input=text,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_INITDB_SECONDS,
                env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
                preexec_fn=maker.before_exec(signal.SIGKILL),
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise EngineError(f"{program} did not end within {_INITDB_SECONDS} seconds in {self.place}") from error
        if done.returncode != 0:
            raise EngineError(f"{program} failed in {self.place}: {' '.join(done.stderr.split()[-60:])}")
