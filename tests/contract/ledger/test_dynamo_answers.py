"""Every answer that DynamoDB may give, and none at all, as an error that says what to do."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError
from botocore.stub import Stubber
from mypy_boto3_dynamodb import DynamoDBClient

from shared.errors import LedgerConflict, LedgerError, LedgerUnavailable
from shared.ledger.codec import encode
from shared.ledger.dynamo_items import link_place
from shared.ledger.dynamodb import DynamoLedger
from shared.sync.link import LinkKey
from tests.contract.ledger.conftest import TABLE, counter
from tests.contract.ledger.records import KEY, entry, link


@pytest.fixture
def stub(dynamodb: DynamoDBClient) -> Iterator[Stubber]:
    with Stubber(dynamodb) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.fixture
def ledger(dynamodb: DynamoDBClient) -> DynamoLedger:
    return DynamoLedger(TABLE, dynamodb, nonce=counter())


def cancel(stub: Stubber, codes: Sequence[str]) -> None:
    stub.add_client_error(
        "transact_write_items",
        "TransactionCanceledException",
        "Transaction cancelled",
        400,
        modeled_fields={"CancellationReasons": [{"Code": code} for code in codes]} if codes else None,
    )


PASSING = [
    ("ProvisionedThroughputExceededException", 400),
    ("ThrottlingException", 400),
    ("RequestLimitExceeded", 400),
    ("TransactionInProgressException", 400),
    ("ReplicatedWriteConflictException", 400),
    ("InternalServerError", 500),
    ("ServiceUnavailable", 503),
    ("SomethingNew", 502),
]


@pytest.mark.parametrize(("code", "status"), PASSING)
def test_a_busy_table_is_unavailable(ledger: DynamoLedger, stub: Stubber, code: str, status: int) -> None:
    for operation in ("get_item", "put_item", "transact_write_items", "query", "batch_get_item"):
        stub.add_client_error(operation, code, http_status_code=status)
    for call in (
        lambda: ledger.link(KEY),
        lambda: ledger.save(link(rev=2)),
        lambda: ledger.save(link(rev=2), [entry(0)]),
        lambda: list(ledger.journal(KEY)),
        lambda: ledger.links([KEY]),
    ):
        with pytest.raises(LedgerUnavailable, match="table ledger is busy or out of order") as caught:
            call()
        assert caught.value.transient


@pytest.mark.parametrize("code", ["ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_transaction_cancelled_by_throttling_is_unavailable(
    ledger: DynamoLedger, stub: Stubber, code: str
) -> None:
    cancel(stub, ["None", code])
    with pytest.raises(LedgerUnavailable, match=rf"journal entry 7 of link .* \({code}\)"):
        ledger.save(link(rev=2), [entry(7)])


@pytest.mark.parametrize("code", ["ConditionalCheckFailed", "TransactionConflict"])
@pytest.mark.parametrize("others", ["None", "ThrottlingError"])
def test_a_transaction_cancelled_by_somebody_elses_write_is_a_conflict(
    ledger: DynamoLedger, stub: Stubber, code: str, others: str
) -> None:
    cancel(stub, [others, others, code])
    stub.add_response("get_item", {})
    with pytest.raises(LedgerConflict, match="journal entry 8 of link 'fleet/thermostats'"):
        ledger.save(link(rev=2), [entry(7), entry(8)])


@pytest.mark.parametrize("code", ["ConditionalCheckFailedException", "TransactionConflictException"])
def test_a_write_refused_because_of_somebody_elses_is_a_conflict(
    ledger: DynamoLedger, stub: Stubber, code: str
) -> None:
    stub.add_client_error("put_item", code)
    stub.add_response("get_item", {"Item": {**link_place(KEY), "nonce": {"S": "somebody else's"}}})
    with pytest.raises(LedgerConflict, match="link 'fleet/thermostats' is not as it was read"):
        ledger.save(link(rev=2))


def test_a_refusal_by_our_own_earlier_attempt_is_a_success(ledger: DynamoLedger, stub: Stubber) -> None:
    stub.add_client_error("put_item", "ConditionalCheckFailedException")
    stub.add_response("get_item", {"Item": {**link_place(KEY), "nonce": {"S": "nonce-1"}}})
    ledger.save(link(rev=2))


def test_a_transaction_that_is_invalid_is_an_error_for_good(ledger: DynamoLedger, stub: Stubber) -> None:
    cancel(stub, ["None", "ValidationError"])
    with pytest.raises(LedgerError, match=r"refused the request \(ValidationError\)") as caught:
        ledger.save(link(rev=2), [entry(7)])
    assert not caught.value.transient


def test_a_transaction_cancelled_without_a_reason_is_an_error(ledger: DynamoLedger, stub: Stubber) -> None:
    cancel(stub, [])
    with pytest.raises(LedgerError, match="cancelled without a reason"):
        ledger.save(link(rev=2), [entry(7)])


PERMANENT = [
    ("AccessDeniedException", r"access to table ledger denied: allow this role dynamodb:GetItem, .*"),
    ("ResourceNotFoundException", "there is no table ledger in this account and region: deploy it, or"),
    ("ExpiredTokenException", r"credentials for table ledger were refused \(ExpiredToken\): renew them"),
    ("UnrecognizedClientException", "credentials for table ledger were refused"),
    ("InvalidSignatureException", "credentials for table ledger were refused"),
    ("ValidationException", r"table ledger refused the request \(Validation\)"),
]


@pytest.mark.parametrize(("code", "problem"), PERMANENT)
def test_what_a_person_has_to_mend_says_how(
    ledger: DynamoLedger, stub: Stubber, code: str, problem: str
) -> None:
    stub.add_client_error("get_item", code, "sesame")
    with pytest.raises(LedgerError, match=problem) as caught:
        ledger.link(KEY)
    assert not caught.value.transient
    assert "sesame" not in str(caught.value)


def fail_to_send(dynamodb: DynamoDBClient, error: Exception) -> None:
    def refuse(**_: Any) -> None:
        raise error

    dynamodb.meta.events.register_first("before-send.dynamodb", refuse)


URL = "https://dynamodb.example"
SILENCE = [
    ReadTimeoutError(endpoint_url=URL),
    ConnectTimeoutError(endpoint_url=URL),
    EndpointConnectionError(endpoint_url=URL),
    ConnectionClosedError(endpoint_url=URL),
    ResponseParserError("<html>"),
]


@pytest.mark.parametrize("error", SILENCE, ids=lambda error: type(error).__name__)
def test_no_answer_is_unavailable(dynamodb: DynamoDBClient, ledger: DynamoLedger, error: Exception) -> None:
    fail_to_send(dynamodb, error)
    with pytest.raises(LedgerUnavailable, match=f"no answer from table ledger .{type(error).__name__}"):
        ledger.save(link(rev=2), [entry(0)])


def test_missing_credentials_are_an_error_for_good(dynamodb: DynamoDBClient, ledger: DynamoLedger) -> None:
    fail_to_send(dynamodb, NoCredentialsError())
    with pytest.raises(LedgerError, match=r"NoCredentialsError\): see the AWS credentials") as caught:
        ledger.link(KEY)
    assert not caught.value.transient


def test_an_error_that_quotes_its_request_is_not_chained(
    dynamodb: DynamoDBClient, ledger: DynamoLedger
) -> None:
    fail_to_send(dynamodb, ParamValidationError(report="sesame"))
    with pytest.raises(LedgerError) as caught:
        ledger.link(KEY)
    assert "sesame" not in "".join(traceback.format_exception(caught.value))


def test_a_role_that_cannot_be_assumed_is_told_from_a_role_that_lacks_rights(
    dynamodb: DynamoDBClient, ledger: DynamoLedger
) -> None:
    refusal: Any = {"Error": {"Code": "AccessDenied", "Message": "sesame"}}
    fail_to_send(dynamodb, ClientError(refusal, "AssumeRoleWithWebIdentity"))
    with pytest.raises(LedgerError, match=r"no role for table ledger \(AccessDenied\): see the"):
        ledger.link(KEY)


# --- batches


def key(n: int) -> LinkKey:
    return LinkKey("fleet", f"profile-{n}")


def batch(stub: Stubber, asked: Sequence[int], answered: Sequence[int]) -> None:
    """One BatchGetItem: which links it asks for, and which of them DynamoDB reads."""
    left = [link_place(key(n)) for n in asked if n not in answered]
    stub.add_response(
        "batch_get_item",
        {
            "Responses": {
                TABLE: [{**link_place(key(n)), "body": {"B": encode(link(key(n)))}} for n in answered]
            },
            "UnprocessedKeys": {TABLE: {"Keys": left, "ConsistentRead": True}} if left else {},
        },
        {"RequestItems": {TABLE: {"Keys": [link_place(key(n)) for n in asked], "ConsistentRead": True}}},
    )


def test_keys_that_were_left_are_asked_for_again(ledger: DynamoLedger, stub: Stubber) -> None:
    batch(stub, range(100), range(40))
    batch(stub, range(40, 100), range(40, 99))
    batch(stub, [99], [99])
    batch(stub, range(100, 130), range(100, 130))
    assert set(ledger.links([key(n) for n in range(130)])) == {key(n) for n in range(130)}


def test_a_batch_of_which_nothing_is_read_is_unavailable(ledger: DynamoLedger, stub: Stubber) -> None:
    batch(stub, range(3), [0])
    batch(stub, [1, 2], [])
    with pytest.raises(LedgerUnavailable, match="read none of 2 links"):
        ledger.links([key(n) for n in range(3)])
