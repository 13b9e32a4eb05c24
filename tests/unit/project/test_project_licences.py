"""What is installed beside Storyfold may be used beside it.

Checked are all packages the runtime needs, with what they need in turn, by what their own metadata says. Where a
package offers a choice of licences, one of them has to fit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.metadata import Distribution

import pytest

# GPL and AGPL, also by their long names; the Lesser GPL allows use as a library and is not meant.
COPYLEFT = re.compile(r"(?<!L)\bA?GPL|(?<!Lesser )General Public License|GNU Affero", re.IGNORECASE)


def _licences(package: Distribution) -> list[str]:
    """One entry for each choice that the package offers."""
    metadata = package.metadata
    expression = metadata.get("License-Expression")
    if expression:
        return re.split(r"\s+OR\s+", expression)
    classifiers = [line for line in metadata.get_all("Classifier") or [] if line.startswith("License ::")]
    return classifiers or [metadata.get("License") or ""]


def test_no_runtime_dependency_is_under_the_gpl_or_agpl(runtime: Mapping[str, Distribution]) -> None:
    assert len(runtime) > 40
    bad = {name: _licences(package) for name, package in runtime.items() if _only_copyleft(_licences(package))}
    assert bad == {}


def _only_copyleft(licences: list[str]) -> bool:
    return all(COPYLEFT.search(licence) for licence in licences)


@pytest.mark.parametrize(
    ("licences", "refused"),
    [
        (["GPL-3.0-only"], True),
        (["License :: OSI Approved :: GNU General Public License v3 (GPLv3)"], True),
        (["AGPL-3.0-or-later"], True),
        (["License :: OSI Approved :: GNU Affero General Public License v3"], True),
        (["MPL-1.1", "GPL-2.0-only", "LGPL-2.1-or-later"], False),
        (["License :: OSI Approved :: GNU Lesser General Public License v2 or later (LGPLv2+)"], False),
        (["LGPL-3.0-only"], False),
        (["MIT"], False),
    ],
)
def test_the_check_tells_the_gpl_from_what_may_be_used(licences: list[str], refused: bool) -> None:
    assert _only_copyleft(licences) is refused
