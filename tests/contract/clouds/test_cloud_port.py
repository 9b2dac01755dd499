"""What the engine relies on, whichever cloud it talks to."""

from __future__ import annotations

import pytest

from shared.errors import Denied, Refused, StalePage, Throttled, Unanswered, Unreachable
from shared.sync.ports import Found, pages_of
from tests.contract.clouds.conftest import Tenant

ATTEMPTS = 10
"""More than any port makes, so that a fault outlives all of them."""


def there(tenant: Tenant, name: str = "pumps", most: int = 100) -> Found:
    found = tenant.port.create(name, tenant.fresh(most)).found
    assert found is not None
    return found


def test_a_policy_that_was_never_made_is_absent(tenant: Tenant) -> None:
    assert tenant.port.read("pumps") is None


def test_an_empty_scope_has_an_empty_census(tenant: Tenant) -> None:
    assert dict(tenant.port.census()) == {}


def test_what_is_created_is_read_back_as_the_write_answered_it(tenant: Tenant) -> None:
    written = tenant.port.create("pumps", tenant.fresh(100))
    assert written.surprise is None
    assert written.found == tenant.port.read("pumps")
    assert written.found is not None
    assert (written.found.name, tenant.most(written.found.document)) == ("pumps", 100)


def test_an_update_is_read_back_as_the_write_answered_it(tenant: Tenant) -> None:
    base = there(tenant)
    written = tenant.port.update("pumps", tenant.edited(base.document, 50), base)
    assert written.surprise is None
    assert written.found == tenant.port.read("pumps")
    assert written.found is not None
    assert tenant.most(written.found.document) == 50


def test_what_was_deleted_is_absent(tenant: Tenant) -> None:
    written = tenant.port.delete("pumps", there(tenant))
    assert (written.found, written.surprise) == (None, None)
    assert tenant.port.read("pumps") is None


def test_the_census_names_every_policy_over_many_pages(tenant: Tenant) -> None:
    names = {f"policy-{number:02}" for number in range(50)}
    for name in names:
        tenant.port.create(name, tenant.fresh(1))
    assert set(tenant.port.census()) == names
    pages = list(pages_of(tenant.port, "all"))
    assert sorted(name for page in pages for name in page) == sorted(names)
    assert {name: found for page in pages for name, found in page.items()} == tenant.port.census()


def test_a_listing_goes_on_where_a_page_says_and_nowhere_else(tenant: Tenant) -> None:
    for number in range(50):
        tenant.port.create(f"policy-{number:02}", tenant.fresh(1))
    first = tenant.port.page()
    assert first.following is not None
    second = tenant.port.page(first.following)
    assert tenant.port.page(first.following) == second
    assert not first.found.keys() & second.found.keys()
    for place in ("nonsense", "", "https://evil.example/", "//evil.example/x", first.following[:-3]):
        with pytest.raises(StalePage) as caught:
            tenant.port.page(place)
        assert first.following[:-3] not in str(caught.value)


def test_documents_in_a_census_are_those_that_a_read_gives(tenant: Tenant) -> None:
    there(tenant)
    listed = tenant.port.census()["pumps"]
    assert listed is None or listed == tenant.port.read("pumps")


def test_a_document_that_the_cloud_refuses_is_refused_in_its_own_words(tenant: Tenant) -> None:
    with pytest.raises(Refused, match="'pumps'"):
        tenant.port.create("pumps", tenant.unacceptable())
    assert tenant.port.read("pumps") is None


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_name_that_would_change_the_address_is_never_sent(tenant: Tenant, name: str) -> None:
    with pytest.raises(Refused):
        tenant.port.read(name)
    with pytest.raises(Refused):
        tenant.port.create(name, tenant.fresh(1))


def test_an_identity_without_rights_is_told_what_it_lacks(tenant: Tenant) -> None:
    base = there(tenant)
    stranger = tenant.as_a_stranger()
    with pytest.raises(Denied, match=r"iot:DescribeSecurityProfile|deviceSecurityGroups/read"):
        stranger.read("pumps")
    with pytest.raises(Denied, match=r"iot:ListSecurityProfiles|deviceSecurityGroups/read"):
        stranger.census()
    with pytest.raises(Denied, match=r"iot:ListSecurityProfiles|deviceSecurityGroups/read"):
        stranger.page()
    with pytest.raises(Denied, match=r"iot:UpdateSecurityProfile|deviceSecurityGroups/write"):
        stranger.update("pumps", tenant.edited(base.document, 50), base)
    with pytest.raises(Denied, match=r"iot:DeleteSecurityProfile|deviceSecurityGroups/delete"):
        stranger.delete("pumps", base)


def test_a_read_survives_one_passing_failure(tenant: Tenant) -> None:
    base = there(tenant)
    tenant.faults.fail_next = 1
    assert tenant.port.read("pumps") == base


def test_a_read_of_a_broken_cloud_is_unreachable(tenant: Tenant) -> None:
    tenant.faults.fail_next = ATTEMPTS
    with pytest.raises(Unreachable):
        tenant.port.read("pumps")
    with pytest.raises(Unreachable):
        tenant.port.census()


def test_a_read_that_is_throttled_for_long_says_so(tenant: Tenant) -> None:
    tenant.faults.throttle_next = ATTEMPTS
    with pytest.raises(Throttled):
        tenant.port.read("pumps")


def test_a_failed_write_may_have_been_applied_and_is_not_repeated(tenant: Tenant) -> None:
    base = there(tenant)
    tenant.faults.fail_next = 3
    with pytest.raises(Unanswered):
        tenant.port.create("valves", tenant.fresh(1))
    with pytest.raises(Unanswered):
        tenant.port.update("pumps", tenant.edited(base.document, 50), base)
    with pytest.raises(Unanswered):
        tenant.port.delete("pumps", base)
    assert tenant.faults.fail_next == 0
    assert tenant.port.read("pumps") == base


def test_a_throttled_write_is_left_to_the_caller(tenant: Tenant) -> None:
    base = there(tenant)
    tenant.faults.throttle_next = 2
    with pytest.raises(Throttled):
        tenant.port.update("pumps", tenant.edited(base.document, 50), base)
    assert tenant.faults.throttle_next == 1


def test_an_update_whose_answer_was_lost_is_unanswered_though_it_was_applied(tenant: Tenant) -> None:
    base = there(tenant)
    tenant.faults.drop_answer_next = 1
    with pytest.raises(Unanswered):
        tenant.port.update("pumps", tenant.edited(base.document, 50), base)
    found = tenant.port.read("pumps")
    assert found is not None
    assert tenant.most(found.document) == 50


def test_a_create_whose_answer_was_lost_is_unanswered_though_it_was_applied(tenant: Tenant) -> None:
    tenant.faults.drop_answer_next = 1
    with pytest.raises(Unanswered):
        tenant.port.create("pumps", tenant.fresh(100))
    assert tenant.port.read("pumps") is not None


def test_a_delete_whose_answer_was_lost_is_unanswered_though_it_was_applied(tenant: Tenant) -> None:
    base = there(tenant)
    tenant.faults.drop_answer_next = 1
    with pytest.raises(Unanswered):
        tenant.port.delete("pumps", base)
    assert tenant.port.read("pumps") is None


def test_a_write_to_a_closed_port_was_never_sent(tenant: Tenant) -> None:
    base = there(tenant)
    tenant.clouds.close()
    with pytest.raises(Unreachable):
        tenant.port.update("pumps", tenant.edited(base.document, 50), base)


def test_many_threads_may_share_a_port(tenant: Tenant) -> None:
    from concurrent.futures import ThreadPoolExecutor

    for number in range(8):
        there(tenant, f"policy-{number}", number)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(tenant.port.read, [f"policy-{number % 8}" for number in range(32)]))
    assert [tenant.most(one.document) for one in found if one] == [number % 8 for number in range(32)]
