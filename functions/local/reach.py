"""How both functions are reached: one port, for functions in this process and for those on real runtimes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from functions.local.sandbox.clouds import TwoClouds

Line = dict[str, Any]
Tell = Callable[[Line], None]


class Functions(Protocol):
    """Both functions, wherever they run. What comes of each delivery is told, line by line, as it comes."""

    def aws_event(self, event: Line) -> object:
        """EventBridge brings it to the Lambda. Raises where it has to be brought again."""

    def azure_event(self, event: Line) -> object:
        """Event Grid brings it to the Azure function. Raises where it has to be brought again."""

    def to_lambda(self, payload: Any) -> list[Line]:
        """What came of an invocation by hand. Raises where a platform would repeat it."""

    def to_function(self, payload: Any) -> list[Line]:
        """Likewise."""

    def sweep(self) -> None:
        """The schedules of both are due once."""

    def hurry(self) -> None:
        """Lets the time pass until the next delivery is due, where time can be passed."""

    def idle(self, timeout: float) -> bool:
        """Waits until no queue holds anything; False when ``timeout`` seconds pass first."""

    def close(self) -> None: ...


GetFunctions = Callable[[TwoClouds, str, Tell], Functions]
"""Starts both functions: the clouds, the text of routes.yaml, who hears of what came of each delivery."""
