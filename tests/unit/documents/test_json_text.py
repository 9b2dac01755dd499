"""JSON that nobody vouches for: read strictly, refused with a place, written so that nothing is lost."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import BadDocument
from shared.translation import json_text
from shared.translation.json_text import MAX_BYTES, MAX_DEPTH, MAX_DIGITS, dumps, loads

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def problem(data: str | bytes) -> str:
    with pytest.raises(BadDocument) as refused:
        loads(data)
    text = str(refused.value)
    assert text.isprintable()
    return text


@given(JSON, st.sampled_from([None, 1, 2]))
def test_what_is_written_is_read_back(value: Any, indent: int | None) -> None:
    assert loads(dumps(value, indent=indent)) == value


@given(JSON)
def test_whatever_python_writes_is_read_as_python_reads_it(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert loads(text) == json.loads(text)


@given(st.text() | st.text(st.sampled_from('{}[]:,"\\ \n01e.-aNaNnull')))
def test_what_python_refuses_is_refused(text: str) -> None:
    try:
        expected: Any = json.loads(text.removeprefix("\ufeff"))
    except ValueError:
        assert problem(text)
    else:
        assert read_or_stricter(text) in (expected, STRICTER)


STRICTER = object()


def read_or_stricter(text: str) -> Any:
    """The value, or a sign that the text is refused for what Python would let pass."""
    try:
        return loads(text)
    except BadDocument as refused:
        words = ("twice", "no JSON number", "too large")
        return STRICTER if any(word in refused.problem for word in words) else refused


def test_member_order_is_kept() -> None:
    text = '{\n  "b": 1,\n  "a": {\n    "d": null,\n    "c": []\n  }\n}'
    assert dumps(loads(text)) == text


def test_lone_surrogates_survive() -> None:
    text = '{"\\udfff": "\\ud800"}'
    assert loads(text) == {"\udfff": "\ud800"}
    assert dumps(loads(text), indent=None) == text


def test_other_scripts_are_written_in_ascii() -> None:
    assert dumps("é→😀") == '"\\u00e9\\u2192\\ud83d\\ude00"'


@pytest.mark.parametrize("text", ["\ufeff{}", b"\xef\xbb\xbf{}", b"\xef\xbb\xbf  {} \r\n"])
def test_a_byte_order_mark_is_tolerated(text: str | bytes) -> None:
    assert loads(text) == {}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "it is empty; wanted: one JSON object"),
        (b" \n\t", "it is empty; wanted: one JSON object"),
        (b"\xff\xfe{\x00}\x00", "it is UTF-16; save it as UTF-8"),
        (b'{"a": "\x80"}', "it is not UTF-8 text: byte 0x80 at offset 7"),
        (b"\xed\xa0\x80", "it is not UTF-8 text: byte 0xed at offset 0"),
        ("{} {}", "1:4: not JSON: something stands after the end of the document"),
        ('{"a":\n  tru}', "2:3: not JSON: expecting value"),
        ('{"a" 1}', "1:6: not JSON: expecting ':' delimiter"),
        ("{'a': 1}", "1:2: not JSON: expecting property name enclosed in double quotes"),
        ('"abc', "1:1: not JSON: unterminated string"),
        ('"a\nb"', "1:3: not JSON: invalid control character"),
        ('{"a": 1, "a": 1}', "1:10: the key 'a' stands twice in one object, first at 1:2"),
        ('{"a": [],\n "\\u0061": 1}', "2:2: the key 'a' stands twice in one object, first at 1:2"),
        ('{"\\n\\u001b": 1, "\\n\\u001b": 2}', "1:17: the key '??' stands twice in one object, first at 1:2"),
        ("[NaN]", "1:2: NaN is no JSON number"),
        ("Infinity", "1:1: Infinity is no JSON number"),
        ('{"a":\n-Infinity}', "2:1: -Infinity is no JSON number"),
        ("[1e400]", "1:2: the number 1e400 is too large: the largest is about 1.8e308"),
        ("-1.5E+999", "1:1: the number -1.5E+999 is too large: the largest is about 1.8e308"),
    ],
)  # fmt: skip
def test_what_is_no_document_is_refused_with_its_place(data: str | bytes, expected: str) -> None:
    assert problem(data) == expected


def test_equal_keys_in_different_objects_are_no_duplicates() -> None:
    assert loads('{"a": {"a": [{"a": 1}, {"a": 2}]}, "b": "a"}')["b"] == "a"


def test_words_inside_strings_are_not_looked_at() -> None:
    assert loads('["NaN", "1e400", "[[[", "\\"{\\"a\\":1", ": NaN"]')[1] == "1e400"


def test_5_mb_are_refused_with_size_and_limit() -> None:
    assert problem(b" " * 5_000_000) == (
        "it is too large: at most 1048576 bytes (1 MiB) are read, it has 5000000 bytes"
    )


def test_the_limit_counts_bytes_not_characters() -> None:
    assert loads('"' + "é" * (MAX_BYTES // 2 - 1) + '"')
    assert problem('"' + "é" * (MAX_BYTES // 2) + '"').startswith("it is too large")


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":[', "[\n"])
def test_a_depth_bomb_is_refused_before_it_is_parsed(opening: str) -> None:
    assert "more than 64 levels deep" in problem(opening * (MAX_BYTES // len(opening)))


def test_the_deepest_document_is_read() -> None:
    assert loads("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert (
        problem("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))
        == "1:65: it is nested more than 64 levels deep"
    )


def test_breadth_is_no_depth() -> None:
    assert len(loads("[" + "[]," * 1000 + "[]]")) == 1001


@pytest.mark.parametrize("text", ["9" * (MAX_DIGITS + 1), "-" + "9" * 5000, "0." + "1" * MAX_DIGITS])
def test_an_absurdly_long_number_is_refused(text: str) -> None:
    assert problem(f"[{text}]") == f"1:2: a number of {len(text)} characters; at most 640 are read"


def test_the_longest_number_is_read_whatever_the_interpreter_allows() -> None:
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(sys.int_info.str_digits_check_threshold)
    try:
        assert dumps(loads("9" * MAX_DIGITS)) == "9" * MAX_DIGITS
    finally:
        sys.set_int_max_str_digits(before)


@pytest.mark.parametrize("text", ['"' + '\\"' * 500_000, '["' * 300_000, "[" + '"\\' * 300_000])
def test_quotes_that_nothing_closes_are_looked_at_once(text: str) -> None:
    """One look per quote would take days here."""
    assert "not JSON" in problem(text) or "levels deep" in problem(text)


WORDS = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    " ",
    '"a"',
    '"\\u0061"',
    '"b"',
    "1",
    "-0.5",
    "1e999",
    "NaN",
    "-Infinity",
]
LONG = [f"{'9' * length}" for length in (MAX_DIGITS, MAX_DIGITS + 1, 5000)]
MEMBERS = st.lists(st.tuples(st.sampled_from(WORDS[7:10]), st.sampled_from([*WORDS[10:], *LONG])), max_size=3)
OBJECTS = MEMBERS.map(lambda pairs: "{" + ",".join(f"{key}:{value}" for key, value in pairs) + "}")
NESTED_OBJECTS = st.builds(
    lambda depth, inner: "[" * depth + inner + "]" * depth, st.integers(0, MAX_DEPTH + 3), OBJECTS
)


@given(st.lists(st.sampled_from([*WORDS, *LONG]), max_size=12).map("".join) | OBJECTS | NESTED_OBJECTS)
def test_the_quick_way_reads_nothing_that_the_look_at_the_tokens_refuses(text: str) -> None:
    def read(way: Any) -> Any:
        try:
            return way(text)
        except BadDocument as error:
            return str(error)

    assert repr(read(loads)) == repr(read(json_text._slowly))


def test_what_is_right_is_never_looked_at_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "_look", None)
    assert loads('{"a": [1, -2.5, {"b": null}], "c": "NaN"}') == {"a": [1, -2.5, {"b": None}], "c": "NaN"}
    assert loads("[" + "[1]," * MAX_DEPTH + "[1]]") == [[1]] * (MAX_DEPTH + 1)
