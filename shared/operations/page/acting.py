"""From a button to a command: signed in, from a page of ours, confirmed, and as it was reviewed.

The confirmation sets a cookie with a secret and puts the same into its form: a page elsewhere can neither
read nor set it (``__Host-`` binds it to this very host), and a browser tells where a request comes from.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import NamedTuple

from shared.errors import BadInput
from shared.operations.mirror import Mirror
from shared.operations.page.confirm import confirmation, not_allowed, result, title
from shared.operations.page.exchange import Ask
from shared.operations.page.frame import Frame
from shared.operations.page.gate import Entry, Gate
from shared.operations.page.html import Child, join
from shared.operations.page.review import ARGUMENTS, Review, carry_out, review
from shared.operations.page.sources import Sources
from shared.operations.remedies import Step
from shared.sync.link import LinkKey

LIFETIME = 1800
"""Seconds that a confirmation may lie open."""


class Acted(NamedTuple):
    status: int
    title: str
    content: Child
    headers: Mapping[str, str] = {}


def confirm(mirror: Mirror, sources: Sources, frame: Frame, gate: Gate, entry: Entry, ask: Ask) -> Acted:
    """Raises BadInput, and whatever clouds and ledger raise."""
    given = ask.form() if ask.method == "POST" else ask.query
    name = given.get("command", "")
    if frame.person is None:
        arguments = {key: value for key, value in given.items() if key in ARGUMENTS}
        return Acted(403, "Sign in", join(not_allowed(frame, entry.sign_in, Step("", name, arguments))))
    if ask.method == "POST":
        _require_ours(gate, ask, given)
    seen = review(sources.reader, name, given)
    if ask.method == "POST":
        if seen.digest == given.get("digest"):
            answer = carry_out(mirror, seen, seen.digest, frame.person)
            return Acted(200, "Done", join(result(frame, seen, answer)))
        return _asked(sources, frame, gate, seen, "It has changed since you looked: this is how it is now.")
    return _asked(sources, frame, gate, seen)


def _asked(sources: Sources, frame: Frame, gate: Gate, seen: Review, changed: str = "") -> Acted:
    secret = gate.draw()
    route = seen.command.arguments["route"]
    content = confirmation(frame, seen, sources.pairing(LinkKey(route, "")), secret, changed)
    safe = "; Secure" if gate.secure else ""
    cookie = f"{_cookie(gate)}={secret}; Path=/; Max-Age={LIFETIME}; HttpOnly; SameSite=Strict{safe}"
    return Acted(409 if changed else 200, title(seen), join(content), {"Set-Cookie": cookie})


def _require_ours(gate: Gate, ask: Ask, given: Mapping[str, str]) -> None:
    cookie = ask.cookie(_cookie(gate)) or ""
    if (
        not ask.same_origin
        or not cookie
        or not hmac.compare_digest(cookie.encode(), given.get("csrf", "").encode())
    ):
        raise BadInput(
            "This did not come from the confirmation, or it lay open for too long: confirm it again."
        )


def _cookie(gate: Gate) -> str:
    return "__Host-policy-mirror-confirm" if gate.secure else "policy-mirror-confirm"
