"""ARM's answers and azure-core's errors in the words of :mod:`shared.errors`.

Codes that name a missing parent are Azure Resource Manager's own, common to all providers (azure-docs,
common-deployment-errors.md @0af0f2ef, 2024-06); which of them a device security group gets is UNCONFIRMED.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from shared.clouds.replies import lost, plain, retry_after
from shared.errors import (
    CloudError,
    Denied,
    Refused,
    RevisionConflict,
    ScopeMissing,
    Throttled,
    Unreachable,
)

if TYPE_CHECKING:
    from azure.core.rest import HttpResponse

_PARENT_MISSING = {
    "invalidresourcenamespace",
    "invalidresourcetype",
    "invalidsubscriptionregistrationstate",
    "missingsubscriptionregistration",
    "noregisteredproviderfound",
    "parentresourcenotfound",
    "resourcegroupbeingdeleted",
    "resourcegroupnotfound",
    "subscriptionnotfound",
}


def refusal(response: HttpResponse, where: str, action: str, *, write: bool = False) -> CloudError:
    """What an answer that is no success means. ``action``: the permission that the request needs."""
    status, (code, message) = response.status_code, _cloud_error(response)
    said = plain(f"{code or status}: {message or response.reason or 'no message'}")
    if status == 429:
        return Throttled(where, said, retry_after(response.headers.get("Retry-After")))
    if status in {401, 403}:
        return Denied(where, f"{action} is denied to the identity of this worker ({said})")
    if status in {404, 410} or code.lower() in _PARENT_MISSING:
        return ScopeMissing(where, f"its hub, provider or subscription does not answer for it ({said})")
    if status == 412 or code.lower() == "anotheroperationinprogress":
        return RevisionConflict(where, said)
    if 400 <= status < 500 and status != 408:
        return Refused(where, said)
    return lost(where, f"{action} was answered with {status} ({said})", write=write)


def parent_missing(response: HttpResponse) -> bool:
    """Whether the error code says that more is missing than the resource itself."""
    return _cloud_error(response)[0].lower() in _PARENT_MISSING


@contextmanager
def asking(where: str, action: str, *, write: bool = False) -> Iterator[None]:
    """Turns what azure-core and azure-identity raise inside into a CloudError about ``where``.

    The original error is not chained: its text may quote what was sent, and tracebacks are logged.
    """
    from azure.core.exceptions import AzureError

    try:
        yield
    except AzureError as error:
        raise _unanswered(error, where, action, write) from None


def _unanswered(error: Exception, where: str, action: str, write: bool) -> CloudError:
    """Nothing was sent where there was no connection or no token."""
    from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError

    name = type(error).__name__
    if isinstance(error, ClientAuthenticationError):
        status = getattr(error.response, "status_code", None) or 0
        if status == 429 or status >= 500:
            return Unreachable(where, f"no token for {action}: the sign-in was answered with {status}")
        return Denied(where, f"no token for {action} ({plain(error)})")
    if isinstance(error, ServiceRequestError):
        return Unreachable(where, f"{action} was not sent ({name})")
    return lost(where, f"{action} got no answer ({name})", write=write)


def _cloud_error(response: HttpResponse) -> tuple[str, str]:
    """Code and message of a CloudError body, empty where it is none."""
    try:
        body: Any = response.json()
    except (RecursionError, ValueError):
        return "", ""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return "", ""
    return str(error.get("code") or ""), str(error.get("message") or "")
