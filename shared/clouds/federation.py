"""Identities of one cloud that the other trusts: no secret is kept anywhere.

AWS to Azure: STS signs a token about the Lambda's role, and Entra takes it for a federated credential.
Azure to AWS: Entra signs a token about the managed identity, and STS takes it for a role.
(AWS IAM user guide, outbound federation and OIDC providers, 2026.) What a refusal means is in
:mod:`shared.clouds.trust`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from shared.clouds import aws_errors, azure_errors
from shared.clouds.aws_session import SESSION_NAME, agent, brief_sts, process_session, session_with
from shared.clouds.trust import (
    ENTRA_AUDIENCE,
    Refusal,
    endpoint_refusal,
    entra_refusal,
    role_refusal,
    signing_refusal,
)
from shared.errors import CloudError, Unreachable

if TYPE_CHECKING:
    from datetime import datetime

    import boto3
    from azure.core.credentials import AccessToken, TokenCredential
    from azure.core.exceptions import ClientAuthenticationError
    from azure.core.pipeline.transport import HttpTransport
    from botocore.credentials import DeferredRefreshableCredentials
    from mypy_boto3_sts.client import STSClient

LIMITS: dict[str, Any] = {"connection_timeout": 3, "read_timeout": 5, "retry_total": 1}
"""Of a sign-in with Azure: it must leave time for the work. azure-identity's own limits are minutes."""

_UNUSABLE = "the sign-in got no usable answer"


def regional_sts(region: str, session: boto3.Session | None = None) -> STSClient:
    """GetWebIdentityToken is answered by regional endpoints only (AWS IAM user guide, 2026), which every
    session of :mod:`aws_session` asks. ``session``: one of those, else one of the process's own."""
    from botocore.config import Config

    config = Config(
        connect_timeout=3,
        read_timeout=5,
        retries={"mode": "standard", "total_max_attempts": 2},
        user_agent=agent(),
    )
    return (session or process_session()).client("sts", region_name=region, config=config)


def azure_credential_from_aws(
    tenant_id: str, client_id: str, sts: STSClient, *, transport: HttpTransport[Any, Any] | None = None
) -> TokenCredential:
    """A credential for the Entra identity ``client_id``, whose federated credential names our role.
    ``transport``: in place of the usual one over requests.

    Where there is no token, getting one raises the CloudError that says why and which side to mend.
    """
    from azure.identity import ClientAssertionCredential

    where = f"Entra identity {client_id}"

    def assertion() -> str:
        with _refused_by_sts(where, "sts:GetWebIdentityToken", signing_refusal):
            answer = sts.get_web_identity_token(
                Audience=[ENTRA_AUDIENCE],
                SigningAlgorithm="RS256",  # ES384 is said to be refused by Entra
                DurationSeconds=300,
            )
        return answer["WebIdentityToken"]

    options = LIMITS if transport is None else {**LIMITS, "transport": transport}
    return _PlainSpoken(ClientAssertionCredential(tenant_id, client_id, assertion, **options), where)


def managed_identity(client_id: str | None = None) -> TokenCredential:
    """The function's own identity: its system-assigned one, or the user-assigned one of that client id.

    Where there is no token, getting one raises the CloudError that says why.
    """
    from azure.identity import ManagedIdentityCredential

    where = f"managed identity {client_id}" if client_id else "the app's own managed identity"
    return _PlainSpoken(ManagedIdentityCredential(client_id=client_id, **LIMITS), where)


def own_identity() -> TokenCredential:
    """Of whoever runs this: environment, Azure CLI and the rest of azure-identity's usual chain.
    ``AZURE_TOKEN_CREDENTIALS`` narrows it, which is quicker (azure-identity 1.23 and later).

    What each link of the chain lacks fills a page; a refusal begins with the way out instead.
    """
    from azure.core.exceptions import ClientAuthenticationError
    from azure.identity import DefaultAzureCredential

    logging.getLogger("azure.identity").setLevel(logging.ERROR)  # the page would go to the terminal as well
    chain = DefaultAzureCredential(process_timeout=30)

    class Person:
        def get_token(self, *scopes: str, **options: Any) -> AccessToken:
            try:
                return chain.get_token(*scopes, **options)
            except ClientAuthenticationError as error:
                said = f"sign in with az login, or set AZURE_CLIENT_ID and its like; {error.message}"
                raise ClientAuthenticationError(said, response=error.response) from None

    return Person()


def aws_session_from_azure(
    role_arn: str,
    audience_uri: str,
    credential: TokenCredential,
    *,
    region: str,
    now: Callable[[], datetime] | None = None,
) -> boto3.Session:
    """A session that acts as ``role_arn`` and renews itself before its hour is over.

    ``audience_uri``: the Application ID URI that the AWS OIDC provider lists as its client id. Where the role
    is not to be had, the first call of any client raises the CloudError that says why and which side to mend.
    ``now``: an aware time, by which sessions age; the machine's own where it is left out.
    """
    return session_with(_assumed(role_arn, audience_uri, credential, region, now), region)


def _assumed(
    role_arn: str,
    audience_uri: str,
    credential: TokenCredential,
    region: str,
    now: Callable[[], datetime] | None,
) -> DeferredRefreshableCredentials:
    from botocore.credentials import (
        AssumeRoleWithWebIdentityCredentialFetcher,
        DeferredRefreshableCredentials,
    )

    where = f"AWS role {role_arn}"

    def token() -> str:
        with azure_errors.asking(where, f"the sign-in to {audience_uri}"):
            return credential.get_token(f"{audience_uri.rstrip('/')}/.default").token

    fetcher = AssumeRoleWithWebIdentityCredentialFetcher(
        brief_sts(region), token, role_arn, extra_args={"RoleSessionName": SESSION_NAME}
    )

    def fetch() -> dict[str, Any]:
        with _refused_by_sts(where, "sts:AssumeRoleWithWebIdentity", role_refusal):
            return fetcher.fetch_credentials()

    clock: dict[str, Any] = {"time_fetcher": now} if now else {}
    return DeferredRefreshableCredentials(fetch, "assume-role-with-web-identity", **clock)


@contextmanager
def _refused_by_sts(where: str, action: str, meaning: Callable[[str, str], Refusal | None]) -> Iterator[None]:
    """``aws_errors.asking``, in the words of ``meaning`` where it has some for the code and the message."""
    from botocore.exceptions import ClientError

    with aws_errors.asking(where, action):
        try:
            yield
        except ClientError as error:
            said: Any = error.response.get("Error", {})
            code = str(said.get("Code", ""))
            refusal = meaning(code, str(said.get("Message", "")))
            if refusal is None:
                raise
            raise refusal.about(where, f"{action}: {code}") from None


class _PlainSpoken:
    """A credential of azure-identity whose failures are CloudErrors about ``where``, without the words of the
    other side: those name issuer, subject and audience, and azure-identity logs them as warnings."""

    def __init__(self, credential: TokenCredential, where: str) -> None:
        self._credential = credential
        self._where = where
        logging.getLogger("azure.identity").setLevel(logging.ERROR)

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        from azure.core.exceptions import ClientAuthenticationError

        with azure_errors.asking(self._where, "the sign-in"):
            try:
                return self._credential.get_token(*scopes, **options)
            except ClientAuthenticationError as error:
                raise self._refused(error) from None
            except ValueError:  # no JSON: msal lets that through
                raise Unreachable(self._where, _UNUSABLE) from None

    def _refused(self, error: ClientAuthenticationError) -> CloudError:
        """Entra's own refusals bear a code of its own. Without one, azure-identity has read something that
        stands before Entra; the identity endpoint of a machine is read by msal, which raises another type."""
        from azure.identity import CredentialUnavailableError

        status = getattr(error.response, "status_code", None) or 0
        if status == 429 or status >= 500:
            return Unreachable(self._where, f"the sign-in was answered with {status}")
        known = entra_refusal(str(error))
        if known is not None:
            refusal, code = known
            return refusal.about(self._where, code)
        if isinstance(error, CredentialUnavailableError):
            return endpoint_refusal(str(error)).about(self._where, "identity endpoint")
        return Unreachable(self._where, _UNUSABLE)
