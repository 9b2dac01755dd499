"""The two ends of a route: one AWS account and region, one Azure IoT hub."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Any

from shared.routes.reading import Part, meta
from shared.routes.wording import Misfit

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::(?P<account>[0-9]{12}):role/[\w+=,.@/-]+", re.ASCII)
_GUID = r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
# Fixed words of the id stand for themselves; the others are (member, pattern, what is wanted).
# Limits: Azure resource naming rules for resource groups and IoT hubs, read 2026-05.
_HUB = (
    "subscriptions",
    ("subscription", _GUID, "the subscription's GUID"),
    "resourceGroups",
    ("resource_group", r"[\w().-]{0,89}[\w()-]", "a resource group of 1-90 letters, digits and _ ( ) . -"),
    "providers",
    "Microsoft.Devices",
    "IotHubs",
    ("hub_name", r"[A-Za-z0-9][A-Za-z0-9-]{1,48}[A-Za-z0-9]", "a hub of 3-50 letters, digits and hyphens"),
)
HUB_SHAPE = "/subscriptions/GUID/resourceGroups/GROUP/providers/Microsoft.Devices/IotHubs/HUB"


def _role(value: str) -> str:
    if not _ROLE.fullmatch(value):
        raise ValueError("not the ARN of a role; wanted: arn:aws:iam::ACCOUNT:role/NAME")
    return value


Account = Annotated[str, meta("the account's 12 digits in quotes, without hyphens", pattern=r"^[0-9]{12}\Z")]
Region = Annotated[
    str, meta("an AWS region such as eu-central-1", pattern=r"^[a-z]{2,5}(-[a-z]+){1,3}-[0-9]{1,2}\Z")
]
Role = Annotated[str, meta(max_length=2048, check=_role)]  # botocore 1.43, RoleArn
Guid = Annotated[str, meta(pattern=rf"^{_GUID}\Z", private=True, check=str.lower)]


class AwsScope(Part, frozen=True):
    account: Account
    region: Region
    role_arn: (
        Annotated[
            Role, meta("the role to assume, as arn:aws:iam::ACCOUNT:role/NAME, in the route's own account")
        ]
        | None
    ) = None
    reader_role_arn: (
        Annotated[
            Role,
            meta("the role that only reads, as arn:aws:iam::ACCOUNT:role/NAME, in the route's own account"),
        ]
        | None
    ) = None

    @property
    def scope(self) -> str:
        """``account/region``, as events and the engine name it."""
        return f"{self.account}/{self.region}"

    @classmethod
    def clashes(cls, said: Mapping[str, Any]) -> Iterator[Misfit]:
        """IoT has no resource policies: a role of another account could never touch this one's profiles."""
        for member in ("role_arn", "reader_role_arn"):
            role = _ROLE.fullmatch(said.get(member) or "")
            if role is not None and role["account"] != said.get("account", role["account"]):
                problem = f"the role lies in account {role['account']}, the profiles in {said['account']}"
                yield Misfit((member,), problem)


@lru_cache(maxsize=1024)
def _hub_parts(hub: str) -> Mapping[str, str]:
    """The variable words of a hub's resource id; raises ValueError naming the first word that is wrong. Each
    look asks for some of its route's."""
    words = hub.rstrip("/").split("/")
    if words[0] or len(words) < 2:
        raise ValueError(f"not a full resource id; wanted: {HUB_SHAPE}")
    parts = {}
    for position, (word, shape) in enumerate(zip(words[1:], _HUB, strict=False), start=1):
        if isinstance(shape, str):
            if word.lower() != shape.lower():
                raise ValueError(f"part {position} must be {shape!r}, not {word[:60]!r}; wanted: {HUB_SHAPE}")
            continue
        member, pattern, wanted = shape
        if not re.fullmatch(pattern, word, re.ASCII if member != "resource_group" else 0):
            raise ValueError(f"part {position}, {word[:60]!r}, is not {wanted}; wanted: {HUB_SHAPE}")
        parts[member] = word
    if len(words) - 1 != len(_HUB):
        raise ValueError(f"has {len(words) - 1} parts where {len(_HUB)} are wanted: {HUB_SHAPE}")
    return parts


def _hub(value: str) -> str:
    _hub_parts(value)
    return value.rstrip("/")


class AzureScope(Part, frozen=True):
    """``hub`` keeps its spelling; Azure ignores case in it, and so does :attr:`scope`."""

    hub: Annotated[str, meta(f"the hub's full resource id, {HUB_SHAPE}", check=_hub)]
    tenant_id: Annotated[Guid, meta("the GUID of the Entra tenant")] | None = None
    client_id: Annotated[Guid, meta("the GUID of the identity to sign in as")] | None = None

    @property
    def scope(self) -> str:
        """The resource id in lower case, without a trailing slash."""
        return self.hub.lower()

    @property
    def subscription(self) -> str:
        return _hub_parts(self.hub)["subscription"]

    @property
    def resource_group(self) -> str:
        return _hub_parts(self.hub)["resource_group"]

    @property
    def hub_name(self) -> str:
        return _hub_parts(self.hub)["hub_name"]
