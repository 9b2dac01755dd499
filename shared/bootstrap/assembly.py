"""One mirror of the ports that the settings name, whoever signs in to them."""

from __future__ import annotations

import math
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from shared.bootstrap.channels import unsent
from shared.clouds.aws_iot import AwsIot, iot_client, side_calls
from shared.clouds.aws_parameters import parameters_client, read_parameter
from shared.clouds.azure_arm import arm_client
from shared.clouds.azure_groups import AzureGroups
from shared.config import LedgerPlace, Settings
from shared.ledger.dynamodb import ClientWhenAsked, DynamoLedger, dynamo_client
from shared.operations.doctor.setups import Prober, Setups
from shared.operations.first_use import loading
from shared.operations.mirror import Enqueue, Mirror
from shared.operations.notices import Announcer, Send
from shared.operations.quotas import Quotas
from shared.routes.load import load_routes, read_routes
from shared.routes.route import Route, Routes
from shared.sync.job import Worker
from shared.sync.ports import AuditTrail, Cloud, Ledger
from shared.translation.side import Side

if TYPE_CHECKING:
    import boto3
    from azure.core.credentials import TokenCredential
    from azure.mgmt.security.v2019_08_01 import SecurityCenter
    from mypy_boto3_dynamodb import DynamoDBClient

T = TypeVar("T")
THREADS = 8
"""Effects side by side: a look reads ledger, AWS and Azure at once."""


class Identities(Struct, frozen=True):
    """How one worker signs in to each cloud. Each call may build a client; callers keep what they get."""

    aws: Callable[[Route], boto3.Session | None]
    azure: Callable[[Route], TokenCredential]
    ledger: Callable[[Routes], boto3.Session | None]


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
        announcer=Announcer(send, worker, ledger, time.time, unsent) if send else None,
    )


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
