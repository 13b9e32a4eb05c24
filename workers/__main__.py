"""``python -m workers network|cpu|beat``: one worker process on the servers that the environment names."""

from __future__ import annotations

import resource
import sys
import warnings
from functools import partial
from importlib import import_module
from typing import Any

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import setup_logging, worker_process_init

from storyfold import logs
from storyfold.errors import SettingsError
from storyfold.settings import Settings, load_settings
from workers.app import CPU_QUEUES, NETWORK_QUEUES, create_app

ROLES = ("network", "cpu", "beat")

# What workers do, each in the module of its name: loaded before there is any work.
STAGES = {
    "network": ("dispatch", "poll", "fetch", "deliver", "match_page", "equip"),
    "cpu": ("read", "digest", "fold", "repair", "match", "discover", "equip"),
}


def main(role: str) -> None:
    """Run until told to stop. SIGTERM ends a worker after the tasks in hand, SIGQUIT at once."""
    settings = load_settings()
    app = create_app(settings)
    if role != "beat":  # which rings by name, and has no use for what the work needs
        _register(app, settings)
    set_up_logs = partial(logs.set_up, level=settings.log_level, as_json=settings.log_json)
    setup_logging.connect(lambda **_: set_up_logs(), weak=False)  # in place of what Celery would do
    set_up_logs()
    _work(app, role, settings)


def _work(app: Celery, role: str, settings: Settings) -> None:
    if role == "beat":
        app.Beat(quiet=True, loglevel="WARNING", schedule=None).run()
        return
    for stage in STAGES[role]:
        import_module(f"storyfold.stages.{stage}")
    network = role == "network"
    if not network:
        _load_before_fork()
        worker_process_init.connect(_limit_memory(settings.task_memory), weak=False)
    # Said to those who accept pickled messages; ours are JSON, and embedded installations may well belong to root.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    app.worker_main(
        [
            "--quiet",
            "worker",
            f"--pool={'threads' if network else 'prefork'}",
            f"--concurrency={settings.network_threads if network else settings.cpu_processes}",
            f"--queues={','.join(NETWORK_QUEUES if network else CPU_QUEUES)}",
            f"--hostname={role}@%h",
            "--without-gossip",
            "--without-mingle",
            "--loglevel=WARNING",
        ]
    )


def _register(app: Celery, settings: Settings) -> None:
    from workers.runtime import per_process
    from workers.tasks import register

    register(app, per_process(settings))


def _load_before_fork() -> None:
    """What every page needs is loaded once, and shared by the children: nothing of it is looked through for garbage,
    which would give each child a copy of its own."""
    from storyfold.articles.rows import load_libraries
    from storyfold.garbage import collect_seldom
    from storyfold.matching.idf import background

    background("en")  # the language of the seed corpus; others are loaded when they come
    load_libraries()  # last, in the room that the raw list of words has left
    collect_seldom()


def _limit_memory(spare: int) -> Any:
    """A child may take `spare` bytes of address space above what it is born with; then its task fails, no other."""

    def limit(**_: object) -> None:
        born_with = _address_space()
        if born_with is not None:
            resource.setrlimit(resource.RLIMIT_AS, (born_with + spare, resource.RLIM_INFINITY))

    return limit


def _address_space() -> int | None:
    """This process's address space in bytes, where the system tells (Linux)."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - a file of the kernel's
            return int(statm.read().split()[0]) * resource.getpagesize()
    except FileNotFoundError:
        return None


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in ROLES:
        sys.exit(f"usage: python -m workers {'|'.join(ROLES)}")
    try:
        main(sys.argv[1])
    except SettingsError as error:
        sys.exit(f"storyfold: {error}")
