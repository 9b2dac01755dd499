"""Where a terminal's commands run: on the user's own clouds, or on a sandbox in another terminal."""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from functions.local.sandbox import running
from shared.errors import BadInput
from shared.operations.mirror import Mirror

if TYPE_CHECKING:
    from shared.routes.route import Route
    from shared.sync.ports import Cloud
    from shared.translation.side import Side


@dataclass(frozen=True, slots=True)
class Place:
    """``routes`` and ``ledger`` go before what the environment says."""

    sandbox: bool = False
    routes: str | None = None
    ledger: str | None = None


_OPTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "--sandbox",
        {"is_flag": True, "help": f"Talk to the sandbox that runs (or set {running.VARIABLE}=1)."},
    ),
    ("--routes", {"metavar": "FILE", "help": "Default: $POLICY_MIRROR_ROUTES, else routes.yaml."}),
    (
        "--ledger",
        {
            "metavar": "PLACE",
            "help": "dynamodb:TABLE@REGION or sqlite:FILE. Default: $POLICY_MIRROR_LEDGER.",
        },
    ),
)


def place_options() -> list[click.Option]:
    """--sandbox, --routes and --ledger: what makes a :class:`Place`."""
    return [click.Option([flag], **settings) for flag, settings in _OPTIONS]


def in_place(command: Callable[..., Any]) -> Callable[..., Any]:
    """:func:`place_options` for a command that is made by decorators, as its one parameter ``place``."""

    @wraps(command)
    def placed(*, sandbox: bool, routes: str | None, ledger: str | None, **given: Any) -> Any:
        return command(place=Place(sandbox, routes, ledger), **given)

    for flag, settings in reversed(_OPTIONS):
        placed = click.option(flag, **settings)(placed)
    return placed


@contextmanager
def mirror_at(place: Place, environ: Mapping[str, str]) -> Iterator[Mirror]:
    """Raises BadInput where settings are missing; a cloud is asked for credentials when it is first read."""
    with ExitStack() as stack:
        if place.sandbox or environ.get(running.VARIABLE):
            mirror = _sandbox(place, running.find(running.place(environ)))
        else:
            from shared.bootstrap.workers import terminal

            mirror = terminal(_settings(place, environ))
        stack.callback(mirror.pool.shutdown)
        if callable(close := getattr(mirror.ledger, "close", None)):
            stack.callback(close)
        yield mirror


def _settings(place: Place, environ: Mapping[str, str]) -> dict[str, str]:
    from shared.config import ledger_place

    if place.ledger:
        ledger_place(place.ledger, "--ledger")
    elif not environ.get("POLICY_MIRROR_LEDGER"):
        raise BadInput(
            "which ledger? --ledger dynamodb:TABLE@REGION (that of the functions) or sqlite:FILE, "
            "or POLICY_MIRROR_LEDGER; --sandbox asks the sandbox that runs"
        )
    given = {"POLICY_MIRROR_ROUTES": place.routes, "POLICY_MIRROR_LEDGER": place.ledger}
    settings = {**environ, **{name: value for name, value in given.items() if value}}
    if place.routes:
        settings.pop("POLICY_MIRROR_ROUTES_YAML", None)
    return settings


def _sandbox(place: Place, found: running.Running) -> Mirror:
    """With the sandbox's own routes and ledger, unless others are asked for."""
    from functions.local.sandbox.clients import azure_setup, cloud_ports, cloud_probes
    from shared.bootstrap.assembly import once_per_route, open_ledger, pool
    from shared.bootstrap.workers import TERMINAL_WORKER
    from shared.config import ledger_place
    from shared.operations.doctor.setups import Setups
    from shared.routes.load import load_routes, read_routes

    def clouds(route: Route) -> Mapping[Side, Cloud]:
        return cloud_ports(
            found.aws_endpoint, found.azure_endpoint, route, user="terminal", key="AKIATERMINAL"
        )

    ledger = ledger_place(place.ledger or f"sqlite:{found.ledger}", "--ledger")
    return Mirror(
        routes=read_routes(place.routes)
        if place.routes
        else load_routes(found.routes, "routes.yaml of the sandbox"),
        worker=TERMINAL_WORKER,
        ledger=open_ledger(ledger, lambda: None),
        clouds=once_per_route(clouds),
        setups=lambda route: Setups(azure=azure_setup(found.azure_endpoint, route, user="terminal")),
        probes=lambda route: cloud_probes(found.aws_endpoint, found.azure_endpoint, route, user="terminal"),
        new_trace=lambda: uuid.uuid4().hex,
        clock=time.time,
        time_left=lambda: math.inf,
        pool=pool(),
    )
