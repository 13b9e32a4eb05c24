"""The seed corpus is what its manifest says."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from storyfold.errors import BadInput
from storyfold.stages.seed import read_corpus


@pytest.fixture(scope="module")
def texts(checkout: Path) -> list[dict[str, Any]]:
    manifest = json.loads((checkout / "seeds/manifest.json").read_text(encoding="utf-8"))
    assert manifest["version"] == 1
    return manifest["texts"]


def test_every_text_is_in_the_manifest_once(checkout: Path, texts: list[dict[str, Any]]) -> None:
    assert sorted(text["file"] for text in texts) == sorted(path.name for path in (checkout / "seeds").glob("*.txt"))


def test_every_text_is_kept_to_the_byte(checkout: Path, texts: list[dict[str, Any]]) -> None:
    for text in texts:
        assert sha256((checkout / "seeds" / text["file"]).read_bytes()).hexdigest() == text["sha256"], text["file"]


def test_a_title_stands_in_its_text(checkout: Path, texts: list[dict[str, Any]]) -> None:
    titled = [text for text in texts if text["title"]]
    assert titled
    for text in titled:
        lines = (checkout / "seeds" / text["file"]).read_text(encoding="utf-8").splitlines()
        assert text["title"] in lines


def test_every_entry_says_what_is_known_and_has_the_documented_fields(
    checkout: Path, texts: list[dict[str, Any]]
) -> None:
    page = (checkout / "seeds/README.md").read_text(encoding="utf-8")
    for text in texts:
        assert text["notes"].strip()
        assert all(f"| `{field}` |" in page for field in text)


def test_the_loader_reads_the_corpus_of_the_checkout(checkout: Path, texts: list[dict[str, Any]]) -> None:
    corpus = read_corpus(checkout / "seeds")
    assert [seed.identity.name for seed in corpus] == [text["file"] for text in texts]
    assert [seed.article.title for seed in corpus] == [text["title"] for text in texts]


def test_a_manifest_that_names_no_language_is_told_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "harbour.txt").write_text("The harbour reopened.")
    (tmp_path / "manifest.json").write_text('{"texts": [{"file": "harbour.txt", "language": "klingon"}]}')
    with pytest.raises(BadInput, match=r"harbour\.txt: 'klingon' is no tag of a language"):
        read_corpus(tmp_path)
