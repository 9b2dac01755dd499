"""Who mirrors, each with a way of its own to sign in: the Lambda, the Azure function, a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING

from shared.bootstrap.assembly import Identities, assemble, pool
from shared.bootstrap.channels import to_posts, to_topics
from shared.bootstrap.queues import sqs, storage_queue, waiting
from shared.clouds.aws_session import assumed_session, own_session, process_session
from shared.clouds.federation import (
    aws_session_from_azure,
    azure_credential_from_aws,
    managed_identity,
    own_identity,
    regional_sts,
)
from shared.clouds.prefetch import PrefetchedToken, sign_in_to_aws
from shared.config import Settings, read_settings
from shared.errors import BadInput
from shared.operations.doctor.setups import Here
from shared.routes.route import Route
from shared.sync.job import Worker
from shared.translation.side import Side

if TYPE_CHECKING:
    import boto3
    from azure.core.credentials import TokenCredential

    from shared.clouds.rehearsal import Rehearsal
    from shared.operations.mirror import Mirror

AWS_WORKER = Worker("aws-lambda", frozenset({Side.AZURE}))
AZURE_WORKER = Worker("azure-function", frozenset({Side.AWS}))
TERMINAL_WORKER = Worker("terminal", frozenset(Side))


def aws_function(environ: Mapping[str, str], rehearsal: Rehearsal | None = None) -> Mirror:
    """The mirror inside the Lambda: at home in AWS, a federated guest in Azure. ``rehearsal``: what of its
    sign-ins is to be rehearsed before a snapshot, and what sees to it that nothing is sent."""
    settings = read_settings(environ)
    attend = rehearsal.attend if rehearsal else None
    threads = pool()
    own = cache(lambda: process_session(attend))  # one for all that it does as itself: each takes some 30 ms
    sts = cache(lambda region: regional_sts(region, own()))

    def reader(route: Route) -> boto3.Session:
        role = _reader(route, settings.home)
        return assumed_session(role, region=route.aws.region, own=own(), attend=attend) if role else own()

    def azure(route: Route) -> TokenCredential:
        tenant, client = route.azure.tenant_id, route.azure.client_id
        if not tenant or not client:
            raise BadInput(
                f"route {route.id}: azure.tenant_id and azure.client_id are needed to sign in from AWS"
            )
        credential = azure_credential_from_aws(tenant, client, sts(route.aws.region))
        if rehearsal is None:
            return PrefetchedToken(credential, threads)
        rehearsal.sign_in(tenant, client, sts(route.aws.region), route.azure.hub)
        return credential

    identities = Identities(
        aws=reader,
        azure=azure,
        ledger=lambda _: own(),
    )
    mirror = assemble(
        settings,
        AWS_WORKER,
        identities,
        threads,
        enqueue=sqs(settings.queue_url, settings.sweep_queue_url),
        send=to_topics(settings.notices),
    )
    mirror.here = _here(settings, reader, partial(waiting, settings.queue_url, settings.sweep_queue_url))
    return mirror


def _reader(route: Route, home: str | None) -> str | None:
    """A role of the route's, or None at home: there the Lambda's own role reads. Raises BadInput where there
    is neither."""
    role = route.aws.reader_role_arn or route.aws.role_arn
    if route.aws.scope == home:
        return None
    if role is None and home is not None:
        raise BadInput(f"route {route.id}: {route.aws.scope} is not {home}: set aws.reader_role_arn")
    return role


def azure_function(environ: Mapping[str, str]) -> Mirror:
    """The mirror inside the Azure function: at home in Azure, a federated guest in AWS."""
    settings = read_settings(environ)
    threads = pool()
    own = cache(lambda: managed_identity(settings.azure_client_id))

    @cache  # the role that reads is often that of the ledger: a sign-in for both
    def acting(role: str, audience: str, region: str) -> boto3.Session:
        session = aws_session_from_azure(role, audience, own(), region=region)
        sign_in_to_aws(session, threads)
        return session

    def aws(route: Route, role: str | None = None) -> boto3.Session:
        role = role or route.aws.role_arn
        if not role or not settings.aws_audience:
            needed = "set aws.role_arn and POLICY_MIRROR_AWS_AUDIENCE"
            raise BadInput(f"route {route.id}: to sign in from Azure, {needed}")
        return acting(role, settings.aws_audience, route.aws.region)

    identities = Identities(
        aws=aws,
        azure=lambda _: own(),
        ledger=lambda routes: aws(routes.routes[0], settings.ledger_role),
    )
    mirror = assemble(
        settings,
        AZURE_WORKER,
        identities,
        threads,
        enqueue=storage_queue(settings.storage_queue_url, own),
        send=to_posts(settings.notices, own),
        audits=True,
    )
    mirror.here = _here(settings, aws)
    return mirror


def terminal(environ: Mapping[str, str]) -> Mirror:
    """The mirror of a person with credentials of their own on both clouds: it writes both, AWS first."""
    settings = read_settings(environ)
    identity = cache(own_identity)

    def aws(route: Route) -> boto3.Session:
        return own_session(route.aws.account, route.aws.role_arn, region=route.aws.region)

    identities = Identities(aws=aws, azure=lambda _: identity(), ledger=lambda _: None)
    return assemble(settings, TERMINAL_WORKER, identities, pool())


def _here(
    settings: Settings,
    aws: Callable[[Route], boto3.Session],
    waiting: Callable[[], Mapping[str, int]] | None = None,
) -> Here:
    def identity(route: Route) -> tuple[str, str]:
        from shared.clouds.aws_setup import AwsSetup

        return AwsSetup(lambda: aws(route), route.aws.region).identity()

    return Here(str(settings.ledger), settings.routes_source, identity, waiting)
