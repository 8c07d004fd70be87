"""Tables: what is printed, written as CSV, and put into a document."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from rich.console import Console

from bench.machine import machine
from bench.table import Table

TABLE = Table(
    name="pets",
    title="Pets",
    columns=("name", "legs", "weight kg", "tame"),
    rows=(("cat", 4, 4.25, True), ("fish", 0, None, False), ("owl", 2, float("nan"), None)),
    notes=("weighed before breakfast",),
    digits=1,
)


def test_a_row_must_have_a_cell_for_every_column() -> None:
    with pytest.raises(ValueError, match="pets has 2 columns, but a row of 1"):
        Table("pets", "Pets", ("name", "legs"), (("cat",),))


def test_csv_names_the_machine_and_leaves_unknown_cells_empty(tmp_path: Path) -> None:
    path = TABLE.write_csv(tmp_path / "new folder")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert path.name == "pets.csv" and [file.name for file in path.parent.iterdir()] == ["pets.csv"]
    assert [list(row.values())[:4] for row in rows] == [
        ["cat", "4", "4.2500", "yes"],
        ["fish", "0", "", "no"],
        ["owl", "2", "", ""],
    ]
    assert {row["machine"] for row in rows} == {machine()}


def test_print_shows_title_notes_and_machine(capsys: pytest.CaptureFixture[str]) -> None:
    TABLE.show(Console(width=200))
    printed = capsys.readouterr().out
    for part in ("Pets", "weight kg", "4.2", "weighed before breakfast", f"measured on: {machine()}"):
        assert part in printed


def test_a_document_gets_the_table_in_its_place_and_nothing_else_changes(tmp_path: Path) -> None:
    document = tmp_path / "pets.md"
    frame = "# Pets\n\n<!-- table pets -->\n{}<!-- end -->\n\nMore.\n<!-- table petshop -->\n<!-- end -->\n"
    document.write_text(frame.format("| old |\n"), encoding="utf-8")
    assert TABLE.put_into(document)
    before, _, after = frame.partition("{}")
    text = document.read_text(encoding="utf-8")
    assert text.startswith(before) and text.endswith(after)
    assert text[len(before) : -len(after)].splitlines()[:5] == [
        "| name | legs | weight kg | tame |",
        "| --- | ---: | ---: | --- |",
        "| cat | 4 | 4.2 | yes |",
        "| fish | 0 |  | no |",
        "| owl | 2 |  |  |",
    ]
    assert "Weighed before breakfast." in text and f": {machine()}." in text
    assert TABLE.put_into(document)
    assert document.read_text(encoding="utf-8") == text
    assert not Table("dogs", "Dogs", ("name",), ()).put_into(document)
