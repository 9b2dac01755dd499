"""The Lambda: AWS's runtime client and our handler, under AWS's Runtime Interface Emulator.

The emulator is Lambda's own supervisor: it starts the runtime on the first event, ends it when the time is
up, and starts it anew. What it does not do: memory limits, the cap on INIT, several environments at once
(aws-sam-cli 1.170.0, 2026-11).
"""

from __future__ import annotations

import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from functions.local.runtimes.process import Child, free_port, listening
from functions.local.runtimes.tools import Tools
from shared.errors import MirrorError

HANDLER = "functions.aws_lambda.app.handler"
_PATH = "/2015-03-31/functions/function/invocations"
_INIT = re.compile(r"INIT REPORT\(durationMs: ([0-9.]+)\)")
_RAN = re.compile(r"^REPORT RequestId: \S+\s.*?\bDuration: ([0-9.]+) ms\s+Billed")
_TIMED_OUT = re.compile(r"Task timed out after ([0-9.]+) seconds")


class LambdaFailed(MirrorError):
    """``kind`` is the type of what the handler raised, or Runtime.TimedOut, or Runtime.Gone."""

    code = "lambda-failed"

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message


@dataclass(frozen=True)
class LambdaSettings:
    """``variables``: the function's environment variables, those that Lambda itself sets apart."""

    variables: Mapping[str, str]
    timeout: int = 30
    memory: int = 512
    region: str = "eu-central-1"
    access_key: str = "ASIALAMBDA"

    def environment(self) -> dict[str, str]:
        """All that the runtime is told, as Lambda tells it."""
        return {
            "PATH": "/usr/bin:/bin",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_SESSION_TOKEN": "local",
            "AWS_LAMBDA_FUNCTION_NAME": "policy-mirror",
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(self.timeout),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.memory),
            **self.variables,
        }


class LambdaRuntime:
    """One execution environment. Invocations take turns, as they do in one of Lambda's.

    ``heard`` gets what the function writes, line by line. ``inits`` and ``durations`` are milliseconds as the
    emulator measures them; the first duration after an INIT has that INIT in it.
    """

    def __init__(
        self,
        tools: Tools,
        settings: LambdaSettings,
        *,
        heard: Callable[[str], object],
        handler: str = HANDLER,
    ) -> None:
        self._tools = tools
        self.settings = settings
        self._heard = heard
        self._handler = handler
        self._turn = threading.Lock()
        self.inits: list[float] = []
        self.durations: list[float] = []
        self._start()

    def invoke(self, event: Any) -> Any:
        """What the handler returns. Raises LambdaFailed."""
        with self._turn:
            if not self._child.running:
                self._start()
            return _answer(self._post(json.dumps(event).encode()))

    def kill(self) -> None:
        """As a machine that fails: at once, whatever is under way. The next event starts it anew."""
        self._child.end()

    def processes(self) -> list[int]:
        """Ids: the runtime's, if it has started, and the emulator's."""
        return self._child.processes()

    def peak_memory(self) -> int:
        """Most KiB that the runtime itself has held, the emulator apart; 0 where none is running."""
        return self._child.peak_memory(below=True)

    def close(self) -> None:
        self._child.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> None:
        self._port, runtime_port = free_port(), free_port()
        self._child = Child(
            [
                self._tools.emulator,
                *("--runtime-interface-emulator-address", f"127.0.0.1:{self._port}"),
                *("--runtime-api-address", f"127.0.0.1:{runtime_port}"),
                *(self._tools.python, "-S", "-m", "awslambdaric", self._handler),
            ],
            environment={"PYTHONPATH": str(self._tools.lambda_runtime), **self.settings.environment()},
            folder=self._tools.aws,
            heard=self._line,
        )
        listening(self._port, lambda: self._child.running)

    def _post(self, body: bytes) -> str:
        request = urllib.request.Request(f"http://127.0.0.1:{self._port}{_PATH}", body)
        try:
            with _DIRECT.open(request, timeout=self.settings.timeout + 30) as response:
                text: str = response.read().decode()
                return text
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            raise LambdaFailed("Runtime.Gone", str(error)) from None

    def _line(self, line: str) -> None:
        if found := _INIT.search(line):
            self.inits.append(float(found[1]))
        elif found := _RAN.search(line):
            self.durations.append(float(found[1]))
        else:
            self._heard(line)


_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _answer(text: str) -> Any:
    """The emulator answers everything with 200; a failure shows in the body alone."""
    if found := _TIMED_OUT.search(text):
        raise LambdaFailed("Runtime.TimedOut", f"after {found[1]} s")
    try:
        answer = json.loads(text)
    except ValueError:
        raise LambdaFailed("Runtime.Gone", text[:200] or "an empty answer") from None
    if isinstance(answer, dict) and "errorType" in answer:
        raise LambdaFailed(answer["errorType"], answer.get("errorMessage", ""))
    return answer
