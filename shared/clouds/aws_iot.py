"""AWS IoT Device Defender security profiles of one account and region, over boto3."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, cast

from msgspec.structs import replace

from shared.clouds.aws_errors import NotThere, asking
from shared.clouds.aws_patch import GIVEN_BY_AWS, CannotPatch, patch
from shared.clouds.aws_raw import ANSWER_SECONDS, CONNECT_SECONDS, prepare, sending, told, told_at
from shared.clouds.aws_session import agent
from shared.clouds.replies import lost, plain, quoted
from shared.errors import (
    CloudError,
    Refused,
    RevisionConflict,
    ScopeMissing,
    StalePage,
    Unanswered,
    Unreachable,
)
from shared.sync.ports import Document, Found, Page, Written, pages_of
from shared.translation.names import unspellable
from shared.translation.side import Side

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_iot.client import IoTClient
    from mypy_boto3_iot.literals import CustomMetricTypeType

PAGE = 250
"""Profiles on one page, as many as AWS takes."""


def iot_client(
    region: str,
    *,
    role_session: boto3.Session | None = None,
    user_agent: str = "policy-mirror",
    read_timeout: float = ANSWER_SECONDS,
    endpoint_url: str | None = None,
) -> IoTClient:
    """Attempts take at most 3 s to connect and ``read_timeout`` to answer. A read that fails at once is tried
    twice.

    ``role_session``: where the credentials come from, else boto3's default chain. ``AWS_ENDPOINT_URL_IOT`` is
    honoured by boto3 itself. ``user_agent`` should name the version: CloudTrail records it. Parameters are
    checked here, botocore's check is less.
    """
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=read_timeout,
        retries={"mode": "standard", "total_max_attempts": 2},
        max_pool_connections=25,  # a sweep describes in parallel; the quota is 25 a second
        user_agent=agent(user_agent),
        parameter_validation=False,
    )
    session = role_session or boto3.Session()
    return session.client("iot", region_name=region, endpoint_url=endpoint_url, config=config)


def side_calls() -> Executor:
    """Threads for calls that are made beside another one, as many as a driver has: none before it is needed.
    Ports may share them, for such a call waits for no other."""
    return ThreadPoolExecutor(25, "beside")


class AwsIot:
    """The :class:`~shared.sync.ports.Cloud` over a boto3 iot client, which may be shared by threads.

    Documents are what DescribeSecurityProfile answers, as raw JSON; ``create`` takes a create request.
    ``beside`` performs what is asked side by side with another call.
    """

    def __init__(
        self, client: IoTClient, account: str, region: str, *, beside: Executor | None = None
    ) -> None:
        prepare(client)
        self._client = client
        self._region = region
        self._beside = beside or side_calls()
        self._arns = f"arn:{client.meta.partition}:iot:{region}:{account}"

    def read(self, name: str, *, whole: bool = False) -> Found | None:
        """``whole`` adds the member ``tags``, also when there are none. Both calls are made side by side: for
        the tags, too, nothing but the name is needed."""
        where = self._where(name)
        if not whole:
            return self._there(name, where)
        tags = self._beside.submit(copy_context().run, self._tags, name, where)
        found = self._there(name, where)
        return found and replace(found, document={**found.document, "tags": tags.result()})

    def _there(self, name: str, where: str) -> Found | None:
        try:
            return self._describe(name, where)
        except NotThere:
            return None

    def census(self) -> Mapping[str, Found | None]:
        """Names only: a listing carries no documents."""
        return {name: None for page in pages_of(self, self._everything) for name in page}

    def page(self, at: str | None = None) -> Page:
        """How long a ``nextToken`` is good for, and what is said of one that is not, is UNCONFIRMED: whatever
        AWS refuses of a call that has one is taken for that."""
        where = self._everything
        place: dict[str, Any] = {} if at is None else {"nextToken": at}
        try:
            with asking(where, "iot:ListSecurityProfiles"):
                answer = self._client.list_security_profiles(maxResults=PAGE, **place)
        except (Refused, ScopeMissing):
            if at is None:
                raise
            raise StalePage(where, "AWS does not go on with the listing where it was") from None
        items = answer.get("securityProfileIdentifiers", [])
        if not all(item.get("name") for item in items):
            raise Unreachable(where, "the listing has a profile without a name")
        return Page({item["name"]: None for item in items}, answer.get("nextToken") or None)

    def create(self, name: str, document: Document, *, request: str | None = None) -> Written:
        """``version`` above 1 in what is read back shows that somebody updated the profile in between."""
        del request
        where = self._where(name)
        body = {k: v for k, v in document.items() if k not in GIVEN_BY_AWS and k != "securityProfileName"}
        with asking(where, "iot:CreateSecurityProfile", write=True), sending(body):
            self._client.create_security_profile(securityProfileName=name)
        found = self._read_back(name, where)
        late = f"created, and already at version {found.version}" if found.version != 1 else None
        return Written(found, late, found.told_at)

    def update(self, name: str, document: Document, base: Found, *, request: str | None = None) -> Written:
        """Sends only what differs, on condition of ``base.version``; nothing at all if nothing differs."""
        del request
        where = self._where(name)
        try:
            body = patch(document, base.document)
        except CannotPatch as error:
            raise Refused(where, plain(error)) from None
        if not body:
            return Written(base)
        try:
            with asking(where, "iot:UpdateSecurityProfile", write=True), sending(body):
                answer = self._client.update_security_profile(
                    securityProfileName=name, expectedVersion=_version(base, where)
                )
        except NotThere:
            raise RevisionConflict(where, "somebody deleted it between our read and our write") from None
        updated = _found(name, answer, where, write=True)
        return Written(updated, told_at=updated.told_at)

    def delete(self, name: str, base: Found, *, request: str | None = None) -> Written:
        """On condition of ``base.version``. Deleting what is gone succeeds (CloudFormation's DeleteHandler,
        2025-08), so no surprise shows."""
        del request
        where = self._where(name)
        with asking(where, "iot:DeleteSecurityProfile", write=True):
            self._client.delete_security_profile(
                securityProfileName=name, expectedVersion=_version(base, where)
            )
        return Written(None)

    def ensure_metric(self, name: str, kind: str) -> None:
        """``kind``: number, number-list, string-list or ip-address-list. Raises Refused when the metric is
        there with another type, which never changes."""
        where = f"AWS custom metric {quoted(name)} in {self._region}"
        _check_name(name, where)
        there = self._metric_kind(name, where) or self._create_metric(name, kind, where)
        if there != kind:
            raise Refused(where, f"has the type {quoted(there)}, wanted {quoted(kind)}: choose another name")

    @property
    def _everything(self) -> str:
        return f"AWS security profiles in {self._region}"

    def _where(self, name: str) -> str:
        where = f"AWS security profile {quoted(name)} in {self._region}"
        _check_name(name, where)
        return where

    def _describe(self, name: str, where: str) -> Found:
        with asking(where, "iot:DescribeSecurityProfile"):
            answer = self._client.describe_security_profile(securityProfileName=name)
        return _found(name, answer, where)

    def _read_back(self, name: str, where: str) -> Found:
        """The create went through; nothing that fails from here on may look as if it had not."""
        try:
            return self._describe(name, where)
        except CloudError as error:
            raise Unanswered(where, f"created, but not read back: {error.problem}") from None

    def _tags(self, name: str, where: str) -> list[Any]:
        arn = f"{self._arns}:securityprofile/{name}"
        try:
            with asking(where, "iot:ListTagsForResource"):
                paginator = self._client.get_paginator("list_tags_for_resource")
                return [tag for page in paginator.paginate(resourceArn=arn) for tag in page.get("tags", [])]
        except NotThere as error:
            raise Unreachable(where, f"described, but its tags are not there: {error.problem}") from None

    def _metric_kind(self, name: str, where: str) -> str | None:
        try:
            with asking(where, "iot:DescribeCustomMetric"):
                return self._client.describe_custom_metric(metricName=name).get("metricType", "")
        except NotThere:
            return None

    def _create_metric(self, name: str, kind: str, where: str) -> str:
        """A second worker that creates the same metric sends the same token, and both succeed."""
        with asking(where, "iot:CreateCustomMetric", write=True):
            self._client.create_custom_metric(
                metricName=name,
                metricType=cast("CustomMetricTypeType", kind),
                clientRequestToken=hashlib.sha256(name.encode()).hexdigest(),
            )
        return kind


def _found(name: str, answer: Mapping[str, Any], where: str, *, write: bool = False) -> Found:
    try:
        document = told(answer)
        created, version = _instant(document["creationDate"]), int(document["version"])
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError):
        problem = "the answer is no security profile with a version and a creation date"
        raise lost(where, problem, write=write) from None
    spelt = str(document.get("securityProfileName", name))
    return Found(spelt, document, created, version, told_at(answer))


def _instant(value: Any) -> str:
    """Seconds since 1970 may come with or without a fraction; one instant has one text."""
    return repr(float(value)) if isinstance(value, int | float) else str(value)


def _version(base: Found, where: str) -> int:
    if base.version is None:
        raise Refused(where, "an unconditional write is asked for: the profile it is based on has no version")
    return base.version


def _check_name(name: str, where: str) -> None:
    """Before it becomes part of an address, where ``..`` would name something else. Custom metrics are named
    by the same pattern (botocore 1.44.5, 2026-11)."""
    problem = unspellable(Side.AWS, name)
    if problem is not None:
        raise Refused(where, plain(problem))
