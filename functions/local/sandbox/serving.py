"""One WSGI application on one loopback port, over threaded HTTP/1.1 with keep-alive."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Self

from waitress import wasyncore
from waitress.channel import ClientDisconnected
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    WsgiApp = Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]

HOST = "127.0.0.1"


class AnswerDropped(ClientDisconnected):  # type: ignore[misc]
    """Raised inside an application: waitress closes the connection and not a byte is answered."""


class LoopbackServer:
    """Serves `app` on 127.0.0.1 from construction until `close()`; port 0 takes a free port."""

    def __init__(
        self,
        app: WsgiApp,
        *,
        port: int = 0,
        threads: int = 16,
    ) -> None:
        self._sockets: dict[int, Any] = {}
        self._tasks = ThreadedTaskDispatcher()
        self._tasks.set_thread_count(threads)
        try:
            self._server = self._bind(app, port)
        except OSError:
            self._close_sockets()
            self._tasks.shutdown()
            raise
        self.port = int(self._server.effective_port)
        self._loop = threading.Thread(target=self._server.run, name=f"sandbox-http-{self.port}", daemon=True)
        self._loop.start()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def close(self) -> None:
        """Lets the requests under way finish (5 s at most), drops queued ones; safe to call twice."""
        if self._loop.is_alive():
            self._tasks.shutdown()
            pulled = threading.Event()

            def close_sockets() -> None:
                """By the thread that polls them. It may have been woken by another request's end, and would
                close the trigger before it is pulled from here."""
                pulled.wait()
                self._close_sockets()

            self._server.trigger.pull_trigger(close_sockets)
            pulled.set()
            self._loop.join()

    def _bind(self, app: WsgiApp, port: int) -> Any:
        return TcpWSGIServer(
            app,
            map=self._sockets,
            dispatcher=self._tasks,
            host=HOST,
            port=port,
            ident=None,
            asyncore_use_poll=True,
            clear_untrusted_proxy_headers=True,
        )

    def _close_sockets(self) -> None:
        wasyncore.close_all(self._sockets)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
