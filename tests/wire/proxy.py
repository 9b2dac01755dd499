"""A proxy on loopback before one cloud's endpoint, which does to requests what networks and services do.

Nothing is left to chance or time: a fault meets the next requests that fit it, and an answer that is too slow
is held until the client hangs up. (``microburst`` 0.10.0 speaks AWS only: it has no throttling by ARM, cannot
lose a whole answer after the write was applied, nor hold one until it is too late.)
"""

from __future__ import annotations

import http.client
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

HOST = "127.0.0.1"
HELD = 60.0
"""Seconds after which a held answer fails the test: its client should have hung up long before."""

_HOP = {"connection", "transfer-encoding", "host", "content-length", "keep-alive"}


class Trouble(Enum):
    """What becomes of a request that reaches the cloud or not, and of its answer."""

    RESET_BEFORE = auto()  # never reaches the cloud
    RESET_AFTER = auto()  # applied; not a byte is answered
    HALF = auto()  # applied; the connection dies within the answer
    SLOW = auto()  # applied; the answer comes too late
    DRIP = auto()  # applied; the answer comes byte by byte, so slowly that no read times out nor ever ends
    STUCK = auto()  # never reaches the cloud, and nobody says so
    LATE = auto()  # as STUCK, until release(): then it is applied, with nobody there to hear of it
    TWICE = auto()  # sent twice by something on the way; the second answer is told


@dataclass(frozen=True)
class Answer:
    """Given by the proxy; the cloud sees nothing."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


Fault = Trouble | Answer | Callable[[], object]
"""A call happens just before the request is passed on."""


@dataclass(frozen=True)
class Sent:
    """A request as it came; ``path`` without its query."""

    method: str
    path: str


@dataclass
class _Rule:
    method: str
    part: str
    fault: Fault
    left: int

    def take(self, sent: Sent) -> bool:
        fits = self.left > 0 and self.method == sent.method and self.part in sent.path
        self.left -= fits
        return fits


@dataclass
class Proxy:
    """Runs from construction to ``close``; ``upstream`` is set before the first request."""

    upstream: str = ""
    sent: list[Sent] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    _rules: list[_Rule] = field(default_factory=list)
    _late: list[Callable[[], object]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._server = _Server(self)
        self.url = f"http://{HOST}:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="proxy", daemon=True
        )
        self._thread.start()

    def next(self, method: str, fault: Fault, *, part: str = "", times: int = 1) -> None:
        """``fault`` meets the next ``times`` requests of that method with ``part`` in their path."""
        with self._lock:
            self._rules.append(_Rule(method, part, fault, times))

    def stop_faults(self) -> None:
        with self._lock:
            self._rules.clear()

    def count(self, *methods: str, part: str = "") -> int:
        with self._lock:
            return sum(sent.method in methods and part in sent.path for sent in self.sent)

    def release(self) -> None:
        """Requests that were LATE reach the cloud now."""
        with self._lock:
            late, self._late = self._late, []
        for apply in late:
            apply()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        assert self.broken == []

    def fault_of(self, sent: Sent) -> Fault | None:
        with self._lock:
            self.sent.append(sent)
            return next((rule.fault for rule in self._rules if rule.take(sent)), None)

    def keep(self, apply: Callable[[], object]) -> None:
        with self._lock:
            self._late.append(apply)

    def pass_on(self, method: str, target: str, headers: dict[str, str], body: bytes) -> bytes:
        """The whole answer as it goes over the wire."""
        host = urlsplit(self.upstream)
        assert host.hostname is not None
        with closing(http.client.HTTPConnection(host.hostname, host.port, timeout=HELD)) as cloud:
            cloud.request(method, target, body, headers)
            answer = cloud.getresponse()
            return wire(answer.status, answer.read(), answer.getheaders())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def wire(status: int, body: bytes, headers: Any) -> bytes:
    """An answer in one piece: headers and body apart would wait for each other (Nagle)."""
    lines = [f"HTTP/1.1 {status} {http.client.responses.get(status, '')}"]
    lines += [f"{name}: {value}" for name, value in headers if name.lower() not in _HOP]
    lines += ["" if status == 204 else f"Content-Length: {len(body)}"]
    head = "\r\n".join(line for line in lines if line)
    return f"{head}\r\n\r\n".encode("latin-1") + body


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = HELD
    server: _Server

    def _handle(self) -> None:
        proxy = self.server.proxy
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
        fault = proxy.fault_of(Sent(self.command, self.path.partition("?")[0]))

        def apply() -> bytes:
            return proxy.pass_on(self.command, self.path, headers, body)

        for piece in self._answer(fault, apply):
            self.wfile.write(piece)

    def do_GET(self) -> None:
        self._handle()

    def do_PUT(self) -> None:
        self._handle()

    def do_PATCH(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def _answer(self, fault: Fault | None, apply: Callable[[], bytes]) -> Iterator[bytes]:
        match fault:
            case None:
                yield apply()
            case Answer():
                yield wire(fault.status, fault.body, (("Content-Type", "application/json"), *fault.headers))
            case Trouble():
                yield from self._trouble(fault, apply)
            case _:
                fault()
                yield apply()

    def _trouble(self, trouble: Trouble, apply: Callable[[], bytes]) -> Iterator[bytes]:
        if trouble is Trouble.TWICE:
            apply()
            yield apply()
            return
        if trouble in {Trouble.RESET_AFTER, Trouble.HALF, Trouble.SLOW, Trouble.DRIP}:
            answer = apply()
            if trouble is Trouble.DRIP:
                yield from self._drip(answer)
            if trouble is Trouble.HALF:
                yield answer[: len(answer) // 2]
        if trouble is Trouble.LATE:
            self.server.proxy.keep(apply)
        if trouble in {Trouble.SLOW, Trouble.STUCK, Trouble.LATE}:
            self.connection.recv(1)  # until the client hangs up
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _drip(self, answer: bytes) -> Iterator[bytes]:
        self.connection.settimeout(1.0)
        for place in range(len(answer)):
            yield answer[place : place + 1]
            try:
                self.connection.recv(1)  # until the client hangs up, a second at most
            except TimeoutError:
                continue
            return

    def log_message(self, *_: Any) -> None:
        """Nothing: what was sent is kept in ``sent``."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, proxy: Proxy) -> None:
        super().__init__((HOST, 0), _Handler)
        self.proxy = proxy

    def shutdown_request(self, request: Any) -> None:
        """A connection that lingers for 0 s is reset, not closed: RST, and no FIN before it."""
        linger = struct.unpack("ii", request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8))
        if linger[0]:
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that is gone is what the faults are about; anything else fails the test."""
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError):
            self.proxy.broken.append(repr(error))
