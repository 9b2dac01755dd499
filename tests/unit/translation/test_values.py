"""Durations, addresses, strings and whole numbers, by value and in one spelling."""

from __future__ import annotations

from typing import Any

import pytest

from shared.policy.rule import Bound
from shared.translation.values import duration, highest, lowest, network, plain_string, seconds, whole


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("PT5M", 300),
        ("PT05M", 300),
        ("PT300S", 300),
        ("PT300.0S", 300),
        ("PT1H", 3600),
        ("PT1H30M", 5400),
        ("P1D", 86_400),
        ("P1W", 604_800),
        ("P1DT1S", 86_401),
        ("PT0S", 0),
    ],
)
def test_a_duration_is_read_by_value(text: str, total: int) -> None:
    assert seconds(text) == total
    assert seconds(duration(total)) == total


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "5M", "PT5", "PT1.5M", "PT0.5S", "P1M", "P1Y", "pt5m", "PT-5M", "PT٥M", "PT5M "]
)
def test_what_is_no_number_of_seconds_is_no_duration(text: str) -> None:
    assert seconds(text) is None


@pytest.mark.parametrize(
    ("total", "text"),
    [(0, "PT0S"), (90, "PT1M30S"), (300, "PT5M"), (3600, "PT1H"), (86_400, "PT24H"), (-5, "-5 s")],
)
def test_a_duration_is_spelt_as_azure_echoes_it(total: int, text: str) -> None:
    assert duration(total) == text


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("10.0.0.1", "10.0.0.1/32"),
        ("10.1.2.3/8", "10.0.0.0/8"),
        ("10.0.0.0/255.0.0.0", "10.0.0.0/8"),
        ("2001:0DB8::/32", "2001:db8::/32"),
        ("::1", "::1/128"),
        ("::ffff:1.2.3.4", "::ffff:1.2.3.4/128"),  # hexadecimal by itself before Python 3.13
        ("::ffff:102:304", "::ffff:1.2.3.4/128"),
        ("::ffff:0:0/96", "::ffff:0.0.0.0/96"),
        ("::/0", "::/0"),
    ],
)
def test_an_address_has_one_spelling_on_every_python(text: str, canonical: str) -> None:
    assert network(text) == canonical
    assert network(canonical) == canonical


@pytest.mark.parametrize(
    "text", ["", "example.com", "10.0.0.0/33", "10.1/8", "fe80::1%eth0", "fe80::%1/64", " ::1"]
)
def test_what_names_no_network_everywhere_is_none(text: str) -> None:
    assert network(text) is None


@pytest.mark.parametrize("text", ["root", "a b", "Ünïcode", "日本", "👩‍🔧", "\xa0"])
def test_a_string_is_what_it_is(text: str) -> None:
    assert plain_string(text) == text


@pytest.mark.parametrize("text", ["", "a\tb", "a\nb", "\x00", "\x7f", "\x85", "\ud800", None, 7, ["a"]])
def test_a_string_that_no_console_can_show_is_none(text: Any) -> None:
    assert plain_string(text) is None


@pytest.mark.parametrize(
    ("value", "number"), [(5, 5), (5.0, 5), (-0.0, 0), (10**30, 10**30), (1e300, int(1e300))]
)
def test_a_whole_number_is_one_however_it_is_spelt(value: Any, number: int) -> None:
    assert whole(value) == number
    assert type(whole(value)) is int


@pytest.mark.parametrize("value", [5.5, True, False, "5", None, float("nan"), float("inf"), [5]])
def test_anything_else_is_no_whole_number(value: Any) -> None:
    assert whole(value) is None


def test_an_exclusive_bound_admits_from_the_next_number_on() -> None:
    assert lowest(Bound(value=5, inclusive=False), 5) == 6
    assert lowest(Bound(value=5), 5) == 5
    assert highest(Bound(value=5, inclusive=False), 5) == 4
    assert highest(Bound(value=5), 5) == 5
