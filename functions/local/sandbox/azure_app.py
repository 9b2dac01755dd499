"""The ARM endpoint: device security groups on declared IoT hubs, the hubs themselves, the Activity Log."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable
from math import ceil
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from functions.local.sandbox import azure_errors
from functions.local.sandbox.admin import PREFIX, Admin, json_response
from functions.local.sandbox.azure_activity import READ, page
from functions.local.sandbox.azure_errors import ArmError
from functions.local.sandbox.azure_identity import DENIED, caller
from functions.local.sandbox.azure_ids import GroupAddress, HubId, group_address, normal_path
from functions.local.sandbox.azure_setup import setup_answer
from functions.local.sandbox.azure_state import API_VERSION, ArmState, Caller, Collection
from functions.local.sandbox.bus import EventBus
from functions.local.sandbox.faults import AzureFaults
from functions.local.sandbox.identifiers import Dice
from functions.local.sandbox.inbox import Inbox
from functions.local.sandbox.serving import AnswerDropped

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MAX_BODY = 4 << 20
_ACTIVITY = re.compile(
    r"/subscriptions/([^/]+)/providers/Microsoft\.Insights/eventtypes/management/values/?", re.IGNORECASE
)
_ACTIONS = {"GET": "read", "PUT": "write", "DELETE": "delete"}


class AzureArmSandbox:
    """A WSGI application; `state` may be looked at and prepared from Python under its lock."""

    def __init__(
        self,
        state: ArmState,
        *,
        faults: AzureFaults,
        bus: EventBus,
        dice: Dice,
        inbox: Inbox | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.state = state
        self._faults = faults
        self._dice = dice
        self._sleep = sleep
        self._admin = Admin(faults, bus, inbox or Inbox())

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.path.startswith(PREFIX):
            return self._admin.answer(request)
        response = self._told(request)
        response.date = self.state.now()
        return response

    def _told(self, request: Request) -> Response:
        correlation_id = self._dice.uuid()
        headers = {"x-ms-request-id": correlation_id, "x-ms-correlation-request-id": correlation_id}
        self._faults.delay(self._sleep)
        try:
            status, body = self._serve(request, correlation_id)
        except ArmError as error:
            return json_response(error.status, error.body, headers | error.headers)
        headers |= _quota(request.method)
        return json_response(status, body, headers) if body is not None else Response(b"", status, headers)

    def _serve(self, request: Request, correlation_id: str) -> tuple[int, Any]:
        if self._faults.down:
            raise ArmError(
                503, "ServiceUnavailable", "The service is down, as asked for by the sandbox's faults."
            )
        raw_path = str(request.environ.get("REQUEST_URI", request.path)).split("?")[0]
        address = group_address(raw_path)
        who, path = caller(request.headers.get("Authorization")), normal_path(raw_path)
        logged = _ACTIVITY.fullmatch(path) is not None
        if who == DENIED or (logged and self._faults.deny_activity_log):
            raise azure_errors.forbidden(_action(request, address, logged), path)
        over = self._faults.counted.azure(request.method, who, self._faults.quotas, self.state.now())
        if over:
            raise azure_errors.throttled(ceil(over))
        self._fail_on_demand(path)
        if address is None:
            return 200, self._elsewhere(request, path)
        return self._groups(request, address, self._caller(request, who, correlation_id))

    def _fail_on_demand(self, path: str) -> None:
        if self._faults.throttled(self._dice):
            raise azure_errors.throttled(self._faults.retry_after_s)
        if self._faults.take("fail_next"):
            raise ArmError(
                500, "InternalServerError", "An internal error, as asked for by the sandbox's faults."
            )
        if self._faults.not_found_all:
            raise azure_errors.not_found(path)

    def _elsewhere(self, request: Request, path: str) -> dict[str, Any]:
        activity, hub = _ACTIVITY.fullmatch(path), HubId.parse(path)
        setup = (
            setup_answer(path.lower(), (str(each.hub) for each in self.state.hubs.values()))
            if request.method == "GET"
            else None
        )
        if setup is not None:
            return setup
        if request.method != "GET" or not (activity or hub):
            raise ArmError(404, "NotFound", f"The sandbox has no {request.method} on '{path}'.")
        if request.args.get("api-version") is None:
            raise azure_errors.api_version(None, API_VERSION)
        if activity:
            return self._activity(request, activity.group(1))
        return self.state.collection(path, code="ResourceNotFound").describe_hub()

    def _setup(self, path: str) -> dict[str, Any] | None:
        return setup_answer(path.lower(), (str(each.hub) for each in self.state.hubs.values()))

    def _activity(self, request: Request, subscription: str) -> dict[str, Any]:
        asked = {name: request.args.get(name, "") for name in ("$filter", "$select")}
        records = self.state.log.read(subscription, asked["$filter"], asked["$select"])
        some, following = page(records, self.state.options.page_size, request.args.get("$skipToken"))
        if following is None:
            return {"value": some}
        query = urlencode({**request.args.to_dict(), "$skipToken": following})
        return {"value": some, "nextLink": f"{request.base_url}?{query}"}

    def _groups(self, request: Request, address: GroupAddress, by: Caller) -> tuple[int, Any]:
        version = request.args.get("api-version")
        if version != API_VERSION:
            raise azure_errors.api_version(version, API_VERSION)
        if self._faults.provider != "registered":
            raise azure_errors.provider_gone(self._faults.provider)
        with self.state.lock:
            hub = self.state.collection(address.hub)
            if address.name is None:
                return self._list(request, hub)
            if request.method == "GET":
                return 200, self.state.show(
                    hub, hub.get(address.name), hide=self._faults.hide_allowlist_values
                )
            answer = self._write(request, hub, address.name, by)
        if self._faults.take("drop_answer_next"):
            raise AnswerDropped
        return answer

    def _list(self, request: Request, hub: Collection) -> tuple[int, Any]:
        if request.method != "GET":
            raise _not_allowed(request.method)
        token, items = request.args.get("$skiptoken"), hub.sorted()
        page, following = self.state.page(items, token)
        hide = self._faults.hide_allowlist_values
        body: dict[str, Any] = {"value": [self.state.show(hub, group, hide=hide) for group in page]}
        if following is not None:
            body["nextLink"] = f"{request.base_url}?api-version={API_VERSION}&$skiptoken={following}"
        return 200, body

    def _write(self, request: Request, hub: Collection, name: str, by: Caller) -> tuple[int, Any]:
        if request.method == "DELETE":
            return self.state.delete(hub, name, by), None
        if request.method != "PUT":
            raise _not_allowed(request.method)
        status, group = self.state.put(hub, name, _document(request), by, clamp_max=self._faults.clamp_max)
        return status, self.state.show(hub, group, hide=self._faults.hide_allowlist_values)

    def _caller(self, request: Request, who: str, correlation_id: str) -> Caller:
        return Caller(
            name=who,
            correlation_id=correlation_id,
            client_request_id=request.headers.get("x-ms-client-request-id", ""),
            ip=request.remote_addr or "",
            method=request.method,
            url=request.base_url + "?" + request.query_string.decode("latin-1"),
        )


def _action(request: Request, address: GroupAddress | None, logged: bool) -> str:
    if logged:
        return READ
    kind = "Microsoft.Security/deviceSecurityGroups" if address else "Microsoft.Devices/IotHubs"
    return f"{kind}/{_ACTIONS.get(request.method, 'action')}"


def _document(request: Request) -> dict[str, Any]:
    if (request.content_length or 0) > MAX_BODY:
        message = f"The request content size exceeds the maximum size of {MAX_BODY} bytes."
        raise ArmError(413, "RequestEntityTooLarge", message)
    try:
        document = json.loads(request.get_data(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        reason = "is nested too deeply" if isinstance(error, RecursionError) else "was invalid JSON"
        raise ArmError(400, "InvalidRequestContent", f"The request content {reason}.") from error
    if not isinstance(document, dict):
        raise ArmError(400, "InvalidRequestContent", "The request content must be a JSON object.")
    return document


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


def _not_allowed(method: str) -> ArmError:
    return ArmError(405, "MethodNotAllowed", f"The method {method} is not allowed on device security groups.")


def _quota(method: str) -> dict[str, str]:
    """Names and (old) numbers as recorded in 2020; the sandbox does not count."""
    name, left = {
        "PUT": ("resource-requests", "249"),
        "DELETE": ("deletes", "14999"),
    }.get(method, ("resource-requests", "749"))
    return {f"x-ms-ratelimit-remaining-subscription-{name}": left}
