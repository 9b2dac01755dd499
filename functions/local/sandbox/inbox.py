"""The sandbox's inbox: where the functions' notices arrive, in place of a topic or a chat."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

KEPT = 200


class Inbox:
    """Keeps the latest notices, as JSON, the oldest first. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._notices: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def put(self, notice: dict[str, Any]) -> None:
        with self._lock:
            self._notices.append(notice)

    def all(self) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._notices)
