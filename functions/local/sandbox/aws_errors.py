"""Errors as the IoT control plane gives them: a header with the type, a JSON body with the message."""

from __future__ import annotations

from typing import Any


class AwsError(Exception):
    def __init__(self, code: str, status: int, message: str, **members: str) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.message = message
        self.members = members

    @property
    def body(self) -> dict[str, Any]:
        return {"message": self.message, **self.members}


def invalid(message: str) -> AwsError:
    return AwsError("InvalidRequestException", 400, message)


def not_found(what: str, name: str) -> AwsError:
    return AwsError("ResourceNotFoundException", 404, f"{what} {name} does not exist")


def already_exists(what: str, name: str, arn: str) -> AwsError:
    message = f"{what} {name} already exists"
    return AwsError("ResourceAlreadyExistsException", 409, message, resourceId=name, resourceArn=arn)


def version_conflict(name: str, expected: int, actual: int) -> AwsError:
    message = f"security profile {name} is at version {actual}, not at the expected version {expected}"
    return AwsError("VersionConflictException", 409, message)


def limit_exceeded(message: str) -> AwsError:
    return AwsError("LimitExceededException", 410, message)


def throttled() -> AwsError:
    return AwsError("ThrottlingException", 400, "Rate exceeded")


def internal_failure() -> AwsError:
    return AwsError(
        "InternalFailureException", 500, "an internal failure, as asked for by the sandbox's faults"
    )


def unavailable() -> AwsError:
    return AwsError(
        "ServiceUnavailableException", 503, "the service is down, as asked for by the sandbox's faults"
    )
