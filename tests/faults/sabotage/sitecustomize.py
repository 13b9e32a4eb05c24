"""Loaded by every Python process of a sabotaged run: its folder is on their PYTHONPATH.

- Every doorbell is sent twice, those that are sent together in any order.
- A page that says `POISON` kills the process that reads it, as a fault in a parser written in C would.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import os
import random
import signal
import sys

POISON = b"this page is poison to whoever parses it"


def _ring_twice(module):
    ring = module.ring

    def ring_twice(app, works):
        doubled = [*works] * 2
        random.shuffle(doubled)
        ring(app, doubled)

    module.ring = ring_twice


def _be_poisoned(module):
    digest_page = module.digest_page

    def die_of_poison(body, *arguments, **named):
        if POISON in body:
            os.kill(os.getpid(), signal.SIGKILL)
        return digest_page(body, *arguments, **named)

    module.digest_page = die_of_poison


SABOTAGE = {"workers.task": _ring_twice, "storyfold.articles.digest": _be_poisoned}


class _Saboteur(importlib.abc.MetaPathFinder):
    """Lets modules be imported as ever, and changes them before anybody has them."""

    def find_spec(self, name, path, target=None):
        if name not in SABOTAGE:
            return None
        sabotage = SABOTAGE.pop(name)  # so that the next question is answered by the others
        spec = importlib.util.find_spec(name)
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            sabotage(module)

        spec.loader.exec_module = exec_module
        return spec


sys.meta_path.insert(0, _Saboteur())
