"""Who may act from the page."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.operations.page.exchange import Ask
from shared.operations.page.gate import EntraGate, LocalGate

ADA = "11111111-2222-3333-4444-555555555555"
ON = {"WEBSITE_AUTH_ENABLED": "True"}


def principal(*claims: tuple[str, str], provider: str = "aad") -> str:
    told = {"auth_typ": provider, "claims": [{"typ": kind, "val": value} for kind, value in claims]}
    return base64.b64encode(json.dumps(told).encode()).decode()


def asking(header: str | None) -> Ask:
    return Ask("GET", "", headers={} if header is None else {"x-ms-client-principal": header})


ADA_SIGNED_IN = asking(
    principal(("oid", ADA), ("preferred_username", "ada@example.org"), ("roles", "Operator"))
)


@pytest.mark.parametrize("operators", [{ADA}, {"Operator"}, {"someone-else", "Operator"}])
def test_who_is_signed_in_and_named_may_act(operators: set[str]) -> None:
    entry = EntraGate.read(ON, operators).entry(ADA_SIGNED_IN)
    assert (entry.person, entry.why_not) == ("ada@example.org", "")


def test_the_long_spelling_of_a_claim_is_the_same_claim() -> None:
    long = ("http://schemas.microsoft.com/identity/claims/objectidentifier", ADA)
    assert EntraGate.read(ON, {ADA}).entry(asking(principal(long))).person == ADA


@pytest.mark.parametrize("environ", [{}, {"WEBSITE_AUTH_ENABLED": "False"}, {"WEBSITE_AUTH_ENABLED": ""}])
def test_a_header_is_worth_nothing_where_the_platform_signs_nobody_in(environ: dict[str, str]) -> None:
    """Then it came from the client itself."""
    entry = EntraGate.read(environ, {ADA}).entry(ADA_SIGNED_IN)
    assert entry.person is None
    assert "App Service authentication" in entry.why_not


def test_without_a_list_of_operators_nobody_may() -> None:
    entry = EntraGate.read(ON, ()).entry(ADA_SIGNED_IN)
    assert entry.person is None
    assert "POLICY_MIRROR_OPERATORS" in entry.why_not


def test_who_is_not_named_may_not() -> None:
    entry = EntraGate.read(ON, {"Admin"}).entry(ADA_SIGNED_IN)
    assert entry.person is None
    assert "does not name you" in entry.why_not


def test_a_name_that_anybody_may_give_themselves_is_no_right() -> None:
    """Display names and addresses are for the reader; only ids and roles count."""
    entry = EntraGate.read(ON, {"ada@example.org"}).entry(ADA_SIGNED_IN)
    assert entry.person is None


def test_another_identity_provider_is_not_entra() -> None:
    header = principal(("oid", ADA), provider="github")
    assert EntraGate.read(ON, {ADA}).entry(asking(header)).person is None


def test_who_is_not_signed_in_is_told_where_to() -> None:
    entry = EntraGate.read(ON, {ADA}).entry(asking(None))
    assert (entry.person, entry.sign_in) == (None, "/.auth/login/aad")


def encoded(value: Any) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "header",
    [
        "",
        "%%%",
        "bm90IGpzb24=",
        encoded([]),
        encoded({"auth_typ": "aad"}),
        encoded({"auth_typ": "aad", "claims": "x"}),
        encoded({"auth_typ": "aad", "claims": [None, 1, {"typ": "oid"}, {"typ": "oid", "val": 7}]}),
        base64.b64encode(b"[" * 40_000).decode(),
        "A" * 100_000,
    ],
)
def test_a_header_that_cannot_be_read_signs_nobody_in(header: str) -> None:
    assert EntraGate.read(ON, {ADA, "7"}).entry(asking(header)).person is None


@given(st.text())
def test_no_header_is_an_error(header: str) -> None:
    assert EntraGate.read(ON, {ADA}).entry(asking(header)).person is None


def test_on_this_machine_the_token_is_the_sign_in() -> None:
    assert LocalGate("ada").entry(Ask("GET", "")).person == "ada"
    assert LocalGate("ada", may_act=False).entry(Ask("GET", "")).person is None
