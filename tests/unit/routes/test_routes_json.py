"""JSON means the same without YAML as with it, and what is wrong in it is told with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import BadRoutes
from shared.routes.json_tree import json_tree
from shared.routes.load import compact, load_routes
from shared.routes.nodes import MAX_DEPTH, MAX_VALUES
from shared.routes.yaml_tree import tree
from tests.unit.routes.samples import document, refusal, settings


def plain(text: str) -> Any:
    root = json_tree(text)
    return None if root is None else root.plain()


def test_a_document_of_json_is_read_without_yaml() -> None:
    text = document(settings(windows=["PT5M"]), defaults={"mode": "observe"})
    assert plain(text) == json.loads(text) | {"version": "1"}


values = st.recursive(
    st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
indents = st.none() | st.integers(0, 4) | st.just("\t")


@given(st.dictionaries(st.text(max_size=8), values, max_size=4), indents)
def test_what_is_read_means_the_same_to_yaml(value: dict[str, Any], indent: int | str | None) -> None:
    text = json.dumps(value, indent=indent)
    said = plain(text)
    if said is None:
        assert "\\" in text
    else:
        root, problems = tree(text)
        assert (root.plain(), problems) == (said, [])


@pytest.mark.parametrize("number", ["123456789012", "-0", "1.50", "1e3", "1E+3"])
def test_a_number_is_the_text_that_stands_there(number: str) -> None:
    assert plain(f'{{"a": {number}}}') == {"a": number}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a: 1",
        '["a"]',
        '{"a": 1, "a": 1}',
        '{"a": 012}',
        '{"a": NaN}',
        '{"a": 1} # comment',
        '{"a": 1, }',
        '{"a": off}',
        '{"a": "\\u0041"}',
        '{"a": "ä"}',
        '{"a": ' + "[" * MAX_DEPTH + "]" * MAX_DEPTH + "}",
        '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"a": [' + "1," * MAX_VALUES + "1]}",
    ],
)
def test_what_yaml_could_read_otherwise_is_left_to_it(text: str) -> None:
    assert json_tree(text) is None


def test_an_account_with_a_leading_zero_and_no_quotes_does_not_slip_through() -> None:
    text = document(settings(aws={"account": 123456789012}))
    assert 'quote it, "012345678901"' in refusal(text.replace("123456789012", "012345678901"))
    assert "'12345678901.5' is not allowed" in refusal(text.replace("123456789012", "12345678901.5"))


def test_true_is_text_as_it_stands() -> None:
    assert load_routes(document(settings(canary=True))).routes[0].canary == "true"


def test_a_key_that_stands_twice_is_told_with_its_line() -> None:
    text = document(settings()).replace('"version": 1', '"version": 1,\n"version": 1')
    assert refusal(text) == "routes.yaml:2:1: version: stands a second time; the first is in line 1"


def test_every_problem_is_told_with_its_place() -> None:
    text = json.dumps(json.loads(document(settings(id="P", mode="x"))), indent=0)
    said = [line.split(": ")[:2] for line in refusal(text).splitlines()]
    assert said == [["routes.yaml:5:7", "routes[0].id"], ["routes.yaml:13:9", "routes[0].mode"]]


def test_a_compact_document_is_read_without_yaml_and_means_the_same() -> None:
    example = Path("infra/routes.example.yaml").read_text(encoding="utf-8")
    for text in (example, document(settings(windows=["PT5M"]), defaults={"mode": "observe"})):
        small = compact(text)
        assert json_tree(small) is not None
        assert load_routes(small) == load_routes(text)


@given(st.text(max_size=20), st.lists(st.text(min_size=1, max_size=8), max_size=3))
def test_whatever_stands_in_a_compact_document_stays_as_it_was(word: str, names: list[str]) -> None:
    text = document(settings(names={"include": names or ["*"]}, id=word))
    try:
        found = load_routes(text)
    except BadRoutes:
        with pytest.raises(BadRoutes):
            compact(text)
    else:
        assert load_routes(compact(text)) == found
