"""The Azure function's triggers, as a blueprint.

======================  ==========================================================================
 trigger                 does
======================  ==========================================================================
 Event Grid              looks at the policy that an event names; what is busy goes to the queue
 storage queue           looks at one link, or once more at one that was busy; goes on with a sweep
 timer                   sweeps: what needs a look is enqueued, and the rest of the sweep
 HTTP POST /api/command  one command as JSON, for the portal's Test/Run and for scripts
 HTTP GET /              the page, and what is done from it; its code loads when somebody asks for it
======================  ==========================================================================

An exception makes Event Grid and the queue deliver again; a return is a success. So whatever may pass later
raises, and whatever never will is logged, counted and answered.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, List  # noqa: UP035 - see Out

import azure.functions as func

from functions.azure_app.events import command_of, requests_of
from shared.errors import BadInput, MirrorError
from shared.operations.actor import actor_label
from shared.operations.commands import run_command
from shared.operations.counting import Counts
from shared.operations.delivery import Delivery, Line
from shared.operations.first_use import GetMirror, once
from shared.operations.payload import message as message_of
from shared.operations.requests import NO_CAUSE, Cause, LookAgain, Sweep
from shared.routes.mention import unmentioned_in
from shared.routes.source import PREFIX
from shared.telemetry import Measure, Metric

if TYPE_CHECKING:
    from shared.operations.mirror import Enqueue
    from shared.sync.link import LinkKey

QUEUE = "policy-mirror-keys"
DEQUEUES = 5
"""So often a message is taken from the queue before it is poison (host.json, maxDequeueCount)."""

CONNECTION = "AzureWebJobsStorage"
PRINCIPAL = "X-MS-CLIENT-PRINCIPAL-NAME"
"""App Service sets it where sign-in is on, and takes it off what comes from outside. Else anybody may."""

CHATTY = ("azure.core", "azure.identity", "botocore", "msal")
"""The worker logs at Information, where these write some six lines for every token (tried 2026-11)."""

Out = func.Out[List[str]]  # noqa: UP006 - the worker loads no function that says list[str] (azure-functions 2.3)
_log = logging.getLogger("policy_mirror.azure")


def tell(line: Line) -> None:
    _log.info("%s", json.dumps(line))


class Counter:
    """Collects what an invocation counts into one line of the log, where Application Insights finds it:
    ``{"event": "metrics", "mirrored": 1, "lag": [2.5]}``."""

    def __init__(self) -> None:
        self._line: Line = {}

    def take(self, metric: Metric, values: Sequence[float]) -> None:
        self._line[metric.name] = list(values) if metric.measure is Measure.EACH else values[0]

    def write(self, counts: Counts) -> None:
        counts.flush()
        line, self._line = self._line, {}
        if line:
            tell({"event": "metrics", **line})


def receive(delivery: Delivery, payload: Any, enqueue: Enqueue | None, *, queued: bool = False) -> list[Line]:
    """One delivery. Nonsense is logged and dropped: delivering it again would help nobody. ``queued``: it
    came from the queue, where what is busy comes back later by itself, as a delivery that failed."""
    try:
        requests = requests_of(payload)
        goes_on = not queued or any(isinstance(each, Sweep) for each in requests)
        return delivery.perform(requests, enqueue if goes_on else None)
    except BadInput as error:
        _log.warning("refused %s: %s", error.code, error)
        return [delivery.refused(error)]


def answer(
    mirror: GetMirror, body: bytes, principal: str | None = None, enqueue: Enqueue | None = None
) -> tuple[int, dict[str, Any]]:
    """HTTP status and JSON of one command: 400 for what the caller can mend, 503 for what may pass.
    ``principal``: whom App Service signed in, else what the body says of its sender; only for the journal."""
    from msgspec.structs import replace  # no event needs it

    try:
        command = command_of(body)
        actor = actor_label("http", principal or command.actor)
        ready = mirror()
        ready = ready if enqueue is None else replace(ready, enqueue=enqueue)
        return 200, run_command(ready, command._replace(actor=actor))
    except BadInput as error:
        return 400, {"error": {"code": error.code, "message": str(error)}}
    except MirrorError as error:
        return 503 if error.transient else 502, {"error": {"code": error.code, "message": str(error)}}


def blueprint(build: GetMirror, environ: Mapping[str, str]) -> func.Blueprint:
    """``build`` is asked on the first request that needs a mirror, and once per worker."""
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)
    bp = func.Blueprint()  # type: ignore[no-untyped-call]  # azure-functions types all but this
    mirror = once(build)
    counter = Counter()
    delivery = Delivery(mirror, tell, Counts(counter.take), unmentioned_in(environ))
    delays = bool(environ.get(f"{PREFIX}STORAGE_QUEUE"))

    def new_keys(*, queued: bool = False) -> Keys:
        return Keys((lambda: mirror().enqueue) if delays else None, queued=queued)

    @bp.function_name("on_policy_event")
    @bp.event_grid_trigger(arg_name="event")
    @bp.queue_output(arg_name="later", queue_name=QUEUE, connection=CONNECTION)
    def on_policy_event(event: func.EventGridEvent, later: Out) -> None:
        keys = new_keys()
        try:
            receive(delivery, event_json(event), keys.enqueue)
        finally:
            counter.write(delivery.counts)
        keys.send(later)

    @bp.function_name("on_key")
    @bp.queue_trigger(arg_name="message", queue_name=QUEUE, connection=CONNECTION)
    @bp.queue_output(arg_name="later", queue_name=QUEUE, connection=CONNECTION)
    def on_key(message: func.QueueMessage, later: Out) -> None:
        keys = new_keys(queued=True)
        try:
            receive(delivery, message.get_body(), keys.enqueue, queued=not delays)
            keys.send(later)
        except LookAgain as again:
            # Busy is no failure: the sweep comes to this key before it would be taken for poison.
            if again.failed or (message.dequeue_count or 0) < DEQUEUES:
                raise
            _log.warning("left to the sweep: %s", again)
        finally:
            counter.write(delivery.counts)

    @bp.function_name("sweep")
    @bp.timer_trigger(arg_name="timer", schedule="%POLICY_MIRROR_SWEEP_SCHEDULE%", run_on_startup=False)
    @bp.queue_output(arg_name="keys", queue_name=QUEUE, connection=CONNECTION)
    def sweep(timer: func.TimerRequest, keys: Out) -> None:
        del timer
        found = new_keys()
        try:
            delivery.perform([Sweep()], found.enqueue)
        finally:
            counter.write(delivery.counts)
        found.send(keys)

    @bp.function_name("command")
    @bp.route(
        route="api/command", trigger_arg_name="request", methods=["POST"], auth_level=func.AuthLevel.FUNCTION
    )
    @bp.queue_output(arg_name="keys", queue_name=QUEUE, connection=CONNECTION)
    def command(request: func.HttpRequest, keys: Out) -> func.HttpResponse:
        found = new_keys()
        status, content = answer(mirror, request.get_body(), request.headers.get(PRINCIPAL), found.enqueue)
        found.send(keys)
        return func.HttpResponse(json.dumps(content), status_code=status, mimetype="application/json")

    # host.json empties the route prefix, and an optional segment is how the host serves its root (azure-
    # functions-host, pull request 1102); the setting AzureWebJobsDisableHomepage takes its own page away.
    @bp.function_name("page")
    @bp.route(
        route="{view?}",
        trigger_arg_name="request",
        methods=["GET", "POST"],
        auth_level=func.AuthLevel.FUNCTION,
    )
    def show_page(request: func.HttpRequest) -> func.HttpResponse:
        from functions.azure_app.page import answered

        reply = answered(mirror, environ, request)
        return func.HttpResponse(reply.body, status_code=reply.status, headers=dict(reply.headers))

    return bp


class Keys:
    """Collects keys for the queue's output binding, which is set once, and whose messages are seen at once.
    ``later`` gives what takes those to the queue that have to wait. Where it fails, what is asked for is seen
    at once; but a key that is ``queued`` comes back by itself."""

    def __init__(self, later: Callable[[], Enqueue | None] | None = None, *, queued: bool = False) -> None:
        self._later = later
        self._queued = queued
        self._messages: list[str] = []

    def enqueue(self, asked: Sequence[LinkKey | Sweep], delay: float, cause: Cause = NO_CAUSE) -> None:
        later = self._later() if self._later is not None and delay > 0.0 else None
        if later is not None:
            try:
                return later(asked, delay, cause)
            except MirrorError as error:
                if self._queued and not any(isinstance(each, Sweep) for each in asked):
                    raise
                _log.warning("seen at once, and not in %.0f s: %s", delay, error)
        self._messages.extend(message_of(each, cause) for each in asked)
        return None

    def send(self, binding: Out) -> None:
        if self._messages:
            binding.set(self._messages)


def event_json(event: Any) -> Any:
    """The delivery as plain JSON, whichever schema the subscription sends and the library decoded."""
    told = getattr(event, "get_json", None)
    data = told() if callable(told) else getattr(event, "data", None)
    return {
        "id": getattr(event, "id", None),
        "subject": getattr(event, "subject", None),
        "eventType": getattr(event, "event_type", None) or getattr(event, "type", None),
        "eventTime": _time(getattr(event, "event_time", None) or getattr(event, "time", None)),
        "topic": getattr(event, "topic", None) or getattr(event, "source", None),
        "data": data,
    }


def _time(value: Any) -> str | None:
    return value.isoformat() if isinstance(value, datetime) else value if isinstance(value, str) else None
