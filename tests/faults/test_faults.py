"""Whatever is killed, stopped, lost, doubled or shuffled: each link comes to its fate, and nothing stands twice.

The short form of `make faults`, which does the same for half an hour with 10,000 links. A seed of its own for every
run would find more; what fails here should fail again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from servers.site import Site
from storm import Press, Sabotaged, Storm
from strikes import STRIKES

LINKS = 120
PATIENCE = 240.0

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site("0.0.0.0", latency=0.05) as site:
        yield site


@pytest.fixture
def storm(tmp_path: Path) -> Iterator[Storm]:
    service = Sabotaged(tmp_path / "var", host_concurrency=4)
    try:
        service.start()
        yield Storm(service, Random(7), PATIENCE)
    finally:
        service.close()


def test_a_storm_of_all_faults_loses_nothing_and_doubles_nothing(storm: Storm, site: Site) -> None:
    press = Press(site, LINKS, hosts=12, poison=1)
    faults = list(STRIKES)
    Random(7).shuffle(faults)
    each = -(-LINKS // len(faults))
    for place, fault in enumerate(faults):
        storm.hand_in(press.urls[place * each : (place + 1) * each])
        assert storm.strike(fault) == [], fault
    storm.hand_in(press.urls)
    storm.settle()
    assert storm.audit() == []
    assert storm.service.command("audit").returncode == 0
    _assert_all_stand_where_they_should(storm, press)
    assert storm.service.stop() == 0


def _assert_all_stand_where_they_should(storm: Storm, press: Press) -> None:
    deadly = storm.places(press.deadly)
    assert {(stood.fate, stood.reason) for stood in deadly.values()} == {("failed", "killed-worker")}
    places = storm.places(list(press.printed))
    if storm.try_again(list(press.printed)):  # what was struck twice was taken for poison
        storm.settle()
        places = storm.places(list(press.printed))
    assert Counter(stood.fate for stood in places.values()) == {"folded": LINKS}
    assert len({stood.article for stood in places.values()}) == LINKS
    clusters, reports = defaultdict(set), defaultdict(set)
    for url, printing in press.printed.items():
        clusters[printing.report].add(places[url].cluster)
        reports[places[url].cluster].add(printing.report)
    assert {report: found for report, found in clusters.items() if len(found) > 1} == {}, "a report stands apart"
    assert {cluster: found for cluster, found in reports.items() if len(found) > 1} == {}, "reports stand together"
