"""The Azure function: Event Grid in both schemas, the queue, the timer and HTTP."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import azure.functions as func
import pytest
from azure.functions.eventgrid import EventGridEventInConverter
from azure.functions.meta import Datum
from azure.functions.queue import QueueMessageOutConverter
from azure.functions.timer import TimerRequest

from functions.azure_app.app import DEQUEUES, QUEUE, Keys, blueprint, event_json
from shared.errors import BadInput, Denied, Throttled
from shared.operations.mirror import Mirror
from shared.operations.quotas import Quotas
from shared.operations.requests import Cause, LookAgain, NotReady
from shared.sync import effects as do
from shared.sync.journal import route_journal
from shared.sync.link import LinkKey
from shared.sync.ports import Touch
from tests.unit.functions.deliveries import Event, cloud_event, grid_event
from tests.unit.sync.documents import at_most, group, profile
from tests.unit.sync.world import FUNCTION, HUB, World, raising, world

ROOT = Path(__file__).resolve().parents[3]


class Out(func.Out[Any]):
    """An output binding."""

    def __init__(self) -> None:
        self.value: Any = None

    def set(self, val: Any) -> None:
        assert self.value is None, "an output binding is set once"
        self.value = val

    def get(self) -> Any:
        return self.value


class Message(func.QueueMessage):
    """A message that was taken from the queue so many times."""

    def __init__(self, body: Any, dequeue_count: int = 1) -> None:
        super().__init__(id="m", body=body if isinstance(body, str) else json.dumps(body))
        self._count = dequeue_count

    @property
    def dequeue_count(self) -> int:
        return self._count


@dataclass
class App:
    """The blueprint's functions in the small world, where only Azure has ``pumps``."""

    w: World = field(default_factory=world)
    built: int = 0
    queued: list[Event] = field(default_factory=list)
    environ: dict[str, str] = field(default_factory=lambda: {"POLICY_MIRROR_LEDGER": "sqlite::memory:"})

    def __post_init__(self) -> None:
        self.w.azure.put("pumps", group(sent=at_most(100)))
        self.mirror: Callable[[], Mirror] = lambda: self.w.mirror(FUNCTION)
        app = func.FunctionApp()
        app.register_functions(blueprint(self._build, self.environ))
        self.functions = {each.get_function_name(): each for each in app.get_functions()}

    def _build(self) -> Mirror:
        self.built += 1
        return self.mirror()

    def event(self, payload: Event) -> list[Event]:
        """Delivers what the worker makes of this JSON; gives the messages for the queue."""
        later = Out()
        self._call("on_policy_event", _decoded(payload), later)
        return _messages(later)

    def key(self, body: Any, dequeue_count: int = 1) -> list[Event]:
        later = Out()
        self._call("on_key", Message(body, dequeue_count), later)
        return _messages(later)

    def sweep(self) -> list[Event]:
        keys = Out()
        self._call("sweep", TimerRequest(past_due=True), keys)
        return _messages(keys)

    def command(self, body: Any, **headers: str) -> tuple[int, Any]:
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        request = func.HttpRequest(method="POST", url="/api/command", body=text, headers=told)
        keys = Out()
        response = self._call("command", request, keys)
        self.queued = _messages(keys)
        assert response.mimetype == "application/json"
        return response.status_code, json.loads(response.get_body())

    def page(self, view: str | None = None, **query: str) -> func.HttpResponse:
        """As a browser asks for it, with the function key in its query."""
        route = {} if view is None else {"view": view}
        request = func.HttpRequest(
            method="GET", url="/", headers={}, params={"code": "key", **query}, route_params=route, body=b""
        )
        response = self._call("page", request)
        assert isinstance(response, func.HttpResponse)
        return response

    def _call(self, name: str, *arguments: Any) -> Any:
        return self.functions[name].get_user_function()(*arguments)


def _decoded(payload: Event) -> Any:
    return EventGridEventInConverter.decode(Datum(json.dumps(payload), "json"), trigger_metadata=None)


def _messages(binding: Out) -> list[Event]:
    """What the worker hands to the queue."""
    if binding.value is None:
        return []
    datum = QueueMessageOutConverter.encode(binding.value, expected_type=None)
    return [json.loads(message) for message in json.loads(datum.value)]


# What the platform is told


def test_the_platform_finds_five_functions_and_their_bindings() -> None:
    found = {
        name: [binding.get_dict_repr() for binding in each.get_bindings()]
        for name, each in App().functions.items()
    }
    summary = {
        name: sorted((b["direction"].name, b["type"], b["name"]) for b in bindings)
        for name, bindings in found.items()
    }
    assert summary == {
        "on_policy_event": [("IN", "eventGridTrigger", "event"), ("OUT", "queue", "later")],
        "on_key": [("IN", "queueTrigger", "message"), ("OUT", "queue", "later")],
        "sweep": [("IN", "timerTrigger", "timer"), ("OUT", "queue", "keys")],
        "command": [
            ("IN", "httpTrigger", "request"),
            ("OUT", "http", "$return"),
            ("OUT", "queue", "keys"),
        ],
        "page": [("IN", "httpTrigger", "request"), ("OUT", "http", "$return")],
    }
    queues = {b["queueName"] for bindings in found.values() for b in bindings if "queueName" in b}
    assert queues == {QUEUE}


@pytest.mark.parametrize(
    ("name", "route", "methods"),
    [("command", "api/command", ["POST"]), ("page", "{view?}", ["GET", "POST"])],
)
def test_what_comes_by_http_needs_the_key(name: str, route: str, methods: list[str]) -> None:
    bindings = [binding.get_dict_repr() for binding in App().functions[name].get_bindings()]
    (trigger,) = [b for b in bindings if b["type"] == "httpTrigger"]
    assert (trigger["authLevel"].name, trigger["route"]) == ("FUNCTION", route)
    assert [method.value for method in trigger["methods"]] == methods


def test_the_host_puts_nothing_before_a_route() -> None:
    """Otherwise the page could not be at the root."""
    host = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))
    assert host["extensions"]["http"] == {"routePrefix": ""}


def test_function_app_py_has_the_same_functions() -> None:
    import function_app

    assert {each.get_function_name() for each in function_app.app.get_functions()} == set(App().functions)


def test_the_worker_takes_every_annotation() -> None:
    """It refuses to load a function whose annotation it does not take; ``list[str]`` is one of those."""
    registry: Any = func.get_binding_registry()  # type: ignore[no-untyped-call]
    checked = set()
    for name, each in App().functions.items():
        hints = {**get_type_hints(each.get_user_function())}
        hints.pop("return")
        bindings = {binding.name: binding.type for binding in each.get_bindings()}
        assert hints.keys() == bindings.keys() - {"$return"}
        for parameter, hint in hints.items():
            converter = registry.get(bindings[parameter])
            if get_origin(hint) is func.Out:
                assert converter.check_output_type_annotation(get_args(hint)[0]), (name, parameter)
            else:
                assert converter.check_input_type_annotation(hint), (name, parameter)
            checked.add((name, parameter))
    assert len(checked) == 9


def test_an_invocation_writes_what_it_counted_as_one_line(caplog: pytest.LogCaptureFixture) -> None:
    app = App()
    app.w.now = 1_795_377_602.123
    with caplog.at_level(logging.INFO, "policy_mirror.azure"):
        app.event(grid_event())
    looked, counted = (json.loads(line) for line in caplog.messages)
    assert looked["trace"] == grid_event()["id"].replace("-", "")
    assert (counted["event"], counted["mirrored"]) == ("metrics", 1)
    assert counted["lag"] == [pytest.approx(2.0)]


# Event Grid


@pytest.mark.parametrize("schema", [grid_event, cloud_event])
def test_an_event_in_either_schema_mirrors_the_group_that_it_names(schema: Callable[[], Event]) -> None:
    app = App()
    assert app.event(schema()) == []
    assert app.w.aws.said() == {"sent": at_most(100)}


@pytest.mark.parametrize("schema", [grid_event, cloud_event])
def test_what_the_library_decoded_is_told_as_the_subscription_sent_it(schema: Callable[[], Event]) -> None:
    told, sent = event_json(_decoded(schema())), schema()
    assert told["id"] == sent["id"]
    assert told["subject"] == sent["subject"]
    assert told["eventType"] == sent.get("eventType", sent.get("type"))
    assert told["topic"] == sent.get("topic", sent.get("source"))
    assert told["data"] == sent["data"]
    assert told["eventTime"].startswith("2026-11-22T20:00:00")


def test_an_event_object_may_be_built_by_hand() -> None:
    sent = grid_event()
    event = func.EventGridEvent(
        id=sent["id"],
        data=sent["data"],
        topic=sent["topic"],
        subject=sent["subject"],
        event_type=sent["eventType"],
        event_time=None,
        data_version="2",
    )
    assert event_json(event)["data"] == sent["data"]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (grid_event() | {"eventType": "Microsoft.Resources.ResourceWriteFailure"}, "failed-call"),
        (grid_event() | {"eventType": "Microsoft.Storage.BlobCreated"}, "other-service"),
        (grid_event(hub=HUB.replace("hub", "other")), "outside-routes"),
    ],
)
def test_what_concerns_nobody_is_only_counted(
    event: Event, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = App()
    with caplog.at_level(logging.INFO, "policy_mirror.azure"):
        assert app.event(event) == []
    (counted,) = [json.loads(line) for line in caplog.messages]
    assert counted == {"event": "metrics", "cold-start": 1, f"ignored-{reason}": 1}
    assert app.w.writes == []


@pytest.mark.parametrize("nonsense", [{}, {"id": "x"}, {"eventType": 5}, {"specversion": "1.0"}])
def test_nonsense_is_refused_and_not_delivered_again(
    nonsense: Event, caplog: pytest.LogCaptureFixture
) -> None:
    app = App()
    assert app.event(nonsense) == []
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert caplog.messages[0].startswith("refused bad-event: ")
    assert app.built == 0


def test_a_busy_link_goes_to_the_queue_and_the_event_is_a_success() -> None:
    app = App()
    app.w.before(do.Read, raising(Throttled("aws", "slow down")))
    (message,) = app.event(grid_event())
    assert (message["route"], message["name"]) == ("fleet", "pumps")
    assert message["cause"]["trace"] == grid_event()["id"].replace("-", "")
    assert app.w.writes == []


def test_an_error_makes_event_grid_deliver_again() -> None:
    app = App()
    app.w.before(do.Read, raising(Denied("aws", "no")))
    with pytest.raises(LookAgain):
        app.event(grid_event())
    app.event(grid_event())
    assert app.w.aws.has("pumps")


def test_a_deleted_group_is_looked_at_by_its_key() -> None:
    app = App()
    app.event(grid_event())
    app.w.azure.remove("pumps")
    app.event(grid_event(kind="Delete"))
    assert app.w.codes() == [("gate", "deletion-held")]


# Queue


def test_a_key_is_looked_at() -> None:
    app = App()
    app.key({"route": "fleet", "name": "pumps"})
    assert app.w.aws.has("pumps")


@pytest.mark.parametrize(
    "body", ["{not JSON", "5", "[5]", {"route": "gone", "name": "pumps"}, {"command": "status"}]
)
def test_a_message_of_nonsense_is_dropped(body: Any, caplog: pytest.LogCaptureFixture) -> None:
    App().key(body)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert caplog.messages[0].startswith("refused bad-")


def test_a_busy_key_comes_back_until_the_sweep_takes_it_over() -> None:
    """Busy is no failure: the message never becomes poison."""
    app = App()
    for nth in range(1, 40):
        app.w.before(do.Read, raising(Throttled("aws", "slow down")), nth)
    for dequeue_count in range(1, DEQUEUES):
        with pytest.raises(LookAgain):
            app.key({"route": "fleet", "name": "pumps"}, dequeue_count)
    app.key({"route": "fleet", "name": "pumps"}, DEQUEUES)
    assert app.w.writes == []


def test_the_rest_of_a_sweep_goes_to_the_queue_and_is_taken_from_it() -> None:
    app = App()
    for number in range(150):
        app.w.in_step(f"link-{number:03}", profile(sent=at_most(1)), group(sent=at_most(1)))
    mirror, app.w.seconds_left = app.w.mirror(FUNCTION), 30.0
    mirror.quotas = Quotas(lambda: app.w.now, partial(_pass, app.w))
    app.mirror = lambda: mirror
    (rest,) = app.key({"sweep": "fleet"})
    assert rest.keys() == {"sweep", "after"}
    assert app.w.scope().swept_at == {}
    app.w.seconds_left = 30.0
    left = app.key(rest)
    assert [each["name"] for each in left] == ["pumps"]  # Azure alone has it
    assert app.w.scope().swept_at == {"azure-function": app.w.now}


def _pass(w: World, seconds: float) -> None:
    w.now += seconds
    w.seconds_left -= seconds


def test_a_key_in_error_becomes_poison() -> None:
    app = App()
    app.w.before(do.Read, raising(Denied("aws", "no")))
    with pytest.raises(LookAgain):
        app.key({"route": "fleet", "name": "pumps"}, DEQUEUES)


def test_the_host_takes_a_message_as_often_as_the_app_thinks() -> None:
    host = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))
    assert host["extensions"]["queues"]["maxDequeueCount"] == DEQUEUES


def test_a_busy_link_keeps_what_its_event_told_of_somebody_else() -> None:
    keys = Keys()
    keys.enqueue([LinkKey("fleet", "pumps")], 5.0, Cause(foreign=Touch("pumps", 1.5, "theirs")))
    later = Out()
    keys.send(later)
    assert _messages(later) == [
        {"route": "fleet", "name": "pumps", "cause": {"foreign": {"at": 1.5, "request": "theirs"}}}
    ]


# Timer


def test_the_timer_enqueues_every_key() -> None:
    app = App()
    app.w.azure.put("valves", group())
    swept = {"swept": True}
    assert app.sweep() == [{"route": "fleet", "name": n, "cause": swept} for n in ("pumps", "valves")]
    assert app.w.scope().swept_at == {"azure-function": app.w.now}
    assert app.w.writes == []


def test_a_timer_that_finds_nothing_sends_nothing() -> None:
    app = App()
    app.w.azure.remove("pumps")
    assert app.sweep() == []


def test_a_sweep_that_fails_is_repeated() -> None:
    app = App()
    app.w.before(do.FirstNames, raising(Denied("aws", "no")))
    with pytest.raises(LookAgain, match=r"fleet/\*"):
        app.sweep()


# HTTP


def test_a_command_is_answered_with_200() -> None:
    status, content = App().command({"command": "sync", "route": "fleet", "name": "pumps"})
    assert status == 200
    assert content["outcomes"][0]["event"] == "mirrored"


def test_a_sweep_that_somebody_sends_goes_to_the_queue() -> None:
    """A request is over within seconds; a fleet is not."""
    app = App()
    status, content = app.command({"command": "sweep"})
    assert (status, content["queued"], content["outcomes"]) == (200, 1, [])
    assert app.queued == [{"route": "fleet", "name": "pumps", "cause": {"swept": True}}]
    app.command({"command": "status"})
    assert app.queued == []


def test_the_journal_names_whom_app_service_signed_in() -> None:
    app = App()
    pause = {"command": "pause", "route": "fleet", "name": "pumps"}
    app.command(pause, X_MS_CLIENT_PRINCIPAL_NAME="alice@example.com")
    app.command(pause | {"identity": "bob"}, X_MS_CLIENT_PRINCIPAL_NAME="alice@example.com")
    app.command(pause | {"identity": "bob"})
    app.command(pause)
    assert [entry.actor for entry in app.w.journal()] == [
        "alice@example.com via http",
        "alice@example.com via http",
        "bob via http",
        "http",
    ]


@pytest.mark.parametrize("name", ["x" * 5000, "a\r\nb\x1b[31m\u202e", " " * 300])
def test_a_name_in_a_header_is_bounded_and_made_printable(name: str) -> None:
    app = App()
    app.command({"command": "pause", "all": True}, X_MS_CLIENT_PRINCIPAL_NAME=name)
    (entry,) = app.w.ledger.journal(route_journal("fleet"))
    assert entry.actor.isprintable()
    assert len(entry.actor) <= 120


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "the body"),
        (b"{not JSON", "the body"),
        (b"\xff", "the body"),
        (b"[" * 100_000, "the body"),
        ([], "an object is wanted, not a list"),
        ({"sweep": True}, '{"command": NAME, ...} is wanted'),
        ({"command": "explode"}, "command 'explode'"),
        ({"command": "approve", "route": "fleet"}, "name: is missing; wanted: the policy's name"),
        ({"command": "status", "route": "nowhere"}, "it has: fleet"),
    ],
)
def test_what_the_caller_can_mend_is_400(body: Any, said: str) -> None:
    status, content = App().command(body)
    assert status == 400
    assert said in content["error"]["message"]


def test_what_may_pass_is_503_and_what_will_not_is_502() -> None:
    app = App()
    app.w.before(do.Read, raising(Throttled("aws", "slow down")))
    plan = {"command": "plan", "route": "fleet", "name": "pumps"}
    app.mirror = lambda: _failing(Throttled("aws", "slow down"))
    assert app.command(plan) == (503, {"error": {"code": "throttled", "message": "aws: slow down"}})
    app = App()
    app.mirror = lambda: _failing(Denied("aws", "no"))
    assert app.command(plan) == (502, {"error": {"code": "denied", "message": "aws: no"}})


def _failing(error: Exception) -> Mirror:
    raise error


# A deployment that is wrong


def test_a_deployment_without_settings_loses_no_delivery() -> None:
    app = App()
    good = app.mirror
    app.mirror = lambda: _failing(BadInput("POLICY_MIRROR_LEDGER is not set"))
    with pytest.raises(NotReady):
        app.event(grid_event())
    with pytest.raises(NotReady):
        app.key({"route": "fleet", "name": "pumps"})
    with pytest.raises(NotReady):
        app.sweep()
    assert app.command({"command": "status"}) == (
        502,
        {"error": {"code": "not-ready", "message": "POLICY_MIRROR_LEDGER is not set"}},
    )
    app.mirror = good
    app.event(grid_event())
    assert app.w.aws.has("pumps")


# The page


def test_the_root_is_the_page_with_its_locks_on() -> None:
    app = App()
    app.sweep()
    response = app.page()
    assert (response.status_code, response.charset) == (200, "utf-8")
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert b"<h1>" in response.get_body()
    assert app.w.writes == []


def test_every_link_of_the_page_brings_the_function_key_along() -> None:
    app = App()
    hrefs = re.findall(rb'<a [^>]*href="([^"]*)"', app.page().get_body())
    assert hrefs
    assert all(b"code=key" in href or href.startswith(b"#") for href in hrefs)


def test_a_path_that_is_no_view_is_not_found() -> None:
    assert App().page("wp-login").status_code == 404


def test_settings_that_are_wrong_are_a_page_too() -> None:
    app = App()
    app.environ.clear()
    response = app.page()
    assert response.status_code == 503
    assert b"POLICY_MIRROR_LEDGER is not set" in response.get_body()


def test_events_and_commands_never_load_the_page() -> None:
    """It costs tens of milliseconds that no event has to spare."""
    program = (
        "import sys; from tests.unit.functions.test_azure_app import App, grid_event\n"
        "app = App(); app.event(grid_event()); app.sweep(); app.command({'command': 'status'})\n"
        "assert not [name for name in sys.modules if '.page' in name]"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=environment,
    )
    assert run.returncode == 0, run.stderr
