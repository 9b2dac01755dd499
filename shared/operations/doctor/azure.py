"""Azure's side of a check-up: providers, rights, the security solution, the subscription, and the groups."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from shared.operations.doctor.check import Check, bad, doubt, good, looked_at
from shared.operations.doctor.setups import AzureSetup
from shared.routes.route import Route
from shared.sync.ports import ReadableCloud

PROVIDERS = ("Microsoft.Security", "Microsoft.EventGrid")
ACTIONS = (
    "Microsoft.Security/deviceSecurityGroups/read",
    "Microsoft.Security/deviceSecurityGroups/write",
    "Microsoft.Security/deviceSecurityGroups/delete",
)
"""What the Lambda needs on the hub; the Azure function itself only reads."""


def azure_checks(
    route: Route, setup: AzureSetup | None, cloud: ReadableCloud, *, inside: bool
) -> Iterator[Check]:
    """``inside``: a function looks, which cannot do without the groups."""
    hub = route.azure.hub.rpartition("/")[2]
    yield from looked_at("azure-groups", hub, lambda: _groups(hub, cloud), needed=inside)
    if setup is not None:
        for provider in PROVIDERS:
            yield from looked_at("provider", provider, partial(_provider, provider, setup))
        yield from looked_at("security-solution", hub, lambda: _solution(hub, setup))
        yield from looked_at("azure-rights", hub, lambda: _rights(hub, setup))
        yield from looked_at("event-subscription", hub, lambda: _events(hub, setup))


def _groups(hub: str, cloud: ReadableCloud) -> Iterator[Check]:
    names = cloud.census()
    yield good("azure-groups", hub, f"device security groups: {len(names)}; they can be read")


def _provider(namespace: str, setup: AzureSetup) -> Iterator[Check]:
    state = setup.provider_state(namespace)
    if state.lower() == "registered":
        yield good("provider", namespace, "registered")
    else:
        yield bad("provider", namespace, state, f"az provider register --namespace {namespace}")


def _solution(hub: str, setup: AzureSetup) -> Iterator[Check]:
    if setup.in_security_solution():
        yield good("security-solution", hub, "a Defender for IoT solution has this hub")
    else:
        said = "no Defender for IoT solution of the subscription has this hub: it can have no groups"
        yield bad("security-solution", hub, said, "turn Defender for IoT on for the hub")


def _rights(hub: str, setup: AzureSetup) -> Iterator[Check]:
    allowed = setup.allowed(ACTIONS)
    missing = [action for action in ACTIONS if not allowed[action]]
    if missing:
        said = f"whoever asks is not allowed: {', '.join(missing)}"
        yield doubt("azure-rights", hub, said, "fine for a reader; the Lambda's identity needs all three")
    else:
        yield good("azure-rights", hub, f"whoever asks is allowed all {len(ACTIONS)} actions")


def _events(hub: str, setup: AzureSetup) -> Iterator[Check]:
    hearing = [each for each in setup.event_subscriptions() if each.hears_groups]
    ready = [each for each in hearing if each.state.lower() == "succeeded"]
    if ready:
        said = f"event subscription {ready[0].name} of topic {ready[0].topic} hears of the groups"
        yield good("event-subscription", hub, said)
    elif hearing:
        said = f"event subscription {hearing[0].name} is {hearing[0].state}"
        yield bad("event-subscription", hub, said, "deploy it again: infra/azure/deploy.sh")
    else:
        said = "no event subscription hears of device security groups"
        yield doubt(
            "event-subscription", hub, said, "run infra/azure/deploy.sh; until then only sweeps find edits"
        )
