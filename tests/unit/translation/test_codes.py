"""Codes and their sentences: stable slugs; what a document says is clipped, what we say is not."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from shared.policy.loss import Fidelity
from shared.translation.clip import clipped
from shared.translation.codes import HOLDS, LOSSES, NOTES, hold, loss

ALL = {**HOLDS, **LOSSES, **NOTES}


def test_no_code_means_two_things() -> None:
    assert len(ALL) == len(HOLDS) + len(LOSSES) + len(NOTES)


@pytest.mark.parametrize("code", ALL)
def test_a_code_is_a_slug_and_says_something(code: str) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
    assert ALL[code].text


def test_a_sentence_of_ours_is_never_clipped() -> None:
    reason = "a long sentence about what one cloud has and the other has not, " * 5
    assert hold("alertTargets", "own-member", reason=reason).reason == reason
    assert hold("behaviors[b]", "unread-condition", problem=reason).reason == reason
    assert loss("behaviors[b]", "inert", Fidelity.INERT, None, None, reason=reason).reason == reason
    windows = ", ".join(f"PT{n}M" for n in range(60))
    held = hold("behaviors[b]", "window-not-allowed", window="PT7M", allowed=windows)
    assert windows in held.reason


def test_what_a_document_says_is_clipped_and_shown_without_control_characters() -> None:
    for code in ("unknown-metric", "unknown-rule-type", "unbound-custom-metric"):
        reason = hold("behaviors[b]", code, native="x\x1b[31m" * 1000).reason
        assert len(reason) < 200
        assert "\x1b" not in reason
    assert "…" in hold("behaviors[b]", "not-a-cidr", value="9" * 500).reason
    assert "…" in hold("behaviors[b]", "unknown-member", members="m" * 500).reason
    assert len(hold("behaviors[b]", "out-of-range", value=10**300).reason) < 150


def test_braces_in_a_document_are_no_placeholders() -> None:
    assert "{count}" in hold("behaviors[b]", "unknown-metric", native="{count}").reason


@pytest.mark.parametrize(
    ("text", "short"), [("abc", "abc"), ("a" * 9, "a" * 4 + "…"), ("a\nb", "a?b"), (7, "7")]
)
def test_clipping(text: object, short: str) -> None:
    assert clipped(text, 5) == short


def test_every_placeholder_of_a_text_is_a_plain_word() -> None:
    for entry in ALL.values():
        for _, name, spec, conversion in Formatter().parse(entry.text):
            assert name is None or (name.isidentifier() and not spec and conversion is None)
