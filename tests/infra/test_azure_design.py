"""What the Azure deployment promises: who may do what, what the app is told, what comes in, what alarms."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from functions.azure_app.app import DEQUEUES, QUEUE
from shared import config
from shared.clouds import azure_activity, azure_groups
from shared.clouds.trust import ENTRA_AUDIENCE
from shared.routes.source import PREFIX
from tests.infra import bicep
from tests.infra.bicep import Declared, literal, members, text, walk
from tests.infra.symbols import strings

ROOT = Path(__file__).resolve().parents[2]
APP = bicep.read("modules/app.bicep")
HUB = bicep.read("modules/hub-access.bicep")


def properties(resource: Declared) -> dict[str, str]:
    return {name: text(node) for name, node in members(members(resource.body)["properties"]).items()}


def settings() -> dict[str, str]:
    """App settings with what stands behind them."""
    pairs = [members(node) for node in walk(APP.tree) if node.type == "object"]
    return {
        name: text(pair["value"])
        for pair in pairs
        if pair.keys() == {"name", "value"} and (name := literal(pair["name"])) is not None
    }


def test_no_setting_of_ours_is_unknown_to_the_code() -> None:
    known = set(re.findall(r"POLICY_MIRROR_[A-Z_]+", config.__doc__ or ""))
    used = set(re.findall(r"%(\w+)%", (ROOT / "functions/azure_app/app.py").read_text(encoding="utf-8")))
    ours = {name for name in settings() if name.startswith(PREFIX)}
    assert ours <= known | used


def test_every_setting_that_the_function_needs_is_set() -> None:
    needed = {
        *("ROUTES_YAML", "LEDGER", "LEDGER_ROLE", "AWS_AUDIENCE", "AZURE_CLIENT_ID"),
        *("SWEEP_SCHEDULE", "OPERATORS", "NOTICES", "STORAGE_QUEUE"),
    }
    assert {PREFIX + name for name in needed} <= settings().keys()


def test_what_has_to_wait_goes_to_the_queue_of_the_trigger() -> None:
    keys = bicep.read("modules/storage.bicep")
    assert settings()[f"{PREFIX}STORAGE_QUEUE"] == "'${queueEndpoint}${keysQueue}'"
    assert QUEUE in {literal(members(each.body)["name"]) for each in keys.resources}


def test_the_settings_that_bicep_makes_are_ones_that_the_code_reads() -> None:
    sample = {
        "LEDGER": "dynamodb:mirror@eu-central-1",
        "ROUTES_YAML": "version: 1",
        "AWS_AUDIENCE": "api://x",
    }
    read = config.read_settings({PREFIX + name: value for name, value in sample.items()})
    assert (read.ledger.name, read.routes_yaml, read.aws_audience) == ("mirror", "version: 1", "api://x")


def test_no_setting_is_a_secret() -> None:
    assert not [name for name in settings() if re.search(r"secret|password|accountkey|sas\b", name, re.I)]
    everything = "".join((bicep.ROOT / name).read_text(encoding="utf-8") for name in bicep.files())
    assert not re.findall(r"listKeys|listAccountSas|@secure|AccountKey=|SharedAccessSignature", everything)


def test_storage_has_no_shared_keys_and_no_public_blobs() -> None:
    account = bicep.read("modules/storage.bicep").declared["account"]
    said = properties(account)
    assert (said["allowSharedKeyAccess"], said["allowBlobPublicAccess"]) == ("false", "false")


def actions(role: str) -> set[str]:
    return {it for it in strings(HUB.declared[role].body) if it.startswith("Microsoft.Security/")}


def test_the_lambda_may_do_on_the_hub_exactly_what_the_port_does() -> None:
    assert actions("writer") == {azure_groups.READ, azure_groups.WRITE, azure_groups.DELETE}


def test_the_function_may_read_who_wrote_and_nothing_else_of_monitoring() -> None:
    said = {it for it in strings(HUB.declared["auditor"].body) if it.startswith("Microsoft.Insights/")}
    assert said == {azure_activity.READ}


def test_the_function_may_only_look_at_the_hub() -> None:
    assert actions("reader") == {azure_groups.READ}


def test_the_function_may_send_to_the_topic_of_notices_and_nobody_with_a_key() -> None:
    notices = bicep.read("modules/notices.bicep")
    assert properties(notices.declared["topic"])["disableLocalAuth"] == "true"
    assert text(members(notices.declared["send"].body)["scope"]) == "topic"


@pytest.mark.parametrize("role", ["writer", "reader", "auditor"])
def test_a_role_grants_nothing_beside_its_actions(role: str) -> None:
    granted = [
        members(node)
        for node in walk(HUB.declared[role].body)
        if node.type == "object" and "actions" in members(node)
    ]
    assert [set(permission) for permission in granted] == [{"actions"}]


@pytest.mark.parametrize(
    ("assignment", "principal", "role"),
    [("lambdaWrites", "lambdaPrincipalId", "writer"), ("appReads", "appPrincipalId", "reader")],
)
def test_a_role_is_given_on_the_hub_alone(assignment: str, principal: str, role: str) -> None:
    given = HUB.declared[assignment]
    assert text(members(given.body)["scope"]) == "hub"
    said = properties(given)
    assert said["principalId"] == principal
    assert f"{role}.name" in said["roleDefinitionId"]


def test_every_role_is_given_to_an_identity_by_name() -> None:
    """``principalType`` keeps a new identity from failing while the directory catches up."""
    given = [
        resource
        for name in bicep.files()
        for resource in bicep.read(name).resources
        if resource.type == "Microsoft.Authorization/roleAssignments"
    ]
    assert len(given) >= 5
    assert {properties(resource)["principalType"] for resource in given} == {"'ServicePrincipal'"}


def test_the_trust_in_aws_names_issuer_subject_and_audience() -> None:
    trust = properties(bicep.read("modules/identities.bicep").declared["fromAws"])
    assert trust == {"issuer": "awsIssuer", "subject": "lambdaRoleArn", "audiences": f"['{ENTRA_AUDIENCE}']"}


def test_only_changes_of_device_security_groups_come_in() -> None:
    subscription = bicep.read("modules/subscription.bicep").declared["subscription"]
    said = strings(subscription.body)
    assert {it for it in said if it.startswith("Microsoft.Security/")} == {
        azure_groups.WRITE,
        azure_groups.DELETE,
    }
    assert {it for it in said if it.startswith("Microsoft.Resources.")} == {
        "Microsoft.Resources.ResourceWriteSuccess",
        "Microsoft.Resources.ResourceDeleteSuccess",
    }
    assert {"data.operationName", "EventGridSchema", "AzureFunction"} <= said


def test_events_go_to_a_function_that_exists() -> None:
    (target,) = re.findall(r"/functions/(\w+)", text(bicep.read("events.bicep").tree))
    assert f'function_name("{target}")' in (ROOT / "functions/azure_app/app.py").read_text(encoding="utf-8")


def test_the_queues_are_those_of_the_code() -> None:
    storage = bicep.read("modules/storage.bicep")
    named = {literal(members(storage.declared[it].body)["name"]) for it in ("keys", "poison")}
    assert named == {QUEUE, f"{QUEUE}-poison"}


def test_the_alert_on_poison_knows_the_hosts_words() -> None:
    """The host logs them when it has taken a message as often as host.json allows."""
    alerts = text(bicep.read("modules/alerts.bicep").tree)
    host = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))
    assert host["extensions"]["queues"]["maxDequeueCount"] == DEQUEUES
    assert f'has "{QUEUE}-poison"' in alerts


def test_the_alert_on_a_missing_sweep_waits_two_periods() -> None:
    main = text(bicep.read("main.bicep").tree)
    assert "sweepSchedule string = '0 */15 * * * *'" in main
    rule = re.search(
        r"name: 'no-sweep'.*?window: '(\w+)'", text(bicep.read("modules/alerts.bicep").tree), re.DOTALL
    )
    assert rule is not None
    assert rule[1] == "PT30M"


def test_the_alerts_watch_functions_that_exist() -> None:
    source = (ROOT / "functions/azure_app/app.py").read_text(encoding="utf-8")
    named = re.findall(r'OperationName == "(\w+)"', text(bicep.read("modules/alerts.bicep").tree))
    assert named
    assert all(f'function_name("{name}")' in source for name in named)


def test_the_runtime_is_the_newest_that_is_tested() -> None:
    said = strings(APP.declared["site"].body)
    assert "3.13" in said
    assert "<3.14" in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
