"""The two ends of a route: one AWS account and region, one Azure IoT hub."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

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


class Part(BaseModel):
    """Every description of a field below finishes the sentence "wanted: ..." of an error message."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _digits(value: Any) -> Any:
    """YAML may give a number, and only one of 12 digits still shows the whole account."""
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    if len(str(value)) != 12:
        raise ValueError(f"a number of {len(str(value))} digits: quote it, so that no leading zero is lost")
    return str(value)


Account = Annotated[
    str,
    BeforeValidator(_digits),
    Field(pattern=r"^[0-9]{12}$", description="the account's 12 digits in quotes, without hyphens"),
]
Region = Annotated[
    str,
    Field(pattern=r"^[a-z]{2,5}(-[a-z]+){1,3}-[0-9]{1,2}$", description="an AWS region such as eu-central-1"),
]
Guid = Annotated[str, Field(pattern=f"^{_GUID}$"), AfterValidator(str.lower)]


class AwsScope(Part):
    account: Account
    region: Region
    role_arn: str | None = Field(
        default=None,
        max_length=2048,  # botocore 1.43, RoleArn
        description="the role to assume, as arn:aws:iam::ACCOUNT:role/NAME, in the route's own account",
    )
    reader_role_arn: str | None = Field(
        default=None,
        max_length=2048,
        description="the role that only reads, as arn:aws:iam::ACCOUNT:role/NAME, in the route's own account",
    )

    @property
    def scope(self) -> str:
        """``account/region``, as events and the engine name it."""
        return f"{self.account}/{self.region}"

    @field_validator("role_arn", "reader_role_arn")
    @classmethod
    def _of_this_account(cls, value: str | None, info: ValidationInfo) -> str | None:
        """IoT has no resource policies: a role of another account could never touch this one's profiles."""
        if value is None:
            return None
        role = _ROLE.fullmatch(value)
        if role is None:
            raise ValueError("not the ARN of a role; wanted: arn:aws:iam::ACCOUNT:role/NAME")
        account = info.data.get("account", role["account"])
        if role["account"] != account:
            raise ValueError(f"the role lies in account {role['account']}, the profiles in {account}")
        return value


def _hub_parts(hub: str) -> dict[str, str]:
    """The variable words of a hub's resource id; raises ValueError naming the first word that is wrong."""
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


class AzureScope(Part):
    """``hub`` keeps its spelling; Azure ignores case in it, and so does :attr:`scope`.

    ``repr=False`` also keeps a wrong value out of error messages: people paste secrets beside ids.
    """

    hub: Annotated[str, AfterValidator(_hub), Field(description=f"the hub's full resource id, {HUB_SHAPE}")]
    tenant_id: Guid | None = Field(default=None, repr=False, description="the GUID of the Entra tenant")
    client_id: Guid | None = Field(
        default=None, repr=False, description="the GUID of the identity to sign in as"
    )

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
