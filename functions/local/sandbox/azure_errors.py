"""ARM's one error shape, CloudError: `{"error": {"code", "message", "target", "details"}}`."""

from __future__ import annotations

from typing import Any


class ArmError(Exception):
    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        target: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.target = target
        self.headers = headers or {}

    @property
    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.target is not None:
            error |= {"target": self.target, "details": []}
        return {"error": error}


def bad_input(target: str, message: str) -> ArmError:
    return ArmError(400, "InvalidInput", f"{target}: {message}", target=target)


def unauthenticated() -> ArmError:
    message = "Authentication failed. The 'Authorization' header is missing or is not a bearer token."
    challenge = 'Bearer authorization_uri="https://login.microsoftonline.com/common"'
    return ArmError(401, "AuthenticationFailed", message, headers={"WWW-Authenticate": challenge})


def forbidden(action: str, scope: str) -> ArmError:
    message = f"The client does not have authorization to perform action '{action}' over scope '{scope}'."
    return ArmError(403, "AuthorizationFailed", message)


def throttled(retry_after_s: int) -> ArmError:
    message = f"The number of requests exceeded the limit. Please try again after {retry_after_s} seconds."
    return ArmError(429, "TooManyRequests", message, headers={"Retry-After": str(retry_after_s)})


def not_found(resource: str, *, code: str = "ResourceNotFound") -> ArmError:
    return ArmError(404, code, f"The resource '{resource}' was not found.")


def provider_gone(state: str) -> ArmError:
    if state == "retired":
        message = "The resource namespace 'Microsoft.Security' is invalid."
        return ArmError(404, "InvalidResourceNamespace", message)
    message = "The subscription is not registered to use namespace 'Microsoft.Security'."
    return ArmError(409, "MissingSubscriptionRegistration", message, target="Microsoft.Security")


def api_version(given: str | None, known: str) -> ArmError:
    if given is None:
        message = "The api-version query parameter (?api-version=) is required for all requests."
        return ArmError(400, "MissingApiVersionParameter", message)
    message = f"No registered resource provider found for API version '{given:.40}'. It has '{known}'."
    return ArmError(400, "NoRegisteredProviderFound", message)
