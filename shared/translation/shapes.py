"""Which of the four native documents a JSON value is, and whether its own cloud could have said it.

Strict about what no cloud would say: a missing name, text where a number belongs, 101 behaviors. Silent
about what the protocol holds: a negative limit, an unknown metric, 1001 values. Translators see to those.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct
from pydantic import BaseModel, ValidationError

from shared.errors import BadDocument
from shared.translation.azure_parse import LISTS
from shared.translation.clip import clipped
from shared.translation.native import Document
from shared.translation.side import Side

WANTED = (
    "wanted: a CreateSecurityProfile request, a DescribeSecurityProfile response, "
    "or the PUT body or GET response of a device security group"
)


class Shape(StrEnum):
    CREATE_REQUEST = "CreateSecurityProfile request"
    DESCRIBE_RESPONSE = "DescribeSecurityProfile response"
    PUT_BODY = "PUT body of a device security group"
    GET_RESPONSE = "GET response of a device security group"

    @property
    def side(self) -> Side:
        return Side.AWS if self in (Shape.CREATE_REQUEST, Shape.DESCRIBE_RESPONSE) else Side.AZURE


class Native(Struct, frozen=True):
    """A document that its own cloud could have said; ``document`` is the value itself, nothing changed."""

    shape: Shape
    document: Document

    @property
    def side(self) -> Side:
        return self.shape.side


_OF_A_PROFILE = frozenset(
    {
        "securityProfileName",
        "securityProfileArn",
        "securityProfileDescription",
        "behaviors",
        "alertTargets",
        "additionalMetricsToRetain",
        "additionalMetricsToRetainV2",
        "metricsExportConfig",
    }
)
_ANSWERED = frozenset(
    {"securityProfileArn", "version", "creationDate", "lastModifiedDate", "ResponseMetadata"}
)
_UPDATE = frozenset(
    {"deleteBehaviors", "deleteAlertTargets", "deleteAdditionalMetricsToRetain", "deleteMetricsExportConfig"}
)
# What people have at hand instead, by a member that gives it away.
_LOOKALIKES: dict[str, str] = {
    "AWSTemplateFormatVersion": "a CloudFormation template",
    "Resources": "a CloudFormation template",
    "Type": "a CloudFormation resource",
    "SecurityProfileName": "the properties of a CloudFormation resource; the API spells them in camelCase",
    "Behaviors": "the properties of a CloudFormation resource; the API spells them in camelCase",
    "$schema": "an ARM template or a JSON schema",
    "securityProfileIdentifiers": "a ListSecurityProfiles response, which has names only",
    "detail-type": "an event; events name a policy and do not hold it",
    "eventType": "an event; events name a policy and do not hold it",
    "specversion": "an event; events name a policy and do not hold it",
    "error": "the error answer of a cloud",
}


def native(value: Any) -> Native:
    """``value`` recognised and checked. Raises :class:`BadDocument` naming the native member and its limit;
    of several problems the first, and how many more there are."""
    shape = recognise(value)
    model, at = _model(shape.side)
    try:
        model.model_validate(value)
    except ValidationError as error:
        from shared.translation.misfit import first_misfit

        raise first_misfit(error, value, at) from None
    return Native(shape, value)


def recognise(value: Any) -> Shape:
    """By its members alone. Raises :class:`BadDocument` saying what it looks like and what was wanted."""
    if not isinstance(value, dict):
        raise BadDocument("", f"it is {_kind(value)}, not an object; {WANTED}")
    profile = sorted(_OF_A_PROFILE & value.keys())
    if profile and "properties" in value:
        raise BadDocument("properties", f"of an Azure group, beside {profile[0]} of an AWS profile; {WANTED}")
    if profile:
        _refuse_update(value)
        return Shape.DESCRIBE_RESPONSE if _ANSWERED & value.keys() else Shape.CREATE_REQUEST
    if "properties" in value and not isinstance(value.get("Type"), str):
        return Shape.GET_RESPONSE if {"id", "name", "type"} & value.keys() else Shape.PUT_BODY
    raise BadDocument("", f"{_looks_like(value)}; {WANTED}")


def _model(side: Side) -> tuple[type[BaseModel], Any]:
    """The model of that cloud's document, built at the first use, and how its members are named."""
    if side is Side.AWS:
        from shared.translation import aws_shape

        return aws_shape.SecurityProfile, aws_shape.element
    from shared.translation import azure_shape

    return azure_shape.SecurityGroup, azure_shape.element


def _refuse_update(value: Document) -> None:
    """An update says only what changes; taken for a whole profile it would empty the mirror."""
    for member in sorted(_UPDATE & value.keys()):
        raise BadDocument(member, f"it is an UpdateSecurityProfile request, which says only a part; {WANTED}")


def _kind(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return "text" if isinstance(value, str) else "a number"


def _looks_like(value: Document) -> str:
    if isinstance(value.get("value"), list):
        return f"it is a list response with {len(value['value'])} groups; take one element of value"
    for member in LISTS:
        if member in value:
            return f"{member} has to stand under properties"
    for member, words in _LOOKALIKES.items():
        if member in value:
            return f"it is {words}"
    members = ", ".join(clipped(member, 30) for member in list(value)[:5])
    return f"no such document has these members: {members}" if members else "it is an empty object"
