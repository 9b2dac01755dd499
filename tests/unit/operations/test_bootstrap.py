"""The composition root builds what is needed, when it is needed, and says what it lacks."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from functions.local.sandbox import StaticCredential
from shared.bootstrap import assembly, channels, workers
from shared.bootstrap.assembly import Identities, assemble, clouds_of, open_ledger, pool
from shared.bootstrap.workers import AWS_WORKER, TERMINAL_WORKER, aws_function, azure_function, terminal
from shared.clouds import aws_queue, azure_notices, azure_queue
from shared.clouds.aws_iot import AwsIot
from shared.clouds.azure_arm import arm_client
from shared.clouds.azure_groups import AzureGroups
from shared.config import LedgerPlace, read_settings
from shared.errors import BadInput, BadRoutes
from shared.ledger.dynamodb import DynamoLedger
from shared.ledger.sqlite import SqliteLedger
from shared.operations.notices import Kind as NoticeKind
from shared.operations.notices import Notice
from shared.operations.requests import Cause, Reconcile, Sweep
from shared.routes.route import Route
from shared.sync.job import Kind, Outcome, Worker
from shared.sync.link import LinkKey
from shared.translation.side import Side
from tests.unit.sync.world import HUB, ROUTES, routes_of

GUID = "22222222-2222-4222-8222-222222222222"
NOTICE = Notice(NoticeKind.RECOVERED, "fleet", 1_800_000_000.0, (), ("frozen",))


def environ(folder: Path, routes: str = ROUTES, **more: str) -> dict[str, str]:
    return {
        "POLICY_MIRROR_LEDGER": f"sqlite:{folder / 'ledger.db'}",
        "POLICY_MIRROR_ROUTES_YAML": routes,
        **more,
    }


def looked(mirror: Any) -> Outcome:
    (outcome,) = mirror.perform(Reconcile("fleet", "pumps"))
    assert isinstance(outcome, Outcome)
    mirror.pool.shutdown()
    return outcome


def test_each_function_may_write_only_the_other_cloud(tmp_path: Path) -> None:
    assert aws_function(environ(tmp_path)).worker == Worker("aws-lambda", frozenset({Side.AZURE}))
    assert azure_function(environ(tmp_path)).worker == Worker("azure-function", frozenset({Side.AWS}))


def test_a_person_at_a_terminal_may_write_both(tmp_path: Path) -> None:
    assert terminal(environ(tmp_path)).worker == Worker("terminal", frozenset(Side))


def test_a_function_knows_where_its_ledger_and_routes_are_and_a_terminal_asks_the_clouds(
    tmp_path: Path,
) -> None:
    for function in (aws_function, azure_function):
        here = function(environ(tmp_path)).here
        assert here is not None
        told = (here.ledger, here.routes)
        assert told == (f"sqlite:{tmp_path / 'ledger.db'}", "POLICY_MIRROR_ROUTES_YAML")
    assert terminal(environ(tmp_path)).here is None


def test_building_a_function_opens_nothing_yet(tmp_path: Path) -> None:
    terminal(environ(tmp_path))
    aws_function(environ(tmp_path))
    azure_function(environ(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_the_lambda_says_what_a_route_lacks_to_sign_in_to_azure(tmp_path: Path) -> None:
    outcome = looked(aws_function(environ(tmp_path)))
    assert (outcome.kind, outcome.code) == (Kind.ERROR, "bad-input")
    said = "route fleet: azure.tenant_id and azure.client_id are needed to sign in from AWS"
    assert outcome.reason == said


def test_the_azure_function_says_what_a_route_lacks_to_sign_in_to_aws(tmp_path: Path) -> None:
    outcome = looked(azure_function(environ(tmp_path)))
    said = "route fleet: to sign in from Azure, set aws.role_arn and POLICY_MIRROR_AWS_AUDIENCE"
    assert (outcome.code, outcome.reason) == ("bad-input", said)


def test_without_settings_nothing_is_built() -> None:
    with pytest.raises(BadInput, match="POLICY_MIRROR_LEDGER is not set"):
        aws_function({})
    with pytest.raises(BadInput, match="POLICY_MIRROR_LEDGER is not set"):
        azure_function({})


def test_routes_that_are_wrong_are_named_with_variable_and_line(tmp_path: Path) -> None:
    with pytest.raises(BadRoutes, match=r"^POLICY_MIRROR_ROUTES_YAML:"):
        aws_function(environ(tmp_path, routes="version: 2"))


def test_routes_may_be_a_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(ROUTES, encoding="utf-8")
    mirror = aws_function(environ(tmp_path, routes="", POLICY_MIRROR_ROUTES=str(file)))
    assert [route.id for route in mirror.routes.routes] == ["fleet"]


def test_routes_may_be_a_parameter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assembly, "read_parameter", lambda _, name: {"/routes:2": ROUTES}[name])
    mirror = aws_function({**environ(tmp_path, routes=""), "POLICY_MIRROR_ROUTES": "ssm:/routes:2"})
    assert [route.id for route in mirror.routes.routes] == ["fleet"]


def test_routes_in_a_parameter_that_are_wrong_are_named_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assembly, "read_parameter", lambda *_: "version: 2")
    with pytest.raises(BadRoutes, match=r"^SSM parameter /routes:2:"):
        aws_function({**environ(tmp_path, routes=""), "POLICY_MIRROR_ROUTES": "ssm:/routes:2"})


HOME = "123456789012/eu-central-1"
WRITER, READER = "arn:aws:iam::123456789012:role/writer", "arn:aws:iam::123456789012:role/reader"


def assumed(tmp_path: Path, patch: pytest.MonkeyPatch, home: str | None, **roles: str) -> list[str]:
    """The roles that the Lambda assumes to read the one route's profiles."""
    asked: list[str] = []

    def assume(role: str, **_: Any) -> None:
        asked.append(role)

    patch.setattr(workers, "assumed_session", assume)
    patch.setattr(assembly, "iot_client", lambda *_, **__: None)
    signs_in = "".join(f", {name}: {role}" for name, role in roles.items())
    routes = ROUTES.replace("region: eu-central-1", f"region: eu-central-1{signs_in}")
    more = {"POLICY_MIRROR_HOME": home} if home else {}
    looked(aws_function(environ(tmp_path, routes, **more)))
    return asked


def test_at_home_the_lambda_reads_as_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert assumed(tmp_path, monkeypatch, HOME, role_arn=WRITER, reader_role_arn=READER) == []


@pytest.mark.parametrize("home", ["123456789012/us-east-1", "210987654321/eu-central-1", None])
def test_elsewhere_it_assumes_the_role_that_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str | None
) -> None:
    assert assumed(tmp_path, monkeypatch, home, role_arn=WRITER, reader_role_arn=READER) == [READER]
    assert assumed(tmp_path, monkeypatch, home, role_arn=WRITER) == [WRITER]


def test_elsewhere_without_a_role_it_says_what_is_missing(tmp_path: Path) -> None:
    home = "210987654321/eu-central-1"
    outcome = looked(aws_function(environ(tmp_path, POLICY_MIRROR_HOME=home)))
    said = f"route fleet: {HOME} is not {home}: set aws.reader_role_arn"
    assert (outcome.code, outcome.reason) == ("bad-input", said)


def test_the_ledger_may_be_reached_in_another_role_than_the_profiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(workers, "aws_session_from_azure", lambda role, *_, **__: asked.append(role))
    settings = {"POLICY_MIRROR_AWS_AUDIENCE": "api://aws", "POLICY_MIRROR_LEDGER": "dynamodb:t@eu-central-1"}
    routes = ROUTES.replace("region: eu-central-1", f"region: eu-central-1, role_arn: {WRITER}")
    monkeypatch.setattr(assembly, "dynamo_client", lambda *_, **__: SimpleNamespace(get_item=lambda **_: {}))
    own = azure_function({**environ(tmp_path, routes), **settings}).ledger
    other = azure_function(
        {**environ(tmp_path, routes), **settings, "POLICY_MIRROR_LEDGER_ROLE": READER}
    ).ledger
    assert asked == []  # a session loads boto3: only the first call asks for it
    assert own.link(LinkKey("fleet", "pumps")) is None
    assert other.link(LinkKey("fleet", "pumps")) is None
    assert asked == [WRITER, READER]


def test_the_azure_function_signs_in_with_aws_once_for_the_profiles_and_the_ledger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(workers, "aws_session_from_azure", lambda role, *_, **__: asked.append(role))
    monkeypatch.setattr(assembly, "dynamo_client", lambda *_, **__: SimpleNamespace(get_item=lambda **_: {}))
    monkeypatch.setattr(assembly, "clouds_of", lambda *_: {})
    settings = {"POLICY_MIRROR_AWS_AUDIENCE": "api://aws", "POLICY_MIRROR_LEDGER": "dynamodb:t@eu-central-1"}
    routes = ROUTES.replace("region: eu-central-1", f"region: eu-central-1, role_arn: {WRITER}")
    mirror = azure_function({**environ(tmp_path, routes), **settings})
    mirror.clouds(mirror.routes.routes[0])
    assert mirror.ledger.link(LinkKey("fleet", "pumps")) is None
    assert asked == [WRITER]


def test_each_function_begins_to_sign_in_to_the_other_cloud_when_its_ports_are_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[object] = []
    for name in ("aws_session_from_azure", "azure_credential_from_aws", "regional_sts", "process_session"):
        monkeypatch.setattr(workers, name, lambda *_, name=name, **__: name)
    monkeypatch.setattr(workers, "managed_identity", lambda *_: None)
    monkeypatch.setattr(workers, "sign_in_to_aws", lambda session, _: begun.append(session))
    monkeypatch.setattr(workers, "PrefetchedToken", lambda credential, _: begun.append(credential))
    monkeypatch.setattr(assembly, "arm_client", lambda *_, **__: None)
    monkeypatch.setattr(assembly, "clouds_of", lambda *_: {})
    roles = ROUTES.replace("region: eu-central-1", f"region: eu-central-1, role_arn: {WRITER}")
    routes = roles.replace(HUB, f"{HUB}, tenant_id: {GUID}, client_id: {GUID}")
    settings = environ(tmp_path, routes, POLICY_MIRROR_AWS_AUDIENCE="api://aws", POLICY_MIRROR_HOME=HOME)
    for function in (aws_function, azure_function):
        mirror = function(settings)
        mirror.clouds(mirror.routes.routes[0])
    assert begun == ["azure_credential_from_aws", "aws_session_from_azure"]


def test_ports_are_built_once_for_each_route(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []

    def build(route: Route, *_: Any) -> dict[Side, Any]:
        built.append(route.id)
        return {}

    monkeypatch.setattr(assembly, "clouds_of", build)
    settings = read_settings(environ(tmp_path))
    mirror = assemble(settings, AWS_WORKER, _identities(), pool())
    for _ in range(2):
        mirror.clouds(mirror.routes.routes[0])
    assert built == ["fleet"]


def test_ports_of_all_routes_share_the_threads_for_calls_beside_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deployment may have 500 routes, and a Lambda 1,024 threads."""
    threads: list[Any] = []
    monkeypatch.setattr(assembly, "AwsIot", lambda *_, beside: threads.append(beside))
    more = ROUTES.partition("  - ")[2]
    routes = f"{ROUTES.rstrip()}\n  - {more.replace('id: fleet', 'id: other').replace(HUB, HUB + '2')}"
    settings = read_settings(environ(tmp_path, routes=routes))
    mirror = assemble(settings, TERMINAL_WORKER, _identities(), pool())
    for route in mirror.routes.routes:
        mirror.clouds(route)
    assert len(threads) == 2
    assert threads[0] is threads[1] is not None


def test_the_ports_of_a_route_are_those_of_its_two_clouds() -> None:
    (route,) = routes_of().routes
    arm = arm_client(StaticCredential("user.alice"), base_url="http://127.0.0.1:1")
    ports = clouds_of(route, None, arm)
    assert isinstance(ports[Side.AWS], AwsIot)
    assert isinstance(ports[Side.AZURE], AzureGroups)


def _identities() -> Identities:
    return Identities(
        aws=lambda _: None, azure=lambda _: StaticCredential("user.alice"), ledger=lambda _: None
    )


def test_a_ledger_is_what_the_settings_say(tmp_path: Path) -> None:
    def never() -> Any:
        raise AssertionError("a file needs no credentials")

    sqlite = open_ledger(LedgerPlace("sqlite", str(tmp_path / "ledger.db")), never)
    assert isinstance(sqlite, SqliteLedger)
    dynamo = open_ledger(LedgerPlace("dynamodb", "table", "eu-central-1"), lambda: None)
    assert isinstance(dynamo, DynamoLedger)


def test_links_and_sweeps_go_to_the_queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(aws_queue, "send", lambda *arguments: sent.append(arguments[1:]))
    assert aws_function(environ(tmp_path)).enqueue is None
    mirror = aws_function(environ(tmp_path, POLICY_MIRROR_QUEUE_URL="https://sqs.example/keys"))
    assert mirror.enqueue is not None
    mirror.enqueue([LinkKey("fleet", "pumps"), Sweep("fleet", "pumps")], 5.0, Cause(swept=True))
    link = '{"route": "fleet", "name": "pumps", "cause": {"swept": true}}'
    rest = '{"sweep": "fleet", "after": "pumps"}'
    assert sent == [("https://sqs.example/keys", [link, rest], 5.0)]


def test_what_a_sweep_asks_for_goes_to_a_queue_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, int]] = []
    monkeypatch.setattr(aws_queue, "send", lambda _, url, messages, delay: sent.append((url, len(messages))))
    urls = {"POLICY_MIRROR_QUEUE_URL": "keys", "POLICY_MIRROR_SWEEP_QUEUE_URL": "sweep-keys"}
    enqueue = aws_function(environ(tmp_path, **urls)).enqueue
    assert enqueue is not None
    key = LinkKey("fleet", "pumps")
    enqueue([key, key], 5.0, Cause("trace", 7.0))
    enqueue([key, key, key], 5.0, Cause(swept=True))
    enqueue([Sweep("fleet")], 5.0)
    enqueue([], 5.0)
    assert sent == [("keys", 2), ("sweep-keys", 3), ("sweep-keys", 1)]


def test_what_the_azure_function_has_to_wait_for_goes_to_its_own_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    url = "https://a.queue.core.windows.net/keys"
    monkeypatch.setattr(
        azure_queue, "sender", lambda to, _: lambda messages, delay: sent.append((to, messages, delay))
    )
    assert azure_function(environ(tmp_path)).enqueue is None
    enqueue = azure_function(environ(tmp_path, POLICY_MIRROR_STORAGE_QUEUE=url)).enqueue
    assert enqueue is not None
    enqueue([LinkKey("fleet", "pumps"), Sweep("fleet", "pumps")], 5.0, Cause(swept=True))
    link = '{"route": "fleet", "name": "pumps", "cause": {"swept": true}}'
    assert sent == [(url, [link, '{"sweep": "fleet", "after": "pumps"}'], 5.0)]


# Notices


def test_a_function_without_channels_announces_nothing(tmp_path: Path) -> None:
    assert aws_function(environ(tmp_path)).announcer is None
    assert azure_function(environ(tmp_path)).announcer is None


def test_the_aws_function_publishes_to_a_topic_of_any_region(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published: list[Any] = []
    monkeypatch.setattr(channels, "topics_client", lambda region: region)
    monkeypatch.setattr(channels, "publish", lambda *asked: published.append(asked))
    arn = "arn:aws:sns:eu-west-1:123456789012:n"
    mirror = aws_function(environ(tmp_path, POLICY_MIRROR_NOTICES=f"sns:{arn}"))
    assert mirror.announcer is not None
    mirror.announcer.send(NOTICE)
    ((client, topic, subject, text, kinds),) = published
    assert (client, topic, subject) == ("eu-west-1", arn, "policy-mirror: recovered on fleet")
    assert "no longer: frozen" in text
    assert kinds == {"kind": "recovered", "id": NOTICE.id}


def test_the_azure_function_posts_each_channel_its_own_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted: list[tuple[str, Any]] = []
    monkeypatch.setattr(azure_notices, "webhook", lambda url: lambda card: posted.append((url, card)))
    monkeypatch.setattr(azure_notices, "topic", lambda url, _: lambda card: posted.append((url, card)))
    words = "teams:https://t.example/ slack:https://s.example/ eventgrid:https://e.example/"
    mirror = azure_function(environ(tmp_path, POLICY_MIRROR_NOTICES=words))
    assert mirror.announcer is not None
    mirror.announcer.send(NOTICE)
    assert [(url, sorted(card)) for url, card in posted] == [
        ("https://t.example/", ["attachments", "type"]),
        ("https://s.example/", ["blocks", "text"]),
        ("https://e.example/", ["data", "dataVersion", "eventTime", "eventType", "id", "subject"]),
    ]


def test_a_channel_of_the_other_function_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="sends to sns:ARN only, not slack:"):
        aws_function(environ(tmp_path, POLICY_MIRROR_NOTICES="slack:https://s.example/"))
    with pytest.raises(BadInput, match="sns:ARN is for the AWS function"):
        azure_function(environ(tmp_path, POLICY_MIRROR_NOTICES="sns:arn:aws:sns:eu-west-1:1:n"))
