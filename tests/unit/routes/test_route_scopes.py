"""The two ends of a route."""

from __future__ import annotations

import pytest

from shared.routes.load import load_routes
from tests.unit.routes.samples import ACCOUNT, GUID, HUB, complaint, document, route, settings


def test_an_aws_scope_is_account_slash_region() -> None:
    assert route().aws.scope == f"{ACCOUNT}/eu-central-1"


@pytest.mark.parametrize(
    "region",
    ["us-east-1", "us-gov-west-1", "ap-southeast-5", "cn-north-1", "eu-isoe-west-1", "eusc-de-east-1"],
)
def test_a_region_of_every_partition_is_accepted(region: str) -> None:
    assert route(aws={"region": region}).aws.region == region


@pytest.mark.parametrize(
    "region", ["eu-central-1a", "EU-Central-1", "frankfurt", "", "eu-central", "eu_west_1"]
)
def test_what_is_no_region_is_refused(region: str) -> None:
    said = complaint(aws={"region": region})
    assert said == (
        f"routes[0].aws.region: {region!r} is not allowed; wanted: an AWS region such as eu-central-1"
    )


@pytest.mark.parametrize("account", ["1234-5678-9012", "12345678901", "1234567890123", "12345678901a"])
def test_an_account_has_twelve_digits(account: str) -> None:
    assert complaint(aws={"account": account}).endswith(
        "wanted: the account's 12 digits in quotes, without hyphens"
    )


def test_an_account_given_as_a_number_of_twelve_digits_is_accepted() -> None:
    text = document(settings(aws={"account": 123456789012}))
    assert load_routes(text).routes[0].aws.account == ACCOUNT


def test_a_shorter_number_may_have_lost_its_leading_zero() -> None:
    said = complaint(aws={"account": 12345678901})
    assert said.endswith(
        "'12345678901' is not allowed; wanted: the account's 12 digits in quotes, without hyphens"
    )


def test_a_role_of_the_same_account_is_accepted() -> None:
    role = f"arn:aws-us-gov:iam::{ACCOUNT}:role/team/mirror"
    assert route(aws={"role_arn": role}).aws.role_arn == role
    assert route(aws={"reader_role_arn": role}).aws.reader_role_arn == role


def test_a_role_of_another_account_is_refused_with_both_accounts() -> None:
    said = complaint(aws={"role_arn": "arn:aws:iam::999999999999:role/mirror"})
    assert said == (
        f"routes[0].aws.role_arn: the role lies in account 999999999999, the profiles in {ACCOUNT}"
    )


def test_so_is_one_that_only_reads() -> None:
    said = complaint(aws={"reader_role_arn": "arn:aws:iam::999999999999:role/mirror"})
    assert said.startswith("routes[0].aws.reader_role_arn: the role lies in account 999999999999")


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:iam::{ACCOUNT}:user/mirror",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/mirror/session",
        f"arn:aws:iam::{ACCOUNT}:role/",
        f"arn:aws:iam::{ACCOUNT}:role/a b",
        "mirror",
    ],
)
def test_what_is_no_role_is_refused(arn: str) -> None:
    assert "not the ARN of a role" in complaint(aws={"role_arn": arn})


def test_a_hub_keeps_its_spelling_and_its_scope_is_lower_case() -> None:
    azure = route().azure
    assert azure.hub == HUB
    assert azure.scope == HUB.lower()
    assert (azure.subscription, azure.resource_group, azure.hub_name) == (GUID, "Plant", "Plant-EU")


def test_the_fixed_words_of_a_hub_id_are_compared_without_case_and_a_trailing_slash_is_dropped() -> None:
    shouted = route(azure={"hub": HUB.upper() + "/"}).azure
    assert shouted.hub == HUB.upper()
    assert shouted.scope == route().azure.scope


@pytest.mark.parametrize(
    ("hub", "problem"),
    [
        (HUB[1:], "not a full resource id"),
        ("", "not a full resource id"),
        ("/", "not a full resource id"),
        (HUB.replace("IotHubs", "IotHub"), "part 7 must be 'IotHubs', not 'IotHub'"),
        (HUB.replace("Devices", "Device"), "part 6 must be 'Microsoft.Devices', not 'Microsoft.Device'"),
        (HUB.replace(GUID, "my-subscription"), "part 2, 'my-subscription', is not the subscription's GUID"),
        (HUB.replace("/Plant/", "/Plant./"), "part 4, 'Plant.', is not a resource group"),
        (HUB.replace("Plant-EU", "-eu"), "part 8, '-eu', is not a hub of 3-50"),
        (HUB.rpartition("/")[0], "has 7 parts where 8 are wanted"),
        (f"{HUB}/providers/Microsoft.Security/deviceSecurityGroups/x", "has 12 parts where 8 are wanted"),
    ],
)
def test_a_wrong_hub_id_is_refused_at_its_first_wrong_part(hub: str, problem: str) -> None:
    assert problem in complaint(azure={"hub": hub})


def test_the_ids_of_tenant_and_identity_are_kept_in_lower_case() -> None:
    azure = route(azure={"tenant_id": GUID, "client_id": GUID}).azure
    assert azure.tenant_id == azure.client_id == GUID.lower()


@pytest.mark.parametrize("member", ["tenant_id", "client_id"])
def test_a_secret_pasted_where_an_id_belongs_is_not_repeated_in_the_error(member: str) -> None:
    said = complaint(azure={member: "hunter2~secret"})
    assert said.startswith(f"routes[0].azure.{member}: the value is not allowed; wanted: the GUID of the ")
    assert "hunter2" not in said
