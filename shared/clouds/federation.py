"""Identities of one cloud that the other trusts: no secret is kept anywhere.

AWS to Azure: STS signs a token about the Lambda's role, and Entra takes it for a federated credential.
Azure to AWS: Entra signs a token about the managed identity, and STS takes it for a role.
(AWS IAM user guide, outbound federation and OIDC providers, 2026.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.clouds import aws_errors, azure_errors
from shared.clouds.aws_session import SESSION_NAME, brief_sts, session_with

if TYPE_CHECKING:
    import boto3
    from azure.core.credentials import TokenCredential
    from azure.core.pipeline.transport import HttpTransport
    from botocore.credentials import DeferredRefreshableCredentials
    from mypy_boto3_sts.client import STSClient

ENTRA_AUDIENCE = "api://AzureADTokenExchange"


def regional_sts(region: str) -> STSClient:
    """GetWebIdentityToken is answered by regional endpoints only (AWS IAM user guide, 2026)."""
    import boto3
    import botocore.session
    from botocore.config import Config

    session = botocore.session.get_session()
    session.set_config_variable("sts_regional_endpoints", "regional")
    config = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2})
    return boto3.Session(botocore_session=session).client("sts", region_name=region, config=config)


def azure_credential_from_aws(
    tenant_id: str, client_id: str, sts: STSClient, *, transport: HttpTransport[Any, Any] | None = None
) -> TokenCredential:
    """A credential for the Entra identity ``client_id``, whose federated credential names our role.

    Where STS gives no token, getting one raises the CloudError that says why.
    ``transport``: to Entra, in place of the usual one over requests.
    """
    from azure.identity import ClientAssertionCredential

    where = f"Entra identity {client_id}"

    def assertion() -> str:
        with aws_errors.asking(where, "sts:GetWebIdentityToken"):
            answer = sts.get_web_identity_token(
                Audience=[ENTRA_AUDIENCE],
                SigningAlgorithm="RS256",  # ES384 is said to be refused by Entra
                DurationSeconds=300,
            )
        return answer["WebIdentityToken"]

    options: dict[str, Any] = {"transport": transport} if transport else {}
    return ClientAssertionCredential(
        tenant_id, client_id, assertion, connection_timeout=3, read_timeout=5, retry_total=1, **options
    )


def managed_identity(client_id: str | None = None) -> TokenCredential:
    """The function's own identity: its system-assigned one, or the user-assigned one of that client id."""
    from azure.identity import ManagedIdentityCredential

    return ManagedIdentityCredential(client_id=client_id) if client_id else ManagedIdentityCredential()


def own_identity() -> TokenCredential:
    """Of whoever runs this: environment, Azure CLI and the rest of azure-identity's usual chain.
    ``AZURE_TOKEN_CREDENTIALS`` narrows it, which is quicker (azure-identity 1.23 and later)."""
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential(process_timeout=30)


def aws_session_from_azure(
    role_arn: str, audience_uri: str, credential: TokenCredential, *, region: str
) -> boto3.Session:
    """A session that acts as ``role_arn`` and renews itself before its hour is over.

    ``audience_uri``: the Application ID URI that the AWS OIDC provider lists as its client id. Where the role
    is not to be had, the first call of any client raises the CloudError that says why.
    """
    return session_with(_assumed(role_arn, audience_uri, credential, region), region)


def _assumed(
    role_arn: str, audience_uri: str, credential: TokenCredential, region: str
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
        with aws_errors.asking(where, "sts:AssumeRoleWithWebIdentity"):
            return fetcher.fetch_credentials()

    return DeferredRefreshableCredentials(fetch, "assume-role-with-web-identity")
