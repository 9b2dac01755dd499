"""Which policies a route takes in, by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.routes.names import Names, shared_name

letters = st.text("abAB-", min_size=1, max_size=4)
globs = st.text("abAB-*?[]!", min_size=1, max_size=5)
filters = st.builds(
    Names,
    include=st.lists(globs, min_size=1, max_size=3).map(tuple),
    exclude=st.lists(globs, max_size=2).map(tuple),
)


def names(*include: str, exclude: tuple[str, ...] = ()) -> Names:
    return Names(include=include or ("*",), exclude=exclude)


def test_without_a_filter_every_name_is_in() -> None:
    assert Names().covers("anything")


@pytest.mark.parametrize(
    ("glob", "name"),
    [("prod-*", "prod-a"), ("prod-*", "prod-"), ("p?", "pa"), ("[ab]x", "bx"), ("[!ab]x", "cx"), ("a", "a")],
)
def test_a_glob_takes_in_what_it_matches(glob: str, name: str) -> None:
    assert names(glob).covers(name)


@pytest.mark.parametrize(("glob", "name"), [("prod-*", "test-a"), ("p?", "p"), ("[!ab]x", "ax"), ("a", "ab")])
def test_a_glob_leaves_out_the_rest(glob: str, name: str) -> None:
    assert not names(glob).covers(name)


def test_include_minds_case() -> None:
    assert not names("prod").covers("Prod")


def test_exclude_wins_over_include() -> None:
    assert not names("prod-*", exclude=("*-draft",)).covers("prod-draft")
    assert names("prod-*", exclude=("*-draft",)).covers("prod-a")


@pytest.mark.parametrize("name", ["secret", "Secret", "SECRET"])
def test_exclude_does_not_mind_case_because_the_hub_does_not(name: str) -> None:
    assert not names(exclude=("Secret",)).covers(name)


def test_exclude_also_means_what_it_says() -> None:
    assert not names(exclude=("[!A-Z]*",)).covers("abc")


@pytest.mark.parametrize("name", ["default", "Default", "DEFAULT"])
@pytest.mark.parametrize("glob", ["*", "d*", "[dD]*", "?????lt"])
def test_the_default_group_is_left_alone_by_every_glob(name: str, glob: str) -> None:
    assert not names(glob).covers(name)


def test_the_default_group_is_taken_in_where_it_is_named() -> None:
    assert names("default").covers("default")
    assert names("*", "default").covers("Default")
    assert not names("*", "default", exclude=("default",)).covers("default")


@pytest.mark.parametrize(
    ("one", "other", "name"),
    [
        (names("*"), names("*"), "x"),
        (names("a", "b"), names("c", "b"), "b"),
        (names("prod-*"), names("*"), "prod-"),
        (names("prod-*"), names("prod-a"), "prod-a"),
        (names("[ab]?"), names("ax"), "ax"),
        (names("[ab]x*"), names("[ac]x*"), "ax"),
        (names("default"), names("*", "default"), "default"),
        (names("Prod"), names("prod"), "prod"),
    ],
)
def test_an_overlap_is_shown_by_a_name(one: Names, other: Names, name: str) -> None:
    assert shared_name(one, other) == name
    assert (shared_name(other, one) or "").lower() == name.lower()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (names("a"), names("b")),
        (names("prod-*"), names("test-*")),
        (names("*", exclude=("prod-*",)), names("prod-*")),
        (names("default"), names("*")),
        (names("Prod"), names("prod", exclude=("prod",))),
    ],
)
def test_names_that_lie_apart_share_none(one: Names, other: Names) -> None:
    assert shared_name(one, other) is None
    assert shared_name(other, one) is None


@given(filters, filters)
def test_a_shared_name_is_proof_that_both_take_it_in(one: Names, other: Names) -> None:
    name = shared_name(one, other)
    if name is not None:
        spellings = {name} | {glob for glob in one.include if glob.lower() == name.lower()}
        assert any(one.covers(spelling) for spelling in spellings)
        assert other.covers(name)


@given(filters, letters)
def test_what_is_excluded_stays_out_in_every_spelling(names: Names, name: str) -> None:
    shut = Names(include=names.include, exclude=(*names.exclude, name))
    assert not any(shut.covers(spelling) for spelling in (name, name.lower(), name.upper(), name.swapcase()))
