"""A runtime is a process of its own: bare environment, every line it writes handed on."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from shared.errors import MirrorError

Line = Callable[[str], object]


class NotUp(MirrorError):
    """A runtime, or something that it needs, did not start."""

    code = "not-up"


class Child:
    """Runs from construction until :meth:`end`; ``heard`` gets each line of stdout and stderr, on threads,
    and ``ended`` is called after the last of stdout.

    ``environment`` is all it has: nothing of the caller's decides how a runtime behaves. With ``talk`` its
    stdin is open for :meth:`say`.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str],
        folder: Path,
        heard: Line,
        heard_error: Line | None = None,
        ended: Callable[[], object] = lambda: None,
        talk: bool = False,
    ) -> None:
        self._process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE if talk else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C is for us alone
        )
        self._saying = threading.Lock()
        self._readers = [
            self._reader(self._process.stdout, heard, ended),
            self._reader(self._process.stderr, heard_error or heard),
        ]

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def say(self, line: str) -> None:
        """Raises OSError if it is gone."""
        assert self._process.stdin is not None
        with self._saying:
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()

    def peak_memory(self, *, below: bool = False) -> int:
        """Most KiB that it has held at once, or with ``below`` the greatest of what it has started; 0 where
        there is no /proc, or nothing left."""
        return max(map(_peak, _descendants(self.pid) if below else [self.pid]), default=0)

    def processes(self) -> list[int]:
        """Their ids: what it has started, and itself. Only itself where there is no /proc."""
        return [*_descendants(self.pid), self.pid] if self.running else []

    def end(self) -> None:
        """Ends it and whatever it started, at once, and waits for the last line. Safe to call twice."""
        pids = self.processes()
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        while any(map(runs, pids)):  # nothing survives that signal, but it may take a moment
            time.sleep(0.005)
        for reader in self._readers:
            reader.join()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()

    def _reader(
        self, stream: IO[bytes] | None, heard: Line, ended: Callable[[], object] = lambda: None
    ) -> threading.Thread:
        assert stream is not None
        thread = threading.Thread(
            target=_read, args=(stream, heard, ended), name="runtime-output", daemon=True
        )
        thread.start()
        return thread


def _read(stream: IO[bytes], heard: Line, ended: Callable[[], object]) -> None:
    for line in stream:
        heard(line.decode("utf-8", "replace").rstrip("\n"))
    ended()


def runs(pid: int) -> bool:
    """Also False for a zombie: whoever inherits it has only to take note of its end."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def _descendants(pid: int) -> Iterator[int]:
    """Linux's /proc tells. Deepest first."""
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, tasks.read_text().split()):
                yield from _descendants(child)
                yield child


def _peak(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) if found else 0


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has, for a program that cannot be told to choose one itself."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def listening(port: int, alive: Callable[[], bool], seconds: float = 20.0) -> None:
    """Waits until something takes connections there. Raises NotUp."""
    deadline = time.monotonic() + seconds
    while alive() and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise NotUp(f"nothing has come up at 127.0.0.1:{port}")
