"""The AWS IoT endpoint: a request goes through faults, route, identity, model and rules to an operation."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from functions.local.sandbox import aws_errors, aws_metrics, aws_profiles, aws_tags, aws_targets
from functions.local.sandbox.admin import PREFIX, Admin, json_response
from functions.local.sandbox.aws_errors import AwsError
from functions.local.sandbox.aws_events import Call, cloudtrail_event, is_read_only
from functions.local.sandbox.aws_identity import access_key, check_allowed, user_identity
from functions.local.sandbox.aws_model import IotModel
from functions.local.sandbox.aws_state import IotState, Operation
from functions.local.sandbox.aws_topics import is_publish, publish
from functions.local.sandbox.bus import EventBus
from functions.local.sandbox.faults import Faults
from functions.local.sandbox.identifiers import Dice
from functions.local.sandbox.inbox import Inbox
from functions.local.sandbox.serving import AnswerDropped

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MAX_BODY = 4 << 20
OPERATIONS: dict[str, Operation] = {
    **aws_profiles.OPERATIONS,
    **aws_targets.OPERATIONS,
    **aws_tags.OPERATIONS,
    **aws_metrics.OPERATIONS,
}


class AwsIotSandbox:
    """A WSGI application; `state` may be looked at and prepared from Python under its lock."""

    def __init__(
        self,
        state: IotState,
        *,
        faults: Faults,
        bus: EventBus,
        dice: Dice,
        inbox: Inbox | None = None,
        model: IotModel | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.state = state
        self._faults = faults
        self._bus = bus
        self._dice = dice
        self._model = model or IotModel.load()
        self._sleep = sleep
        self._inbox = inbox or Inbox()
        self._admin = Admin(faults, bus, self._inbox)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.path.startswith(PREFIX):
            return self._admin.answer(request)
        request_id = self._dice.uuid()
        self._faults.delay(self._sleep)
        if is_publish(request):
            return publish(request, self._inbox, request_id)
        try:
            response = _success(self._serve(request, request_id), request_id)
        except AwsError as error:
            response = _failure(error, request_id)
        response.date = self.state.now()
        return response

    def _serve(self, request: Request, request_id: str) -> dict[str, Any]:
        if self._faults.down:
            raise aws_errors.unavailable()
        operation, uri_members = self._model.match(request.method, request.path)
        call = self._call(operation.name, request, request_id)
        with self.state.lock:
            try:
                self._admit(call, request)
                body = request.get_data()
                call = replace(
                    call, parameters=self._model.parse(operation, uri_members, request.args.to_dict(), body)
                )
                answer = self._perform(call)
            except AwsError as error:
                self._record(call, error=error)
                raise
            self._record(call, response=answer)
        if not is_read_only(call.operation) and self._faults.take("drop_answer_next"):
            raise AnswerDropped
        return answer

    def _admit(self, call: Call, request: Request) -> None:
        check_allowed(access_key(request.headers.get("Authorization")), call.operation, call.identity)
        over = self._faults.counted.aws(call.operation, self._faults.quotas, call.time) > 0.0
        if over or self._faults.throttled(self._dice):
            raise aws_errors.throttled()
        if self._faults.take("fail_next"):
            raise aws_errors.internal_failure()
        if self._faults.not_found_all:
            raise aws_errors.not_found("resource", "(any: the sandbox's fault not_found_all is on)")
        if (request.content_length or 0) > MAX_BODY:
            raise AwsError(
                "RequestEntityTooLargeException", 413, f"the request body exceeds {MAX_BODY} bytes"
            )

    def _perform(self, call: Call) -> dict[str, Any]:
        if call.operation not in OPERATIONS:
            message = f"the sandbox does not have {call.operation}; it has {', '.join(sorted(OPERATIONS))}"
            raise AwsError("NotImplementedException", 501, message)
        return OPERATIONS[call.operation](self.state, call.parameters or {})

    def _call(self, operation: str, request: Request, request_id: str) -> Call:
        try:
            key = access_key(request.headers.get("Authorization"))
        except AwsError:
            key = "anonymous"
        return Call(
            operation=operation,
            identity=user_identity(key, self.state.account),
            time=self.state.now(),
            region=self.state.region,
            account=self.state.account,
            request_id=request_id,
            source_ip=request.remote_addr or "",
            user_agent=request.headers.get("User-Agent", ""),
        )

    def _record(
        self, call: Call, *, response: dict[str, Any] | None = None, error: AwsError | None = None
    ) -> None:
        if is_read_only(call.operation) and not self.state.options.record_reads:
            return
        event_id, envelope_id = self._dice.uuid(), self._dice.uuid()
        self._bus.publish(
            cloudtrail_event(call, event_id=event_id, envelope_id=envelope_id, response=response, error=error)
        )


def _success(answer: dict[str, Any], request_id: str) -> Response:
    # Dates are seconds since 1970 in this protocol's JSON bodies.
    plain = json.loads(json.dumps(answer, default=datetime.timestamp))
    return json_response(200, plain, {"x-amzn-requestid": request_id})


def _failure(error: AwsError, request_id: str) -> Response:
    headers = {"x-amzn-requestid": request_id, "x-amzn-errortype": error.code}
    return json_response(error.status, error.body, headers)
