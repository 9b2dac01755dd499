"""Who may act from the page. Reading is the platform's to allow (function key, loopback); acting wants more.

Deployed, App Service signs people in with Entra and tells who they are in headers. Those are believed only
where the platform itself says that it sets them: it drops what a client sends under their names. Which of
the people may act, ``POLICY_MIRROR_OPERATORS`` says; without it nobody may.
(App Service docs, "Work with user identities", read 2026-11. ``WEBSITE_AUTH_ENABLED`` is what
Microsoft.Identity.Web asks too; that Flex Consumption sets it was not tried.)
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any, Protocol

from shared.operations.page.exchange import Ask

SIGN_IN = "/.auth/login/aad"
_ID_CLAIMS = frozenset({"oid", "http://schemas.microsoft.com/identity/claims/objectidentifier"})
_ROLE_CLAIMS = frozenset({"roles", "groups", "http://schemas.microsoft.com/ws/2008/06/identity/claims/role"})
_NAME_CLAIMS = ("preferred_username", "name")
LONGEST_PRINCIPAL = 64 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """``person``: who may act; else ``why_not``, a sentence that says what is missing."""

    person: str | None = None
    why_not: str = ""
    sign_in: str | None = None


class Gate(Protocol):
    @property
    def secure(self) -> bool:
        """Whether it is behind HTTPS, so that a cookie may be bound to this very host."""

    def draw(self) -> str:
        """A secret that nobody can guess, new at each call."""

    def entry(self, ask: Ask) -> Entry: ...


@dataclass(frozen=True, slots=True)
class EntraGate:
    """``signed_in``: the platform signs people in. ``operators``: app roles, group ids or object ids."""

    signed_in: bool
    operators: frozenset[str]
    secure: bool = True
    draw: Callable[[], str] = token_urlsafe

    @classmethod
    def read(cls, environ: Mapping[str, str], operators: Iterable[str]) -> EntraGate:
        return cls(environ.get("WEBSITE_AUTH_ENABLED", "").lower() == "true", frozenset(operators))

    def entry(self, ask: Ask) -> Entry:
        if not self.signed_in:
            return Entry(why_not="To act from here, turn on App Service authentication with Entra.")
        if not self.operators:
            return Entry(why_not="To act from here, name who may in POLICY_MIRROR_OPERATORS.")
        claims = list(_claims(ask.headers.get("x-ms-client-principal", "")))
        ids = [value for kind, value in claims if kind in _ID_CLAIMS]
        if not ids:
            return Entry(why_not="To act from here, sign in.", sign_in=SIGN_IN)
        if not self.operators & {*ids, *(value for kind, value in claims if kind in _ROLE_CLAIMS)}:
            return Entry(why_not="You are signed in, but POLICY_MIRROR_OPERATORS does not name you.")
        names = [value for name in _NAME_CLAIMS for kind, value in claims if kind == name]
        return Entry(person=(names or ids)[0][:128])


def _claims(principal: str) -> Iterator[tuple[str, str]]:
    """(type, value) of what the platform says about its caller; nothing of what cannot be read, or of another
    identity provider than Entra."""
    told = _decoded(principal)
    if (
        not isinstance(told, dict)
        or told.get("auth_typ") != "aad"
        or not isinstance(told.get("claims"), list)
    ):
        return
    for claim in told["claims"]:
        if isinstance(claim, dict):
            kind, value = claim.get("typ"), claim.get("val")
            if isinstance(kind, str) and isinstance(value, str) and value:
                yield kind, value


def _decoded(principal: str) -> Any:
    if not principal or len(principal) > LONGEST_PRINCIPAL:
        return None
    try:
        return json.loads(base64.b64decode(principal, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None


@dataclass(frozen=True, slots=True)
class LocalGate:
    """On this machine: whoever brought the run's token, which the server has checked before it asks."""

    person: str
    may_act: bool = True
    secure: bool = False
    draw: Callable[[], str] = token_urlsafe

    def entry(self, ask: Ask) -> Entry:
        del ask
        if self.may_act:
            return Entry(person=self.person)
        return Entry(why_not="Served with --read-only: nothing can be done from here.")
