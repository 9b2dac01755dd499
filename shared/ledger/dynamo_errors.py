"""What DynamoDB's answers mean to the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from shared.errors import LedgerConflict, LedgerError, LedgerUnavailable

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

ACTIONS = ("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "ConditionCheckItem")
"""All that a role needs on the table. Nothing is ever deleted but by the time-to-live."""

# A transaction names its reasons without the "Exception" that a single write's error code ends with.
_CONFLICTS = frozenset({"ConditionalCheckFailed", "TransactionConflict"})
_PASSING = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceeded",
        "ReplicatedWriteConflict",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "Throttling",
        "ThrottlingError",
        "TransactionInProgress",
    }
)
_BAD_CREDENTIALS = frozenset(
    {
        "ExpiredToken",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "InvalidSignature",
        "MissingAuthenticationToken",
        "UnrecognizedClient",
    }
)


@contextmanager
def answers(table: str, labels: Sequence[str]) -> Iterator[None]:
    """Within, every failure of the client is a LedgerError. ``labels`` name the records of the request, in
    the order of a transaction's items."""
    from botocore import exceptions as sdk
    from botocore.parsers import ResponseParserError

    lost = (
        sdk.ChecksumError,
        sdk.ConnectionError,
        sdk.HTTPClientError,
        sdk.IncompleteReadError,
        ResponseParserError,
    )
    try:
        yield
    except sdk.ClientError as error:
        raise _of_answer(error, table, labels) from error
    except lost as error:
        problem = f"no answer from table {table} ({type(error).__name__})"
        raise LedgerUnavailable(f"{labels[0]}: {problem}") from error
    except sdk.BotoCoreError as error:
        # Not chained: a parameter error quotes the parameter.
        problem = f"table {table} could not be asked ({type(error).__name__})"
        raise LedgerError(
            f"{labels[0]}: {problem}: see the AWS credentials and the region of this process"
        ) from None


def _of_answer(error: ClientError, table: str, labels: Sequence[str]) -> LedgerError:
    code = error.response.get("Error", {}).get("Code", "unknown").removesuffix("Exception")
    if code == "TransactionCanceled":
        return _of_reasons(_reasons(error), table, labels)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if status < 500 and error.operation_name.startswith("AssumeRole"):
        return LedgerError(f"{labels[0]}: no role for table {table} ({code}): see the role's trust policy")
    return _of_code(code, status, table, labels[0])


def _reasons(error: ClientError) -> list[str]:
    """One code for each record of the transaction, "None" where there was nothing against it."""
    reasons = error.response.get("CancellationReasons", [])
    return [str(reason.get("Code", "None")) for reason in reasons]


def _of_reasons(reasons: Sequence[str], table: str, labels: Sequence[str]) -> LedgerError:
    """A conflict outweighs the rest: it says that the record was moved."""
    objections = [(label, code) for label, code in zip(labels, reasons, strict=False) if code != "None"]
    objections.sort(key=lambda objection: (objection[1] not in _CONFLICTS, objection[1] not in _PASSING))
    label, code = objections[0] if objections else (labels[0], "cancelled without a reason")
    return _of_code(code, 0, table, label)


def _of_code(code: str, status: int, table: str, label: str) -> LedgerError:
    if code in _CONFLICTS:
        return LedgerConflict(f"{label} is not as it was read: somebody else moved it ({code})")
    if code in _PASSING or status >= 500:
        return LedgerUnavailable(f"{label}: table {table} is busy or out of order ({code})")
    if code == "AccessDenied":
        actions = ", ".join(f"dynamodb:{action}" for action in ACTIONS)
        return LedgerError(f"{label}: access to table {table} denied: allow this role {actions}")
    if code == "ResourceNotFound":
        return LedgerError(
            f"{label}: there is no table {table} in this account and region: deploy it, or correct its name"
        )
    if code in _BAD_CREDENTIALS:
        return LedgerError(f"{label}: the credentials for table {table} were refused ({code}): renew them")
    return LedgerError(f"{label}: table {table} refused the request ({code})")
