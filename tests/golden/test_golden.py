"""Every row of the catalogue has golden cases, and they still hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.translation.catalog import CATALOG, Binding, Row
from shared.translation.pairing import pairing
from shared.translation.side import Side
from shared.translation.translators import TRANSLATORS, translate
from tests.golden.golden import Document, cases, derived, files, options, seeds, text
from tests.laws import said_again
from tests.laws.acceptance import refused_by_aws, refused_by_azure
from tests.laws.differences import AZURE_OWN, TEXTS
from tests.laws.said_again import without_empty

ALL = [(path, number) for path in [*files(), *seeds()] for number in range(len(cases(path)))]
IDS = [f"{path.stem}-{number}" for path, number in ALL]


@pytest.mark.parametrize(("path", "number"), ALL, ids=IDS)
def test_a_golden_case_is_as_it_was_checked(path: Path, number: int) -> None:
    """If the change is meant: ``python -m tests.golden.regenerate``, and read the difference."""
    case = cases(path)[number]
    assert text([derived(case)]) == text([case])


@pytest.mark.parametrize(("path", "number"), ALL, ids=IDS)
def test_both_clouds_take_what_a_golden_case_shows(path: Path, number: int) -> None:
    case = cases(path)[number]
    taken = {Side.AWS: refused_by_aws, Side.AZURE: refused_by_azure}
    side = Side(case["side"])
    assert taken[side](case["source"]) == []
    assert taken[side.other](case["target"]) == []


@pytest.mark.parametrize(("path", "number"), ALL, ids=IDS)
def test_a_golden_target_put_onto_its_source_changes_nothing(path: Path, number: int) -> None:
    case = cases(path)[number]
    side, source = Side(case["side"]), case["source"]
    shared = pairing(options(case))
    assert translate(side.other, case["target"], shared, source, "golden").document is source


def test_every_row_has_a_golden_case_and_every_case_a_row() -> None:
    assert {path.stem for path in files()} == {row.signal for row in CATALOG}


@pytest.mark.parametrize("row", CATALOG, ids=lambda row: row.signal)
def test_the_cases_of_a_row_state_it_from_every_side_that_can(row: Row) -> None:
    (path,) = (path for path in files() if path.stem == row.signal)
    stating = {case["side"] for case in cases(path) if row.signal in _signals(case)}
    azure, aws = isinstance(row.azure, Binding), row.aws.native is not None
    assert stating == {side for side, can in ((Side.AZURE, azure), (Side.AWS, aws)) if can}


def _signals(case: Document) -> set[str | None]:
    policy = TRANSLATORS[Side(case["side"])].parse(case["source"], pairing(options(case)))
    return {rule.signal for rule in policy.rules}


@pytest.mark.parametrize("path", seeds(), ids=lambda path: path.stem)
def test_whatever_a_reference_page_says_is_in_the_policy(path: Path) -> None:
    """Each document can be made again of its policy, but for members that are documented as read-only."""
    for case in cases(path):
        side, source = Side(case["side"]), case["source"]
        policy = TRANSLATORS[side].parse(source, pairing(options(case)))
        if side is Side.AWS:
            assert without_empty(said_again.profile(policy)) == source
        else:
            assert without_empty(said_again.group(policy)) == _without_read_only(source)


def _without_read_only(group: Document) -> Document:
    """``name`` is read-only too, but a policy knows it; a list without rules says nothing."""
    stated = {kind: rules for kind, rules in group["properties"].items() if rules}
    rules = {kind: [_settings(rule) for rule in rules] for kind, rules in stated.items()}
    return {key: group[key] for key in group if key not in AZURE_OWN - {"name"}} | {"properties": rules}


def _settings(rule: Document) -> Document:
    return {key: value for key, value in rule.items() if key not in TEXTS}
