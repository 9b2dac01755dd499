"""Who signs: any SigV4 signature is believed, the access key id alone says who it is."""

from __future__ import annotations

import re
from typing import Any

from functions.local.sandbox.aws_errors import AwsError

DENIED = "DENIED"
_CREDENTIAL = re.compile(r"AWS4-HMAC-SHA256\b.*\bCredential=([^/,\s]{1,128})/")
_NAME = re.compile(r"[^a-z0-9_-]")


def access_key(authorization: str | None) -> str:
    """The access key id; an `AwsError` 403 without a SigV4 header."""
    found = _CREDENTIAL.search(authorization or "")
    if found is None:
        raise AwsError("MissingAuthenticationTokenException", 403, "Missing Authentication Token")
    return found.group(1)


def check_allowed(key: str, operation: str, identity: dict[str, Any]) -> None:
    if key == DENIED:
        message = f"User: {identity['arn']} is not authorized to perform: iot:{operation}"
        raise AwsError("AccessDeniedException", 403, message)


def user_identity(key: str, account: str) -> dict[str, Any]:
    """CloudTrail's userIdentity: a temporary key, ASIA + NAME, is the role NAME, others are users."""
    name = _NAME.sub("", key.lower())
    if key.startswith("ASIA"):
        return _assumed_role(name.removeprefix("asia") or "sandbox", key, account)
    user = name.removeprefix("akia") or "sandbox"
    return {
        "type": "IAMUser",
        "principalId": f"AIDA{user.upper()}",
        "arn": f"arn:aws:iam::{account}:user/{user}",
        "accountId": account,
        "accessKeyId": key,
        "userName": user,
    }


def _assumed_role(role: str, key: str, account: str) -> dict[str, Any]:
    principal = f"AROA{role.upper()}"
    return {
        "type": "AssumedRole",
        "principalId": f"{principal}:session",
        "arn": f"arn:aws:sts::{account}:assumed-role/{role}/session",
        "accountId": account,
        "accessKeyId": key,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": principal,
                "arn": f"arn:aws:iam::{account}:role/{role}",
                "accountId": account,
                "userName": role,
            },
        },
    }
