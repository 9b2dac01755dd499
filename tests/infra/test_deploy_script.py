"""deploy.sh, run in earnest against an Azure CLI that only keeps books."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from shared.routes.load import load_routes
from tests.infra import bicep

SCRIPT = bicep.ROOT / "deploy.sh"
SUBSCRIPTION = "/subscriptions/0a"
HUB = f"{SUBSCRIPTION}/resourceGroups/Plant/providers/Microsoft.Devices/IotHubs/plant-eu"
GROUP = ["--group", "mirror", "--location", "westeurope"]
FROM_AWS = [
    *(
        "--ledger",
        "dynamodb:mirror-ledger@eu-central-1",
        "--aws-issuer",
        "https://0a.tokens.sts.global.api.aws",
    ),
    *("--lambda-role", "arn:aws:iam::123456789012:role/mirror-lambda"),
]
ROUTES = f"""\
version: 1
routes:  # a = b
  - id: plant
    aws: {{account: "123456789012", region: eu-central-1}}
    azure: {{hub: {HUB.replace("0a", "11111111-2222-4333-8444-555555555555")}}}
"""
CHANGES = {"create", "update", "register", "config-zip"}


@dataclass(frozen=True)
class Call:
    command: str
    options: dict[str, list[str]]

    @property
    def file(self) -> str:
        return str(Path(self.options["--template-file"][0]).relative_to(bicep.ROOT))

    @property
    def parameters(self) -> dict[str, str]:
        pairs = [pair.partition("=") for pair in self.options["--parameters"]]
        return {name: value for name, _, value in pairs}


@dataclass
class Azure:
    folder: Path

    def __post_init__(self) -> None:
        self.state = {
            "providers": ["Microsoft.Web"],
            **{kind: [] for kind in ("groups", "principals", "trusts", "deployments", "topics")},
            "apps": {},
            "refusals": 0,
            "refused_uris": [],
            "hidden": 0,
            "topic_principal": "",
        }
        (self.folder / "routes.yaml").write_text(ROUTES, encoding="utf-8")
        (self.folder / "azure.zip").write_bytes(b"PK")
        az = self.folder / "bin" / "az"
        az.parent.mkdir()
        fake = Path(__file__).with_name("fake_az.py")
        az.write_text(
            f'#!/bin/sh\nexec "{sys.executable}" -S "{fake}" "{self.folder}" "$@"\n', encoding="utf-8"
        )
        az.chmod(0o755)

    @property
    def state(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "state.json").read_text(encoding="utf-8")))

    @state.setter
    def state(self, value: dict[str, Any]) -> None:
        (self.folder / "state.json").write_text(json.dumps(value), encoding="utf-8")

    def has(self, **changed: Any) -> None:
        self.state = self.state | changed

    @property
    def whole(self) -> list[str]:
        files = ["--routes", str(self.folder / "routes.yaml"), "--package", str(self.folder / "azure.zip")]
        return [*GROUP, *FROM_AWS, *files, "--hub", HUB]

    def run(self, *arguments: str, fails: bool = False) -> str:
        environ = {
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "POLICY_MIRROR_PAUSE": "0",
        }
        ran = subprocess.run(
            ["bash", str(SCRIPT), *arguments],
            cwd=self.folder,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert (ran.returncode != 0) == fails, ran.stdout + ran.stderr
        return ran.stdout + ran.stderr

    def calls(self) -> list[Call]:
        """Since the last time it was asked."""
        book = self.folder / "calls.jsonl"
        lines = book.read_text(encoding="utf-8").splitlines() if book.exists() else []
        book.unlink(missing_ok=True)
        return [Call(**json.loads(line)) for line in lines]


@pytest.fixture
def azure(tmp_path: Path) -> Azure:
    return Azure(tmp_path)


def deployed(calls: list[Call]) -> list[Call]:
    return [call for call in calls if call.command == "deployment group create"]


def changes(calls: list[Call]) -> list[str]:
    return [call.command for call in calls if call.command.split()[-1] in CHANGES]


def test_shellcheck_finds_nothing() -> None:
    shellcheck = Path(sysconfig.get_path("scripts")) / "shellcheck"
    ran = subprocess.run(
        [shellcheck, "--severity=style", SCRIPT], capture_output=True, text=True, check=False
    )
    assert ran.stdout == ""
    assert ran.returncode == 0


def test_one_run_deploys_everything_in_the_order_that_azure_needs(azure: Azure) -> None:
    said = azure.run(*azure.whole)
    calls = azure.calls()
    assert [call.file for call in deployed(calls)] == [
        "modules/identities.bicep",
        "main.bicep",
        "events.bicep",
    ]
    commands = [call.command for call in calls]
    assert commands.index("functionapp deployment source config-zip") < commands.index(
        "functionapp function show"
    )
    assert commands.index("functionapp function show") < commands.index("eventgrid system-topic list")
    assert "All of Azure's half is there: mirror-app" in said


def test_what_is_handed_on_is_what_the_templates_take(azure: Azure) -> None:
    azure.run(*azure.whole, "--sign-in")
    for call in deployed(azure.calls()):
        takes = bicep.read(call.file).parameters
        assert call.parameters.keys() <= takes.keys()
        assert {name for name, it in takes.items() if not it.optional} <= call.parameters.keys()


def test_the_parameters_arrive_whole(azure: Azure) -> None:
    azure.run(*azure.whole, "--hub", HUB.replace("plant-eu", "plant-us"), "--alert-email", "a@b.example")
    _, app, events = deployed(azure.calls())
    assert json.loads(app.parameters["hubIds"]) == [HUB, HUB.replace("plant-eu", "plant-us")]
    assert json.loads(app.parameters["alertEmails"]) == ["a@b.example"]
    assert load_routes(app.parameters["routes"]) == load_routes(ROUTES)
    assert "\n" not in app.parameters["routes"]
    assert events.parameters["sourceId"] == f"{SUBSCRIPTION}/resourceGroups/Plant"
    assert events.parameters["storageName"] == "mirrorstorage"


def test_routes_that_cannot_be_read_are_refused_before_azure_is_asked_for_anything(azure: Azure) -> None:
    (azure.folder / "routes.yaml").write_text(ROUTES.replace("123456789012", "12345678901"), encoding="utf-8")
    said = azure.run(*azure.whole, fails=True)
    assert "routes[0].aws.account" in said
    assert "routes.yaml cannot be deployed like that" in said
    assert azure.calls() == []


def test_without_what_aws_knows_it_stops_after_the_identities_and_says_what_aws_needs(azure: Azure) -> None:
    said = azure.run(*GROUP)
    assert [call.file for call in deployed(azure.calls())] == ["modules/identities.bicep"]
    for line in (
        "EntraTenantId=the-tenant",
        "EntraAudience=api://the-tenant/policy-mirror",
        "EntraPrincipalId=principal-of-app",
        "azure.client_id: client-of-lambda",
        "run this again with --routes --ledger --aws-issuer --lambda-role --hub.",
    ):
        assert line in said


def test_without_a_package_it_stops_before_the_events(azure: Azure) -> None:
    whole = [it for it in azure.whole if not it.endswith("azure.zip") and it != "--package"]
    said = azure.run(*whole)
    assert [call.file for call in deployed(azure.calls())][-1] == "main.bicep"
    assert "Next: make build" in said


def test_a_second_run_makes_nothing_again(azure: Azure) -> None:
    azure.run(*azure.whole, "--sign-in")
    azure.calls()
    azure.run(*azure.whole, "--sign-in")
    made = set(changes(azure.calls()))
    assert made == {
        *("ad app update", "deployment group create", "functionapp deployment source config-zip"),
    }


def test_the_audiences_application_gives_v1_tokens_and_has_a_principal(azure: Azure) -> None:
    azure.run(*GROUP)
    (made,) = [call for call in azure.calls() if call.command == "ad app create"]
    assert made.options["--requested-access-token-version"] == ["1"]
    assert made.options["--identifier-uris"] == ["api://the-tenant/policy-mirror"]
    assert azure.state["principals"] == ["app-of-api://the-tenant/policy-mirror"]


def test_an_application_that_is_there_is_turned_to_v1_tokens(azure: Azure) -> None:
    azure.has(apps={"api://mine": "app-1"})
    azure.run(*GROUP, "--audience", "api://mine")
    (update,) = [call for call in azure.calls() if call.command == "ad app update"]
    assert update.options["--requested-access-token-version"] == ["1"]


def test_a_uri_that_entra_refuses_ends_the_run_with_the_way_out(azure: Azure) -> None:
    azure.has(refused_uris=["api://the-tenant/policy-mirror"])
    said = azure.run(*GROUP, fails=True)
    assert "Entra refused the Application ID URI api://the-tenant/policy-mirror" in said
    assert "az ad app update --id $id --identifier-uris api://the-tenant/$id" in said
    assert "run this again with --audience api://the-tenant/$id" in said
    assert deployed(azure.calls()) == []


@pytest.mark.parametrize("there", [False, True])
def test_what_if_changes_nothing(azure: Azure, there: bool) -> None:
    if there:
        azure.run(*azure.whole)
        azure.calls()
    before = azure.state
    said = azure.run(*azure.whole, "--sign-in", "--what-if")
    assert changes(azure.calls()) == []
    assert azure.state == before
    assert ("would deploy events.bicep" in said) == there
    assert ("would be made" in said) == (not there) or there


def test_providers_that_are_not_registered_are(azure: Azure) -> None:
    azure.run(*GROUP)
    azure.calls()
    assert set(azure.state["providers"]) == {
        f"Microsoft.{name}"
        for name in [
            "Web",
            "Storage",
            "EventGrid",
            "ManagedIdentity",
            "Insights",
            "OperationalInsights",
            "Security",
        ]
    }


TOPIC = f"{SUBSCRIPTION}/resourceGroups/plant/providers/Microsoft.EventGrid/systemTopics/theirs"


def test_a_topic_that_the_source_has_already_is_used(azure: Azure) -> None:
    azure.has(topics=[[TOPIC, f"{SUBSCRIPTION}/resourcegroups/plant"]], topic_principal="p")
    azure.run(*azure.whole)
    events = deployed(azure.calls())[-1].parameters
    assert (events["existingTopicId"], events["existingTopicPrincipalId"]) == (TOPIC, "p")


def test_our_own_topic_of_an_earlier_run_is_not_taken_for_anothers(azure: Azure) -> None:
    ours = TOPIC.replace("theirs", "policy-mirror-topic")
    azure.has(
        topics=[[ours, f"{SUBSCRIPTION}/resourceGroups/Plant"], [TOPIC, f"{SUBSCRIPTION}/resourceGroups/x"]]
    )
    azure.run(*azure.whole)
    assert deployed(azure.calls())[-1].parameters["existingTopicId"] == ""


def test_a_topic_without_identity_stops_the_run_with_the_way_out(azure: Azure) -> None:
    said = azure.run(*azure.whole, "--topic", TOPIC, fails=True)
    assert f"az resource update --ids {TOPIC} --set identity.type=SystemAssigned" in said


def test_hubs_of_several_groups_are_listened_to_through_their_subscription(azure: Azure) -> None:
    azure.run(*azure.whole, "--hub", HUB.replace("Plant", "Lab"))
    assert deployed(azure.calls())[-1].parameters["sourceId"] == SUBSCRIPTION


def test_one_group_in_two_spellings_is_one_group(azure: Azure) -> None:
    azure.run(*azure.whole, "--hub", HUB.replace("Plant", "plant"))
    assert deployed(azure.calls())[-1].parameters["sourceId"] == f"{SUBSCRIPTION}/resourceGroups/Plant"


def test_hubs_of_several_subscriptions_are_refused(azure: Azure) -> None:
    said = azure.run(*azure.whole, "--hub", HUB.replace("0a", "0b"), fails=True)
    assert "deploy once for each" in said


def test_what_azure_refuses_for_a_moment_is_tried_again(azure: Azure) -> None:
    azure.has(refusals=2)
    assert "trying again" in azure.run(*GROUP)


def test_what_azure_goes_on_refusing_ends_the_run(azure: Azure) -> None:
    azure.has(refusals=3)
    assert "modules/identities.bicep was refused three times" in azure.run(*GROUP, fails=True)


def test_a_function_that_shows_late_is_waited_for(azure: Azure) -> None:
    azure.has(hidden=3)
    assert azure.run(*azure.whole).count("waiting for mirror-app") == 3


def test_a_function_that_never_shows_keeps_the_events_from_being_subscribed(azure: Azure) -> None:
    azure.has(hidden=99)
    assert "shows no function on_policy_event" in azure.run(*azure.whole, fails=True)
    assert [call.file for call in deployed(azure.calls())][-1] == "main.bicep"


def test_people_sign_in_without_a_client_secret(azure: Azure) -> None:
    azure.run(*azure.whole, "--sign-in")
    calls = azure.calls()
    assert deployed(calls)[-1].file == "sign-in.bicep"
    (trust,) = [call for call in calls if call.command == "ad app federated-credential create"]
    said = json.loads(trust.options["--parameters"][0])
    assert said["issuer"] == "https://login.microsoftonline.com/the-tenant/v2.0"
    assert (said["subject"], said["audiences"]) == ("principal-of-app", ["api://AzureADTokenExchange"])
    assert not [call for call in calls if "credential" in call.command and "federated" not in call.command]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ([], "--group and --location are needed"),
        ([*GROUP, "--hub", "plant-eu"], "--hub is /subscriptions/"),
        ([*GROUP, "--ledger", "mirror"], "--ledger is dynamodb:TABLE@REGION"),
        ([*GROUP, "--lambda-role", "mirror"], "--lambda-role is arn:aws:iam"),
        ([*GROUP, "--aws-issuer", "http://x"], "--aws-issuer is an https"),
        ([*GROUP, "--routes", "nowhere.yaml"], "nowhere.yaml cannot be read"),
        ([*GROUP, "--package", "nowhere.zip"], "make it with: make build"),
        ([*GROUP, "--operator", 'a"b'], "a quote or backslash"),
        ([*GROUP, "--hubs", "x"], "no option --hubs"),
        ([*GROUP, "--sign"], "no option --sign;"),
        ([*GROUP, "--hub", "--what-if"], "--hub needs a value"),
        (["now"], "what is 'now'?"),
    ],
)
def test_a_wrong_option_is_named_before_anything_is_asked(azure: Azure, wrong: list[str], said: str) -> None:
    assert said in azure.run(*wrong, fails=True)
    assert azure.calls() == []


def test_an_old_azure_cli_is_refused(azure: Azure) -> None:
    azure.has(version="2.67.1")
    assert "2.68 or later is needed" in azure.run(*GROUP, fails=True)


def options(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))


def test_help_names_every_option_that_is_read_and_no_other() -> None:
    source = SCRIPT.read_text(encoding="utf-8")
    read = options(" ".join(re.findall(r"^\s+(--[a-z-]+)\) ", source, re.MULTILINE)))
    usage = source[source.index("<<'TEXT'") : source.index("\nTEXT")]
    assert options(usage) == read


def test_the_readme_names_only_options_that_there_are() -> None:
    readme = (SCRIPT.parents[2] / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^infra/azure/deploy\.sh(?:.*\\\n)+.*", readme, re.MULTILINE)
    usage = SCRIPT.read_text(encoding="utf-8").partition("\nTEXT")[0]
    assert options(command)
    assert options(command) <= options(usage)
