"""Who calls: the sandbox believes any bearer token; `user.NAME` says who it is, `denied` may do nothing.

Other tokens stay secret: their holder is `someone`, so that no real token finds its way into an event.
"""

from __future__ import annotations

import re
import uuid
from typing import Any

from functions.local.sandbox.azure_errors import unauthenticated

DENIED = "denied"
_USER = re.compile(r"user\.([A-Za-z0-9_-]{1,64})")
_REFUSED = frozenset({"", "expired", "invalid"})
_OBJECT_ID = "http://schemas.microsoft.com/identity/claims/objectidentifier"


def caller(authorization: str | None) -> str:
    """The caller's name; an `ArmError` 401 without a bearer token, or with `expired` or `invalid`."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or token in _REFUSED:
        raise unauthenticated()
    if token == DENIED:
        return DENIED
    named = _USER.fullmatch(token)
    return named.group(1) if named else "someone"


def principal_id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"principal/{name}"))


def tenant_id(subscription: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"tenant/{subscription}"))


def claims(name: str) -> dict[str, Any]:
    return {
        "aud": "https://management.core.windows.net/",
        "appid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"application/{name}")),
        "name": name,
        _OBJECT_ID: principal_id(name),
    }
