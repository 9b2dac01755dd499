"""Words and waits from outside are bounded before anybody sees them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clouds.replies import plain, quoted, retry_after


@given(st.text())
def test_a_message_is_one_printable_line_of_300_characters(text: str) -> None:
    assert len(plain(text)) <= 300
    assert plain(text).isprintable()


def test_ordinary_words_stay_as_they_are() -> None:
    assert (
        plain("User: arn:aws:iam::1:user/ä is not authorized")
        == "User: arn:aws:iam::1:user/ä is not authorized"
    )
    assert quoted("pumps") == "'pumps'"


def test_a_long_message_shows_that_it_was_cut() -> None:
    assert plain("x" * 301) == "x" * 299 + "…"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("999999", 3600.0),
        (None, 1.0),
        ("", 1.0),
        ("soon", 1.0),
        ("nan", 1.0),
        ("inf", 1.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 1.0),
    ],
)
def test_a_wait_is_a_number_of_seconds_up_to_an_hour(header: str | None, seconds: float) -> None:
    assert retry_after(header) == seconds
