"""One spelling, hence one hash, for equal shared views."""

from __future__ import annotations

import hashlib
import json

from shared.policy.atom import View, atom_to_json


def canonical(view: View) -> str:
    """Text that is equal exactly when the views are equal."""
    rules = {signal: atom_to_json(view[signal]) for signal in view}
    return json.dumps(rules, sort_keys=True, separators=(",", ":"))


def digest(view: View) -> str:
    """SHA-256 of the canonical text, in hex."""
    return hashlib.sha256(canonical(view).encode()).hexdigest()
