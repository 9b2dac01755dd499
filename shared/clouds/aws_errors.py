"""botocore's errors in the words of :mod:`shared.errors`.

Error codes of the IoT control plane and of STS are those of botocore 1.44.5's service models (2026-11); the
other codes about identity are common to all AWS services. What CreateSecurityProfile answers to an account
that Detect does not admit (new ones since 2026-08-31) is UNCONFIRMED: a 4xx not known here is final.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

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

_MISSING = "ResourceNotFoundException"
_THROTTLED = {
    "RequestLimitExceeded",
    "Throttling",
    "ThrottledException",
    "ThrottlingException",
    "TooManyRequestsException",
}
_CONFLICTS = {
    "ConflictingResourceUpdateException",
    "ResourceAlreadyExistsException",
    "VersionConflictException",
}
_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",  # SNS
    "ExpiredToken",
    "ExpiredTokenException",
    "ForbiddenException",
    "IDPRejectedClaim",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "InvalidIdentityToken",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "NotAuthorizedException",
    "OutboundWebIdentityFederationDisabledException",
    "RegionDisabledException",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnauthorizedException",
    "UnrecognizedClientException",
}
_PASSING = {"IDPCommunicationError"}  # 400, yet "retry" (STS API reference)


class NotThere(ScopeMissing):
    """ResourceNotFoundException: whoever knows that the object itself was asked for says what it means."""


@contextmanager
def asking(where: str, action: str, *, write: bool = False) -> Iterator[None]:
    """Turns what botocore raises inside into a CloudError about ``where``; ``action`` is an IAM action.

    The original error is not chained: its text may quote the parameters, and tracebacks are logged.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise _answered(error.response, where, action, write) from None
    except BotoCoreError as error:
        raise _unanswered(error, where, action, write) from None


def is_throttled(status: int, error: Mapping[str, Any]) -> bool:
    """Whether the answer says that there are too many calls. ``error``: as botocore reads it."""
    return status == 429 or str(error.get("Code", "")) in _THROTTLED


def _answered(response: Mapping[str, Any], where: str, action: str, write: bool) -> CloudError:
    error, meta = response.get("Error", {}), response.get("ResponseMetadata", {})
    code, status = str(error.get("Code", "")), int(meta.get("HTTPStatusCode", 0))
    said = plain(f"{code}: {error.get('Message', '')}")
    if is_throttled(status, error):
        return Throttled(where, said, retry_after(meta.get("HTTPHeaders", {}).get("retry-after")))
    if code == _MISSING:
        return NotThere(where, said)
    if code in _CONFLICTS:
        return RevisionConflict(where, said)
    if code in _DENIED or status in {401, 403}:
        return Denied(where, f"{action} is denied to the identity of this worker ({said})")
    if code in _PASSING or status == 408 or status >= 500:
        return lost(where, f"{action} failed with {status} ({said})", write=write)
    return _final(status, where, said)


def _final(status: int, where: str, said: str) -> CloudError:
    if status == 404:
        return ScopeMissing(where, f"the service does not know the address ({said})")
    return RevisionConflict(where, said) if status == 409 else Refused(where, said)


def _unanswered(error: Exception, where: str, action: str, write: bool) -> CloudError:
    """Nothing was sent where the connection, the credentials or the parameters failed already."""
    from botocore import exceptions

    name = type(error).__name__
    if isinstance(error, exceptions.ParamValidationError):
        return Refused(where, f"{action} takes no such parameters")
    no_identity = (
        exceptions.NoCredentialsError,
        exceptions.PartialCredentialsError,
        exceptions.CredentialRetrievalError,
        exceptions.TokenRetrievalError,
        exceptions.SSOError,
    )
    if isinstance(error, no_identity):
        return Denied(where, f"{action} needs AWS credentials, and there are none ({plain(error)})")
    not_sent = (
        exceptions.ConnectTimeoutError,
        exceptions.EndpointConnectionError,
        exceptions.ProxyConnectionError,
    )
    if isinstance(error, not_sent):
        return Unreachable(where, f"{action} was not sent ({name})")
    return lost(where, f"{action} got no answer ({name})", write=write)
