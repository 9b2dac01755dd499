"""What lies around a profile: tags, targets, custom metrics, dimensions; and who may call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore import UNSIGNED
from botocore.config import Config

from functions.local.sandbox import TwoClouds

Refused = Callable[..., tuple[int, str, str]]
NAME = {"securityProfileName": "fleet"}
GROUP = "arn:aws:iot:eu-central-1:123456789012:thinggroup/pumps"
ALL = "arn:aws:iot:eu-central-1:123456789012:all/registered-things"
ARN = "arn:aws:iot:eu-central-1:123456789012:securityprofile/fleet"


def tags_of(iot: Any, arn: str = ARN) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in iot.list_tags_for_resource(resourceArn=arn)["tags"]}


def test_tags_live_apart_and_make_no_version(iot: Any) -> None:
    iot.create_security_profile(**NAME, tags=[{"Key": "a", "Value": "1"}])
    iot.tag_resource(resourceArn=ARN, tags=[{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "3"}])
    assert tags_of(iot) == {"a": "3", "b": "2"}
    iot.untag_resource(resourceArn=ARN, tagKeys=["a", "never"])
    assert tags_of(iot) == {"b": "2"}
    profile = iot.describe_security_profile(**NAME)
    assert profile["version"] == 1
    assert "tags" not in profile


def test_tags_go_with_their_profile(iot: Any, refused: Refused) -> None:
    iot.create_security_profile(**NAME, tags=[{"Key": "a", "Value": "1"}])
    iot.delete_security_profile(**NAME)
    assert refused(iot.list_tags_for_resource, resourceArn=ARN)[:2] == (404, "ResourceNotFoundException")
    iot.create_security_profile(**NAME)
    assert tags_of(iot) == {}


def test_a_resource_has_50_tags_and_not_one_more(iot: Any, refused: Refused) -> None:
    iot.create_security_profile(**NAME, tags=[{"Key": f"k{n}", "Value": ""} for n in range(50)])
    one_more = {"resourceArn": ARN, "tags": [{"Key": "k50", "Value": ""}]}
    assert refused(iot.tag_resource, **one_more)[:2] == (410, "LimitExceededException")
    assert len(tags_of(iot)) == 50


def test_targets_are_attached_listed_and_detached(iot: Any) -> None:
    iot.create_security_profile(**NAME)
    for target in (GROUP, ALL, GROUP):
        iot.attach_security_profile(**NAME, securityProfileTargetArn=target)
    targets = iot.list_targets_for_security_profile(**NAME)["securityProfileTargets"]
    assert [target["arn"] for target in targets] == [GROUP, ALL]
    mappings = iot.list_security_profiles_for_target(securityProfileTargetArn=GROUP)
    (mapping,) = mappings["securityProfileTargetMappings"]
    assert mapping["securityProfileIdentifier"] == {"name": "fleet", "arn": ARN}
    iot.detach_security_profile(**NAME, securityProfileTargetArn=GROUP)
    left = iot.list_targets_for_security_profile(**NAME, maxResults=1)["securityProfileTargets"]
    assert left == [{"arn": ALL}]
    assert iot.describe_security_profile(**NAME)["version"] == 1


def test_a_target_has_five_profiles_and_not_one_more(iot: Any, refused: Refused) -> None:
    for n in range(6):
        iot.create_security_profile(securityProfileName=f"p{n}")
    for n in range(5):
        iot.attach_security_profile(securityProfileName=f"p{n}", securityProfileTargetArn=GROUP)
    sixth = {"securityProfileName": "p5", "securityProfileTargetArn": GROUP}
    assert refused(iot.attach_security_profile, **sixth)[:2] == (410, "LimitExceededException")


def test_only_real_targets_of_real_profiles_can_be_attached(iot: Any, refused: Refused) -> None:
    assert refused(iot.attach_security_profile, **NAME, securityProfileTargetArn=GROUP)[0] == 404
    iot.create_security_profile(**NAME)
    thing = GROUP.replace("thinggroup", "thing")
    assert refused(iot.attach_security_profile, **NAME, securityProfileTargetArn=thing)[0] == 400


def test_a_custom_metric_lives_until_no_profile_uses_it(iot: Any, refused: Refused) -> None:
    made = iot.create_custom_metric(metricName="logins", metricType="number", displayName="Logins")
    assert made["metricArn"].endswith(":custommetric/logins")
    iot.update_custom_metric(metricName="logins", displayName="Failed logins")
    shown = iot.describe_custom_metric(metricName="logins")
    assert (shown["metricType"], shown["displayName"]) == ("number", "Failed logins")
    iot.create_security_profile(**NAME, additionalMetricsToRetain=["logins"])
    assert "fleet" in refused(iot.delete_custom_metric, metricName="logins")[2]
    iot.delete_security_profile(**NAME)
    iot.delete_custom_metric(metricName="logins")
    iot.delete_custom_metric(metricName="logins")
    assert refused(iot.describe_custom_metric, metricName="logins")[0] == 404
    assert iot.list_custom_metrics()["metricNames"] == []


def test_the_request_token_tells_a_repeat_from_a_clash(iot: Any, refused: Refused) -> None:
    metric = {"metricName": "logins", "metricType": "number", "clientRequestToken": "one"}
    iot.create_custom_metric(**metric)
    iot.create_custom_metric(**metric)
    clash = refused(iot.create_custom_metric, **(metric | {"clientRequestToken": "two"}))
    assert clash[:2] == (409, "ResourceAlreadyExistsException")


def test_a_custom_metric_cannot_pass_for_one_of_aws(iot: Any, refused: Refused) -> None:
    assert refused(iot.create_custom_metric, metricName="aws:mine", metricType="number")[0] == 400


def test_dimensions_are_created_changed_listed_and_deleted(iot: Any, refused: Refused) -> None:
    for n in range(10):
        iot.create_dimension(name=f"d{n}", type="TOPIC_FILTER", stringValues=["a/+"])
    eleventh = {"name": "d10", "type": "TOPIC_FILTER", "stringValues": ["a"]}
    assert refused(iot.create_dimension, **eleventh)[:2] == (410, "LimitExceededException")
    assert refused(iot.create_dimension, **(eleventh | {"name": "d1"}))[0] == 409
    iot.update_dimension(name="d1", stringValues=["b/#"])
    assert iot.describe_dimension(name="d1")["stringValues"] == ["b/#"]
    assert iot.list_dimensions(maxResults=2)["dimensionNames"] == ["d0", "d1"]
    iot.delete_dimension(name="d1")
    assert refused(iot.describe_dimension, name="d1")[0] == 404


def test_the_key_denied_may_do_nothing(clouds: TwoClouds, connect: Any, refused: Refused) -> None:
    denied = connect(clouds, aws_access_key_id="DENIED")
    status, code, message = refused(denied.create_security_profile, **NAME)
    assert (status, code) == (403, "AccessDeniedException")
    assert "iot:CreateSecurityProfile" in message
    assert "fleet" not in clouds.aws_state.profiles


def test_an_unsigned_call_is_refused_with_403(clouds: TwoClouds, connect: Any, refused: Refused) -> None:
    unsigned = connect(clouds, config=Config(signature_version=UNSIGNED))
    assert refused(unsigned.list_security_profiles)[:2] == (403, "MissingAuthenticationTokenException")


def test_another_operation_of_iot_is_named_as_missing(iot: Any, refused: Refused) -> None:
    status, _, message = refused(iot.list_things)
    assert status == 501
    assert "ListThings" in message


def test_answers_look_like_aws(clouds: TwoClouds, ask: Any) -> None:
    answer = ask(clouds.aws.endpoint, "GET", "/security-profiles/none", Authorization=SIGNED)
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (404, "ResourceNotFoundException")
    assert answer.headers["x-amzn-requestid"]
    assert set(answer.json) == {"message"}


def test_an_address_without_an_operation_is_404(clouds: TwoClouds, ask: Any) -> None:
    answer = ask(clouds.aws.endpoint, "GET", "/nothing/here", Authorization=SIGNED)
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (404, "UnknownOperationException")


def test_a_body_that_is_no_json_object_is_refused(clouds: TwoClouds, ask: Any) -> None:
    for body in (b"{", b"[]", b'{"behaviors": NaN}', b"[" * 100_000, b"\xff"):
        answer = ask(clouds.aws.endpoint, "POST", "/security-profiles/p", body, Authorization=SIGNED)
        assert (answer.status, answer.headers["x-amzn-errortype"]) == (400, "SerializationException")
    assert clouds.aws_state.profiles == {}


def test_a_body_of_five_megabytes_is_refused(clouds: TwoClouds, ask: Any) -> None:
    body = b'{"securityProfileDescription":"' + b"x" * (5 << 20) + b'"}'
    assert ask(clouds.aws.endpoint, "POST", "/security-profiles/p", body, Authorization=SIGNED).status == 413


def test_wrong_types_are_refused_and_unknown_members_left_out(clouds: TwoClouds, ask: Any) -> None:
    def create(**body: Any) -> Any:
        return ask(clouds.aws.endpoint, "POST", "/security-profiles/p", body, Authorization=SIGNED)

    wrongs: list[dict[str, Any]] = [
        {"behaviors": {}},
        {"behaviors": [1]},
        {"behaviors": [{}]},
        {"alertTargets": []},
    ]
    for wrong in wrongs:
        assert create(**wrong).headers["x-amzn-errortype"] == "InvalidRequestException"
    for flag in (1, "true"):
        assert create(behaviors=[{"name": "b", "suppressAlerts": flag}]).status == 400
    for count in (1.5, True, "1", 2**63):
        criteria = {"comparisonOperator": "less-than", "value": {"count": count}}
        behavior = {"name": "b", "metric": "aws:num-disconnects", "criteria": criteria}
        assert create(behaviors=[behavior]).status == 400
    assert create(behaviors=[{"name": "b", "future": 1}], future=None).status == 200
    assert clouds.aws_state.profiles["p"].members == {"behaviors": [{"name": "b"}]}


def test_the_query_is_typed_too(clouds: TwoClouds, ask: Any) -> None:
    for path in ("/security-profiles?maxResults=many", "/security-profiles?maxResults=251"):
        assert ask(clouds.aws.endpoint, "GET", path, Authorization=SIGNED).status == 400
    target = f"/security-profiles-for-target?securityProfileTargetArn={GROUP}&recursive=perhaps"
    assert ask(clouds.aws.endpoint, "GET", target, Authorization=SIGNED).status == 400


SIGNED = (
    "AWS4-HMAC-SHA256 Credential=AKIATEST/20260901/eu-central-1/iot/aws4_request, "
    "SignedHeaders=host, Signature=0"
)
