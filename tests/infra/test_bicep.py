"""The Bicep files can be read, and name only what exists: types, versions, members, values, symbols.

No Bicep compiler runs here. What these checks cannot see, ``az bicep build`` sees on the user's machine.
"""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from tests.infra import bicep, resource_types, symbols
from tests.infra.bicep import Document

FILES = bicep.files()


def beside(name: str) -> symbols.Read:
    return lambda target: bicep.read(str(PurePosixPath(name).parent / target))


def planted(old: str, new: str, name: str) -> Document:
    """The file with one thing changed."""
    source = (bicep.ROOT / name).read_text(encoding="utf-8")
    assert old in source
    return bicep.parse(source.replace(old, new, 1), name)


def test_the_files_are_there() -> None:
    assert {"main.bicep", "events.bicep", "modules/hub-access.bicep"} <= set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_the_grammar_reads_it_all(name: str) -> None:
    assert bicep.mistakes(bicep.read(name).tree) == []


@pytest.mark.parametrize("name", FILES)
def test_every_type_member_and_value_is_in_the_facts(name: str) -> None:
    assert resource_types.problems(bicep.read(name)) == []


@pytest.mark.parametrize("name", FILES)
def test_every_symbol_leads_somewhere(name: str) -> None:
    assert symbols.problems(bicep.read(name), beside(name)) == []


def test_no_module_is_left_over() -> None:
    used = {module.target for name in FILES for module in bicep.read(name).modules}
    assert used == {name for name in FILES if name.startswith("modules/")}


def test_the_facts_hold_nothing_that_is_not_used() -> None:
    assert resource_types.known().keys() == {it.target for name in FILES for it in bicep.read(name).resources}


@pytest.mark.parametrize(
    "source", ["param x string = ", "resource a 'A/b@1' = { name 'x' }", "var a = {\n b: [f().id]\n}"]
)
def test_broken_syntax_is_seen(source: str) -> None:
    assert bicep.mistakes(bicep.parse(source).tree) != []


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("modules/storage.bicep", "allowSharedKeyAccess", "allowSharedKeys", "allowSharedKeys is not in"),
        ("modules/storage.bicep", "@2024-01-01' = {", "@2024-02-01' = {", "@2024-02-01 is not in"),
        ("modules/storage.bicep", "  kind: 'StorageV2'\n", "", "account.kind is required"),
        ("modules/storage.bicep", "'TLS1_2'", "'TLS12'", "minimumTlsVersion is 'TLS12'"),
        ("modules/app.bicep", "instanceMemoryMB", "instanceMemoryMb", "MemoryMb is not in"),
        (
            "modules/app.bicep",
            "{ name: 'POLICY_MIRROR_LEDGER', value",
            "{ key: 'x', value",
            "appSettings[].key",
        ),
        ("sign-in.bicep", "allowedAudiences:", "allowedAudience:", "allowedAudience is not in"),
        ("modules/app.bicep", "reserved: true", "reserved: 'true'", "reserved is a string, not a bool"),
        ("modules/app.bicep", "name: 'ftp'", "name: 'ftps'", "noFtpPassword.name is 'ftps'"),
        ("modules/subscription.bicep", "'StringIn'", "'StringsIn'", "operatorType is 'StringsIn'"),
        ("modules/subscription.bicep", "'odata.type'", "odataType", "criteria.odata.type is required"),
        ("modules/subscription.bicep", "scopes: [topic.id]", "scopes: 'x'", "scopes is a string, not a list"),
        (
            "modules/topic.bicep",
            "  properties: {",
            "  properties: 'x'\n  sku: {",
            "is a string, not an object",
        ),
        ("modules/identities.bicep", "    subject: lambdaRoleArn\n", "", "properties.subject is required"),
        ("modules/identities.bicep", "  location: location\n}", "  properties: {}\n}", "is read-only"),
        ("events.bicep", "  name: appName", "  name: appName\n  location: 'x'", "not for an existing one"),
    ],
)
def test_a_planted_wrong_type_is_found(name: str, old: str, new: str, said: str) -> None:
    found = resource_types.problems(planted(old, new, name))
    assert [problem for problem in found if said in problem], found


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("main.bicep", "ledger: ledger", "ledger: ledgr", "no symbol ledgr"),
        ("main.bicep", "    ledger: ledger\n", "", "modules/app.bicep needs ledger"),
        ("main.bicep", "    ledger: ledger\n", "    ledger: ledger\n    x: 1\n", "has no parameter x"),
        ("main.bicep", "instanceMemory: instanceMemory", "instanceMemory: ledger", "Memory is string"),
        ("main.bicep", "identities.outputs.appId", "identities.outputs.appid", "no such output"),
        ("main.bicep", "scope: resourceGroup(", "scope: subscription(", "to a subscription"),
        ("main.bicep", "split(id, '/')[8]", "splits(id, '/')[8]", "no function splits()"),
        ("main.bicep", "@batchSize(1)", "@batch(1)", "no function batch()"),
        ("main.bicep", "name: '${name}-app'", "name: '${app.outputs.name}'", "app.name is known only when"),
        ("events.bicep", "var reuse", "var unneeded = 1\nvar reuse", "unneeded is declared and not used"),
        ("events.bicep", "topic!.outputs.principalId", "topic!.outputs.principal", "no such output"),
        ("modules/app.bicep", "parent: site", "parent: plan", "its parent is no Microsoft.Web/sites"),
        ("modules/app.bicep", "  parent: site\n  name: 'ftp'", "  name: 'ftp'", "needs a parent"),
        ("modules/hub-access.bicep", "scope: hub", "scope: hubs", "no resource hubs to be its scope"),
        ("modules/topic.bicep", "topic.identity.principalId", "topic.identity.objectId", "not in the facts"),
        ("modules/storage.bicep", "primaryEndpoints.blob", "primaryEndpoints.blobs", "not in the facts"),
    ],
)
def test_a_planted_wrong_symbol_is_found(name: str, old: str, new: str, said: str) -> None:
    found = symbols.problems(planted(old, new, name), beside(name))
    assert [problem for problem in found if said in problem], found
