import gzip
import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from storyfold.cli.extract import extract

STORY = (
    "The harbour council of Lindow voted on Tuesday to rebuild the old pier, ending a dispute of nine years.",
    "Seven of the eleven members were in favour, among them two who had spoken against the plan in spring.",
    "Work is to begin in October and to cost four million crowns, a third of it paid by the fishing fleet.",
)


def page(*paragraphs: str, title: str = "Council votes to rebuild the pier") -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}</article></body></html>"


def run(folder: Path, rows: list[Any], *options: str) -> tuple[Result, list[dict[str, Any]]]:
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    (folder / "in.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    arguments = [str(folder / "in.jsonl"), "-o", str(folder / "out.jsonl"), "--workers", "1", *options]
    result = CliRunner().invoke(extract, arguments)
    return result, [json.loads(line) for line in (folder / "out.jsonl").read_text(encoding="utf-8").splitlines()]


def test_html_files_and_text_come_out_in_order(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(page(*STORY), encoding="utf-8")
    with gzip.open(tmp_path / "b.html.gz", "wt", encoding="utf-8") as file:
        file.write(page(*STORY))
    rows = [
        {"id": "1", "html": page(*STORY)},
        {"id": "2", "html_file": "a.html"},
        {"id": "3", "html_file": "b.html.gz"},
    ]
    result, out = run(tmp_path, [*rows, {"id": "4", "text": "\n".join(STORY)}])
    assert result.exit_code == 0, result.output
    assert [row["id"] for row in out] == ["1", "2", "3", "4"]
    assert {row["text"] for row in out} == {"\n".join(STORY)}
    assert {row["error"] for row in out} == {None}


def test_every_field_of_the_contract_is_there(tmp_path: Path) -> None:
    _, out = run(tmp_path, [{"id": "1", "html": page(*STORY)}])
    assert set(out[0]) == {
        *("id", "text", "title", "authors", "published", "published_precision", "language", "canonical_url"),
        *("site", "image", "removed", "rejected", "error"),
    }


def test_rows_that_cannot_be_used_get_an_error_and_the_run_goes_on(tmp_path: Path) -> None:
    bad = [
        {"id": "a"},
        {"id": "b", "html": 7},
        {"id": "c", "html_file": "missing.html"},
        {"id": "d", "html_file": "a\0b"},
        {"id": "e", "html_file": "."},
    ]
    result, out = run(tmp_path, [*bad, {"id": "y", "text": "\n".join(STORY)}])
    assert result.exit_code == 3
    assert [(row["id"], bool(row["error"])) for row in out[:5]] == [(row["id"], True) for row in bad]
    assert out[-1]["error"] is None


def test_lines_that_cannot_be_parsed_have_no_id_but_their_line_number(tmp_path: Path) -> None:
    lines = ["{", "[]", "3", "{}", '{"id": null}', "[" * 100_000]
    result, out = run(tmp_path, [{"id": "y", "text": "\n".join(STORY)}, *lines])
    assert result.exit_code == 3
    assert [(row["id"], row["line"]) for row in out[1:]] == [(None, number) for number in range(2, 8)]
    assert all(row["error"] for row in out[1:])


def test_a_second_row_of_one_id_is_an_error(tmp_path: Path) -> None:
    result, out = run(tmp_path, [{"id": "1", "text": STORY[0]}, {"id": "1", "text": STORY[1]}])
    assert result.exit_code == 3
    assert out[0]["error"] is None
    assert out[1]["error"]


def test_a_lone_surrogate_in_an_id_comes_back_as_it_was(tmp_path: Path) -> None:
    result, out = run(tmp_path, ['{"id": "\\ud800", "text": "' + STORY[0] + '"}'])
    assert result.exit_code == 0, result.output
    assert out[0]["id"] == "\ud800"


def test_a_row_over_the_time_limit_gets_an_error_with_its_id(tmp_path: Path) -> None:
    rows = [{"id": "slow", "html": page(*STORY * 3000)}, {"id": "y", "text": STORY[0]}]
    result, out = run(tmp_path, rows, "--seconds", "0.05")
    assert result.exit_code == 3
    assert out[0]["id"] == "slow"
    assert "time limit" in out[0]["error"]
    assert out[1]["error"] is None


def test_a_file_that_cannot_be_written_ends_the_run_with_a_message(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"id": "1", "text": "a"}\n', encoding="utf-8")
    arguments = [str(tmp_path / "in.jsonl"), "-o", str(tmp_path / "no" / "such" / "folder.jsonl")]
    result = CliRunner().invoke(extract, arguments)
    assert result.exit_code == 1
    assert "folder.jsonl" in result.output


def test_lines_that_recur_on_a_site_are_learned_from_its_other_rows(tmp_path: Path) -> None:
    def text(n: int) -> str:
        words = [f"{word}{n}" for word in STORY[n % 3].split()]
        return "\n".join([" ".join(words), " ".join(reversed(words)), "Lindow Post, the island's own paper since 1911"])

    rows = [{"id": str(n), "text": text(n), "source": "lindow-post"} for n in range(4)]
    _, out = run(tmp_path, [*rows, {"id": "else", "text": text(5), "source": "other"}])
    assert ["Lindow Post" in row["text"] for row in out] == [False] * 4 + [True]
    assert out[0]["removed"] == [{"line": "Lindow Post, the island's own paper since 1911", "reason": "template"}]
