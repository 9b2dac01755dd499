"""What only Azure has: no versions, names in any case, and a 404 that may mean the hub."""

from __future__ import annotations

import pytest

from functions.local.sandbox.clients import StaticCredential
from functions.local.sandbox.clouds import TwoClouds
from shared.clouds.azure_arm import arm_client
from shared.clouds.azure_groups import AzureGroups
from shared.errors import Refused, ScopeMissing, Throttled
from shared.sync.ports import Found
from tests.contract.clouds.conftest import Azure


def there(azure: Azure, name: str = "pumps") -> Found:
    found = azure.port.create(name, azure.fresh(100)).found
    assert found is not None
    return found


def test_neither_version_nor_incarnation_is_made_up(azure: Azure) -> None:
    found = there(azure)
    assert (found.version, found.incarnation) == (None, None)


def test_an_update_of_what_somebody_deleted_is_a_surprise(azure: Azure) -> None:
    base = there(azure)
    azure.somebody_deletes("pumps")
    written = azure.port.update("pumps", azure.edited(base.document, 50), base)
    assert written.surprise == "the group was gone: somebody deleted it in between"
    assert written.found == azure.port.read("pumps")


def test_a_delete_of_what_somebody_deleted_is_a_surprise(azure: Azure) -> None:
    base = there(azure)
    azure.somebody_deletes("pumps")
    written = azure.port.delete("pumps", base)
    assert written.surprise == "the group was gone already: somebody deleted it in between"


def test_a_name_in_another_case_is_found_as_azure_spells_it(azure: Azure) -> None:
    there(azure, "Pumps")
    found = azure.port.read("PUMPS")
    assert found is not None
    assert found.name == "Pumps"


@pytest.mark.parametrize("name", ["a b", "a/b", "äöü €", "50%", "a?b#c", "{curly}", "...", "x" * 200])
def test_any_name_that_azure_takes_is_carried(azure: Azure, name: str) -> None:
    base = there(azure, name)
    assert base.name == name
    assert list(azure.port.census()) == [name]
    assert azure.port.read(name) == base
    assert azure.port.delete(name, base).surprise is None
    assert azure.port.read(name) is None


def test_half_a_character_is_no_name(azure: Azure) -> None:
    with pytest.raises(Refused):
        azure.port.read("\ud800")


def test_the_census_carries_documents(azure: Azure) -> None:
    base = there(azure)
    census = azure.port.census()
    assert census["pumps"] is not None
    assert azure.most(census["pumps"].document) == azure.most(base.document)


def test_rules_that_azure_adds_later_survive_an_update(azure: Azure) -> None:
    future = {"ruleType": "MoonPhaseNotInAllowedRange", "isEnabled": True, "phases": ["full"]}
    document = azure.fresh(1)
    document["properties"]["timeWindowRules"].append(future)
    base = azure.port.create("pumps", document).found
    assert base is not None
    updated = azure.port.update("pumps", azure.edited(base.document, 50), base).found
    assert updated is not None
    assert future in updated.document["properties"]["timeWindowRules"]


def test_a_hub_that_does_not_exist_is_a_missing_scope_not_an_absent_group(clouds: TwoClouds) -> None:
    client = arm_client(StaticCredential("user.mirror"), base_url=clouds.azure.endpoint)
    port = AzureGroups(client, clouds.azure.hub + "-of-others")
    with pytest.raises(ScopeMissing):
        port.read("pumps")
    with pytest.raises(ScopeMissing):
        port.census()
    with pytest.raises(ScopeMissing):
        port.create("pumps", {"properties": {}})


@pytest.mark.parametrize("state", ["unregistered", "retired"])
def test_a_provider_that_went_away_is_a_missing_scope_not_an_absent_group(azure: Azure, state: str) -> None:
    base = there(azure)
    azure.clouds.azure_faults.provider = state
    with pytest.raises(ScopeMissing):
        azure.port.read("pumps")
    with pytest.raises(ScopeMissing):
        azure.port.update("pumps", azure.edited(base.document, 50), base)
    with pytest.raises(ScopeMissing):
        azure.port.delete("pumps", base)


def test_a_404_for_everything_is_a_missing_scope(azure: Azure) -> None:
    there(azure)
    azure.faults.not_found_all = True
    with pytest.raises(ScopeMissing):
        azure.port.read("pumps")


def test_azure_says_how_long_to_wait_and_the_caller_hears_it(azure: Azure) -> None:
    azure.faults.throttle_next = 1
    azure.faults.retry_after_s = 17
    with pytest.raises(Throttled) as caught:
        azure.port.read("pumps")
    assert caught.value.retry_after == 17
    assert azure.faults.throttle_next == 0


def test_there_is_no_metric_to_create(azure: Azure) -> None:
    azure.clouds.close()
    azure.port.ensure_metric("users", "string-list")
