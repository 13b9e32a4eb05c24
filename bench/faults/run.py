"""Strikes a running service with every fault there is, at random moments, and shows that nothing was lost or doubled.

    make faults                                             30 minutes, 10,000 links
    .venv/bin/python bench/faults/run.py [--minutes 30] [--links 10000] [--seed 1] [--every 10]

The same links are handed in twice, each time to a `storyfold up` in a fresh folder: to one that is left alone, and,
spread over the minutes, to one that is struck about every `--every` seconds by one of the faults of
`tests/faults/strikes.py` (processes of every kind killed or hanging, PostgreSQL and Redis stopped, crashed, emptied,
messages shuffled), whose doorbells all ring twice, and among whose pages are some that kill their process. Pages are
invented: 40 % print another's report. After every strike, in the middle of it all, the store is audited.

It passes where every link has its fate and every page one article, no audit found anything, and the syndication
clusters agree with those of the run that was left alone, and with what the pages were made of: one cluster a report
(adjusted Rand index of .99 at least, each). What was struck twice in a row counts as deadly
and is `failed`; it is tried again, as an operator would, and told. Exits 1 where one of these is not so.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "e2e"), str(ROOT / "tests" / "faults")]  # what the tests use

from running import Service  # noqa: E402
from servers.site import Site  # noqa: E402
from sklearn.metrics import adjusted_rand_score  # noqa: E402
from storm import Press, Sabotaged, Stood, Storm, spread  # noqa: E402
from strikes import STRIKES  # noqa: E402

HOSTS = 400
POISON = 3
PATIENCE = 1800.0
LEAST_RAND = 0.99
BATCH = 1000
SETTINGS = {"host_concurrency": 2, "fetch_attempts": 5}


@dataclass
class Seen:
    """What a run came to."""

    places: dict[str, Stood] = field(default_factory=dict)
    deadly: dict[str, Stood] = field(default_factory=dict)
    struck: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    audits: int = 0
    retried: int = 0
    seconds: float = 0.0
    ended_with: int | None = None

    @property
    def fates(self) -> Counter[str]:
        return Counter(stood.fate for stood in self.places.values())

    @property
    def twice(self) -> int:
        """Links whose article is another's too, which the schema should make impossible."""
        articles = Counter(stood.article for stood in self.places.values() if stood.article is not None)
        return sum(count - 1 for count in articles.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0, help="how long it is struck")
    parser.add_argument("--links", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1, help="the same seed strikes in the same order")
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two strikes, on average")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="storyfold-faults-") as folder, Site("0.0.0.0") as site:
        press = Press(site, asked.links, hosts=HOSTS, poison=POISON, seed=asked.seed)
        quiet = left_alone(Service(Path(folder) / "quiet", **SETTINGS), press)
        say(f"left alone: {quiet.seconds:.0f} s, {dict(quiet.fates)}, audit finds {dict(quiet.findings) or 'nothing'}")
        struck = under_fire(Sabotaged(Path(folder) / "struck", **SETTINGS), press, asked)
    sys.exit(0 if report(quiet, struck, press) else 1)


def left_alone(service: Service, press: Press) -> Seen:
    seen, started = Seen(), time.monotonic()
    try:
        service.start()
        storm = Storm(service, Random(0), PATIENCE)
        urls = list(press.printed)
        for place in range(0, len(urls), BATCH):
            storm.hand_in(urls[place : place + BATCH])
        storm.settle()
        seen.seconds = time.monotonic() - started
        seen.findings.update(finding.rule.name for finding in storm.audit())
        seen.places = storm.places(urls)
    finally:
        service.close()
    return seen


def under_fire(service: Service, press: Press, asked: argparse.Namespace) -> Seen:
    seen, random = Seen(), Random(asked.seed)
    try:
        service.start()
        storm = Storm(service, random, PATIENCE)
        fire(storm, press, asked, seen, random)
        storm.hand_in(press.deadly)
        settling = time.monotonic()
        storm.settle()
        say(f"settled {time.monotonic() - settling:.0f} s after the last strike")
        seen.retried = storm.try_again(list(press.printed))
        storm.settle()
        seen.findings.update(finding.rule.name for finding in storm.audit())
        seen.places, seen.deadly = storm.places(list(press.printed)), storm.places(press.deadly)
        seen.struck, seen.audits = storm.struck, storm.audits
        seen.ended_with = service.stop()
    finally:
        service.close()
    return seen


def fire(storm: Storm, press: Press, asked: argparse.Namespace, seen: Seen, random: Random) -> None:
    """Strike for so long, while the links come in over nine tenths of the time."""
    began, seconds = time.monotonic(), asked.minutes * 60
    coming = spread(press.urls, seconds * 0.9)
    names: list[str] = []
    while (elapsed := time.monotonic() - began) < seconds:
        due = next(coming, [])
        for place in range(0, len(due), BATCH):
            storm.hand_in(due[place : place + BATCH])
        names = names or random.sample(list(STRIKES), len(STRIKES))
        name = names.pop()
        found = storm.strike(name)
        broken = [finding.rule.name for finding in found]
        seen.findings.update(broken)
        verdict = ", ".join(broken) or "sound"
        say(f"{elapsed:6.0f} s  {name:<26}{storm.pending():>6} pending  {verdict}")
        time.sleep(random.uniform(0.2, 1.8) * asked.every)
    for due in coming:
        storm.hand_in(due)
    seen.seconds = time.monotonic() - began


def report(quiet: Seen, struck: Seen, press: Press) -> bool:
    """Print what was seen. -> whether it passes."""
    made_of = [printing.report for printing in press.printed.values()]
    rand = {
        level: adjusted_rand_score(grouped(quiet, press, level), grouped(struck, press, level))
        for level in ("cluster", "story")
    }
    true = [adjusted_rand_score(made_of, grouped(seen, press, "cluster")) for seen in (quiet, struck)]
    poisoned = {(stood.fate, stood.reason) for stood in struck.deadly.values()}
    say(f"\n{'fault':<28}{'struck':>6}")
    for name in STRIKES:
        say(f"{name:<28}{struck.struck[name]:>6}")
    say(f"\n{'':<34}{'left alone':>12}{'under fire':>12}")
    for fate in ("folded", "duplicate", "rejected", "failed", "pending"):
        say(f"{'links ' + fate:<34}{quiet.fates[fate]:>12}{struck.fates[fate]:>12}")
    say(f"{'articles of two links':<34}{quiet.twice:>12}{struck.twice:>12}")
    say(f"{'findings of audits':<34}{quiet.findings.total():>12}{struck.findings.total():>12}")
    say(f"{'audits':<34}{1:>12}{struck.audits:>12}")
    say(f"{'taken for poison, and retried':<34}{'':>12}{struck.retried:>12}")
    say(f"{'poison pages':<34}{'':>12}{len(struck.deadly):>12}  {poisoned}")
    say(f"{'adjusted Rand index, clusters':<34}{'':>12}{rand['cluster']:>12.4f}")
    say(f"{'adjusted Rand index, stories':<34}{'':>12}{rand['story']:>12.4f}")
    say(f"{'the same, clusters and reports':<34}{true[0]:>12.4f}{true[1]:>12.4f}")
    say(f"{'seconds':<34}{quiet.seconds:>12.0f}{struck.seconds:>12.0f}  load average {os.getloadavg()[0]:.1f}")
    return all(
        (
            quiet.fates == struck.fates == {"folded": len(press.printed)},
            quiet.twice == struck.twice == 0,
            not quiet.findings and not struck.findings,
            poisoned == {("failed", "killed-worker")},
            min(rand["cluster"], *true) >= LEAST_RAND,
            struck.ended_with == 0,
        )
    )


def grouped(seen: Seen, press: Press, level: str) -> list[int]:
    """Of each link the cluster or story it stands in; what stands in none is alone."""
    return [getattr(seen.places[url], level) or -place for place, url in enumerate(press.printed, 1)]


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
