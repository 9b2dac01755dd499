"""What only AWS has: versions, tags, patches, custom metrics."""

from __future__ import annotations

import pytest

from shared.errors import Refused, RevisionConflict, ScopeMissing, Unanswered
from shared.sync.ports import Found
from tests.contract.clouds.conftest import Aws


def there(aws: Aws, **members: object) -> Found:
    found = aws.port.create("pumps", {**aws.fresh(100), **members}).found
    assert found is not None
    return found


def test_a_new_profile_is_at_version_one_and_each_update_counts(aws: Aws) -> None:
    base = there(aws)
    updated = aws.port.update("pumps", aws.edited(base.document, 50), base).found
    assert updated is not None
    assert (base.version, updated.version) == (1, 2)
    assert base.incarnation == updated.incarnation


def test_a_recreated_profile_is_another_incarnation(aws: Aws) -> None:
    first = there(aws)
    aws.port.delete("pumps", first)
    second = there(aws)
    assert (second.version, second.incarnation != first.incarnation) == (1, True)


def test_creating_what_is_there_is_a_conflict(aws: Aws) -> None:
    there(aws)
    with pytest.raises(RevisionConflict):
        aws.port.create("pumps", aws.fresh(7))


def test_updating_an_older_version_is_a_conflict_and_changes_nothing(aws: Aws) -> None:
    base = there(aws)
    aws.somebody_writes("pumps", 7)
    with pytest.raises(RevisionConflict):
        aws.port.update("pumps", aws.edited(base.document, 50), base)
    found = aws.port.read("pumps")
    assert found is not None
    assert aws.most(found.document) == 7


def test_updating_what_somebody_deleted_is_a_conflict(aws: Aws) -> None:
    base = there(aws)
    aws.somebody_deletes("pumps")
    with pytest.raises(RevisionConflict, match="deleted"):
        aws.port.update("pumps", aws.edited(base.document, 50), base)


def test_deleting_an_older_version_is_a_conflict(aws: Aws) -> None:
    base = there(aws)
    aws.somebody_writes("pumps", 7)
    with pytest.raises(RevisionConflict):
        aws.port.delete("pumps", base)


def test_deleting_what_is_gone_succeeds(aws: Aws) -> None:
    base = there(aws)
    aws.somebody_deletes("pumps")
    assert aws.port.delete("pumps", base).found is None


def test_an_update_without_a_difference_makes_no_call(aws: Aws) -> None:
    base = there(aws)
    aws.clouds.close()
    assert aws.port.update("pumps", dict(base.document), base).found is base


def test_an_update_leaves_alone_what_it_does_not_change(aws: Aws) -> None:
    targets = {"SNS": {"alertTargetArn": "arn:aws:sns:x:1:t", "roleArn": "arn:aws:iam::123456789012:role/r"}}
    base = there(aws, alertTargets=targets, tags=[{"Key": "team", "Value": "red"}])
    aws.port.update("pumps", aws.edited(base.document, 50), base)
    found = aws.port.read("pumps", whole=True)
    assert found is not None
    assert found.document["alertTargets"] == targets
    assert found.document["tags"] == [{"Key": "team", "Value": "red"}]


def test_taking_all_behaviors_away_clears_the_list(aws: Aws) -> None:
    base = there(aws)
    emptied = aws.port.update("pumps", {**base.document, "behaviors": []}, base).found
    assert emptied is not None
    assert not emptied.document.get("behaviors")
    assert aws.port.read("pumps") == emptied


def test_tags_are_read_only_when_the_whole_is_asked_for(aws: Aws) -> None:
    there(aws)
    plain, whole = aws.port.read("pumps"), aws.port.read("pumps", whole=True)
    assert plain is not None
    assert whole is not None
    assert (whole.document["tags"], "tags" in plain.document) == ([], False)


def test_a_create_that_cannot_be_read_back_is_unanswered(aws: Aws) -> None:
    aws.just_after("CreateSecurityProfile", lambda: aws.faults.update({"fail_next": 10}))
    with pytest.raises(Unanswered, match="created, but not read back"):
        aws.port.create("pumps", aws.fresh(1))


def test_somebody_who_updates_right_after_our_create_is_noticed(aws: Aws) -> None:
    aws.just_after("CreateSecurityProfile", lambda: aws.somebody_writes("pumps", 7))
    written = aws.port.create("pumps", aws.fresh(1))
    assert written.surprise == "created, and already at version 2"


def test_a_listing_that_is_not_found_is_a_missing_scope(aws: Aws) -> None:
    aws.faults.not_found_all = True
    with pytest.raises(ScopeMissing):
        aws.port.census()


def test_a_metric_is_created_once(aws: Aws) -> None:
    aws.port.ensure_metric("queue-purges", "number")
    aws.port.ensure_metric("queue-purges", "number")
    described = aws.theirs.describe_custom_metric(metricName="queue-purges")
    assert described["metricType"] == "number"


def test_a_metric_of_another_type_is_refused(aws: Aws) -> None:
    aws.port.ensure_metric("users", "number")
    with pytest.raises(Refused, match="'number', wanted 'string-list'"):
        aws.port.ensure_metric("users", "string-list")


def test_a_metric_type_that_aws_does_not_have_is_refused(aws: Aws) -> None:
    with pytest.raises(Refused):
        aws.port.ensure_metric("users", "colour")


def test_two_workers_that_create_the_same_metric_both_succeed(aws: Aws) -> None:
    first, second = aws.port, aws.over(aws.client_of("AKIAOTHER"))
    created: list[str] = []

    def meanwhile() -> None:
        if not created:
            created.append("users")
            second.ensure_metric("users", "string-list")

    aws.client.meta.events.register("before-call.iot.CreateCustomMetric", lambda **_: meanwhile())
    first.ensure_metric("users", "string-list")
    assert created == ["users"]
