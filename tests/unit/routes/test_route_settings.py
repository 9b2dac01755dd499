"""What a route may say, and what it says when it is silent."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import to_builtins

from shared.routes.load import load_routes
from shared.routes.reading import read
from shared.routes.route import Route
from shared.routes.wording import Misfits
from shared.translation.side import Side
from tests.unit.routes.samples import GUID, HUB, complaint, document, route, routes, settings

LIST_OF_NAMES = "wanted: a list of names or globs such as"


def test_a_silent_route_is_cautious() -> None:
    said = to_builtins(route())
    assert {name: said[name] for name in said.keys() - {"id", "aws", "azure"}} == {
        "names": {"include": ("*",), "exclude": ()},
        "mode": "two-way",
        "first_contact": "observe",
        "bootstrap": "hold",
        "conflict": "hold",
        "delete": "hold",
        "canary": None,
        "loosening": "apply",
        "suppressed": "mirror",
        "windows": ("PT5M", "PT15M", "PT30M"),
        "protocol": "mqtt",
        "custom_metrics": {"mode": "off", "metrics": {}},
        "approximate": (),
    }


@pytest.mark.parametrize("name", ["a", "plant-eu-1", "1", "x" * 64])
def test_an_id_is_a_slug(name: str) -> None:
    assert route(id=name).id == name


@pytest.mark.parametrize("name", ["", "x" * 65, "Plant", "a_b", "-a", "a-", "a b", "a/b", "ä"])
def test_what_is_no_slug_is_refused(name: str) -> None:
    assert "wanted: 1-64 of a-z 0-9 and inner hyphens" in complaint(id=name)


def test_a_route_cannot_be_changed() -> None:
    with pytest.raises(AttributeError, match="immutable"):
        route().mode = "observe"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("mode", "sources", "targets"),
    [
        ("two-way", {Side.AWS, Side.AZURE}, {Side.AWS, Side.AZURE}),
        ("aws-to-azure", {Side.AWS}, {Side.AZURE}),
        ("azure-to-aws", {Side.AZURE}, {Side.AWS}),
        ("observe", {Side.AWS, Side.AZURE}, set()),
    ],
)
def test_a_mode_says_which_sides_are_followed_and_which_written(
    mode: str, sources: set[Side], targets: set[Side]
) -> None:
    assert route(mode=mode).sources == sources
    assert route(mode=mode).targets == targets


def test_a_route_knows_its_scope_on_each_side() -> None:
    assert route().scope(Side.AWS) == "123456789012/eu-central-1"
    assert route().scope(Side.AZURE) == HUB.lower()


@pytest.mark.parametrize(
    ("setting", "value", "meant"),
    [
        ("mode", "twoway", "two-way"),
        ("mode", "aws-to-azur", "aws-to-azure"),
        ("mode", "Observe", "observe"),
        ("bootstrap", "prefer_aws", "prefer-aws"),
        ("conflict", "strict", "strictest"),
        ("delete", "miror", "mirror"),
        ("protocol", "mqttt", "mqtt"),
    ],
)
def test_a_misspelt_choice_is_refused_with_the_nearest(setting: str, value: str, meant: str) -> None:
    said = complaint(**{setting: value})
    assert said.startswith(
        f"routes[0].{setting}: {value!r} is not allowed (did you mean {meant!r}?); allowed: "
    )


@pytest.mark.parametrize(
    ("text", "total"),
    [("PT5M", 300), ("PT05M", 300), ("PT300S", 300), ("PT1H", 3600), ("P1D", 86400), ("P1DT1H1M1S", 90061)],
)
def test_windows_are_compared_in_seconds(text: str, total: int) -> None:
    assert route(windows=[text]).window_seconds == {total}


@pytest.mark.parametrize(
    "text", ["5m", "", "P", "PT", "P1M", "P1Y", "PT1.5S", "-PT5M", "PT5", "300", "pt5m", "PT5M "]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    said = complaint(windows=["PT5M", text])
    assert said.startswith(f"routes[0].windows[1]: {text!r} is no duration of whole days, hours, minutes")


@pytest.mark.parametrize(("text", "total"), [("PT0S", 0), ("P0DT0M", 0), ("P30000D", 2592000000)])
def test_a_window_is_neither_empty_nor_endless(text: str, total: int) -> None:
    said = complaint(windows=[text])
    assert said == f"routes[0].windows[0]: {text!r} is {total} s; a window has 1 to 2147483647 s"


@pytest.mark.parametrize("mode", ["aws-to-azure", "azure-to-aws", "observe"])
def test_a_one_way_route_may_make_detection_stronger_unless_told_otherwise(mode: str) -> None:
    assert route(mode=mode).approximate == ("stronger",)
    assert route(mode=mode, approximate=["weaker", "unknown"]).approximate == ("weaker", "unknown")
    assert route(mode=mode, approximate=[]).approximate == ()


def test_a_two_way_route_never_approximates() -> None:
    assert route(approximate=[]).approximate == ()
    assert "a two-way route never approximates" in complaint(approximate=["stronger"])


def test_a_route_survives_its_own_dump() -> None:
    for mode in ("two-way", "aws-to-azure"):
        assert read(Route, to_builtins(route(mode=mode))) == route(mode=mode)


@pytest.mark.parametrize("given", ["FailedLocalLogins", "FailedLocalLoginsNotInAllowedRange"])
def test_custom_metrics_are_keyed_by_rule_type_with_or_without_its_suffix(given: str) -> None:
    bound = route(custom_metrics={"mode": "use", "metrics": {given: "logins"}}).custom_metrics
    assert bound.metrics == {"FailedLocalLogins": "logins"}


@pytest.mark.parametrize(
    ("metrics", "problem"),
    [
        ({"LocalUsers": "x"}, "LocalUsers: is no Azure rule type (did you mean 'LocalUser'?)"),
        ({"ProcessNotInAllowedRange": "x"}, "is no Azure rule type (did you mean 'ProcessNotAllowed'?)"),
        ({"0": "x"}, "is no Azure rule type; allowed: AmqpC2DMessages, "),
        ({"UnauthorizedOperations": "x"}, "AWS measures this itself, as aws:num-authorization-failures"),
        ({"MqttD2CMessages": "x"}, "AWS measures this itself, as aws:num-messages-sent"),
        ({"Process": "x", "ProcessNotAllowed": "y"}, "is bound a second time, under its other spelling"),
        ({"Process": "x", "LocalUser": "x"}, "LocalUser: 'x' is bound to another rule type already"),
        ({"Process": "aws:x"}, "'aws:x' names a metric of AWS itself"),
        ({"Process": "a b"}, "'a b' is not allowed; wanted: a metric name of 1-128"),
        ({"Process": "x" * 129}, "wanted: a metric name of 1-128"),
        ({"Process": None}, "has no value; wanted: a metric name"),
    ],
)
def test_a_binding_that_cannot_work_is_refused(metrics: dict[str, str], problem: str) -> None:
    said = complaint(custom_metrics={"mode": "use", "metrics": metrics})
    assert said.startswith("routes[0].custom_metrics.metrics")
    assert problem in said


def test_a_binding_of_the_protocol_that_pairs_with_aws_is_refused() -> None:
    binding = {"mode": "use", "metrics": {"AmqpD2CMessages": "x"}}
    assert route(protocol="mqtt", custom_metrics=binding).custom_metrics.metrics == {"AmqpD2CMessages": "x"}
    said = complaint(protocol="amqp", custom_metrics=binding)
    assert "AmqpD2CMessages pairs with aws:num-messages-sent under protocol: amqp" in said


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        ({"include": "prod-*"}, f"include: 'prod-*' is not allowed; {LIST_OF_NAMES} [\"prod-*\"]"),
        ({"include": []}, f"include: is empty; {LIST_OF_NAMES}"),
        ({"include": None}, f"include: has no value; {LIST_OF_NAMES}"),
        ({"include": ["a", ""]}, "include[1]: '' is not allowed; wanted: a name or a glob"),
        ({"include": ["a", None]}, "include[1]: has no value; wanted: a name or a glob"),
        ({"exclude": ["a\tb"]}, "exclude[0]: 'a\\tb' is not allowed"),
        ({"exclude": ["x" * 257]}, "exclude[0]: 'xxx"),
        ({"exclude": ["x"] * 501}, "exclude: has 501 entries; at most 500"),
        ({"includes": ["x"]}, "includes: unknown key (did you mean 'include'?); allowed: include, exclude"),
        ("prod-*", "names: 'prod-*' is not allowed; wanted: a mapping of include and exclude"),
    ],
)
def test_names_of_the_wrong_shape_are_refused(names: object, problem: str) -> None:
    assert problem in complaint(names=names)


def test_ids_are_unique() -> None:
    twice = settings(), settings(aws={"region": "us-east-1"})
    with pytest.raises(Misfits, match=r"'plant' is the id of routes\[0\] too"):
        routes(*twice)


def test_two_routes_between_the_same_ends_must_not_share_a_name() -> None:
    other = settings(id="other", azure={"hub": HUB.lower()}, mode="aws-to-azure")
    with pytest.raises(Misfits, match="a policy named 'x' would belong to this route and to 'plant'"):
        routes(settings(), other)


ELSEWHERE = HUB.replace("Plant-EU", "Other")


def one_way(id_: str, mode: str, **ends: Any) -> dict[str, Any]:
    return settings(id=id_, mode=mode, **ends)


def test_two_accounts_must_not_write_the_same_names_into_one_hub() -> None:
    """One way from each: what one writes, the other would take for a foreign edit."""
    with pytest.raises(Misfits) as caught:
        routes(one_way("a", "aws-to-azure"), one_way("b", "aws-to-azure", aws={"account": "210987654321"}))
    problem = "a policy named 'x' would be written on Azure by this route and by 'a', from different sources"
    assert problem in str(caught.value)


def test_two_hubs_must_not_write_the_same_names_into_one_account() -> None:
    with pytest.raises(Misfits, match="would be written on AWS by this route and by 'a'"):
        routes(one_way("a", "azure-to-aws"), one_way("b", "azure-to-aws", azure={"hub": ELSEWHERE}))


@pytest.mark.parametrize(
    "other",
    [
        {"mode": "aws-to-azure", "names": {"exclude": ["*"]}, "aws": {"account": "210987654321"}},
        {"mode": "observe", "aws": {"account": "210987654321"}},
        {"mode": "azure-to-aws", "aws": {"account": "210987654321"}},
        {"mode": "two-way", "aws": {"account": "210987654321"}},
        {"mode": "aws-to-azure", "azure": {"hub": ELSEWHERE}},
    ],
)
def test_what_no_other_route_writes_is_nobodys_business(other: dict[str, Any]) -> None:
    assert len(routes(one_way("a", "aws-to-azure"), settings(id="b", **other)).routes) == 2


def test_two_way_routes_may_meet_in_one_hub() -> None:
    assert len(routes(settings(id="a"), settings(id="b", aws={"account": "210987654321"})).routes) == 2


@pytest.mark.parametrize("name", ["", "a/b", "ä", "x" * 129, "*"])
def test_a_canary_is_a_name_that_both_clouds_can_spell(name: str) -> None:
    assert "wanted: the name of a policy that stands on both clouds" in complaint(canary=name)


def test_two_routes_between_the_same_ends_may_share_the_names_out() -> None:
    split = routes(settings(names={"exclude": ["lab-*"]}), settings(id="lab", names={"include": ["lab-*"]}))
    assert len(split.routes) == 2


def test_routes_with_one_end_in_common_may_share_names() -> None:
    other_hub = settings(id="hub", azure={"hub": HUB.replace("Plant-EU", "Plant-US")})
    several = routes(settings(), settings(id="us", aws={"region": "us-east-1"}), other_hub)
    assert len(several.routes) == 3


def test_a_digest_stands_for_what_the_routes_do() -> None:
    one = routes(
        settings(windows=["PT5M", "PT15M"], mode="observe", approximate=["weaker", "unknown"]),
        settings(id="b", aws={"region": "us-east-1"}, names={"include": ["b", "a"]}),
    )
    same = routes(
        settings(id="b", aws={"region": "us-east-1"}, names={"include": ["a", "b", "a"]}, mode="two-way"),
        settings(
            windows=["PT900S", "PT05M"],
            mode="observe",
            approximate=["unknown", "weaker", "unknown"],
            azure={"hub": HUB.upper()},
        ),
    )
    assert one.digest() == same.digest()
    assert len(one.digest()) == 64


@pytest.mark.parametrize(
    "change",
    [
        {"id": "other"},
        {"aws": {"region": "us-east-1"}},
        {"azure": {"client_id": "00000000-0000-0000-0000-000000000001"}},
        {"names": {"exclude": ["x"]}},
        {"mode": "observe"},
        {"first_contact": "sync"},
        {"canary": "canary"},
        {"conflict": "newest"},
        {"windows": ["PT5M"]},
        {"custom_metrics": {"mode": "use"}},
        {"mode": "aws-to-azure", "approximate": []},
    ],
)
def test_any_other_setting_is_another_digest(change: dict[str, object]) -> None:
    assert routes(settings(**change)).digest() != routes(settings()).digest()


def test_the_digest_of_what_is_deployed_stays() -> None:
    """The two functions compare it, and one may be of an older version."""
    everything = settings(
        aws={"role_arn": "arn:aws:iam::123456789012:role/mirror", "reader_role_arn": None},
        azure={"tenant_id": GUID, "client_id": GUID},
        names={"include": ["prod-*", "default"], "exclude": ["*-test"]},
        mode="aws-to-azure",
        canary="canary",
        windows=["PT1H", "P1D"],
        protocol="amqp",
        custom_metrics={"mode": "use", "metrics": {"ProcessNotAllowed": "p", "LocalUser": "u"}},
        approximate=["weaker", "stronger"],
    )
    observed = settings(id="b", aws={"region": "us-east-1"}, mode="observe")
    assert load_routes(document(everything, observed)).digest() == (
        "ab36b08ba89ce0c1ce158d737933c764d10cd5c0f471a12db1f45e646601b8d4"
    )


def test_the_digest_does_not_depend_on_the_run() -> None:
    assert load_routes(document(settings())).digest() == (
        "fb38face835adfd6ab0a8476f56ebc85e1ed0b3f1e974b792368adb467dd2b06"
    )
