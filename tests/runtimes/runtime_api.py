"""Lambda's side of a snapshot, for AWS's own runtime client: its Runtime API, and a container's credentials.

The emulator cannot do it: with --enable-init-caching it runs the hooks, and then loses the first event to the
runtime's question for a restore (aws-sam-cli 1.170.0, tried 2026-11).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Self

from werkzeug.wrappers import Request, Response

from functions.local.runtimes.lambda_runtime import LambdaSettings
from functions.local.runtimes.process import Child
from functions.local.runtimes.tools import Tools
from functions.local.sandbox.serving import LoopbackServer

WITHIN = 60.0
_API = "/2018-06-01/runtime/"
_OWN = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
"""SnapStart hands them out at an address instead (AWS Lambda guide, environment variables, 2026)."""


class Restored:
    """One container. It exists up to its snapshot once it is made, and serves events after :meth:`restore`.

    ``asked``: the paths that were asked for, less the Runtime API's own, each with whether that was after the
    restore. ``parameter``: what SSM says, ``key``: the access key id that the container is given now.
    ``folder`` is on the path before the artefact."""

    def __init__(
        self, tools: Tools, environment: Mapping[str, str], handler: str, folder: Path, parameter: str = ""
    ) -> None:
        self.asked: list[tuple[str, bool]] = []
        self.key = LambdaSettings.access_key
        self.parameter = parameter
        self.said: list[str] = []
        self._failed = False
        self._reached, self._go_on = threading.Event(), threading.Event()
        self._events: SimpleQueue[bytes] = SimpleQueue()
        self._answers: SimpleQueue[Any] = SimpleQueue()
        self._server = LoopbackServer(self._serve)
        own = {
            "AWS_LAMBDA_RUNTIME_API": self._server.url.removeprefix("http://"),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{self._server.url}/credentials",
            "AWS_ENDPOINT_URL_SSM": f"{self._server.url}/ssm",
            "PYTHONPATH": f"{tools.lambda_runtime}:{folder}",
        }
        self._child = Child(
            [tools.python, "-S", "-m", "awslambdaric", handler],
            environment={**{k: v for k, v in environment.items() if k not in _OWN}, **own},
            folder=tools.aws,
            heard=self.said.append,
        )

    def snapshot(self) -> None:
        """Waits until the runtime asks for a restore."""
        assert self._reached.wait(WITHIN), self.said
        assert not self._failed, self.said

    def sockets(self) -> int:
        """That the container holds at its snapshot, beside the one on which it asks for the restore."""
        open_files = [link.readlink() for link in Path(f"/proc/{self._child.pid}/fd").iterdir()]
        return sum(str(file).startswith("socket:") for file in open_files) - 1

    def restore(self) -> None:
        self._go_on.set()

    def invoke(self, event: Any) -> Any:
        self._events.put(json.dumps(event).encode())
        return self._answers.get(timeout=WITHIN)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._go_on.set()
        self._events.put(b"{}")
        self._child.end()
        self._server.close()

    def _serve(self, environ: Any, start: Any) -> Any:
        request = Request(environ)
        return self._answer(request)(environ, start)

    def _answer(self, request: Request) -> Response:
        match request.path.removeprefix(_API):
            case "restore/next":
                self._reached.set()
                self._go_on.wait(WITHIN)
                return Response()
            case "invocation/next":
                headers = {"Lambda-Runtime-Aws-Request-Id": "r", "Lambda-Runtime-Deadline-Ms": "9" * 13}
                return Response(self._events.get(), headers=headers, mimetype="application/json")
            case "init/error":
                self._failed = True
                self._reached.set()
                return Response(status=202)
            case "invocation/r/response" | "invocation/r/error":
                self._answers.put(json.loads(request.data))
                return Response(status=202)
        self.asked.append((request.path, self._go_on.is_set()))
        if request.path == "/credentials":
            until = (datetime.now(UTC) + timedelta(hours=6)).strftime("%Y-%m-%dT%H:%M:%SZ")
            keys = {"AccessKeyId": self.key, "SecretAccessKey": "s", "Token": "t", "Expiration": until}
            return Response(json.dumps(keys))
        return Response(json.dumps({"Parameter": {"Value": self.parameter}}))
