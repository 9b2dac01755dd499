"""AWS's side of a check-up: credentials, rights, trail and rule that bring events, and the profiles."""

from __future__ import annotations

from collections.abc import Iterator

from shared.operations.doctor.check import Check, bad, doubt, good, looked_at
from shared.operations.doctor.setups import AwsSetup
from shared.routes.route import Route
from shared.sync.ports import ReadableCloud
from shared.translation.side import Side

UNTIL_THEN = "until then only sweeps find edits"
LISTS = ("iot:ListSecurityProfiles",)
READS = ("iot:DescribeSecurityProfile", "iot:ListTagsForResource")
WRITES = ("iot:CreateSecurityProfile", "iot:UpdateSecurityProfile", "iot:DeleteSecurityProfile")
"""What a worker needs; template.yaml grants the same."""


def aws_checks(
    route: Route, setup: AwsSetup | None, cloud: ReadableCloud, *, inside: bool
) -> Iterator[Check]:
    """``inside``: a function looks, which cannot do without the profiles."""
    scope = route.scope(Side.AWS)
    yield from looked_at("aws-profiles", scope, lambda: _profiles(scope, cloud), needed=inside)
    if setup is not None:
        yield from looked_at("aws-credentials", scope, lambda: credentials(route, setup.identity()))
        yield from looked_at("aws-rights", scope, lambda: _rights(route, setup))
        yield from looked_at("cloudtrail", scope, lambda: _trail(scope, setup))
        yield from looked_at("eventbridge-rule", scope, lambda: _rule(scope, setup))


def _profiles(scope: str, cloud: ReadableCloud) -> Iterator[Check]:
    """Listing and describing are tried for real: reads change nothing."""
    names = cloud.census()
    if names:
        cloud.read(min(names), whole=True)
    yield good("aws-profiles", scope, f"security profiles: {len(names)}; they can be read")


def credentials(route: Route, identity: tuple[str, str]) -> Iterator[Check]:
    account, arn = identity
    wanted = route.aws.account
    if account == wanted or route.aws.role_arn is not None:
        yield good("aws-credentials", route.scope(Side.AWS), f"signed in as {arn}")
    else:
        way_out = f"use credentials of {wanted}, or give the route aws.role_arn"
        said = f"signed in as {arn}, of another account"
        yield bad("aws-credentials", route.scope(Side.AWS), said, way_out)


def _rights(route: Route, setup: AwsSetup) -> Iterator[Check]:
    """By IAM's simulator, which performs nothing: of the role that the Azure function assumes where the
    route names it, else of whoever asks."""
    principal = route.aws.role_arn or setup.identity()[1]
    partition = principal.split(":")[1]
    profiles = f"arn:{partition}:iot:{route.aws.region}:{route.aws.account}:securityprofile/*"
    needed = dict.fromkeys(LISTS, "*") | dict.fromkeys((*READS, *WRITES), profiles)
    allowed = setup.allowed(principal, needed)
    missing = [action for action in needed if not allowed.get(action)]
    if missing:
        way_out = "grant them on the profiles, as template.yaml does for its roles"
        yield bad("aws-rights", principal, f"not allowed: {', '.join(missing)}", way_out)
    else:
        yield good("aws-rights", principal, f"all {len(needed)} actions are allowed")


def _trail(scope: str, setup: AwsSetup) -> Iterator[Check]:
    trails = setup.logging_trails()
    if trails:
        yield good("cloudtrail", scope, f"logging: {', '.join(sorted(trails)[:5])}")
    else:
        way_out = f"turn one on, or deploy template.yaml with a trail of its own; {UNTIL_THEN}"
        yield bad("cloudtrail", scope, "no trail logs in this region, so no event comes", way_out)


def _rule(scope: str, setup: AwsSetup) -> Iterator[Check]:
    rules = setup.profile_rules()
    ready = [rule for rule in rules if rule.enabled and rule.targets]
    if ready:
        yield good("eventbridge-rule", scope, f"rule {ready[0].name} is on and has a target")
    elif rules:
        way_out = f"enable rule {rules[0].name}, and give it the queue as its target"
        yield bad("eventbridge-rule", scope, f"rule {rules[0].name} is off, or has no target", way_out)
    else:
        said = "no rule of the default bus hears of security profiles"
        yield doubt("eventbridge-rule", scope, said, f"deploy template.yaml; {UNTIL_THEN}")
