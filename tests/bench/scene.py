"""One policy in step between two clouds, and both artefacts on their runtimes, which keep it so."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3

from functions.local.reach import Line, Tell
from functions.local.runtimes.lambda_runtime import HANDLER, LambdaRuntime
from functions.local.runtimes.real import RealRuntimes
from functions.local.runtimes.trust import AUDIENCE
from functions.local.sandbox.clouds import TwoClouds
from functions.local.stage import Stage
from shared.clouds.trust import ENTRA_AUDIENCE
from shared.ledger.dynamo_items import link_place
from shared.sync.link import LinkKey
from tests.bench.fresh import tools
from tests.bench.places import REGION, batch, call

NAME = "pumps"
EVENT = batch(call(NAME))
BEHAVIOR = {
    "name": "sent",
    "metric": "aws:num-messages-sent",
    "criteria": {"comparisonOperator": "less-than", "value": {"count": 100}, "durationSeconds": 300},
}


class Scene:
    """``settings``: the Lambda's, as template.yaml has them for a route at home. ``looks``: the code of each
    look's outcome, whichever function's. ``calls``: what the floors have to know to make the same calls."""

    runtimes: RealRuntimes

    def __init__(self, stack: ExitStack) -> None:
        self.looks: list[str] = []
        stage = stack.enter_context(Stage(self._tell, self._start))
        aws, azure = stage.clouds.aws, stage.clouds.azure
        iot: Any = boto3.client(
            "iot", REGION, endpoint_url=aws.endpoint, aws_access_key_id="a", aws_secret_access_key="b"
        )
        iot.create_security_profile(securityProfileName=NAME, behaviors=[BEHAVIOR])
        assert stage.settle(60.0), "the policy did not come to rest"
        self.looks.clear()
        settings = self.runtimes.lambda_function.settings
        home = {"POLICY_MIRROR_HOME": f"{aws.account}/{aws.region}"}
        self.settings = replace(settings, variables={**settings.variables, **home})
        group = f"{azure.hub}/providers/Microsoft.Security/deviceSecurityGroups/{NAME}"
        (route,) = stage.routes.routes
        self.calls = {
            "profile": NAME,
            "table": self.runtimes.aws.ledger.removeprefix("dynamodb:").partition("@")[0],
            "item": link_place(LinkKey(route.id, NAME)),
            "group": f"{azure.endpoint}{group}?api-version=2019-08-01",
            "azure_audience": ENTRA_AUDIENCE,
            "aws_audience": f"{AUDIENCE}/.default",
            "tenant": route.azure.tenant_id,
            "client": route.azure.client_id,
            "role": route.aws.role_arn,
        }
        self.group_event = {
            "id": "1",
            "topic": f"/subscriptions/{azure.subscription}",
            "subject": group,
            "eventType": "Microsoft.Resources.ResourceWriteSuccess",
            "eventTime": "2026-11-27T12:00:00Z",
            "dataVersion": "1",
            "data": {"resourceUri": group, "operationName": "Microsoft.Security/deviceSecurityGroups/write"},
        }

    def start_lambda(
        self,
        stack: ExitStack,
        variables: Mapping[str, str] | None = None,
        artefact: Path | None = None,
        handler: str = HANDLER,
    ) -> LambdaRuntime:
        """Ours as it is deployed, or with what is given instead."""
        settings = self.settings if variables is None else replace(self.settings, variables=variables)
        where = tools() if artefact is None else replace(tools(), aws=artefact)
        return stack.enter_context(LambdaRuntime(where, settings, heard=self._heard, handler=handler))

    def _start(self, clouds: TwoClouds, routes: str, tell: Tell) -> RealRuntimes:
        self.runtimes = RealRuntimes(clouds, routes, tell, tools=tools(), redeliver=5)
        return self.runtimes

    def _tell(self, line: Line) -> None:
        if line["event"] == "looked" or "code" in line:
            self.looks.append(str(line.get("code", line["event"])))

    def _heard(self, said: str) -> None:
        if said.startswith("{") and "outcome" in (line := json.loads(said)):
            self.looks.append(line["outcome"]["code"])


@contextmanager
def scene() -> Iterator[tuple[Scene, ExitStack, Path]]:
    """And a folder. Whatever looks in it has to find the policy in step."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="policy-mirror-bench-")))
        at = Scene(stack)
        yield at, stack, folder
        assert set(at.looks) <= {"in-step"}, at.looks
