"""The composition root: the only place that knows which port is behind which name.

Everything is built when it is first needed, so that an event that concerns no route loads no SDK. What only a
command asks for, or a person's terminal, is imported there: no look should wait for it.
"""

from __future__ import annotations

import logging
import math
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from shared.clouds import aws_queue, azure_notices
from shared.clouds.aws_iot import AwsIot, iot_client, side_calls
from shared.clouds.aws_notices import publish, topics_client
from shared.clouds.aws_parameters import parameters_client, read_parameter
from shared.clouds.aws_session import assumed_session, own_session, process_session
from shared.clouds.azure_arm import arm_client
from shared.clouds.azure_groups import AzureGroups
from shared.clouds.federation import (
    aws_session_from_azure,
    azure_credential_from_aws,
    managed_identity,
    own_identity,
    regional_sts,
)
from shared.clouds.prefetch import PrefetchedToken, sign_in_to_aws
from shared.config import Channel, LedgerPlace, Settings, read_settings
from shared.errors import BadInput, MirrorError
from shared.ledger.dynamodb import ClientWhenAsked, DynamoLedger, dynamo_client
from shared.operations import notice_cards as cards
from shared.operations.doctor.setups import Here, Prober, Setups
from shared.operations.first_use import loading
from shared.operations.mirror import Enqueue, Mirror
from shared.operations.notices import Announcer, Notice, Send
from shared.operations.payload import message
from shared.operations.quotas import Quotas
from shared.operations.requests import NO_CAUSE, Cause, Sweep
from shared.routes.load import load_routes, read_routes
from shared.routes.route import Route, Routes
from shared.sync.job import Worker
from shared.sync.link import LinkKey
from shared.sync.ports import AuditTrail, Cloud, Ledger
from shared.translation.side import Side

if TYPE_CHECKING:
    import boto3
    from azure.core.credentials import TokenCredential
    from azure.mgmt.security.v2019_08_01 import SecurityCenter
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

    from shared.clouds.rehearsal import Rehearsal

AWS_WORKER = Worker("aws-lambda", frozenset({Side.AZURE}))
AZURE_WORKER = Worker("azure-function", frozenset({Side.AWS}))
TERMINAL_WORKER = Worker("terminal", frozenset(Side))
T = TypeVar("T")
THREADS = 8
"""Effects side by side: a look reads ledger, AWS and Azure at once."""


class Identities(Struct, frozen=True):
    """How one worker signs in to each cloud. Each call may build a client; callers keep what they get."""

    aws: Callable[[Route], boto3.Session | None]
    azure: Callable[[Route], TokenCredential]
    ledger: Callable[[Routes], boto3.Session | None]


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
        enqueue=_sqs(settings.queue_url, settings.sweep_queue_url),
        send=_to_topics(settings.notices),
    )
    mirror.here = _here(settings, reader, partial(_waiting, settings))
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
        enqueue=_storage_queue(settings.storage_queue_url, own),
        send=_to_posts(settings.notices, own),
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


def assemble(
    settings: Settings,
    worker: Worker,
    identities: Identities,
    threads: Executor,
    *,
    enqueue: Enqueue | None = None,
    send: Send | None = None,
    audits: bool = False,
) -> Mirror:
    """``threads``: for effects side by side. ``audits``: its sweeps read who wrote what on Azure; the one
    that is at home there does."""
    routes = _routes(settings)
    ledger = open_ledger(settings.ledger, lambda: identities.ledger(routes))
    beside = side_calls()
    arm = once_per_route(lambda route: arm_client(identities.azure(route), base_url=settings.arm_endpoint))

    def clouds(route: Route) -> Mapping[Side, Cloud]:
        return clouds_of(route, identities.aws(route), arm(route), beside)

    def trail(route: Route) -> AuditTrail | None:
        if not audits:
            return None
        from shared.clouds.azure_activity import ActivityTrail

        return ActivityTrail(arm(route), route.azure.hub, route.azure.client_id)

    def setups(route: Route) -> Setups:
        from shared.clouds.aws_setup import AwsSetup
        from shared.clouds.azure_setup import AzureSetup

        azure = AzureSetup(arm(route), route.azure.hub)
        return Setups(AwsSetup(lambda: _session(identities.aws(route)), route.aws.region), azure)

    def probes(route: Route) -> Sequence[Prober]:
        from shared.clouds.aws_probe import AwsProbe
        from shared.clouds.azure_probe import AzureProbe

        iot = AwsProbe(lambda: iot_client(route.aws.region, role_session=identities.aws(route)))
        return iot, AzureProbe(arm(route), route.azure.hub)

    return Mirror(
        routes=routes,
        worker=worker,
        ledger=ledger,
        clouds=once_per_route(clouds),
        trail=once_per_route(trail),
        setups=setups,
        probes=probes,
        clock=time.time,
        time_left=lambda: math.inf,
        pool=threads,
        quotas=Quotas(time.time, time.sleep),
        enqueue=enqueue,
        new_trace=lambda: uuid.uuid4().hex,
        announcer=Announcer(send, worker, ledger, time.time, _unsent) if send else None,
    )


def _here(
    settings: Settings,
    aws: Callable[[Route], boto3.Session],
    waiting: Callable[[], Mapping[str, int]] | None = None,
) -> Here:
    def identity(route: Route) -> tuple[str, str]:
        from shared.clouds.aws_setup import AwsSetup

        return AwsSetup(lambda: aws(route), route.aws.region).identity()

    return Here(str(settings.ledger), settings.routes_source, identity, waiting)


def _waiting(settings: Settings) -> dict[str, int]:
    import boto3

    client = boto3.Session().client("sqs")
    urls = dict.fromkeys(url for url in (settings.queue_url, settings.sweep_queue_url) if url)
    return {url.rpartition("/")[2]: aws_queue.waiting(client, url) for url in urls}


def _session(given: boto3.Session | None) -> boto3.Session:
    import boto3

    return given or boto3.Session()


def once_per_route(build: Callable[[Route], T]) -> Callable[[Route], T]:
    """``build``, asked once for each route, whichever thread comes first."""
    built: dict[str, T] = {}
    lock = threading.Lock()

    def once(route: Route) -> T:
        with lock:
            if route.id not in built:
                with loading():
                    built[route.id] = build(route)
            return built[route.id]

    return once


def clouds_of(
    route: Route, session: boto3.Session | None, arm: SecurityCenter, beside: Executor | None = None
) -> Mapping[Side, Cloud]:
    """The two ports of a route. ``session``: its identity on AWS, None for boto3's default. ``beside``: see
    AwsIot; a deployment may have hundreds of routes, and a function a thousand threads."""
    client = iot_client(route.aws.region, role_session=session)
    return {
        Side.AWS: AwsIot(client, route.aws.account, route.aws.region, beside=beside),
        Side.AZURE: AzureGroups(arm, route.azure.hub),
    }


def _routes(settings: Settings) -> Routes:
    if settings.routes_yaml is not None:
        return load_routes(settings.routes_yaml, settings.routes_source)
    if settings.routes_parameter is not None:
        with parameters_client() as client:
            text = read_parameter(client, settings.routes_parameter)
        return load_routes(text, settings.routes_source)
    return read_routes(settings.routes_path)


def open_ledger(place: LedgerPlace, session: Callable[[], boto3.Session | None]) -> Ledger:
    if place.kind == "sqlite":
        from shared.ledger.sqlite import SqliteLedger

        return SqliteLedger(place.name)
    region = place.region
    assert region is not None

    def loaded() -> DynamoDBClient:
        with loading():
            return dynamo_client(region, session=session())

    # Only with the first call: a session loads boto3, and an event that concerns no route makes no call. One
    # that cannot be had fails each look, so that what asked for it comes again.
    client = ClientWhenAsked(loaded)
    return DynamoLedger(place.name, client, nonce=lambda: str(uuid.uuid4()))


def pool() -> Executor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="policy-mirror")


def _unsent(error: MirrorError) -> None:
    logging.getLogger("policy_mirror.notices").warning("notice not sent: %s: %s", error.code, error)


def _to_topics(channels: Sequence[Channel]) -> Send | None:
    """Raises BadInput for a channel that the Lambda does not serve."""
    for channel in channels:
        if channel.kind != "sns":
            raise BadInput(
                f"POLICY_MIRROR_NOTICES: the AWS function sends to sns:ARN only, not {channel.kind}:"
            )
    client = cache(topics_client)

    def send(notice: Notice) -> None:
        kinds = {"kind": str(notice.kind), "id": notice.id}
        for topic_arn in (channel.address for channel in channels):
            region = topic_arn.split(":")[3]
            publish(client(region), topic_arn, cards.subject(notice), cards.text(notice), kinds)

    return send if channels else None


def _to_posts(channels: Sequence[Channel], credential: Callable[[], TokenCredential]) -> Send | None:
    """Raises BadInput for a channel that the Azure function does not serve."""
    posts: list[tuple[Callable[[Notice], dict[str, Any]], azure_notices.Post]] = []
    for channel in channels:
        match channel.kind:
            case "sns":
                raise BadInput("POLICY_MIRROR_NOTICES: sns:ARN is for the AWS function")
            case "eventgrid":
                posts.append((cards.event_grid, azure_notices.topic(channel.address, credential)))
            case kind:
                posts.append((cards.CARDS[kind], azure_notices.webhook(channel.address)))

    def send(notice: Notice) -> None:
        for card, post in posts:
            post(card(notice))

    return send if channels else None


def _storage_queue(url: str | None, credential: Callable[[], TokenCredential]) -> Enqueue | None:
    if url is None:
        return None
    from shared.clouds import azure_queue

    send = azure_queue.sender(url, credential)

    def enqueue(asked: Sequence[LinkKey | Sweep], delay: float, cause: Cause = NO_CAUSE) -> None:
        send([message(each, cause) for each in asked], delay)

    return enqueue


def _sqs(queue_url: str | None, sweep_queue_url: str | None) -> Enqueue | None:
    """What a sweep asks for goes to a queue of its own: no event should wait behind it."""
    if queue_url is None or sweep_queue_url is None:
        return None

    @cache
    def client() -> SQSClient:
        import boto3

        return boto3.Session().client("sqs")

    def enqueue(asked: Sequence[LinkKey | Sweep], delay: float, cause: Cause = NO_CAUSE) -> None:
        messages: dict[str, list[str]] = {}
        for each in asked:
            url = sweep_queue_url if cause.swept or isinstance(each, Sweep) else queue_url
            messages.setdefault(url, []).append(message(each, cause))
        for url, some in messages.items():
            aws_queue.send(client(), url, some, delay)

    return enqueue
