"""Both functions on the platforms' own runtimes, as deployed: their artefacts, a DynamoDB ledger, SQS, both
federations. All on this machine, none of it in this process.

===================  ==================================================================================
 deployed             here
===================  ==================================================================================
 Lambda               AWS's runtime client under its Runtime Interface Emulator
 EventBridge -> SQS   the sandbox's bus -> ministack's SQS -> batches with partial failures
 DynamoDB             ministack
 Azure Functions      Microsoft's worker; the host, with queue and timer, is ours
 Event Grid           the sandbox's bus; a topic for notices
 STS, Entra           the sandbox's own: each verifies what the other signed
===================  ==================================================================================
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from functions.local.later import Later
from functions.local.reach import Line, Tell
from functions.local.runtimes.functions_host import FunctionsHost, queue_limits
from functions.local.runtimes.functions_worker import FunctionFailed, FunctionsWorker, Log
from functions.local.runtimes.lambda_host import LambdaHost
from functions.local.runtimes.lambda_runtime import LambdaFailed, LambdaRuntime, LambdaSettings
from functions.local.runtimes.ministack import Ministack
from functions.local.runtimes.notices import EventGridTopic
from functions.local.runtimes.tools import Tools
from functions.local.runtimes.trust import AUDIENCE, mutual_trust
from functions.local.sandbox.clouds import TwoClouds
from functions.local.sandbox.serving_tls import TlsServer
from shared.routes.load import compact, load_routes
from shared.translation.side import Side


class RealRuntimes:
    """The :class:`~functions.local.reach.Functions` on real runtimes.

    ``timeout``: seconds that an invocation may take. ``redeliver``: seconds until what failed comes again;
    else what the template and host.json say. ``ways``: addresses of the clouds, else the sandbox's own.
    """

    def __init__(
        self,
        clouds: TwoClouds,
        routes: str,
        tell: Tell,
        *,
        tools: Tools,
        timeout: int = 30,
        redeliver: int | None = None,
        ways: Mapping[Side, str] | None = None,
    ) -> None:
        self._clouds = clouds
        self._tell = tell
        self._timeout = timeout
        straight = {Side.AWS: clouds.aws.endpoint, Side.AZURE: clouds.azure.endpoint}
        with ExitStack() as stack:
            visibility = redeliver or 6 * timeout
            place = clouds.aws
            self.aws = stack.enter_context(Ministack(tools, place.account, place.region, visibility))
            federation = mutual_trust(load_routes(routes, "the sandbox's routes"), LambdaSettings.access_key)
            self._trust = stack.enter_context(federation)
            self._variables = {
                "AWS_ENDPOINT_URL": self.aws.endpoint,
                "AWS_ENDPOINT_URL_IOT": (ways or straight)[Side.AWS],
                "POLICY_MIRROR_ARM_ENDPOINT": (ways or straight)[Side.AZURE],
                "POLICY_MIRROR_LEDGER": self.aws.ledger,
                "POLICY_MIRROR_ROUTES_YAML": compact(routes),
            }
            self._later = stack.enter_context(Later())
            self.function_app = self._start_function_app(stack, tools)
            limits = queue_limits((tools.azure / "host.json").read_text(encoding="utf-8"))
            limits = limits if redeliver is None else replace(limits, visibility=redeliver)
            self.host = FunctionsHost(self.function_app, limits, self._later, failed=self._function_failed)
            self.lambda_function = self._start_lambda(stack, tools)
            sqs, queue_url = self.aws.client("sqs"), self.aws.queue_url
            self._lambda_host = LambdaHost(self.lambda_function, sqs, queue_url, failed=self._lambda_failed)
            stack.callback(self._lambda_host.close)
            self._open = stack.pop_all()

    def _start_function_app(self, stack: ExitStack, tools: Tools) -> FunctionsWorker:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="policy-mirror-topic-")))
        topic = stack.enter_context(TlsServer(EventGridTopic(self._clouds.inbox.put), folder))
        trusted = self._trust.variables(on_azure=True)
        authorities = [Path(trusted["REQUESTS_CA_BUNDLE"]), topic.authority]
        bundle = folder / "authorities.pem"
        bundle.write_bytes(b"".join(path.read_bytes() for path in authorities))
        variables = {
            **self._variables,
            **trusted,
            "REQUESTS_CA_BUNDLE": str(bundle),
            "POLICY_MIRROR_AWS_AUDIENCE": AUDIENCE,
            "POLICY_MIRROR_NOTICES": f"eventgrid:{topic.url}/api/events",
            "POLICY_MIRROR_SWEEP_SCHEDULE": "0 */15 * * * *",
        }
        worker = FunctionsWorker(tools, variables, heard=self._function_said, timeout=self._timeout)
        return stack.enter_context(worker)

    def _start_lambda(self, stack: ExitStack, tools: Tools) -> LambdaRuntime:
        place = self._clouds.aws
        variables = {
            **self._variables,
            **self._trust.variables(on_azure=False),
            "AWS_ENDPOINT_URL_SNS": place.endpoint,
            "POLICY_MIRROR_NOTICES": f"sns:arn:aws:sns:{place.region}:{place.account}:notices",
            "POLICY_MIRROR_QUEUE_URL": self.aws.queue_url,
            "POWERTOOLS_SERVICE_NAME": "policy-mirror",
        }
        settings = LambdaSettings(variables, timeout=self._timeout, region=self.aws.region)
        return stack.enter_context(LambdaRuntime(tools, settings, heard=self._lambda_said))

    def aws_event(self, event: Line) -> None:
        self._lambda_host.send(event)

    def azure_event(self, event: Line) -> None:
        self.host.event(event)

    def to_lambda(self, payload: Any) -> list[Line]:
        told = self.lambda_function.invoke(payload)
        return self._answered(told, "lambda")

    def to_function(self, payload: Any) -> list[Line]:
        _, body = self.host.http("POST", "api/command", json.dumps(payload).encode())
        return self._answered(json.loads(body), "function")

    def sweep(self) -> None:
        """What fails is left to the next time, and told."""
        try:
            self.lambda_function.invoke({"sweep": True})
        except LambdaFailed as failed:
            self._lambda_failed(failed)
        self.host.timer()

    def hurry(self) -> None:
        """The runtimes' time is everybody's."""

    def idle(self, timeout: float) -> bool:
        return self.host.settle(timeout) and self._lambda_host.idle(timeout)

    def close(self) -> None:
        self._open.close()

    def _answered(self, told: Any, where: str) -> list[Line]:
        """Outcomes are told as the function logs them; the answer to a command is not logged."""
        if "error" in told:
            lines = [{"event": "refused", **told["error"]}]
        elif "outcomes" in told:
            return list(told["outcomes"])
        else:
            lines = [{"event": "answer", **told}]
        for line in lines:
            self._tell({**line, "function": where})
        return lines

    def _lambda_said(self, text: str) -> None:
        if not text.startswith("{"):
            return
        said = json.loads(text)
        match said.get("message"):
            case "looked":
                self._tell({**said["outcome"], "function": "lambda"})
            case "refused":
                refused = {"event": "refused", "code": said["code"], "reason": said["problem"]}
                self._tell({**refused, "function": "lambda"})

    def _function_said(self, log: Log) -> None:
        if log.category != "policy_mirror.azure":
            return
        if log.message.startswith("{"):
            said = json.loads(log.message)
            if said["event"] != "metrics":
                self._tell({**said, "function": "function"})
        else:
            self._tell({"event": "refused", "code": "", "reason": log.message, "function": "function"})

    def _lambda_failed(self, failed: LambdaFailed) -> None:
        if failed.kind != "LookAgain":  # told already, line by line
            line = {"event": "error", "code": failed.kind, "reason": failed.message}
            self._tell({**line, "function": "lambda"})

    def _function_failed(self, failed: FunctionFailed) -> None:
        if "LookAgain" not in str(failed):
            line = {"event": "error", "code": "function-failed", "reason": str(failed)}
            self._tell({**line, "function": "function"})
