"""The Azure function app: Microsoft's worker in a process of its own, spoken to as the Functions host does.

The worker is azure-functions-runtime, what the platform runs from Python 3.13 on; its messages are the
platform's own. gRPC is replaced by JSON lines, see worker_main.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from functions.local.runtimes import worker_main
from functions.local.runtimes.process import Child
from functions.local.runtimes.tools import Tools
from shared.errors import MirrorError

Message = dict[str, Any]
READY_WITHIN = 60.0


class FunctionFailed(MirrorError):
    """The function raised, or the worker is gone or was ended because its time was up."""

    code = "function-failed"


@dataclass(frozen=True)
class Log:
    category: str
    level: str
    message: str


@dataclass(frozen=True)
class Answer:
    """``outputs``: what each output binding was set to. ``returned``: the return value, as TypedData."""

    outputs: Mapping[str, Any] = field(default_factory=dict)
    returned: Message = field(default_factory=dict)


class FunctionsWorker:
    """Runs from construction until :meth:`close`; several invocations at once, as the platform allows.

    ``variables``: the app settings. ``functions``: name -> its bindings, as the worker has indexed them.
    ``inits``: milliseconds from the start of each process until its functions were loaded.
    """

    def __init__(
        self,
        tools: Tools,
        variables: Mapping[str, str],
        *,
        heard: Callable[[Log], object],
        timeout: float = 30.0,
    ) -> None:
        self._tools = tools
        self.variables = variables
        self._heard = heard
        self._timeout = timeout
        self._lock = threading.RLock()
        self._waiting: dict[str, Future[Message]] = {}
        self._ids: dict[str, str] = {}
        self.functions: dict[str, list[Message]] = {}
        self.inits: list[float] = []
        self.errors: list[str] = []
        self._start()

    def invoke(
        self, name: str, inputs: Mapping[str, Message], metadata: Mapping[str, Message] | None = None
    ) -> Answer:
        """``inputs`` and ``metadata`` are TypedData, as JSON. Raises FunctionFailed; a function whose time is
        up takes its worker along, as on the platform."""
        child = self._running()
        request = {
            "invocationId": str(uuid.uuid4()),
            "functionId": self._ids[name],
            "inputData": [{"name": each, "data": data} for each, data in inputs.items()],
            "triggerMetadata": dict(metadata or {}),
        }
        try:
            told = self._ask(child, "invocationRequest", request, self._timeout)["invocationResponse"]
        except TookTooLong:
            child.end()
            raise FunctionFailed(f"{name}: its {self._timeout:g} s are up") from None
        _succeeded(told, name)
        outputs = {each["name"]: _value(each["data"]) for each in told.get("outputData", [])}
        return Answer(outputs, told.get("returnValue", {}))

    def kill(self) -> None:
        """As a machine that fails: at once, whatever is under way. The next invocation starts it anew."""
        self._child.end()

    def peak_memory(self) -> int:
        """Most KiB that the worker has held."""
        return self._child.peak_memory()

    def close(self) -> None:
        self._child.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _running(self) -> Child:
        with self._lock:
            if not self._child.running:
                self._start()
            return self._child

    def _start(self) -> None:
        began = time.monotonic()
        app, worker = self._tools.azure, self._tools.functions_worker
        main = Path(worker_main.__file__).resolve()
        self._child = child = Child(
            [self._tools.python, "-I", "-S", main, app, worker],
            environment={"PATH": "/usr/bin:/bin", "FUNCTIONS_WORKER_RUNTIME": "python", **self.variables},
            folder=app,
            heard=self._message,
            heard_error=self.errors.append,
            ended=self._fail_waiting,
            talk=True,
        )
        told = self._ask(child, "workerInitRequest", {"functionAppDirectory": str(app)})
        _succeeded(told["workerInitResponse"], "the worker")
        told = self._ask(child, "functionsMetadataRequest", {"functionAppDirectory": str(app)})
        for each in told["functionMetadataResponse"].get("functionMetadataResults", []):
            self.functions[each["name"]] = [json.loads(binding) for binding in each["rawBindings"]]
            self._ids[each["name"]] = each["functionId"]
            loaded = self._ask(
                child, "functionLoadRequest", {"functionId": each["functionId"], "metadata": each}
            )
            _succeeded(loaded["functionLoadResponse"], each["name"])
        self.inits.append((time.monotonic() - began) * 1000)

    def _ask(self, child: Child, kind: str, content: Message, timeout: float = READY_WITHIN) -> Message:
        request_id = str(uuid.uuid4())
        answer: Future[Message] = Future()
        self._waiting[request_id] = answer
        try:
            child.say(json.dumps({"requestId": request_id, kind: content}))
            if not child.running:
                raise OSError("it has ended")
            return answer.result(timeout)
        except OSError as error:
            raise FunctionFailed(f"the worker is gone: {error}; {self.errors[-1:]}") from None
        finally:
            self._waiting.pop(request_id, None)

    def _message(self, line: str) -> None:
        message = json.loads(line)
        if "rpcLog" in message:
            log = message["rpcLog"]
            self._heard(Log(log.get("category", ""), log.get("level", "Trace"), log.get("message", "")))
        elif (waiting := self._waiting.get(message["requestId"])) is not None:
            waiting.set_result(message)

    def _fail_waiting(self) -> None:
        for answer in list(self._waiting.values()):
            if not answer.done():
                answer.set_exception(FunctionFailed(f"the worker ended: {self.errors[-1:]}"))


def _succeeded(told: Message, who: str) -> None:
    result = told.get("result", {})
    if result.get("status") != "Success":  # Failure is 0, which the JSON leaves out
        problem = result.get("exception", {})
        raise FunctionFailed(f"{who}: {problem.get('message', 'failed without a word')}")


def _value(data: Message) -> Any:
    ((kind, value),) = data.items()
    return json.loads(value) if kind == "json" else value
