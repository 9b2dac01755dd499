"""Runs inside the worker's own interpreter, started with -I -S: Microsoft's worker, less its gRPC channel.

Each line in and out is one of the platform's own messages (StreamingMessage) as JSON. Imports nothing of
ours: the app is found as the platform finds it, its packages first, and the worker's own come last.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import sys
import threading
from types import SimpleNamespace
from typing import Any

ANSWERS = {
    "worker_init_request": "worker_init_response",
    "functions_metadata_request": "function_metadata_response",
    "function_load_request": "function_load_response",
    "invocation_request": "invocation_response",
}
LEVELS = {logging.DEBUG: 1, logging.INFO: 2, logging.WARNING: 3, logging.ERROR: 4, logging.CRITICAL: 5}
"""RpcLog.Level."""


class Wire:
    """Messages to the host. What the app prints must not come between them: it goes to stderr."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        self._lock = threading.Lock()

    def send(self, message: Any) -> None:
        from google.protobuf.json_format import MessageToJson

        line = MessageToJson(message, indent=None)
        with self._lock:
            self._out.write(line + "\n")
            self._out.flush()


class ToHost(logging.Handler):
    """As the worker's own: every record goes to the host, with the invocation that it belongs to."""

    def __init__(self, wire: Wire, protos: Any, runtime: Any) -> None:
        super().__init__()
        self._wire = wire
        self._protos = protos
        self._runtime = runtime

    def emit(self, record: logging.LogRecord) -> None:
        log = self._protos.RpcLog(
            level=LEVELS.get(record.levelno, 2),
            category=record.name,
            message=self.format(record),
            invocation_id=self._runtime.invocation_id_cv.get() or "",
        )
        self._wire.send(self._protos.StreamingMessage(rpc_log=log))


async def serve(wire: Wire, runtime: Any, protos: Any) -> None:
    from google.protobuf.json_format import Parse

    loop = asyncio.get_running_loop()
    running: set[asyncio.Task[None]] = set()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        task = loop.create_task(answer(wire, runtime, protos, Parse(line, protos.StreamingMessage())))
        running.add(task)
        task.add_done_callback(running.discard)


async def answer(wire: Wire, runtime: Any, protos: Any, message: Any) -> None:
    kind = message.WhichOneof("content")
    request = SimpleNamespace(request=message, properties={"host": "127.0.0.1", "protos": protos})
    told = await getattr(runtime, kind)(request)
    wire.send(protos.StreamingMessage(request_id=message.request_id, **{ANSWERS[kind]: told}))


def main(app: str, worker: str) -> None:
    sys.path[:0] = [f"{app}/.python_packages/lib/site-packages", app]
    sys.path.append(worker)
    wire = Wire()
    runtime = importlib.import_module("azure_functions_runtime")

    protos = importlib.import_module("tests.protos")  # of azure-functions-runtime-v1, not ours

    logging.getLogger().addHandler(ToHost(wire, protos, runtime))
    logging.getLogger().setLevel(logging.INFO)
    runtime.start_threadpool_executor()
    asyncio.run(serve(wire, runtime, protos))


if __name__ == "__main__":
    main(*sys.argv[1:])
