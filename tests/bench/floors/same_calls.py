"""The calls that a first look makes, through the SDKs as they come: both sign-ins, the ledger, both clouds.
Nothing is done with the answers. FLOOR_CALLS says what is asked for."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import botocore.session
from azure.core.rest import HttpRequest
from azure.identity import ClientAssertionCredential, ManagedIdentityCredential
from azure.mgmt.security.v2019_08_01 import SecurityCenter
from botocore.credentials import CredentialProvider, CredentialResolver, DeferredRefreshableCredentials

Asked = dict[str, Any]


class SameCalls:
    """``credential`` makes one for Azure, without a token."""

    def __init__(self, asked: Asked, session: boto3.Session, credential: Callable[[], Any]) -> None:
        self._asked = asked
        self._iot, self._ledger = session.client("iot"), session.client("dynamodb")
        self._credential = credential
        self._pool = ThreadPoolExecutor(3)
        self.renew()

    def renew(self) -> None:
        """Neither token nor connection is left."""
        self._arm = SecurityCenter(self._credential(), "11111111-2222-4333-8444-555555555555")
        self._iot.close()
        self._ledger.close()

    def look(self) -> None:
        for done in [self._pool.submit(call) for call in (self._item, self._profile, self._group)]:
            done.result()

    def _item(self) -> None:
        table, item = self._asked["table"], self._asked["item"]
        assert "Item" in self._ledger.get_item(TableName=table, Key=item, ConsistentRead=True)

    def _profile(self) -> None:
        assert self._iot.describe_security_profile(securityProfileName=self._asked["profile"])

    def _group(self) -> None:
        request = HttpRequest("GET", self._asked["group"])
        answer = self._arm._send_request(request, enforce_https=False)
        assert answer.json()["properties"]


def of_lambda() -> SameCalls:
    """STS signs a token, and Entra takes it."""
    asked, session = _asked(), boto3.Session()
    sts = session.client("sts")

    def assertion() -> str:
        told = sts.get_web_identity_token(
            Audience=[asked["azure_audience"]], SigningAlgorithm="RS256", DurationSeconds=300
        )
        return str(told["WebIdentityToken"])

    return SameCalls(
        asked, session, lambda: ClientAssertionCredential(asked["tenant"], asked["client"], assertion)
    )


def of_function() -> SameCalls:
    """The managed identity's token makes us a role of AWS."""
    asked, session, identity = _asked(), botocore.session.get_session(), ManagedIdentityCredential()
    sts: Any = session.create_client("sts", aws_access_key_id="none", aws_secret_access_key="none")

    def assume() -> dict[str, str]:
        token = identity.get_token(asked["aws_audience"]).token
        told = sts.assume_role_with_web_identity(
            RoleArn=asked["role"], RoleSessionName="floor", WebIdentityToken=token
        )["Credentials"]
        keys = {"access_key": told["AccessKeyId"], "secret_key": told["SecretAccessKey"]}
        return {**keys, "token": told["SessionToken"], "expiry_time": told["Expiration"].isoformat()}

    class Assumed(CredentialProvider):
        METHOD = "assumed"

        def load(self) -> DeferredRefreshableCredentials:
            return DeferredRefreshableCredentials(assume, "assumed")

    session.register_component("credential_provider", CredentialResolver([Assumed()]))
    return SameCalls(asked, boto3.Session(botocore_session=session), lambda: identity)


def _asked() -> Asked:
    asked: Asked = json.loads(os.environ["FLOOR_CALLS"])
    return asked
