"""A session as a role in another AWS account, for routes whose account is not the function's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import boto3

SESSION_NAME = "policy-mirror"
"""Of every role that is assumed: CloudTrail shows it."""


def assumed_session(role_arn: str) -> boto3.Session:
    """Renews itself before its hour is over. The process's own identity must be trusted by the role."""
    import boto3
    import botocore.session
    from botocore.credentials import (
        AssumeRoleCredentialFetcher,
        CredentialProvider,
        CredentialResolver,
        DeferredRefreshableCredentials,
    )

    base = botocore.session.get_session()
    source = base.get_credentials()
    fetcher = AssumeRoleCredentialFetcher(
        base.create_client, source, role_arn, extra_args={"RoleSessionName": SESSION_NAME}
    )
    credentials = DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")

    class Assumed(CredentialProvider):
        METHOD = "assume-role"

        def load(self) -> DeferredRefreshableCredentials:
            return credentials

    session = botocore.session.get_session()
    session.register_component("credential_provider", CredentialResolver(providers=[Assumed()]))
    return boto3.Session(botocore_session=session)
