"""The YAML that is read, and the YAML that is not. Whatever parser PyYAML was built with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from shared.errors import BadRoutes
from shared.routes import yaml_tree
from shared.routes.load import load_routes
from shared.routes.nodes import MAX_DEPTH, MAX_VALUES
from shared.routes.problem import Unreadable
from shared.routes.route import Routes
from shared.routes.text import MAX_BYTES
from shared.routes.yaml_tree import tree
from tests.unit.routes.samples import document, refusal, settings

Parser = type[Any]
PARSERS = [getattr(yaml, name) for name in ("CSafeLoader", "SafeLoader") if hasattr(yaml, name)]
EVERY_PARSER = pytest.mark.parametrize("parser", PARSERS)
FULL = document(
    settings(mode="aws-to-azure", approximate=["weaker"], custom_metrics={"metrics": {"Process": "p"}}),
    settings(id="b", aws={"region": "us-east-1"}, names={"include": ["a*", "b"]}, windows=["PT5M"]),
    defaults={"mode": "observe", "azure": {"client_id": None}},
)


@contextmanager
def parsing_with(parser: Parser) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_tree, "LOADER", parser)
        yield


def said(text: str, parser: Parser) -> list[tuple[int, int, str]]:
    """What :func:`tree` finds wrong, as line, column and problem."""
    try:
        with parsing_with(parser):
            _, problems = tree(text)
    except Unreadable as stopped:
        problems = [stopped.problem]
    return [(problem.spot.line, problem.spot.column, problem.text) for problem in problems]


def read(text: str, parser: Parser) -> Any:
    with parsing_with(parser):
        root, problems = tree(text)
    assert problems == []
    return root.plain()


@EVERY_PARSER
@pytest.mark.parametrize(
    "text",
    ["off", "no", "on", "Yes", "y", "true", "1", "1_000", "0x1F", "12:30", "2026-01-01", "1e3", ".inf", "="],
)
def test_a_plain_scalar_is_text_as_it_stands(text: str, parser: Parser) -> None:
    assert read(f"a: {text}", parser) == {"a": text}


@EVERY_PARSER
@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_nothing_is_nothing(text: str, parser: Parser) -> None:
    assert read(f"a: {text}", parser) == {"a": None}


@EVERY_PARSER
@pytest.mark.parametrize("text", ['""', "'~'", '"null"', "|-\n  null"])
def test_quoted_nothing_is_text(text: str, parser: Parser) -> None:
    assert isinstance(read(f"a: {text}", parser)["a"], str)


def test_custom_metrics_may_be_off_without_quotes() -> None:
    text = document(settings(custom_metrics={"mode": "off"})).replace('"off"', "off")
    assert load_routes(text).routes[0].custom_metrics.mode == "off"


@EVERY_PARSER
def test_keys_are_text_too(parser: Parser) -> None:
    assert read("on: a\n1: b\n~: c\n", parser) == {"on": "a", "1": "b", "~": "c"}


@EVERY_PARSER
@pytest.mark.parametrize("number", ["0123", "007", "00", "+01", "-012"])
def test_a_leading_zero_has_to_be_quoted(number: str, parser: Parser) -> None:
    ((line, column, problem),) = said(f"a:\n  - {number}", parser)
    assert (line, column) == (2, 5)
    assert problem.startswith(f'quote it, "{number}": ')
    assert said(f'a:\n  - "{number}"', parser) == []


@EVERY_PARSER
@pytest.mark.parametrize("number", ["0", "10", "100200300400", "0.5", "0-1"])
def test_other_numbers_need_no_quotes(number: str, parser: Parser) -> None:
    assert read(f"[{number}]", parser) == [number]


@EVERY_PARSER
def test_a_second_equal_key_is_refused_with_the_line_of_the_first(parser: Parser) -> None:
    problem = "stands a second time; the first is in line 1"
    assert said("a: 1\nb: 2\na: 3\n'a': 4", parser) == [(3, 1, problem), (4, 1, problem)]


@EVERY_PARSER
def test_aliases_and_anchors_are_refused(parser: Parser) -> None:
    anchor, alias = said("a: &x [1]\nb: *x", parser)
    assert anchor == (1, 4, "anchors (&name) are not read; what routes have in common belongs under defaults")
    assert alias == (2, 4, "aliases (*name) are not read; what routes have in common belongs under defaults")


def test_a_value_that_is_not_read_is_not_called_wrong_as_well() -> None:
    text = document(settings(mode="ALIAS")).replace('"ALIAS"', "*x")
    assert refusal(text).partition(": ")[2] == (
        "routes[0].mode: aliases (*name) are not read; what routes have in common belongs under defaults"
    )


def test_a_bomb_of_aliases_does_not_go_off() -> None:
    levels = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{f'*a{n - 1}, ' * 9}]" for n in range(1, 30)]
    assert refusal("\n".join(levels)).startswith("routes.yaml:1:1: a0: unknown key")


def test_merge_keys_are_refused_with_the_way_out() -> None:
    said = refusal(document(settings(**{"<<": {"mode": "observe"}})))
    assert said.endswith("merge keys (<<) are not read; what routes have in common belongs under defaults")


@EVERY_PARSER
@pytest.mark.parametrize(
    "value", ["!x 1", "!!str 1", "!!python/object/apply:os.getcwd []", "! 1", "!x {a: b}"]
)
def test_tags_are_refused(value: str, parser: Parser) -> None:
    assert said(f"a: {value}", parser) == [
        (1, 4, "tags (!name) are not read; a value is the text that stands there")
    ]


@EVERY_PARSER
@pytest.mark.parametrize("key", ["? [a, b]\n: 1", "? {a: b}\n: 1", "[a]: 1"])
def test_a_key_that_is_no_text_is_refused(key: str, parser: Parser) -> None:
    ((line, _, problem),) = said(key, parser)
    assert (line, problem) == (1, "a key has to be text")


@EVERY_PARSER
@pytest.mark.parametrize("text", ["a:\n\tb: 1", "a:\n  - b\n\t- c", "a:\n  b: c\n\td: e"])
def test_a_tab_in_the_indentation_is_called_by_its_name(text: str, parser: Parser) -> None:
    ((line, _, problem),) = said(text, parser)
    assert line == text[: text.index("\t")].count("\n") + 1
    assert problem == "not YAML: a tab stands where YAML has only spaces"


@EVERY_PARSER
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: b: c", 1),
        ("a: [1,\nb", 2),
        ("a: 'b", 1),
        ("a:\n  - b\n c: d", 3),
        ("%YAML 2.0\n---\na", 1),
        ("a: @b", 1),
    ],
)
def test_what_is_no_yaml_is_refused_at_its_line(text: str, line: int, parser: Parser) -> None:
    ((found, _, problem),) = said(text, parser)
    assert problem.startswith("not YAML: ")
    assert found in {line, line + 1}  # libyaml counts the end of the text as a line of its own


@EVERY_PARSER
@pytest.mark.parametrize("escape", [r"\UFFFFFFFF", r"\U00110000"])
def test_an_escape_out_of_range_is_refused(escape: str, parser: Parser) -> None:
    ((line, _, problem),) = said(f'"{escape}"', parser)
    assert line == 1
    assert problem.startswith("not YAML: ")


@EVERY_PARSER
@pytest.mark.parametrize("text", ["", "# only a comment\n", "\n\n"])
def test_an_empty_document_is_refused(text: str, parser: Parser) -> None:
    assert said(text, parser) == [(1, 1, "empty; wanted: version: 1 and a list of routes")]


@EVERY_PARSER
def test_a_second_document_is_refused(parser: Parser) -> None:
    assert said("a: 1\n---\nb: 2", parser) == [(2, 1, "a second document begins here; only one is read")]
    assert read("---\na: 1\n...\n", parser) == {"a": "1"}


@EVERY_PARSER
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{a: ", "}"), ("? ", "")])
def test_depth_is_limited(opening: str, closing: str, parser: Parser) -> None:
    deep = opening * 5_000 + closing * 5_000
    assert [problem for _, _, problem in said(deep, parser)] == [f"more than {MAX_DEPTH} levels deep"]


@EVERY_PARSER
def test_depth_up_to_the_limit_is_read(parser: Parser) -> None:
    assert said("[" * MAX_DEPTH + "x" + "]" * MAX_DEPTH, parser) == []
    assert len(said("[" * (MAX_DEPTH + 1) + "x" + "]" * (MAX_DEPTH + 1), parser)) == 1


def test_the_number_of_values_is_limited() -> None:
    said = refusal("[" + "x, " * MAX_VALUES + "]")
    assert said == f"routes.yaml:1:{3 * MAX_VALUES - 1}: more than {MAX_VALUES} values"


def test_a_document_may_have_a_mebibyte_and_no_byte_more() -> None:
    text = document(settings())
    padding = "#" * (MAX_BYTES - len(text) - 1)
    assert load_routes(f"{text}\n{padding}") == load_routes(text)
    assert refusal(f"{text}\n{padding}#") == "routes.yaml:1:1: larger than 1048576 bytes"
    assert refusal("ä" * (MAX_BYTES // 2 + 1)) == "routes.yaml:1:1: larger than 1048576 bytes"


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_byte_order_mark_is_tolerated_in_text_and_bytes(mark: str) -> None:
    text = document(settings())
    assert load_routes(mark + text) == load_routes((mark + text).encode()) == load_routes(text)


def test_bytes_that_are_not_utf_8_are_refused_at_their_place() -> None:
    said = refusal(b"version: 1\n# Gr\xfc\xdfe")
    assert said == "routes.yaml:2:5: byte 0xfc is not UTF-8; save the file as UTF-8"


def test_a_place_behind_a_byte_order_mark_does_not_count_it() -> None:
    assert refusal(b"\xef\xbb\xbfab\xff").startswith("routes.yaml:1:3: byte 0xff")
    assert refusal("\ufeffab\0").startswith("routes.yaml:1:3: control character")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le"])
def test_utf_16_is_refused_with_the_way_out(encoding: str) -> None:
    said = refusal("\ufeffversion: 1".encode(encoding))
    assert said == "routes.yaml:1:1: UTF-16; save it as UTF-8"


@pytest.mark.parametrize(("character", "name"), [("\0", "U+0000"), ("\x1b", "U+001B"), ("\ufffe", "U+FFFE")])
def test_a_control_character_is_refused_at_its_place(character: str, name: str) -> None:
    assert refusal(f"version: 1\r\rab{character}") == f"routes.yaml:3:3: control character {name}"
    assert refusal(f"version: 1\r\nab{character}") == f"routes.yaml:2:3: control character {name}"


def test_half_a_character_is_refused() -> None:
    assert refusal("a: \ud800").startswith("routes.yaml:1:4: byte 0xed is not UTF-8")


@EVERY_PARSER
def test_half_a_character_does_not_get_through_as_an_escape_either(parser: Parser) -> None:
    with parsing_with(parser):
        assert "routes.yaml:1:" in refusal(document(settings(names={"include": ["\ud800"]})))


def test_messages_never_carry_a_control_character() -> None:
    lines = refusal(document(settings(**{"a\x1b[2J\nb": "x", "mode": "\x07\n"}))).splitlines()
    assert len(lines) == 2
    assert all(line.isprintable() for line in lines)


def test_messages_quote_no_more_than_the_beginning_of_a_long_value() -> None:
    said = refusal(document(settings(mode="x" * 5_000)))
    assert f"'{'x' * 57}...' is not allowed" in said


def loaded(text: str | bytes) -> Routes | None:
    """The routes, or None for BadRoutes that names the source in each line."""
    try:
        return load_routes(text)
    except BadRoutes as refused:
        said = str(refused)
    assert all(line.startswith("routes.yaml:") and line.isprintable() for line in said.split("\n"))
    return None


@EVERY_PARSER
@given(text=st.text(st.characters(codec=None)) | st.binary())
@example(text='"\\ud800": 1')
@example(text=f"%YAML 1.{'9' * 5000}\n---\na")
@example(text="&x {? *x : *x}")
def test_any_text_gives_bad_routes_and_nothing_else(parser: Parser, text: str | bytes) -> None:
    with parsing_with(parser):
        assert loaded(text) is None


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["two-way", "off", "PT5M"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
members = st.sampled_from(
    [*settings(), "mode", "windows", "names", "custom_metrics", "approximate", "delete", "<<", "x"]
)


@given(st.dictionaries(members, values, max_size=6), st.dictionaries(members, values, max_size=4))
def test_any_settings_give_routes_or_bad_routes(changes: dict[str, Any], defaults: dict[str, Any]) -> None:
    routes = loaded(document({**settings(), **changes}, defaults=defaults))
    assert routes is None or routes.routes[0].id == str(changes.get("id", "plant")).lower()


cuts = st.lists(
    st.tuples(
        st.integers(0, len(FULL)), st.integers(0, 12), st.text("{}[]:,\"'&*!|>-?#% \n\tab01", max_size=4)
    ),
    min_size=1,
    max_size=4,
)


@EVERY_PARSER
@given(edits=cuts)
def test_a_mangled_document_gives_routes_or_bad_routes(
    parser: Parser, edits: list[tuple[int, int, str]]
) -> None:
    text = FULL
    for start, length, inserted in edits:
        text = text[:start] + inserted + text[start + length :]
    with parsing_with(parser):
        routes = loaded(text)
    assert routes is None or 1 <= len(routes.routes) <= 2
