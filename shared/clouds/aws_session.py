"""Sessions that act in a route's account: as a role there, or as the person at a terminal."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from shared.clouds import aws_errors
from shared.errors import BadInput, Denied

if TYPE_CHECKING:
    import boto3
    from botocore.credentials import CredentialProvider, Credentials, DeferredRefreshableCredentials
    from botocore.session import Session

Attend = Callable[["Session"], None]
"""Is shown a session before it makes its first client."""

SESSION_NAME = "policy-mirror"
"""Of every role that is assumed: CloudTrail shows it."""


def agent(name: str = "policy-mirror") -> str:
    """Who calls, as CloudTrail records it. Botocore puts words of its own together twice for each request, a
    tenth of what that costs (1.44.5)."""
    import botocore

    return f"{name} Botocore/{botocore.__version__}"


def bare_session(attend: Attend | None = None) -> Session:
    """A botocore session that reads no file twice. Botocore's own each parse the endpoints of every region
    (20 ms and 7 MB, 1.43), and what two of them have in common: the Lambda has three, the Azure function two
    for each role."""
    import botocore.session

    session = botocore.session.get_session()
    session.set_config_variable("sts_regional_endpoints", "regional")
    session.get_component("data_loader").file_loader = _files()
    if attend is not None:
        attend(session)
    return session


@cache
def _files() -> Any:
    """botocore treats what it read as constant: a session hands the same model to all its clients."""
    from botocore.loaders import JSONFileLoader

    files: Any = JSONFileLoader()
    files.load_file = cache(files.load_file)
    return files


def process_session(attend: Attend | None = None) -> boto3.Session:
    """Acts as whoever the process is, by boto3's default chain: looked for when the first request is signed,
    so that a snapshot of the process has no credentials in it."""
    import boto3

    session = bare_session(attend)
    _act_as(session, _when_signed(session))
    return boto3.Session(botocore_session=session)


def _when_signed(session: Session) -> Credentials:
    """What the session's own chain finds, once. They tell no account: DynamoDB is asked at its region's
    endpoint, which needs none."""
    from botocore.credentials import Credentials

    chain, lock = session.get_component("credential_provider"), threading.Lock()

    class WhenSigned(Credentials):
        def __init__(self) -> None:
            self.method, self.account_id = "when-signed", None
            self._found: Credentials | None = None

        def get_frozen_credentials(self) -> Any:
            with lock:
                if self._found is None:
                    self._found = chain.load_credentials()
            return self._found and self._found.get_frozen_credentials()

    return WhenSigned()


def assumed_session(
    role_arn: str, *, region: str, own: boto3.Session | None = None, attend: Attend | None = None
) -> boto3.Session:
    """Acts as ``role_arn``, which must trust the process's own identity, and renews itself before its hour is
    over. Where the role is not to be had, the first call of a client raises the CloudError that says why.
    ``own``: the session of that identity, if there is one."""
    from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials

    fetcher = AssumeRoleCredentialFetcher(
        brief_sts(region),
        (own or process_session()).get_credentials(),
        role_arn,
        extra_args={"RoleSessionName": SESSION_NAME},
    )

    def fetch() -> Any:
        with aws_errors.asking(f"AWS role {role_arn}", "sts:AssumeRole"):
            return fetcher.fetch_credentials()

    return session_with(DeferredRefreshableCredentials(fetch, "assume-role"), region, attend)


def own_session(account: str, role_arn: str | None, *, region: str) -> boto3.Session:
    """The credentials of whoever runs this (boto3's default chain), where they are of ``account``; else those
    of ``role_arn``. Another account's profiles may bear the same names: they must never be taken for these.

    Raises BadInput where neither is of that account, and CloudError where there are no credentials.
    """
    import boto3

    session = boto3.Session(region_name=region)
    try:
        with aws_errors.asking(f"AWS account {account}", "sts:GetCallerIdentity"):
            own = brief_sts(region)("sts").get_caller_identity()["Account"]
    except Denied as error:
        way_out = "sign in (aws sso login), or set AWS_PROFILE"
        raise Denied(error.where, f"{error.problem}; {way_out}") from None
    if own == account:
        return session
    if role_arn is None:
        way_out = f"set AWS_PROFILE to one of {account}, or give the route aws.role_arn"
        raise BadInput(f"AWS account {account}: the credentials at hand are of account {own}; {way_out}")
    return assumed_session(role_arn, region=region)


def brief_sts(region: str) -> Callable[..., Any]:
    """Builds clients of the region's own STS endpoint that give up within a function's time: botocore's
    credential fetchers ask for one with what else it needs."""
    from botocore.config import Config

    session = bare_session()
    limits = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2}, user_agent=agent())

    def client(service: str, config: Config | None = None, **keys: Any) -> Any:
        merged = limits if config is None else config.merge(limits)
        return session.create_client(service, region_name=region, config=merged, **keys)

    return client


def session_with(
    credentials: DeferredRefreshableCredentials, region: str, attend: Attend | None = None
) -> boto3.Session:
    """A session that has these credentials and no others: neither environment, files nor instance roles may
    step in."""
    import boto3

    session = bare_session(attend)
    _act_as(session, credentials)
    return boto3.Session(botocore_session=session, region_name=region)


def _act_as(session: Session, credentials: Credentials) -> None:
    from botocore.credentials import CredentialProvider, CredentialResolver

    class Given(CredentialProvider):
        METHOD = credentials.method

        def load(self) -> Credentials:
            return credentials

    providers: list[CredentialProvider] = [Given()]
    session.register_component("credential_provider", CredentialResolver(providers=providers))
