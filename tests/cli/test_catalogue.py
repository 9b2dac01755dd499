"""``policy-mirror catalogue``, and the sections of the README that come from it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shared.translation.catalog import CATALOG
from shared.translation.codes import HOLDS, LOSSES, NOTES
from tests.cli.support import Document, refusal, run

ROOT = Path(__file__).resolve().parents[2]
MARKED = "# Title\n<!-- generated:matrix -->\nold\n<!-- /generated:matrix -->\nbetween\n" + (
    "<!-- generated:codes -->\n<!-- /generated:codes -->\nend\n"
    "<!-- generated:commands -->\n<!-- /generated:commands -->\n"
    "<!-- generated:simulation -->\n<!-- /generated:simulation -->\n"
    "<!-- generated:metrics -->\n<!-- /generated:metrics -->\n"
    "<!-- generated:costs -->\n<!-- /generated:costs -->\n"
    "<!-- generated:estates -->\n<!-- /generated:estates -->\n"
    "<!-- generated:bench -->\n<!-- /generated:bench -->\n"
)


@pytest.fixture(scope="module")
def answer() -> Document:
    result = run("catalogue", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    found: Document = json.loads(result.stdout)
    return found


@pytest.fixture(scope="module")
def rows(answer: Document) -> dict[str, Document]:
    return {row["signal"]: row for row in answer["matrix"]}


def test_it_has_a_row_for_everything_that_either_cloud_says(rows: dict[str, Document]) -> None:
    assert list(rows) == [row.signal for row in CATALOG]
    assert len(rows) == 37
    assert len({row["azure"] for row in rows.values() if row["azure"]}) == 20
    assert len({row["aws"] for row in rows.values() if row["aws"].startswith("aws:")}) == 18


def test_it_says_how_each_row_comes_into_step(rows: dict[str, Document]) -> None:
    by_how = {
        how: [s for s, row in rows.items() if row["how"] == how] for how in ("pair", "opt-in", "aws-only")
    }
    assert by_how["pair"] == [
        "mqtt-messages-from-device",
        "mqtt-messages-to-device",
        "unauthorized-operations",
        "active-connections",
        "outbound-destinations",
    ]
    assert [len(signals) for signals in by_how.values()] == [5, 15, 17]
    assert rows["amqp-messages-to-device"]["opt_in"] == ["protocol: amqp", "custom metric of type number"]
    assert rows["processes"]["opt_in"] == ["custom metric of type string-list"]


def test_what_does_not_pair_has_a_reason(rows: dict[str, Document]) -> None:
    assert all((row["how"] == "aws-only") == (row["why_not"] is not None) for row in rows.values())
    assert all((row["how"] == "opt-in") == bool(row["opt_in"]) for row in rows.values())


def test_windows_and_dead_rules_are_told(rows: dict[str, Document]) -> None:
    assert rows["mqtt-messages-from-device"]["window"] == "shared"
    assert rows["active-connections"]["window"] == "Azure only"
    assert rows["outbound-destinations"]["window"] == "none"
    assert rows["disconnects"]["window"] is None
    inert = [signal for signal, row in rows.items() if row["inert"]]
    assert inert == [
        "active-connections",
        "outbound-destinations",
        "failed-local-logins",
        "local-users",
        "processes",
    ]


def test_every_claim_has_a_date_and_a_source(rows: dict[str, Document]) -> None:
    for row in rows.values():
        assert all(row["verified"][cloud].startswith("20") for cloud in ("aws", "azure"))
        assert all(row["source"][cloud] for cloud in ("aws", "azure"))


def test_every_code_is_listed_with_its_effect(answer: Document) -> None:
    listed = {(code["kind"], code["code"]): code["effect"] for code in answer["codes"]}
    tables = {"held": HOLDS, "loss": LOSSES, "note": NOTES}
    assert listed == {(k, c): entry.effect for k, table in tables.items() for c, entry in table.items()}


@pytest.mark.parametrize("columns", [80, 120])
def test_a_person_sees_every_row_and_code_within_the_terminal(columns: int) -> None:
    result = run("catalogue", COLUMNS=str(columns))
    assert (result.exit_code, result.stderr) == (0, "")
    assert max(map(len, result.stdout.splitlines())) <= columns
    lines = [line.split() for line in result.stdout.splitlines()]
    assert {row.signal for row in CATALOG} <= {line[-1] for line in lines if line}
    assert {*HOLDS, *LOSSES, *NOTES} <= {line[0] for line in lines if line}


def test_the_markdown_is_well_formed() -> None:
    result = run("catalogue", "--markdown")
    assert (result.exit_code, result.stderr) == (0, "")
    tables = [line for line in result.stdout.splitlines() if line.startswith("|")]
    signals = [line for line in tables if line.startswith("| **")]
    assert [line.split("**")[1] for line in signals] == [row.signal for row in CATALOG]
    assert {line.count(" | ") for line in signals} == {2, 3}
    codes = [line.split("`")[1] for line in tables if line.startswith("| `")]
    assert codes == [*HOLDS, *LOSSES, *NOTES]
    assert "{" not in result.stdout


def test_two_formats_at_once_are_bad_input() -> None:
    line = refusal(run("catalogue", "--json", "--markdown"))
    assert line == "catalogue: --json and --markdown are two formats; choose one"


def test_the_generated_sections_are_written_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(MARKED)
    stale = run("readme", "--check", "--file", path)
    assert stale.exit_code == 1
    assert stale.stderr.endswith("its generated sections are stale; run: policy-mirror readme\n")
    assert path.read_text() == MARKED
    assert run("readme", "--file", path).exit_code == 0
    text = path.read_text()
    assert text.startswith("# Title\n<!-- generated:matrix -->\n**In step")
    assert "<!-- /generated:matrix -->\nbetween\n<!-- generated:codes -->\n" in text
    assert "<!-- /generated:codes -->\nend\n<!-- generated:commands -->\n**Look (writes nothing)**" in text
    assert "<!-- generated:metrics -->\n| metric |" in text
    assert "<!-- generated:bench -->\nMeasured on " in text
    assert text.endswith("<!-- /generated:bench -->\n")
    assert "old" not in text.splitlines()
    assert run("readme", "--check", "--file", path).exit_code == 0


@pytest.mark.parametrize("marker", ["<!-- generated:matrix -->", "<!-- /generated:codes -->"])
def test_a_missing_or_doubled_marker_is_bad_input(tmp_path: Path, marker: str) -> None:
    path = tmp_path / "README.md"
    for text in (MARKED.replace(marker, ""), MARKED + marker):
        path.write_text(text)
        assert refusal(run("readme", "--check", "--file", path)).startswith(f"{path}: wanted <!-- generated:")


def test_a_missing_readme_is_bad_input(tmp_path: Path) -> None:
    assert "cannot be read" in refusal(run("readme", "--file", tmp_path / "none.md"))
