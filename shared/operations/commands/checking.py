"""``doctor``: a check-up of everything that has to be right before a policy can be mirrored."""

from __future__ import annotations

from collections.abc import Iterator

from shared.errors import BadInput
from shared.operations.commands.registry import Answer
from shared.operations.commands.schema.checking import Doctor
from shared.operations.commands.schema.fields import Exit
from shared.operations.doctor.aws import aws_checks
from shared.operations.doctor.azure import azure_checks
from shared.operations.doctor.check import Check, Grade, looked_at
from shared.operations.doctor.clock import clock_checks
from shared.operations.doctor.here import here_checks, identity_checks
from shared.operations.doctor.ledger import chain_checks, ledger_checks
from shared.operations.doctor.probe import probed
from shared.operations.doctor.setups import NO_SETUPS
from shared.operations.mirror import Mirror
from shared.operations.reader import Reader
from shared.routes.names import PROBES
from shared.routes.route import Route
from shared.translation.side import Side


def doctor(mirror: Mirror, asked: Doctor) -> Answer:
    """The check-up is given a Reader; only a probe writes, and only with consent."""
    reader = mirror.reader()
    routes = reader.routes.routes if asked.route is None else [reader.route(asked.route)]
    if asked.probe and not asked.consent:
        raise BadInput(f"doctor: probe creates and deletes {PROBES}* on both clouds; consent to that as well")
    checks = [] if reader.here is None else list(here_checks(reader, reader.here))
    checks += [check for route in routes for check in _checked(reader, route)]
    worst = min((check.grade for check in checks), key=list(Grade).index, default=Grade.GOOD)
    tampered = any(check.what == "journal" and check.grade is Grade.BAD for check in checks)
    code = Exit.TAMPERED if tampered else Exit.WAITS if worst is Grade.BAD else Exit.DONE
    return {
        "exit_code": int(code),
        "grade": str(worst),
        "checks": [check.to_json() for check in checks],
        "probes": [probed(mirror, route) for route in routes] if asked.probe else [],
    }


def _checked(reader: Reader, route: Route) -> Iterator[Check]:
    yield from looked_at("ledger", route.id, lambda: ledger_checks(reader, route))
    yield from looked_at("journal", route.id, lambda: chain_checks(reader, route))
    yield from looked_at("clouds", route.id, lambda: _clouds(reader, route))


def _clouds(reader: Reader, route: Route) -> Iterator[Check]:
    setups, inside = NO_SETUPS, reader.here is not None
    if reader.here is not None:
        yield from identity_checks(route, reader.here)
    else:
        setups = reader.setups(route)
    clouds = reader.clouds(route)
    yield from aws_checks(route, setups.aws, clouds[Side.AWS], inside=inside)
    yield from azure_checks(route, setups.azure, clouds[Side.AZURE], inside=inside)
    yield from clock_checks(reader, route, clouds)
